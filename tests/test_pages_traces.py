"""What a desk's pages leave with the browser that showed them: nothing that was read, typed or sought, on its disk or behind its back button."""

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from backchannel.desk.clock import clock
from backchannel.desk.desk import Desk as OwnDesk
from backchannel.pages.house import House
from backchannel.pages.keys import Entrance, launch_address
from backchannel.pages.process import listen
from browsers import FLAGS, Desk, chromium
from paged import PATH, opened

KEY = "k" * 32
NOWHERE = "http://127.0.0.1:1"
TITLE, SIDE, SAID = "Kanarientitel", "Kanarienseite", "Kanariensatz"  # of a room
NOTE, TYPED, FIELD, SOUGHT = "Kanariennotiz", "Kanarienentwurf", "Kanarienfeld", "Kanariensuche"
DELAYED_SECONDS = 3.0  # that a browser gathers what it writes down of its tabs


@dataclass
class Traces:
    """What a browser has after a person locked their desk, went back, and closed it."""

    files: dict[str, bytes]
    behind: list[str]  # what it showed behind its back button


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    folder = tmp_path_factory.mktemp("traces")
    room = asyncio.run(furnished(folder / "desk"))
    path = chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch_persistent_context(
            str(folder / "profile"), executable_path=path, args=FLAGS,
            ignore_default_args=["--disable-back-forward-cache"],  # as people's browsers are
        )  # fmt: skip
        desk = Desk("Anna", folder / "desk", browser.new_page())
        try:
            behind = used(desk, room)
        finally:
            browser.close()
            desk.close()
    files = {
        str(one.relative_to(folder)): one.read_bytes()
        for one in (folder / "profile").rglob("*")
        if one.is_file()
    }
    return Traces(files, behind)


async def furnished(home: Path) -> str:
    """Make a desk with a room in which something was said, and a note; gives the room's id."""
    own = OwnDesk.create(home, KEY.encode(), "Anna", raw=True)
    own.add_relay(NOWHERE, b"", [b"t" * 32], clock())
    own.close()
    house = House(home)
    await house.unlock(KEY)
    await house.do(["open-room", f"--title={TITLE}", f"--side={SIDE}", "--no-sync"])
    (room,) = (known.id.hex() for known in house.desk.rooms())
    await house.do(["say", f"--room={room}", "--no-sync", "--", SAID])
    await house.do(["notebook", "write", "--no-sync", "--", NOTE])
    await house.lock()
    return room


def used(desk: Desk, room: str) -> list[str]:
    """Read, type and search as a person does, lock the desk, and go back as far as there is a way."""
    page = desk.page
    desk.open()
    desk.fill(passphrase=KEY)
    desk.press("Open the desk")
    desk.sees(TITLE)
    page.goto(f"{desk.desk_address}/rooms/{room}/people")
    desk.sees(SIDE)
    page.goto(f"{desk.desk_address}/notebook")
    desk.sees(NOTE)
    for where, field in (("/notebook", "find"), ("/search", "text")):
        page.goto(f"{desk.desk_address}{where}")
        desk.fill(**{field: SOUGHT})
        page.locator("form.find button").click()
        expect(page.locator(f"form.find [name={field}]")).to_have_value(SOUGHT)
    page.goto(f"{desk.desk_address}/rooms/{room}")
    desk.sees(SAID)
    for where, field, words in (
        (f"/rooms/{room}", "text", TYPED),
        (f"/act/pledge-make?room={room}", "condition", FIELD),
    ):
        page.goto(f"{desk.desk_address}{where}")
        with page.expect_response(re.compile("/draft/")):
            page.locator(f"[name={field}]").fill(words)
    page.goto(f"{desk.desk_address}/settings")
    beside = [page.context.new_page() for _ in range(7)]
    for tab in beside:  # more than a browser has connections to one port
        tab.goto(f"{desk.desk_address}/settings")
    page.bring_to_front()
    time.sleep(DELAYED_SECONDS)
    desk.press("Lock the desk")
    for tab in beside:
        expect(tab.get_by_role("button", name="Open the desk")).to_be_visible(timeout=20_000)
        tab.close()
    expect(page.get_by_role("button", name="Open the desk")).to_be_visible()
    behind = []
    while not page.url.endswith(f"/rooms/{room}"):  # its page before may have become its door, or not
        assert page.go_back() is not None
        behind.append(page.content())
    return behind


def test_behind_the_back_button_of_a_locked_desk_is_its_door(traces: Traces) -> None:
    assert len(traces.behind) >= 2
    for page in traces.behind:
        assert ('name="passphrase"' in page, "Kanarien" in page) == (True, False)


def test_nothing_that_was_read_typed_or_sought_is_in_a_file_of_the_browser(traces: Traces) -> None:
    whole = b"".join(traces.files.values())
    for known in ("/settings", "Notebook · Backchannel"):
        assert known.encode() in whole, "what a browser keeps of every page is there to be found"
        assert known.encode("utf-16-le") in whole
    for canary in (TITLE, SIDE, SAID, NOTE, TYPED, FIELD, SOUGHT, KEY):
        for spelling in ("utf-8", "utf-16-le"):
            found = [name for name, data in traces.files.items() if canary.encode(spelling) in data]
            assert found == [], canary


def test_what_a_form_was_answered_with_has_an_address_of_its_own_until_the_desk_is_locked(
    tmp_path: Path,
) -> None:
    room = asyncio.run(furnished(tmp_path / "desk"))

    async def run() -> None:
        async with opened(tmp_path / "desk", KEY) as pages:
            form = {"room": room, "text": TYPED, "register": "talk", "mandate": "no such thing"}
            sent = await pages.post("/act/say", form, sec_fetch_mode="navigate")
            assert sent.status == 303
            where = sent.headers["location"].removeprefix(PATH)
            for _ in range(2):  # and again, as often as the page is loaded
                answer = await pages.get(where)
                assert (answer.status, TYPED in answer.body.decode()) == (422, True)
            await pages.house.lock()
            await asyncio.sleep(0)
            assert TYPED not in (await pages.get(where)).body.decode()
            locked = await pages.post("/act/say", form, sec_fetch_mode="navigate")
            assert (locked.status, locked.headers["location"]) == (303, f"{PATH}/")
            await pages.house.unlock(KEY)
            gone = await pages.get(where)
            assert (gone.status, TYPED in gone.body.decode()) == (422, False)

    asyncio.run(run())


def test_the_address_that_other_programs_are_given_tells_nothing_of_where_the_pages_are() -> None:
    """A browser is started with it, and whoever has an account on the machine can read how programs were started."""
    entrance = Entrance()
    with listen(0) as listening:
        address = launch_address(listening, entrance.keys.launch("token"))
        port = listening.getsockname()[1]
    assert address == f"http://127.0.0.1:{port}/enter?token=token"
