"""The desk behind its pages stays as it is while they are looked at, whatever happens to its lines meanwhile."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backchannel.desk import agent
from backchannel.desk.clock import clock
from backchannel.desk.desk import Desk
from backchannel.pages import live
from backchannel.pages.house import House

KEY = "k" * 32
NOWHERE = "http://127.0.0.1:1"


def made(folder: Path) -> House:
    desk = Desk.create(folder / "desk", KEY.encode(), "Anna", raw=True)
    desk.add_relay(NOWHERE, b"", [b"t" * 32], clock())
    desk.close()
    return House(folder / "desk")


def test_looking_at_how_relays_are_reached_leaves_the_line_alone_and_changing_it_does_not(
    tmp_path: Path,
) -> None:
    house = made(tmp_path)

    async def run() -> None:
        await house.unlock(KEY)
        assert house._agent is not None
        line = house._agent._courier
        await house.do(["relay", "proxy"])
        assert house._agent._courier is line
        await house.do(["relay", "proxy", "--", "socks5://127.0.0.1:9"])
        assert house._agent._courier is not line
        await house.lock()

    asyncio.run(run())


def test_lines_that_are_begun_anew_again_and_again_lock_no_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "WATCH_SECONDS", 0.0)  # look at the line whenever there is time for it
    house = made(tmp_path)

    async def run() -> None:
        await house.unlock(KEY)
        for number in range(8):
            both = (house.do(["relay", "proxy", "--", f"socks5://127.0.0.1:{number + 1}"]) for _ in "ab")
            await asyncio.gather(*both, house.do(["relay", "proxy", "--off"]))
            assert house.unlocked
        await house.lock()

    asyncio.run(run())


def test_a_page_of_one_room_is_told_what_moved_there_and_that_something_did_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    desk = Desk.create(tmp_path / "desk", KEY.encode(), "Anna", raw=True)
    desk.add_relay(NOWHERE, b"", [b"t" * 32, b"u" * 32], clock())
    desk.close()

    async def run() -> dict[str, list[str]]:
        house = House(tmp_path / "desk")
        await house.unlock(KEY)
        for title in ("North", "South"):
            await house.do(["open-room", f"--title={title}", "--side=A", "--no-sync"])
        north, south = (room.id.hex() for room in house.desk.rooms())
        told: dict[str, list[str]] = {north: [], south: [], "": []}

        async def follow(room: str) -> None:
            async for event in live.changes(house, house.position(room), gone=never, room=room):
                told[room] += re.findall(r"event: (\w+)", event.decode())

        following = [asyncio.create_task(follow(room)) for room in told]
        await asyncio.sleep(0.05)
        await house.do(["say", f"--room={north}", "--no-sync", "--", "A word."])
        await asyncio.sleep(0.1)
        await house.lock()
        await asyncio.gather(*following)
        return {"north": told[north], "south": told[south], "today": told[""]}

    told = asyncio.run(run())
    assert set(told["north"]) == {"moved", "locked"}
    assert set(told["south"]) == {"elsewhere", "locked"}
    assert set(told["today"]) == {"moved", "locked"}


def test_a_browser_has_at_most_four_streams_of_news_and_the_oldest_makes_room() -> None:
    """It opens six connections to one port: with a stream for each, a seventh page would never come."""
    streams: list[asyncio.Event] = []
    told: dict[int, list[bytes]] = {}

    async def news(over: asyncio.Event) -> AsyncIterator[bytes]:
        while not over.is_set():
            await asyncio.sleep(0)
            yield b"news"

    async def follow(number: int) -> None:
        over = asyncio.Event()
        async for event in live.in_turn(news(over), over, streams):
            told.setdefault(number, []).append(event)
            await asyncio.sleep(0)

    async def run() -> None:
        following = [asyncio.create_task(follow(number)) for number in range(7)]
        await asyncio.wait(following[:3], timeout=5)
        assert [one.done() for one in following] == [True] * 3 + [False] * 4
        for one in following:
            one.cancel()
        await asyncio.gather(*following, return_exceptions=True)

    asyncio.run(run())
    assert [told[number][-1] == live.RESTING for number in range(7)] == [True] * 3 + [False] * 4
    assert streams == []


async def never() -> bool:
    return False
