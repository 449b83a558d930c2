"""What a desk is set to in the browser: its lock, its proxy, a back-up, a move, a wipe, and a screen that others see."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from backchannel.crypto import passphrase as stretching
from backchannel.desk.proxy_check import proxy_answer
from backchannel.desk.vault import Vault
from backchannel.desk.wiping import wipe
from backchannel.errors import Exit, Moved, Refused
from backchannel.pages import live
from backchannel.pages.house import House
from cli_stage import Person
from desks import KEY, in_talks
from paged import Answer, Pages, opened

T = TypeVar("T")
RAW = KEY.decode()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stretching, "MEMORY_KIB", 64)
    monkeypatch.setattr(stretching, "PASSES", 1)
    stage = in_talks(tmp_path, "Anna")
    stage.seats["Anna"].show("Said before.")
    stage.close()
    return stage.seats["Anna"].home


def asked(home: Path, what: Callable[[Pages], Awaitable[T]]) -> T:
    async def run() -> T:
        async with opened(home, RAW) as pages:
            return await what(pages)

    return asyncio.run(run())


def post(home: Path, where: str, **form: str) -> Answer:
    return asked(home, lambda pages: pages.post(f"/settings/{where}", form))


def text(answer: Answer) -> str:
    return " ".join("".join(answer.seen.text).split())


# -- destroying it


def test_a_wipe_overwrites_keys_rooms_and_back_ups_and_leaves_what_is_no_desks(home: Path) -> None:
    asked(
        home,
        lambda pages: pages.house.do(
            ["backup", "--no-sync", "x"], {"file": home / "saved", "new": "four words or more"}
        ),
    )
    (home / "letter.txt").write_text("nobody's")
    outside = home.parent / "outside"
    outside.write_text("elsewhere")
    (home / "rooms" / "x.db").symlink_to(outside)
    (room,) = [path for path in (home / "rooms").glob("*.db") if not path.is_symlink()]
    before = {}
    for path in (home / "vault.key", home / "master.db", room, home / "saved"):
        twin = home.parent / f"twin-{path.name}"
        os.link(path, twin)  # another name for the same place on the disk
        before[twin] = path.read_bytes()
    done = wipe(home)
    assert (done.backups, done.left) == (1, ())
    assert [path.name for path in home.rglob("*")] == ["letter.txt"]
    assert outside.read_text() == "elsewhere", "a link is removed and not followed"
    for twin, data in before.items():
        after = twin.read_bytes()
        assert len(after) == len(data)
        assert sum(a == b for a, b in zip(after, data, strict=True)) < len(data) / 4, twin.name
    assert not Vault.exists(home)
    with pytest.raises(Refused):
        Vault.open(home, KEY)


def test_what_cannot_be_destroyed_is_named_and_the_rest_is_destroyed(home: Path) -> None:
    (home / "master.new").mkdir()
    (home / "master.new" / "x").touch()
    done = wipe(home)
    assert len(done.left) == 1
    assert str(home / "master.new") in done.left[0]
    assert not list(home.rglob("*.db"))
    assert not (home / "vault.key").exists()


def test_the_command_needs_its_word_or_yes_and_locks_the_desk_first(tmp_path: Path) -> None:
    anna = Person("anna", tmp_path / "anna")
    assert anna.type("wipe", "--yes").code == Exit.REFUSED, "there is nothing yet"
    anna.make()
    anna.unlock()
    try:
        for done in (anna.type("wipe"), anna.type("wipe", text="destroy\n")):
            assert done.code == Exit.REFUSED, "there is no terminal on which a word could be typed"
        assert anna.type("rooms").code == Exit.OK
        done = anna.type("wipe", "--yes")
    finally:
        anna.type("lock")
    assert done.code == Exit.OK, done.shown
    assert "were overwritten and removed" in done.out
    assert "What this cannot reach" in done.out
    assert not anna.home.exists()


def test_in_the_browser_one_word_destroys_the_desk_and_any_other_nothing(home: Path) -> None:
    assert post(home, "wipe", word="yes").status == 422
    assert Vault.exists(home)

    async def act(pages: Pages) -> tuple[Answer, Answer]:
        pages.house.end = lambda: None
        return await pages.post("/settings/wipe", {"word": " Destroy "}), await pages.get("/")

    done, after = asked(home, act)
    assert (done.status, "were overwritten and removed" in text(done)) == (200, True)
    assert "Make your desk" in text(after)
    assert not home.exists()


# -- its lock


def test_the_lock_is_kept_in_the_vault_and_a_minute_is_the_least(home: Path) -> None:
    async def act(pages: Pages) -> tuple[int, float, float]:
        before = pages.house.left_seconds
        answer = await pages.post("/settings/lock-after", {"time": "1h"})
        return answer.status, before, pages.house.left_seconds

    status, before, after = asked(home, act)
    assert status == 303
    assert before <= 900 < after <= 3600
    assert post(home, "lock-after", time="30s").status == 422
    assert asked(home, lambda pages: pages.get("/settings?view=json")).value["lock_after"] == "1h"


def test_the_last_minute_is_counted_down_and_ends_when_somebody_is_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.02)

    async def run() -> list[str]:
        pages = Pages(House(home, 1.9))
        await pages.house.unlock(RAW)
        told: list[str] = []
        async for event in live.changes(pages.house, pages.house.position(), gone=never):
            told += re.findall(r"event: (\w+)", event.decode())
            if told.count("locking") == 1 and "staying" not in told:
                await asyncio.sleep(0.05)
                assert (await pages.post("/settings/stay", {})).status == 204
        await pages.house.lock()
        return told

    told = asyncio.run(run())
    assert told[:2] == ["locking", "staying"]
    assert told[2:] == ["locking", "locked"]


async def never() -> bool:
    return False


# -- how relays are reached


def test_whether_a_proxy_answers_is_said_in_plain_words(home: Path) -> None:
    async def run() -> list[tuple[bool, str]]:
        async def answer(said: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(4)
            writer.write(said)
            await writer.drain()
            writer.close()

        found = []
        for said in (b"\x05\x00", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""):
            server = await asyncio.start_server(partial(answer, said), "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            found.append(await proxy_answer(f"socks5://127.0.0.1:{port}"))
            server.close()
        return [*found, await proxy_answer(f"socks5://127.0.0.1:{port}")]

    good, web, mute, nobody = asyncio.run(run())
    assert (good[0], "A proxy answers" in good[1]) == (True, True)
    assert [(one[0], "no SOCKS5 proxy" in one[1]) for one in (web, mute)] == [(False, True)] * 2
    assert (nobody[0], "Nothing answers" in nobody[1]) == (False, True)

    async def act(pages: Pages) -> Answer:
        await pages.post("/settings/proxy", {"url": "socks5://127.0.0.1:1"})
        return await pages.get("/settings?check=1")

    assert "Nothing answers at 127.0.0.1:1" in text(asked(home, act))


# -- moving it


def test_a_desk_moves_into_another_folder_and_opens_only_there(home: Path, tmp_path: Path) -> None:
    there = tmp_path / "stick" / "desk"
    for wrong in ({"folder": "desk", "passphrase": RAW}, {"folder": str(there), "passphrase": "x" * 32}):
        assert post(home, "move", **wrong).status == 422
        assert Vault.exists(home)

    async def act(pages: Pages) -> Answer:
        pages.house.end = lambda: None
        return await pages.post("/settings/move", {"folder": str(there), "passphrase": RAW})

    assert f"The desk is in \u2068{there}\u2069" in text(asked(home, act))
    assert not Vault.exists(home)
    assert "Talks" in text(asked(there, lambda pages: pages.get(f"/rooms/{_room(pages)}")))


def _room(pages: Pages) -> str:
    return next(pages.house.desk.rooms()).id.hex()


def test_language_and_what_a_screen_shows_are_there_again_at_the_next_start_until_taken_back(
    home: Path,
) -> None:
    def first_page(pages: Pages) -> Awaitable[Answer]:
        return pages.get("/settings")

    def front(_: object = None) -> str:
        return asked(home, first_page).body.decode()

    assert 'lang="en"' in front()
    assert 'class="covered"' not in front()
    answer = asked(
        home, lambda pages: pages.post("/language", {"language": "ar", "back": "/act/say?room=ab"})
    )
    assert answer.headers["location"].endswith("/act/say?room=ab")
    post(home, "cover", on="1", back="/settings#v")
    post(home, "notify", on="1", back="/settings#v")
    assert '<html lang="ar" dir="rtl"' in front()
    assert 'class="covered"' in front()
    assert "data-news" in front()
    locked = asyncio.run(Pages(House(home)).get("/")).body.decode()
    assert 'lang="en"' in locked, "what is in the vault is not known before it is open"
    asked(home, lambda pages: pages.post("/language", {"language": "xx"}))
    assert '<html lang="ar" dir="rtl"' in front()
    post(home, "cover", back="/settings#v")
    assert 'class="covered"' not in front()


def test_what_a_terminal_kept_unsaid_is_shown_on_the_first_page(home: Path) -> None:
    async def run(pages: Pages) -> str:
        room = next(pages.house.desk.rooms()).id.hex()
        with pytest.raises(Moved):
            await pages.house.do(["say", f"--room={room}", "--seen=000000000000", "--", "Half of it."])
        return text(await pages.get("/"))

    assert "Kept at a terminal and not said: Half of it." in asked(home, run)


def test_what_was_typed_and_not_sent_is_named_on_the_first_page_until_it_is_done_or_taken_out(
    home: Path,
) -> None:
    async def run(pages: Pages) -> list[str]:
        room = next(pages.house.desk.rooms()).id.hex()
        seen = []
        for way, form in (
            ("/draft/say", {"room": room, "text": "half a", "sheet": "1"}),
            ("/draft/open-room", {"title": "Of", "sheet": "2"}),
            ("/draft/note", {"room": room, "text": " ", "sheet": "3"}),
            (
                "/act/say",
                {"room": room, "text": "half and half", "register": "talk", "mandate": "not-stated"},
            ),
            ("/draft/open-room", {"title": "", "sheet": "2"}),
        ):
            await pages.post(way, form)
            seen.append(text(await pages.get("/")).partition("Unanswered")[0])
        return seen

    seen = asked(home, run)
    begun = [one.partition("Begun and not sent:")[2] for one in seen]
    assert begun[0].startswith(" Say something")
    assert begun[1].startswith(" Open a room")
    assert seen[1].count("Begun and not sent:") == 2
    assert begun[2] == begun[1], "a form in which nothing is typed is none"
    assert seen[3].count("Begun and not sent:") == 1
    assert begun[4] == ""
