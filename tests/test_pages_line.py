"""The relay away for an hour: said calmly, nothing lost, what falls due falls due, and all of it goes on by itself."""

import asyncio
import selectors
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backchannel.channel.members import Charter, Role, RoomKind
from backchannel.desk.clock import VARIABLE, clock
from backchannel.desk.courier import Courier
from backchannel.desk.desk import Desk
from backchannel.moves.paper import standing
from backchannel.pages.table import LOOKS
from backchannel.wire.admissions import admission_text
from paged import Pages, opened
from relay_process import RelayProcess

KEY = "k" * 32
HOUR_MS = 3_600_000
SECONDS = 25.0
SAID = "has not answered since"


async def until(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "this has not come about"
        await asyncio.sleep(0.02)


def texts(pages: Pages) -> list[str | None]:
    rooms = [room for room in pages.house.desk.rooms() if room.seated]
    items = [item for room in rooms for item in standing(room.log, clock())]
    return [None if item.body is None else item.body.text for item in items]


async def meet(anna: Pages, boris: Pages, relay: RelayProcess) -> str:
    """Seat both in one room, by their commands; gives its id."""
    for pages in (anna, boris):
        await pages.house.do(
            ["relay", "add", relay.url], {"tokens": [admission_text(token) for token in relay.tokens(4)]}
        )
    opened = await anna.house.do(["open-room", "--title=Talks", "--side=A", "--name=Anna"])
    room = str(opened.value["room"])
    made = (await anna.house.do(["invite", f"--room={room}", "--side=B"])).value
    await boris.house.do(["join", "--name=Boris", "--", str(made["address"])], {"words": made["words"]})

    def motions() -> list[str]:
        seating = next(anna.house.desk.rooms()).seating
        return [motion.id.hex() for motion in seating.motions.values() if motion.credential is not None]

    await until(lambda: bool(motions()))
    await anna.house.do(["admit", f"--room={room}", "Boris"])
    await until(lambda: any(known.seated for known in boris.house.desk.rooms()))
    return room


def test_the_relay_away_for_an_hour_costs_nothing_and_every_page_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offset = tmp_path / "clock"
    offset.write_text("0")
    monkeypatch.setenv(VARIABLE, str(offset))
    for name in ("anna", "boris"):
        Desk.create(tmp_path / name, KEY.encode(), name.capitalize(), raw=True).close()

    async def run(relay: RelayProcess) -> None:
        async with opened(tmp_path / "anna", KEY) as anna, opened(tmp_path / "boris", KEY) as boris:
            room = await meet(anna, boris, relay)
            form = {"room": room, "register": "talk", "mandate": "not-stated"}
            assert (
                await anna.post("/act/say", {**form, "sheet": "1", "text": "Gone soon.", "expires": "30m"})
            ).status == 303
            await until(lambda: texts(boris) == ["Gone soon."])
            assert SAID not in (await anna.get("/")).body.decode()

            relay.kill()
            before, arrived = anna.house.position(), anna.house.arrived()
            offset.write_text(str(HOUR_MS))
            await until(lambda: bool(anna.house.away()) and anna.house.position() != before)
            since = anna.house.away()[0][1]
            assert (
                await anna.post("/act/say", {**form, "sheet": "2", "text": "Said in the dark."})
            ).status == 303
            assert (await anna.post("/draft/say", {**form, "sheet": "3", "text": "Half a"})).status == 204
            await until(
                lambda: texts(anna) == [None, "Said in the dark."], 5.0
            )  # what runs out does so without a line
            for where in (
                "/",
                f"/rooms/{room}",
                *(f"/rooms/{room}/{name}" for name in LOOKS),
                "/settings",
                "/act/join",
            ):
                for view in ("", "?view=part"):
                    answer = await anna.get(where + view)
                    assert answer.status == 200, where
                    assert SAID in answer.body.decode(), where
                    assert "Nothing is lost" in answer.body.decode()
            status = (await anna.house.do(["status"])).value
            assert status["away"] == [{"relay": relay.url, "since_ms": since}]
            assert status["to_send"]
            assert anna.house.arrived() == arrived, "neither that nor one's own words are news"

            relay.start()
            await until(lambda: texts(boris) == [None, "Said in the dark."])
            await until(lambda: not anna.house.away() and not anna.house.desk.to_send())
            page = (await anna.get(f"/rooms/{room}")).body.decode()
            assert SAID not in page
            assert "Half a</textarea>" in page, "the draft is where it was"
            assert "away" not in (await anna.house.do(["status"])).value
            relay.kill()
            relay.start()
            assert (await boris.post("/act/say", {**form, "text": "I see."})).status == 303
            await until(lambda: texts(anna) == [None, "Said in the dark.", "I see."])
            assert texts(boris) == texts(anna), "each has come once"
            assert anna.house.arrived() != arrived

    with RelayProcess(tmp_path) as relay:
        asyncio.run(run(relay))


class Hurried(asyncio.SelectorEventLoop):
    """A loop for which an hour goes by in three seconds."""

    RATE = 1200.0

    def __init__(self) -> None:
        super().__init__(selector := selectors.DefaultSelector())
        select = selector.select
        selector.select = lambda timeout=None: select(timeout and timeout / self.RATE)  # type: ignore[method-assign]

    def time(self) -> float:
        return super().time() * self.RATE


def test_a_relay_that_is_away_for_an_hour_is_asked_for_at_most_127_times(tmp_path: Path) -> None:
    """Pauses double up to a minute, each cut by chance to between its half and its whole, so that not all desks come at once."""
    came = 0

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came += 1
        writer.close()

    async def hour() -> None:
        nowhere = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        relay = f"http://127.0.0.1:{nowhere.sockets[0].getsockname()[1]}"
        desk = Desk.create(tmp_path / "anna", KEY.encode(), "Anna", raw=True)
        desk.add_relay(relay, b"", [bytes(32)], 0)
        charter = Charter(
            "Talks", "Talks", RoomKind.PLENARY.value, "for-you-only", 30 * 86_400, 8192, clock()
        )
        desk.open_room(charter, name="Anna", side="A", role=Role.PRINCIPAL, relay=relay, now=clock())
        carrying = asyncio.create_task(Courier(desk, clock).run())
        await asyncio.sleep(HOUR_MS / 1000)
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
        nowhere.close()
        desk.close()

    with asyncio.Runner(loop_factory=Hurried) as runner:
        runner.run(hour())
    assert 10 < came <= 7 + 3600 / 30
