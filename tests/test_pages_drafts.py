"""A form that somebody fills in is kept, is done once, and says what came of it, wherever its desk ends."""

import asyncio
import html
import re
import shutil
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from backchannel.desk import agent
from backchannel.desk.clock import VARIABLE, clock
from backchannel.desk.desk import Desk
from backchannel.moves.paper import standing
from backchannel.pages.drafts import MOST_BYTES
from backchannel.pages.house import House
from desks import cut_off, powered
from paged import Pages, opened
from test_pages_line import until

KEY = "k" * 32
NOWHERE = "127.0.0.1:9"  # no relay is there
DAY_MS = 86_400_000
WROTE = "Half a word to nobody yet."
SAY = {"register": "talk", "mandate": "not-stated", "text": WROTE}
DONE = "it was done"
NOT_DONE = "it was not done"
PERHAPS = "Look whether it was done"


@pytest.fixture(autouse=True)
def _waits_for_no_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "SEND_SECONDS", 0.0)
    monkeypatch.setattr(agent, "FIRST_FETCH_SECONDS", 0.0)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a desk with one room, in which its person sits alone, and no line."""
    folder = tmp_path_factory.mktemp("drafts") / "desk"
    desk = Desk.create(folder, KEY.encode(), "Anna", raw=True)
    desk.add_relay(NOWHERE, bytes(32), [bytes([number]) * 32 for number in range(4)], 0)
    desk.close()

    async def furnish() -> None:
        async with opened(folder, KEY) as anna:
            await anna.house.do(["open-room", "--title=Talks", "--side=A", "--name=Anna", "--no-sync"])

    asyncio.run(furnish())
    return folder


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(home, tmp_path / "desk"))


@asynccontextmanager
async def at(home: Path) -> AsyncIterator[tuple[Pages, str]]:
    """Open a desk's pages; gives them and the id of its room."""
    async with opened(home, KEY) as pages:
        yield pages, next(pages.house.desk.rooms()).id.hex()


def said(pages: Pages, text: str = WROTE) -> int:
    """Count how often a text was said."""
    room = next(pages.house.desk.rooms())
    return sum(item.body is not None and item.body.text == text for item in standing(room.log, clock()))


async def form(pages: Pages, act: str, room: str) -> tuple[dict[str, str], str]:
    """Give a form as a browser would send it back, and the page it is on."""
    answer = await pages.get(f"/act/{act}?room={room}")
    assert answer.status == 200
    page = answer.body.decode()
    first = answer.seen.forms[1]
    assert first.action.endswith(f"/act/{act}")
    typed = re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)</textarea>', page)
    return {**first.fields, **{name: html.unescape(text) for name, text in typed}}, page


async def send(pages: Pages, act: str, filled: Mapping[str, str]) -> int:
    return (await pages.post(f"/act/{act}", filled)).status


async def fallen(what: Coroutine[Any, Any, object]) -> None:
    """Wait for what may be cut off on its way."""
    await asyncio.gather(what, return_exceptions=True)


@pytest.mark.parametrize("kept_first", [True, False])
def test_wherever_the_power_is_cut_a_form_says_whether_it_was_done_and_is_done_once(
    home: Path, tmp_path: Path, *, kept_first: bool
) -> None:
    told = []

    async def cut(own: Path, after: int) -> bool:
        pages = Pages(House(own))
        await pages.house.unlock(KEY)
        filled = {"room": next(pages.house.desk.rooms()).id.hex(), "sheet": "one", **SAY}
        if kept_first:
            await pages.post("/draft/say", filled)
        with cut_off(after) as fuse:
            await fallen(send(pages, "say", filled))
            await fallen(pages.house.lock())
        return fuse.blown

    async def go_on(own: Path) -> None:
        async with at(own) as (anna, room):
            filled, page = await form(anna, "say", room)
            told.append(next((words for words in (DONE, NOT_DONE) if words in page), ""))
            if told[-1] == DONE or (
                told[-1] == "" and DONE in told
            ):  # cut off when the form was put away already
                assert filled["text"] == ""
                assert said(anna) == 1
                return
            assert said(anna) == 0
            assert filled["text"] == (WROTE if kept_first or told[-1] == NOT_DONE else "")
            assert await send(anna, "say", {**filled, "text": WROTE}) == 303
            assert said(anna) == 1
            assert (await form(anna, "say", room))[0]["text"] == ""

    with powered():
        for after in range(1, 200, 1 if kept_first else 4):
            own = Path(shutil.copytree(home, tmp_path / str(after)))
            if not asyncio.run(cut(own, after)):
                break
            asyncio.run(go_on(own))
    assert len(told) > 8
    assert set(told) == {"", NOT_DONE, DONE}


