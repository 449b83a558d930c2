"""One answer of the pages: a template and its value; the same value is the page's JSON view."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backchannel.languages import LANGUAGES, of_terminal
from backchannel.pages import shown
from backchannel.pages.house import House, Value
from backchannel.pages.keys import Session
from backchannel.pages.words import Words, spoken

LANGUAGE_COOKIE = "language"
COVER_COOKIE = "covered"  # where others may see the screen
NOTIFY_COOKIE = "notify"
LIVE = frozenset(
    {"today", "room", "people", "mandate", "pledges", "clock", "text", "daylight", "soundings", "packages"}
)  # templates with a part that follows the news


@dataclass(frozen=True, slots=True)
class Page:
    """What a view gives: the name of its template without `.html`, and everything that the template shows."""

    template: str
    value: Mapping[str, Any]
    status: int = 200


def undone(sentence: str, status: int) -> Page:
    """Give the page that says why nothing was done."""
    return Page("told", {"lines": [sentence], "bad": True, "room": ""}, status)


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that has come through the gate."""

    house: House
    request: Request
    position: str  # how far the records had come before anything was looked at, so that no news is missed

    @property
    def session(self) -> Session:
        session = self.request.state.session
        assert isinstance(session, Session)
        return session

    @property
    def path(self) -> str:
        """The first part of every address of this desk."""
        return str(self.request.scope["root_path"])

    @property
    def words(self) -> Words:
        return spoken(self._kept(LANGUAGE_COOKIE) or of_terminal())

    def _kept(self, choice: str) -> str:
        """Give what was chosen for the pages, in this browser or before it came; empty if nothing."""
        return str(self.request.state.cookies.get(choice) or self.house.chosen(choice))

    def keep(self, choice: str, value: str, answer: Response) -> Response:
        """Keep a choice in this browser, and on the desk if it is open, for the next; an empty one is taken back."""
        if value:
            answer.set_cookie(choice, value, path=self.path, httponly=True, samesite="strict")
        else:
            answer.delete_cookie(choice, path=self.path, httponly=True, samesite="strict")
        self.house.choose(choice, value)
        return answer

    async def look(self, *words: str) -> Value:
        """Give what a command shows; a page that asks for itself anew does not keep the desk from locking itself."""
        by_hand = self.request.query_params.get("view") != "part"
        return (await self.house.do([*words, "--no-sync"], by_hand=by_hand)).value

    def _here(self) -> str:
        """Give the address of the part of this page that follows the news."""
        asked = [pair for pair in self.request.query_params.multi_items() if pair[0] != "view"]
        return f"{self.request.url.path}?{urlencode([*asked, ('view', 'part')])}"

    def _back(self) -> str:
        """Give the way back to this page; to the first one from what only a form led to."""
        if self.request.method != "GET":
            return "/"
        asked = [pair for pair in self.request.query_params.multi_items() if pair[0] != "view"]
        return self.request.url.path.removeprefix(self.path) + (f"?{urlencode(asked)}" if asked else "")

    def go(self, where: str) -> Response:
        return RedirectResponse(f"{self.path}{where}", status_code=303)

    def answer(self, page: Page) -> Response:
        """Give a page as it was asked for: as JSON, as the part that changes, or whole."""
        wants = self.request.headers.get("accept", "")
        if self.request.query_params.get("view") == "json" or wants.startswith("application/json"):
            return Response(shown.plain_json(page.value), page.status, media_type="application/json")
        part = self.request.query_params.get("view") == "part"
        words = self.words
        context = {
            **page.value,
            "t": words,
            "covered": bool(self._kept(COVER_COOKIE)),
            "notify": bool(self._kept(NOTIFY_COOKIE)),
            "language": words.language,
            "direction": words.direction,
            "languages": LANGUAGES,
            "where": self.request.url.path.removeprefix(self.path),
            "back": self._back(),
            "base": self.path,
            "csrf": self.session.csrf,
            "here": self._here(),
            "unlocked": self.house.unlocked,
            "position": self.position,
            "shown_room": self.request.path_params.get("room", ""),
            "away": self.house.away(),
            "proxied": bool(self.house.proxy),
            "live": self.request.method == "GET" and page.template in LIVE,
            "layout": "part.html" if part else "layout.html",
        }
        shown.language.set(words.language)
        return HTMLResponse(environment().get_template(f"{page.template}.html").render(context), page.status)


@cache
def environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("backchannel.pages"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "name": shown.name,
        "words": shown.words,
        "line": shown.line,
        "isolated": shown.isolated,
        "folded": shown.folded,
        "compact": lambda value: json.dumps(value, ensure_ascii=False),
    }
    return environment
