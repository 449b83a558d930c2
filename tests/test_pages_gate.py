"""Nothing of a desk's pages is answered to a browser that was not let in, to another host or origin, or to a form not ours."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from backchannel.languages import END, LANGUAGES, RIGHT_TO_LEFT, in_language
from backchannel.pages.app import STATIC, WAYS, Way, application
from backchannel.pages.daylight import PUBLIC_POLICY
from backchannel.pages.entering import USED
from backchannel.pages.gate import CLOSED, ELSEWHERE, HEADERS, Gate, Message, Scope
from backchannel.pages.house import House
from backchannel.pages.keys import ENTRY, Keys, Session
from backchannel.pages.rows import ACTS
from backchannel.pages.words import catalogue
from backchannel.said import said
from paged import HOST, PATH, answer_to

PAGES = Path(__file__).parent.parent / "src" / "backchannel" / "pages"
WRITING = [way for way in WAYS if way.writes]


class Browser:
    """Asks the pages of a desk that was never made, with whatever headers."""

    def __init__(self, tmp_path: Path) -> None:
        self.keys = Keys()
        self.app: Gate = application(House(tmp_path / "desk"), self.keys, host=HOST, path=PATH)

    def enter(self) -> Session:
        session = self.keys.enter(self.keys.launch())
        assert session is not None
        return session

    def ask(
        self, method: str, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        answer = asyncio.run(answer_to(self.app, method, path, form, headers))
        return answer.status, dict(answer.headers), answer.body


def routes() -> list[tuple[str, str]]:
    """Give the method and address of whatever the application itself answers, besides the door."""
    made = application(House(Path("/nowhere")), Keys(), host=HOST, path=PATH)._app
    assert isinstance(made, Starlette)
    assert all(isinstance(route, Route) for route in made.routes), "nothing is mounted or upgraded"
    found = [
        (route.path, method)
        for route in made.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    ]
    assert {(path, method) for path, method in found if path == ENTRY} == {(ENTRY, "GET"), (ENTRY, "HEAD")}
    return [(method, filled(path)) for path, method in sorted(found) if path != ENTRY]


def filled(path: str) -> str:
    """Give an address for a route."""
    known = {"{room}": "ab" * 32, "{act}": "say", "{file}": "desk.css", "{proposal}": "0123456789ab"}
    return re.sub(r"\{\w+\}", lambda part: known.get(part[0], "envoy"), path)


EVERY = pytest.mark.parametrize(
    ("method", "path"), routes(), ids=lambda part: part.replace("ab" * 32, "room")
)


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)


@EVERY
def test_without_a_session_nothing_is_answered(browser: Browser, method: str, path: str) -> None:
    for cookie in ("", "desk=guessed", "desk="):
        status, headers, body = browser.ask(method, path, origin=f"http://{HOST}", cookie=cookie)
        assert status == 403
        assert b"has not let this browser in" in body
        assert dict(HEADERS).items() <= headers.items()


@EVERY
def test_another_host_another_origin_and_another_site_are_refused(
    browser: Browser, method: str, path: str
) -> None:
    session = browser.enter()
    given = {"cookie": f"desk={session.id}"}
    form = {"csrf": session.csrf}
    for wrong in (
        {"host": "rebound.example:4711", "origin": f"http://{HOST}"}, {"host": "127.0.0.1:4712", "origin": f"http://{HOST}"},
        {"origin": "http://127.0.0.1:4712"}, {"origin": "null"}, {"origin": "https://evil.example"},
        {"origin": f"http://{HOST}", "sec_fetch_site": "cross-site"}, {"origin": f"http://{HOST}", "sec_fetch_site": "same-site"},
    ):  # fmt: skip
        status, _, body = browser.ask(method, path, form, **{**given, **wrong})
        assert status == 403, wrong
        assert b"answers only its own pages" in body
    if method == "POST":
        assert browser.ask(method, path, form, **given)[0] == 403, (
            "a form that says nothing of where it comes from"
        )
    status, _, body = browser.ask(
        method, path, form, **given, origin=f"http://{HOST}", sec_fetch_site="same-origin"
    )
    assert status != 403, "what is asked rightly comes through, so it was the wrong part that was refused"
    assert b"answers only its own pages" not in body


def test_every_route_that_is_sent_a_form_is_one_that_writes() -> None:
    assert {path for method, path in routes() if method == "POST"} == {filled(way.path) for way in WRITING}
    assert {method for method, _ in routes()} == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "get", "BREW"])
def test_what_no_page_is_asked_by_is_answered_by_nothing(browser: Browser, method: str) -> None:
    cookie = f"desk={browser.enter().id}"
    token = browser.keys.launch()
    for path in ("/", "/lock", "/act/say", f"/enter?token={token}"):
        assert browser.ask(method, path, origin=f"http://{HOST}")[0] == 403
        assert browser.ask(method, path, cookie=cookie)[0] == 403
        status, headers, _ = browser.ask(method, path, cookie=cookie, origin=f"http://{HOST}")
        assert (status, "access-control-allow-origin" in headers, "set-cookie" in headers) == (
            404,
            False,
            False,
        )
    for unlike in ("HEAD", "POST"):
        assert browser.ask(unlike, f"/enter?token={token}", origin=f"http://{HOST}")[0] == 403
    assert browser.ask("GET", f"/enter?token={token}")[0] == 303, "none of them has used the token up"


@pytest.mark.parametrize("way", WRITING, ids=lambda way: way.path)
def test_every_form_carries_the_sessions_own_word(browser: Browser, way: Way) -> None:
    path = filled(way.path)
    session, other = browser.enter(), browser.enter()
    for csrf in ("", "guessed", other.csrf, session.id):
        status, _, body = browser.ask(
            "POST", path, {"csrf": csrf}, cookie=f"desk={session.id}", origin=f"http://{HOST}"
        )
        assert (status, b"not one that this desk showed" in body) == (403, True)


def test_a_launch_token_lets_one_browser_in_once(browser: Browser) -> None:
    token = browser.keys.launch()
    assert browser.ask("GET", "/enter?token=guessed")[0] == 403
    status, headers, _ = browser.ask("GET", f"/enter?token={token}")
    assert (status, headers["location"]) == (303, f"{PATH}/")
    assert {"HttpOnly", f"Path={PATH}", "SameSite=strict"} <= set(headers["set-cookie"].split("; "))
    status, _, body = browser.ask("GET", f"/enter?token={token}")
    assert (status, b"used already" in body) == (403, True)
    cookie = headers["set-cookie"].split(";")[0]
    status, _, page = browser.ask("GET", "/", cookie=cookie)
    assert (status, b"Make your desk" in page) == (200, True)


def test_an_address_that_was_copied_from_an_arabic_sentence_lets_in(browser: Browser) -> None:
    printed = in_language(said("Your desk is at {address}", address=browser.keys.launch()), "ar")
    copied = printed.split()[-1]
    assert copied.endswith(END)
    assert browser.ask("GET", f"/enter?token={quote(copied)}")[0] == 303


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_refused_behind_the_gate_is_told_in_the_language_of_the_browser(
    browser: Browser, language: str
) -> None:
    session = browser.enter()
    given = {"cookie": f"desk={session.id}; language={language}", "origin": f"http://{HOST}"}
    for method, path, status, sentence in (
        ("POST", "/unlock", 403, "This form is not one that this desk showed; load the page again."),
        ("GET", "/nowhere", 404, "There is no such page."),
        ("POST", "/help", 404, "There is no such page."),
        ("GET", "/act/none", 404, "There is no such act."),
        ("GET", "/static/none.js", 404, "There is no such file."),
    ):
        answered, _, body = browser.ask(method, path, {"csrf": "guessed"}, **given)
        assert (answered, in_language(sentence, language) in body.decode()) == (status, True), path
        assert f'<html lang="{language}"' in body.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_begin_in_the_language_of_the_terminal_and_remember_another_that_is_chosen(
    browser: Browser, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backchannel.languages._terminal", [language])
    session = browser.enter()
    given = {"cookie": f"desk={session.id}", "origin": f"http://{HOST}"}
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    for path, name in (("/", "new.title"), ("/help", "page.help"), ("/check", "page.check")):
        body = browser.ask("GET", path, None, **given)[2].decode()
        assert f'<html lang="{language}" dir="{direction}"' in body
        assert catalogue()[name][language] in body
    for chosen in LANGUAGES:
        _, headers, _ = browser.ask("POST", "/language", {"csrf": session.csrf, "language": chosen}, **given)
        cookie = f"{given['cookie']}; {headers['set-cookie'].split(';')[0]}"
        assert f'<html lang="{chosen}"' in browser.ask("GET", "/", None, cookie=cookie)[2].decode()
        told = browser.ask("GET", "/?view=json", None, cookie=cookie)[2]
        assert told == browser.ask("GET", "/?view=json", None, cookie=f"{given['cookie']}; language=en")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_was_not_let_in_is_told_so_in_the_language_of_the_terminal(
    browser: Browser, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backchannel.languages._terminal", [language])
    for path, headers, sentence in (
        ("/", {}, CLOSED),
        ("/", {"host": "rebound.example:4711"}, ELSEWHERE),
        ("/enter?token=guessed", {}, USED),
    ):
        status, _, body = browser.ask("GET", path, None, **headers)
        assert (status, body.decode().strip()) == (403, in_language(sentence, language))


def test_what_stands_twice_in_a_request_is_refused(browser: Browser) -> None:
    """The two could be read by two readers as two hosts or two origins; no browser writes that."""
    cookie = f"desk={browser.enter().id}"
    for name, value in (("host", "rebound.example"), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"),
                        ("cookie", "desk=guessed")):  # fmt: skip
        for first in (True, False):
            assert asyncio.run(twice(browser.app, cookie, (name, value), first=first)) == 403, (name, first)


async def twice(app: Gate, cookie: str, other: tuple[str, str], *, first: bool) -> int:
    """Ask for a page with one header more of a name that is there already; gives the status."""
    own = {"host": HOST, "cookie": cookie, "origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}
    pairs = [other, *own.items()] if first else [*own.items(), other]
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope: Scope = {
        "type": "http", "method": "GET", "path": f"{PATH}/", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
    }  # fmt: skip
    await app(scope, receive, send)
    return status


def test_cookies_of_other_programs_on_this_machine_lock_nobody_out_and_uncover_nothing(
    browser: Browser,
) -> None:
    """They know no port: any program of 127.0.0.1 can set some for every path, which a browser writes after ours."""
    own = f"desk={browser.enter().id}; language=fr; covered=1"
    theirs = 'desk=theirs; language=ar; covered=; {"a": [1]}; \xff"; ; =; $Version=1; desk'
    status, _, page = browser.ask("GET", "/", cookie=f"{own}; {theirs}")
    assert (status, b'<html lang="fr"' in page, b'class="covered"' in page) == (200, True, True)
    assert browser.ask("GET", "/", cookie=theirs)[0] == 403


def test_nothing_is_loaded_from_outside_and_nothing_runs_inline() -> None:
    policy = dict(HEADERS)["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    for template in (PAGES / "templates").glob("*.html"):
        text = template.read_text()
        assert not re.search(
            r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|https?://|src=\"//", text
        ), template
    assert {file.name for file in (PAGES / "static").iterdir()} == set(STATIC)


def test_the_page_for_the_public_is_shown_under_its_own_policy_and_reaches_nothing_of_the_desk() -> None:
    parts = [part.split() for part in PUBLIC_POLICY.split("; ")]
    policy = {name: values for name, *values in parts}
    assert policy["default-src"] == ["'none'"]
    assert all(
        re.fullmatch(r"'sha256-[\w+/=]+'", one)
        for name in ("script-src", "style-src")
        for one in policy[name]
    )
    assert policy["sandbox"] == ["allow-scripts", "allow-downloads"], (
        "of no origin, so no cookie and no request of ours"
    )
    assert policy["frame-ancestors"] == ["'self'"]


def test_the_scripts_of_others_are_those_that_their_package_published() -> None:
    decision = next((PAGES.parents[2] / "docs" / "decisions").glob("*-pages.md")).read_text()
    for name in ("htmx.min.js", "hx-sse.min.js"):
        assert hashlib.sha256((PAGES / "static" / name).read_bytes()).hexdigest() in decision


def test_every_route_that_reaches_others_shows_whom_it_reaches() -> None:
    assert [way.path for way in WAYS if way.audience] == ["/act/{act}"]
    form = (PAGES / "templates" / "forms.html").read_text()
    assert '<strong class="audience">' in form
    assert 'name="readers"' in form


def test_every_sentence_is_in_every_language_with_the_same_values() -> None:
    for name, spoken in catalogue().items():
        assert set(spoken) == set(LANGUAGES), name
        values = {language: sorted(re.findall(r"\{(\w+)\}", text)) for language, text in spoken.items()}
        assert len({tuple(each) for each in values.values()}) == 1, name


def test_every_name_a_template_or_form_asks_for_is_in_the_catalogue() -> None:
    wanted = {
        name
        for template in (PAGES / "templates").glob("*.html")
        for name in re.findall(r"\bt\([\"']([a-z][a-z.-]*[a-z])[\"']", template.read_text())
    }
    for name, act in ACTS.items():
        wanted |= {f"act.{name}"} | ({f"final.{name}"} if act.final else set())
        for field in act.fields:
            wanted |= {f"field.{field.name}"} | {
                f"{field.family}.{choice}" for choice in field.choices if choice
            }
    assert wanted - catalogue().keys() == set()


def test_a_sentence_of_ours_runs_as_its_page_does_and_only_quoted_words_run_as_they_were_written() -> None:
    """One that begins with a Latin name would otherwise run from the left in the midst of Arabic."""
    folder = files("backchannel.pages").joinpath("templates")
    for one in folder.iterdir():
        for tag in re.findall(r"<(\w+[^>]*?)>\s*\{\{ t\.told\(", one.read_text("utf-8")):
            assert 'dir="auto"' not in tag or "│" in tag, f"{one.name}: <{tag}>"
