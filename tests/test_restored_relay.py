"""A relay that is put back from an old copy forgets cells and gives their positions again; what nobody acknowledged is sent again."""

import asyncio
import sqlite3
import time
from pathlib import Path

from backchannel.channel.members import Charter, Role
from backchannel.desk import acts
from backchannel.desk.courier import Courier
from desks import assert_nothing_untaken_is_acknowledged
from relay_process import RelayProcess
from test_killed_relay import QUIET_SECONDS, Table


class Clock:
    """The machine's clock, and what the test has skipped."""

    def __init__(self) -> None:
        self.skipped_ms = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.skipped_ms


def copy_of(relay: RelayProcess, to: Path) -> None:
    """Copy a running relay's database, as docs/operator.md says."""
    source, target = sqlite3.connect(relay.db), sqlite3.connect(to)
    with target:
        source.backup(target)
    source.close()
    target.close()


def put_back(relay: RelayProcess, copy: Path) -> None:
    relay.kill()
    for path in relay.db.parent.glob(relay.db.name + "*"):
        path.unlink()
    copy.rename(relay.db)
    relay.start()


def told(courier: Courier) -> str:
    """What the person at a desk is told of its relay."""
    return " ".join(station.trouble for station in courier.stations.values())


async def play(folder: Path, relay: RelayProcess) -> None:
    clock = Clock()
    table = Table(folder, relay, clock)

    async def say(place: int, text: str) -> bytes:
        eid = acts.show(table.rooms()[place], text, now=clock()).id
        table.couriers[place].nudge()
        return eid

    copy_of(relay, folder / "empty.db")
    try:
        table.desks[0].open_room(
            Charter("Talks", "Matter", "plenary", "for-you-only", 30 * 86400, 4096, clock()),
            name="Anna", side="A", role=Role.PRINCIPAL, relay=relay.url, now=clock(),
        )  # fmt: skip
        await table.seat(1, "B", Role.PRINCIPAL)
        await table.seat(2, "C", Role.GO_BETWEEN)
        said = {await say(0, "before the copy")}
        await table.agree(said)
        copy_of(relay, folder / "copy.db")
        await table.rest(2)
        said |= {await say(0, "after the copy"), await say(1, "after the copy as well")}
        await table.agree(said, without=2)
        await table.rest(1)
        put_back(relay, folder / "copy.db")
        said.add(await say(0, "at a position that was given before"))
        async with asyncio.timeout(10):
            while list(table.desks[0].errands()):  # noqa: ASYNC110 - watched from outside
                await asyncio.sleep(0.02)
        for place in (1, 2):
            table.wake(place)
        async with asyncio.timeout(QUIET_SECONDS):
            while not all(said <= room.log.entries.keys() for room in table.rooms()):
                clock.skipped_ms += 61_000  # who lacks something asks within minutes
                table.nudge()
                await asyncio.sleep(0.1)
                assert_nothing_untaken_is_acknowledged(table.rooms())
        put_back(relay, folder / "empty.db")
        async with asyncio.timeout(QUIET_SECONDS):
            while not all("open a new room" in told(courier) for courier in table.couriers):
                table.nudge()
                await asyncio.sleep(0.1)
        assert all(said <= room.log.entries.keys() for room in table.rooms())
    finally:
        await table.stop()
    for room in table.rooms():
        room.close()


def test_what_a_restored_relay_forgot_is_sent_again_to_who_lacks_it_and_a_room_it_never_knew_is_named(
    tmp_path: Path,
) -> None:
    with RelayProcess(tmp_path) as relay:
        asyncio.run(play(tmp_path, relay))
