"""A desk's pages asked in this process as a browser asks them, and what a browser would make of the answer."""

import json
import re
import unicodedata
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from backchannel.pages.app import application
from backchannel.pages.gate import App, Message, Scope
from backchannel.pages.house import House
from backchannel.pages.keys import ENTRY, Keys, Session

HOST, PATH = "127.0.0.1:4711", "/unguessable"
EMPTY = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
SPOKEN = frozenset({"title", "alt", "aria-label", "placeholder"})  # attributes that a person sees or hears
LOADS = frozenset(
    {"href", "src", "action", "formaction", "srcset", "data", "poster", "hx-get", "hx-sse:connect"}
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def value(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def seen(self) -> "Seen":
        seen = Seen()
        seen.feed(self.body.decode())
        seen.close()
        assert seen.open == [], "every element is closed"
        return seen


@dataclass
class Form:
    """One form: where it goes, and the names of its fields with their first values."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    text: str = ""


class Seen(HTMLParser):
    """A page as a browser reads it: its elements, its text, where it points to, and its forms."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        self.text += [given[name] for name in SPOKEN & given.keys()]
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif "name" in given and "form" in self.open:
            self.forms[-1].fields.setdefault(given["name"], given.get("value", ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if "form" in self.open:
            self.forms[-1].text += data

    def dangers(self) -> list[str]:
        """Say what of this page could run, load or frame something that is not this desk's own."""
        found = []
        for tag, given in self.tags:
            if tag == "iframe" and "allow-same-origin" in given.get("sandbox", "allow-same-origin"):
                found.append("a frame that is not shut off")
            if tag == "img" and not given.get("src", "").startswith(f"{PATH}/help/pictures/"):
                found.append("a picture that is not this desk's own")
            if tag in {"object", "embed", "base", "style", "applet", "video", "audio"}:
                found.append(f"<{tag}>")
            if tag == "script" and not given.get("src", "").startswith(f"{PATH}/static/"):
                found.append("a script of the page's own")
            found += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
            for name in LOADS & given.keys():
                if not re.match(rf"{re.escape(PATH)}/|#|\?", given[name]):
                    found.append(f"{tag} {name}={given[name]}")
        return found


class Uncovered(HTMLParser):
    """The text of a page that no element of these tags or classes holds."""

    def __init__(self, tags: set[str], classes: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.classes = tags, classes
        self.over: list[bool] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            classes = set((dict(attrs).get("class") or "").split())
            self.over.append(tag in self.tags or bool(classes & self.classes))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            self.over.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.over):
            self.text.append(data)


def unseen(text: str) -> list[str]:
    """Give the characters of a text that control or hide, and marks heaped upon a letter; isolates are the page's own."""
    chars = set(text) - set("\n\t\u2068\u2069\u200c\u200d")
    hidden = {f"U+{ord(char):04X}" for char in chars if unicodedata.category(char) in HIDING}
    marks = "".join(char for char in chars if unicodedata.category(char) in {"Mn", "Me"})
    if marks and re.search(f"[{marks}]{{5}}", text):
        hidden.add("a heap of marks")
    return sorted(hidden)


@dataclass
class Pages:
    """One desk's pages, and a browser that was let in."""

    house: House
    keys: Keys = field(default_factory=Keys)

    def __post_init__(self) -> None:
        self.app = application(self.house, self.keys, host=HOST, path=PATH)
        self.session = self.enter()

    def enter(self) -> Session:
        session = self.keys.enter(self.keys.launch())
        assert session is not None
        return session

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, None, **{"cookie": f"desk={self.session.id}", **headers})

    async def post(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        """Send a form as this browser would, with the word that it was shown."""
        given = {"cookie": f"desk={self.session.id}", "origin": f"http://{HOST}", **headers}
        return await self.ask("POST", path, {"csrf": self.session.csrf, **form}, **given)

    async def bring(
        self, path: str, form: Mapping[str, str], files: Sequence[tuple[str, str, bytes]]
    ) -> Answer:
        """Send a form with files, each as its field, its name and its bytes."""
        parts = [
            (f'form-data; name="{name}"', text.encode())
            for name, text in {"csrf": self.session.csrf, **form}.items()
        ]
        parts += [(f'form-data; name="{name}"; filename="{called}"', data) for name, called, data in files]
        body = b"".join(
            b"--part\r\ncontent-disposition: %b\r\n\r\n%b\r\n" % (how.encode(), data) for how, data in parts
        )
        given = {"cookie": f"desk={self.session.id}", "origin": f"http://{HOST}",
                 "content_type": "multipart/form-data; boundary=part"}  # fmt: skip
        return await self.ask("POST", path, body + b"--part--\r\n", **given)

    async def ask(
        self, method: str, path: str, form: Mapping[str, str] | bytes | None = None, **headers: str
    ) -> Answer:
        """Ask with exactly these headers besides host and the type of a form."""
        return await answer_to(self.app, method, path, form, headers)


@asynccontextmanager
async def opened(home: Path, passphrase: str) -> AsyncIterator[Pages]:
    """Unlock a desk behind its pages, and lock it again."""
    pages = Pages(House(home))
    await pages.house.unlock(passphrase)
    try:
        yield pages
    finally:
        await pages.house.lock()


async def answer_to(
    app: App, method: str, path: str, form: Mapping[str, str] | bytes | None, headers: Mapping[str, str]
) -> Answer:
    """Ask the pages with exactly these headers besides host and the type of a form."""
    body = form if isinstance(form, bytes) else urlencode(form or {}).encode()
    given = {
        "host": HOST,
        "content-type": "application/x-www-form-urlencoded",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    where, _, query = path.partition("?")
    whole = where if where == ENTRY else f"{PATH}{where}"
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": whole, "raw_path": whole.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()], "server": ("127.0.0.1", 4711),
        "client": ("127.0.0.1", 1),
    }  # fmt: skip
    said: list[Message] = []

    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    await app(scope, receive, send)
    answered = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return Answer(said[0]["status"], answered, b"".join(each.get("body", b"") for each in said[1:]))