def test_an_act_that_leaves_nothing_in_a_record_says_that_it_was_perhaps_done(own: Path) -> None:
    async def run() -> None:
        pages = Pages(House(own))
        await pages.house.unlock(KEY)
        filled = {"text": WROTE, "sheet": "one", "about_room": ""}
        with cut_off(12):
            await fallen(send(pages, "notebook-write", filled))
            await fallen(pages.house.lock())
        async with at(own) as (anna, _):
            page = (await anna.get("/notebook")).body.decode()
            assert PERHAPS in page
            assert WROTE in page

    with powered():
        asyncio.run(run())


def test_a_form_that_is_sent_twice_is_done_once_and_answers_twice(own: Path) -> None:
    async def run() -> None:
        async with at(own) as (anna, room):
            filled = {"room": room, "sheet": "one", **SAY}
            at_once = await asyncio.gather(*(send(anna, "say", filled) for _ in range(3)))
            assert at_once == [303, 303, 303]
            assert await send(anna, "say", filled) == 303
            assert said(anna) == 1
            assert (await anna.post("/draft/say", filled)).status == 204
            assert (await form(anna, "say", room))[0]["text"] == "", (
                "a keeping that comes late brings nothing back"
            )

            other = await anna.post("/act/say", {**filled, "text": "Something else."})
            assert other.status == 422
            assert "was done already" in other.body.decode()
            assert "Something else.</textarea>" in other.body.decode()
            assert said(anna, "Something else.") == 0
            filled, _ = await form(anna, "say", room)
            assert filled["text"] == "Something else.", "nothing of it is lost"
            assert await send(anna, "say", filled) == 303
            assert said(anna, "Something else.") == 1

    asyncio.run(run())


def test_what_was_refused_is_kept_and_the_same_sheet_may_be_sent_again(own: Path) -> None:
    async def run() -> None:
        async with at(own) as (anna, room):
            filled = {"room": room, "sheet": "one", **SAY}
            assert await send(anna, "say", {**filled, "answers": "77"}) == 422
            assert (await form(anna, "say", room))[0]["text"] == WROTE
            assert NOT_DONE not in (await form(anna, "say", room))[1]
            assert await send(anna, "say", filled) == 303
            assert said(anna) == 1

    asyncio.run(run())


def test_a_clock_that_jumps_locks_nobody_out_and_takes_no_draft(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offset = tmp_path / "clock"
    offset.write_text("0")
    monkeypatch.setenv(VARIABLE, str(offset))

    async def run() -> None:
        async with at(own) as (anna, room):
            assert (await anna.post("/draft/say", {"room": room, "sheet": "one", **SAY})).status == 204
            offset.write_text(str(DAY_MS))
            await until(lambda: bool(anna.house.away()))
            left = anna.house.left_seconds
            for days in (400, -400, 36_500, 0):
                offset.write_text(str(days * DAY_MS))
                filled, page = await form(anna, "say", room)
                assert filled["text"] == WROTE
                assert "has not answered since" in page or not days
                assert left - 5 < anna.house.left_seconds <= left + 5

    asyncio.run(run())


def test_what_is_too_much_to_be_kept_is_said_and_the_last_that_was_kept_stays(own: Path) -> None:
    async def run() -> None:
        async with at(own) as (anna, room):
            filled = {"room": room, "sheet": "one", **SAY}
            assert (await anna.post("/draft/say", filled)).status == 204
            answer = await anna.post("/draft/say", {**filled, "text": "x" * MOST_BYTES})
            assert answer.status == 409
            assert answer.body.decode() == "A form holds at most 2 MiB of writing; take some of it out."
            assert (await form(anna, "say", room))[0]["text"] == WROTE

    asyncio.run(run())


def test_a_draft_has_one_place_however_its_room_is_named_and_goes_with_the_room(own: Path) -> None:
    async def run() -> None:
        async with at(own) as (anna, room):
            for act in ("say", "clock-private"):
                await anna.post(f"/draft/{act}", {"room": "Talks", **SAY, "comes": WROTE})
                assert WROTE in (await anna.get(f"/act/{act}?room={room[:12]}")).body.decode()
            assert await send(anna, "forget", {"room": room, "sheet": "one"}) == 200
            rows = anna.house.desk.vault.master.all("SELECT name, value FROM settings")
            assert [name for name, value in rows if room in name or WROTE.encode() in bytes(value)] == []

    asyncio.run(run())
