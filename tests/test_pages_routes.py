"""Every page and form of a desk whose room an enemy filled: nothing runs, loads, hides or is left out, whatever was written."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from backchannel.desk.shown import visible
from backchannel.pages.app import ANSWERS, STATIC, WAYS
from backchannel.pages.forms import Kind
from backchannel.pages.gate import HEADERS
from backchannel.pages.house import House
from backchannel.pages.keys import ENTRY
from backchannel.pages.rows import ACTS
from backchannel.pages.table import LOOKS
from backchannel.pages.words import catalogue
from hostile_room import ALIKE, HTML, LONG, NASTY, PASSPHRASE, TWIN, hostile
from paged import PATH, Answer, Form, Pages, Uncovered, opened, unseen

# Ways that change something on this desk or its browser alone, and reach nobody.
HERE = frozenset(
    {"/new", "/restore", "/unlock", "/lock", "/language", "/relay", "/settings/proxy", "/settings/passphrase", "/draft/{act}",
     "/settings/lock-after", "/settings/stay", "/settings/cover", "/settings/notify", "/settings/move", "/settings/wipe",
     "/rooms/{room}/compare", "/rooms/{room}/forge", "/search", "/check", "/notebook"}
)  # fmt: skip
# Ways that answer under a policy of their own or with no page, and the test that tells.
OWN_RULES = {
    "/rooms/{room}/public/{proposal}": "test_public_page.py",
    "/rooms/{room}/files/{item}": "test_pages_sheets.py",
    "/help/pictures/{picture}": "test_guides.py",
}
# What is written so in Arabic too: names of things, the languages' own names, and what is typed.
LATIN_IN_ARABIC = frozenset(
    {"Backchannel", "English", "Fran", "ais", "GENIUS", "GeniusWeb", "JSON", "NegoLog", "SOCKS", "TLS", "Tor", "UTC", "backchannel",
     "secret", "term", "pause"}
)  # fmt: skip


@dataclass
class Walk:
    """Everything that the desk answered: each page as a page and as JSON, each form, each file."""

    home: Path
    room: str
    pages: dict[str, Answer] = field(default_factory=dict)
    values: dict[str, Answer] = field(default_factory=dict)
    acts: dict[str, Answer] = field(default_factory=dict)
    sheets: dict[str, Answer] = field(default_factory=dict)  # the forms as JSON
    pages_in_arabic: dict[str, Answer] = field(default_factory=dict)
    files: dict[str, Answer] = field(default_factory=dict)
    session: tuple[str, str] = ("", "")
    secrets: list[bytes] = field(default_factory=list)
    routes: list[tuple[str, str]] = field(default_factory=list)
    long: list[str] = field(default_factory=list)

    def every(self) -> Iterator[tuple[str, Answer]]:
        yield from self.pages.items()
        yield from self.acts.items()
        yield from ((f"{path} in Arabic", answer) for path, answer in self.pages_in_arabic.items())


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    stage = hostile(tmp_path_factory.mktemp("walk"))
    anna = stage.seats["Anna"]
    found = Walk(home=anna.home, room=anna.room.id.hex())
    found.long = [entry.id.hex() for entry in anna.room.log.ordered() if len(entry.event.body) > 50_000]
    for way in anna.room.ways:
        found.secrets += [
            way.transport.room_key,
            way.transport.append,
            way.transport.read,
            way.transport.close,
        ]
    found.secrets += [key.key.seed for key in anna.room.kem.values()]
    found.secrets += [anna.room.pickle_key, anna.room.own_mark.raw]
    found.secrets += [row[0] for row in anna.desk.vault.master.all("SELECT token FROM admissions")]
    stage.close()
    asyncio.run(_walk(found))
    return found


async def _walk(found: Walk) -> None:
    async with opened(found.home, PASSPHRASE) as pages:
        assert isinstance(pages.app._app, Starlette)
        for route in pages.app._app.routes:
            assert isinstance(route, Route), "nothing is mounted or upgraded"
            found.routes += [(route.path, method) for method in (route.methods or set()) - {"HEAD"}]
        found.session = pages.session.id, pages.session.csrf
        for path in paths(found):
            found.pages[path] = await pages.get(path)
            found.values[path] = await pages.get(f"{path}{'&' if '?' in path else '?'}view=json")
        for name, act in ACTS.items():
            where = f"/act/{name}?" + (f"room={found.room}" if act.room else "")
            found.acts[name] = await pages.get(where)
            found.sheets[name] = await pages.get(f"{where}&view=json")
            cookie = f"desk={pages.session.id}; language=ar"
            found.pages_in_arabic[where] = await pages.get(where, cookie=cookie)
        for path in (path for path in found.pages if "items/" not in path):
            cookie = f"desk={pages.session.id}; language=ar"
            found.pages_in_arabic[path] = await pages.get(path, cookie=cookie)
        for name in STATIC:
            found.files[name] = await pages.get(f"/static/{name}")


def paths(found: Walk) -> list[str]:
    """Give an address for every way that shows something; a way that is not filled in here fails the walk."""
    shown = []
    for way in WAYS:
        if way.writes or way.path in {"/act/{act}", "/static/{file}", "/news", *OWN_RULES}:
            continue
        path = way.path.replace("{room}", found.room).replace("{guide}", "envoy")
        assert "{" not in path.replace("{item}", ""), f"say here what {way.path} is to be asked for"
        shown += [path.replace("{item}", one) for one in found.long] if "{item}" in path else [path]
    return [*shown, f"/rooms/{found.room}?all=1", f"/rooms/{found.room}?before={found.long[0]}"]


def test_the_application_answers_the_ways_of_the_table_and_none_besides(walk: Walk) -> None:
    assert all((Path(__file__).parent / name).exists() for name in OWN_RULES.values())
    table = [(way.path, "POST" if way.writes else "GET") for way in WAYS]
    assert sorted(walk.routes) == sorted([(ENTRY, "GET"), (ANSWERS, "GET"), *table])
    assert set(LOOKS) <= {path.split("/")[-1] for path in walk.pages}


def test_every_page_is_there_with_every_header_and_nothing_in_it_can_run_or_load(walk: Walk) -> None:
    for path, answer in walk.every():
        assert answer.status == 200, (path, answer.body[-2_000:])
        assert dict(HEADERS).items() <= answer.headers.items(), path
        assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        assert answer.seen.dangers() == [], path


def test_what_the_pages_are_made_of_loads_nothing_from_outside(walk: Walk) -> None:
    for name, answer in walk.files.items():
        assert answer.status == 200
        assert dict(HEADERS).items() <= answer.headers.items(), name
    assert re.findall(rb"url\(|@import|https?:|expression|//[a-z]", walk.files["desk.css"].body) == []
    assert re.findall(rb"https?:|eval|innerHTML|Function\(|//[a-z]+\.", walk.files["desk.js"].body) == []
    for name in ("icon.svg", "icons.svg"):
        assert re.findall(rb"<script|href=|https?:(?!//www\.w3\.org/2000/svg)", walk.files[name].body) == []


def test_every_form_goes_to_a_way_of_the_table_and_carries_this_sessions_word(walk: Walk) -> None:
    writing = {way.path for way in WAYS if way.writes}
    reached = set()
    for path, answer in walk.every():
        for form in answer.seen.forms:
            if form.method == "get":
                continue
            assert form.fields["csrf"] == walk.session[1], path
            reached.add(_way(form, walk.room))
    assert reached <= writing
    assert writing - reached == {"/new", "/restore", "/unlock", "/draft/{act}", "/settings/stay"}, (
        "forms of a desk that is not open, and of the script"
    )


def _way(form: Form, room: str) -> str:
    path = form.action.removeprefix(PATH).replace(room, "{room}")
    return "/act/{act}" if path.removeprefix("/act/") in ACTS else path


def test_no_page_gives_the_browser_words_of_people_to_remember(walk: Walk) -> None:
    """Titles stand in its history, and what is typed in what it keeps of its tabs, unless a form says otherwise."""
    kinds = {words for spoken in catalogue().values() for words in spoken.values()}
    for path, answer in walk.every():
        (title,) = re.findall(r"<title>(.*?)</title>", answer.body.decode())
        assert set(unescape(title).split(" · ")) <= kinds, path
        form: dict[str, str] = {}
        for tag, given in answer.seen.tags:
            form = given if tag == "form" else form
            if tag == "textarea" or (tag == "input" and given.get("type", "text") in {"text", "search"}):
                assert "off" in {form.get("autocomplete"), given.get("autocomplete")}, (path, given)
                assert form["method"] == "post" or given["name"] in {"copy", "upto"}, (path, given)
        (whole,) = [given for tag, given in answer.seen.tags if tag == "html"]
        assert (whole["translate"], whole["spellcheck"], whole["writingsuggestions"]) == (
            "no",
            "false",
            "false",
        )


def test_whatever_changes_something_says_whom_it_reaches_or_reaches_nobody(walk: Walk) -> None:
    assert {way.path for way in WAYS if way.writes and not way.audience} == HERE
    for name, answer in walk.acts.items():
        (form,) = [form for form in answer.seen.forms if form.action == f"{PATH}/act/{name}"]
        act, said = ACTS[name], " ".join(form.text.split())
        if act.own:
            assert "This stays on this desk" in said, name
        elif act.room:
            assert "readable by 3: \u2068A\u2069 1, \u2068B\u2069 2" in said, name
            assert form.fields["readers"], name
        else:
            assert name in {"open-room", "join"}, (
                "who makes or enters a room says who they are; nobody reads it yet"
            )


def test_no_word_of_others_controls_hides_or_is_lost(walk: Walk) -> None:
    for path, answer in walk.every():
        ours = {"U+200E"} if "Arabic" in path else set()  # before a path, in our own words
        assert set(unseen("".join(answer.seen.text))) <= ours, path
    for path in (
        f"/rooms/{walk.room}",
        *(f"/rooms/{walk.room}/{name}" for name in ("mandate", "pledges", "clock")),
    ):
        text = "".join(walk.pages[path].seen.text)
        assert text.count(HTML) > 5, path
        assert text.count(visible(NASTY)) > 5, path
        for shown in ("[U+202E]", "[U+001B]", "[U+0000]", "[U+009B]", "[U+0301]", "{{7*7}}%s"):
            assert shown in text, path


def test_whoever_is_called_almost_like_another_is_not_taken_for_them(walk: Walk) -> None:
    people = "".join(walk.pages[f"/rooms/{walk.room}/people"].seen.text)
    assert ALIKE in people
    assert "mixes letters of two alphabets that look alike" in people
    assert f"Two people are called almost the same: {ALIKE} · {TWIN}" in " ".join(people.split())


def covering(walk: Walk) -> tuple[set[str], set[str]]:
    """Give the tags and the classes that hold words of people, and that a covered screen covers."""
    rule = re.search(
        r"^\.covered:not\(\.peek\) :is\(([^)]*)\)", walk.files["desk.css"].body.decode(), re.MULTILINE
    )
    assert rule is not None
    parts = {part.strip() for part in rule[1].split(",")}
    return {part for part in parts if not part.startswith(".")}, {
        part[1:] for part in parts if part.startswith(".")
    }


def test_in_arabic_the_pages_say_nothing_of_their_own_in_latin_letters_but_names(walk: Walk) -> None:
    tags, classes = covering(walk)
    assert len(walk.pages_in_arabic) > len(ACTS)
    for path, answer in walk.pages_in_arabic.items():
        seen = Uncovered(tags | {"code", "textarea", "option"}, classes)
        seen.feed(answer.body.decode())
        text = re.sub(r"\u2068[^\u2069]*\u2069|\S+://\S+|\S+=\S+", "", "".join(seen.text))
        told = set(re.findall(r"[A-Za-z]{2,}", text))
        assert told - LATIN_IN_ARABIC == set(), path


def test_on_a_covered_screen_no_name_title_or_text_stands_uncovered(walk: Walk) -> None:
    tags, classes = covering(walk)
    names = (
        r"\bAnna\b",
        r"\bBoris\b",
        re.escape(ALIKE),
        re.escape(HTML),
        r"A very long road",
        re.escape(walk.home.name),
    )

    async def run() -> dict[str, Answer]:
        async with opened(walk.home, PASSPHRASE) as pages:
            acts = [f"/act/{name}?room={walk.room}" for name, act in ACTS.items() if act.room]
            cookie = f"desk={pages.session.id}; covered=1"
            return {path: await pages.get(path, cookie=cookie) for path in (*paths(walk), *acts[::6])}

    for path, answer in asyncio.run(run()).items():
        body = answer.body.decode()
        assert 'class="covered"' in body, path
        seen = Uncovered(tags, classes)
        seen.feed(body)
        shown = "".join(seen.text)
        assert [
            shown[hit.start() - 60 : hit.end() + 60] for name in names for hit in re.finditer(name, shown)
        ] == [], path


def test_no_cookie_of_another_program_uncovers_a_screen_that_was_covered(walk: Walk) -> None:
    async def run() -> list[Answer]:
        async with opened(walk.home, PASSPHRASE) as pages:
            await pages.post("/settings/cover", {"on": "1"})
            shown = [
                await pages.get("/", cookie=f"desk={pages.session.id}{more}")
                for more in ("", "; covered=", "; covered")
            ]
            await pages.post("/settings/cover", {})
            return [*shown, await pages.get("/")]

    *covered, after = asyncio.run(run())
    assert ['class="covered"' in answer.body.decode() for answer in covered] == [True] * 3
    assert 'class="covered"' not in after.body.decode()


def test_a_text_without_end_is_folded_and_its_own_page_shows_it_whole(walk: Walk) -> None:
    room = walk.pages[f"/rooms/{walk.room}"]
    assert len(room.body) < 300_000
    assert "".join(room.seen.text).count("Show all") == 2
    for item in walk.long:
        assert f"{PATH}/rooms/{walk.room}/items/{item[:12]}" in room.body.decode()
    shown = unescape(
        re.sub(r"<[^>]+>", "", walk.pages[f"/rooms/{walk.room}/items/{walk.long[0]}"].body.decode())
    )
    assert shown.count(visible(NASTY)) >= LONG.count(NASTY)


def test_every_page_can_be_had_as_json_and_says_there_what_it_says_here(walk: Walk) -> None:
    for path, answer in walk.values.items():
        assert answer.status == 200, path
        assert answer.headers["content-type"] == "application/json", path
        assert unseen(answer.body.decode()) == [], path
        assert dict(HEADERS).items() <= answer.headers.items(), path
        known = {visible(text.replace("\n", " ")) for text in _texts(answer.value)}
        main = _main(walk.pages[path].body.decode())
        said = re.findall(r"<bdi>(.*?)</bdi>", main, re.DOTALL)
        times = _moments(main)
        words = {
            part for one in said if "<" not in one and one not in times for part in unescape(one).split(", ")
        }
        missing = {one for one in words if not any(one in text for text in known) and "\u2068" not in one}
        assert missing == set(), path


def _main(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def _moments(page: str) -> set[str]:
    return set(re.findall(r'(?:<time[^>]*>|<p class="day">)<bdi>(.*?)</bdi>', page))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key)
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    else:
        yield str(value)


def test_no_answer_holds_a_key_a_token_or_a_passphrase(walk: Walk) -> None:
    assert len(walk.secrets) > 10
    assert all(answer.status == 200 for answer in walk.sheets.values())
    told = [*walk.every(), *walk.values.items(), *walk.sheets.items()]
    for path, answer in told:
        body = answer.body.decode()
        assert PASSPHRASE not in body, path
        assert walk.session[0] not in body, path
        assert not any(secret.hex() in body or secret in answer.body for secret in walk.secrets), path
    as_json = [*walk.values.values(), *walk.sheets.values()]
    assert not any(walk.session[1] in answer.body.decode() for answer in as_json)


def test_what_is_typed_in_secret_is_in_no_answer_to_a_form_that_was_refused(walk: Walk) -> None:
    secret = {
        name: [field.name for field in act.fields if field.kind in {Kind.PASSPHRASE, Kind.SECRET}]
        for name, act in ACTS.items()
    }
    typed = "kanarienvogel"

    async def run() -> list[tuple[str, Answer]]:
        async with opened(walk.home, PASSPHRASE) as pages:
            form = {"room": walk.room, "csrf": pages.session.csrf}
            told = []
            for name, fields in secret.items():
                filled = {**form, **{field: f"{typed} {field}" for field in fields}}
                told += [
                    (name, await pages.post(f"/act/{name}{how}", filled))
                    for how in ("", "?view=json")
                    if fields
                ]
            assert not any(pages.session.csrf in answer.body.decode() for _, answer in told[1::2])
            return told

    told = asyncio.run(run())
    assert len(told) >= 8
    for name, answer in told:
        assert (answer.status, typed in answer.body.decode()) == (422, False), name


def test_the_door_of_a_desk_that_is_not_open_or_not_there_is_no_weaker(tmp_path: Path, walk: Walk) -> None:
    for home, way in ((tmp_path / "none", "/new"), (walk.home, "/unlock")):
        pages = Pages(House(home))
        answer = asyncio.run(pages.get("/"))
        assert answer.status == 200
        assert dict(HEADERS).items() <= answer.headers.items()
        assert answer.seen.dangers() == []
        (form,) = [form for form in answer.seen.forms if form.action == f"{PATH}{way}"]
        assert form.fields["csrf"] == pages.session.csrf
        inside = [path for path in (*walk.pages, *(f"/act/{name}" for name in ACTS)) if path != "/"]
        for path in inside[:: 1 if way == "/unlock" else 9]:
            shut = asyncio.run(pages.get(path))
            assert NASTY[:20] not in shut.body.decode(), path
            assert shut.status in {200, 422}, path
            assert walk.room not in "".join(shut.seen.text), path


def test_a_megabyte_that_is_too_much_is_refused_in_a_sentence_and_stays_in_its_form(walk: Walk) -> None:
    async def run() -> tuple[Answer, int, int]:
        async with opened(walk.home, PASSPHRASE) as pages:
            log = next(pages.house.desk.rooms()).log
            before = len(log.entries)
            return await _said(pages, walk.room, "x" * 1_000_000), before, len(log.entries)

    answer, before, after = asyncio.run(run())
    assert (answer.status, after) == (422, before)
    seen = answer.seen
    assert "200000" in "".join(seen.text).replace(",", "")
    assert "x" * 1_000_000 in "".join(seen.text)


async def _said(pages: Pages, room: str, text: str) -> Answer:
    return await pages.post(
        "/act/say", {"room": room, "text": text, "register": "talk", "mandate": "not-stated"}
    )
