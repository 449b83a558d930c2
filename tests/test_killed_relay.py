"""A real relay killed with SIGKILL again and again, under real desks that talk all the while, loses nothing."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backchannel.channel.members import Charter, Role
from backchannel.desk import acts
from backchannel.desk.courier import Courier
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from conftest import DEEP
from relay_process import RelayProcess

KILLS = 25
DESK_CRASHES = 0.3
NAMES = ("Anna", "Boris", "Carl")
QUIET_SECONDS = 20


def clock() -> int:
    return time.time_ns() // 1_000_000


class Table:
    """Three real desks, each with its courier, around one relay that will die."""

    def __init__(self, folder: Path, relay: RelayProcess, clock: Callable[[], int] = clock) -> None:
        self.clock = clock
        admissions = relay.tokens(30)
        self.keys = [secrets.token_bytes(32) for _ in NAMES]
        self.desks = [
            Desk.create(folder / name, key, name, raw=True)
            for name, key in zip(NAMES, self.keys, strict=True)
        ]
        for place, desk in enumerate(self.desks):
            desk.add_relay(relay.url, b"", list(admissions[place * 10 : place * 10 + 10]), clock())
        self.couriers = [Courier(desk, clock) for desk in self.desks]
        self.carrying = [asyncio.create_task(courier.run()) for courier in self.couriers]

    async def crash(self, place: int) -> None:
        """Drop a desk in the middle of its work, and open its vault again as another process would."""
        await self.rest(place)
        home = self.desks[place].vault.home
        self.desks[place].close()
        self.desks[place] = Desk.open(home, self.keys[place])
        self.wake(place)

    async def rest(self, place: int) -> None:
        """Let a desk neither read nor send."""
        self.carrying[place].cancel()
        await asyncio.gather(self.carrying[place], return_exceptions=True)

    def wake(self, place: int) -> None:
        self.couriers[place] = Courier(self.desks[place], self.clock)
        self.carrying[place] = asyncio.create_task(self.couriers[place].run())

    async def stop(self) -> None:
        for task in self.carrying:
            task.cancel()
        await asyncio.gather(*self.carrying, return_exceptions=True)

    def rooms(self) -> list[Room]:
        return [room for desk in self.desks for room in desk.rooms()]

    def nudge(self) -> None:
        for courier in self.couriers:
            courier.nudge()

    async def seat(self, guest: int, side: str, role: Role) -> None:
        address, words = self.desks[0].invite(
            self.rooms()[0], side=side, role=role, name=self.desks[guest].name, now=self.clock()
        )
        self.nudge()
        self.desks[guest].join(address, words, self.desks[guest].name, self.clock())
        approved: set[int] = set()
        async with asyncio.timeout(QUIET_SECONDS):
            while len(self.rooms()) <= guest or not all(
                room.seated and len(room.seating.seated) == guest + 1 for room in self.rooms()
            ):
                for place, room in enumerate(self.rooms()[:guest]):
                    seating = room.seating
                    for eid, motion in seating.motions.items():
                        if (
                            motion.subject not in seating.seated
                            and not motion.carried
                            and place not in approved
                        ):
                            acts.admit(room, eid, self.clock())
                            approved.add(place)
                self.nudge()
                await asyncio.sleep(0.02)

    async def agree(self, said: set[bytes], *, without: int = -1) -> None:
        """Wait until every desk, or every one without one, holds everything that was said."""
        rooms = [room for place, room in enumerate(self.rooms()) if place != without]
        async with asyncio.timeout(QUIET_SECONDS):
            while not all(said <= room.log.entries.keys() for room in rooms):  # noqa: ASYNC110 - watched from outside
                await asyncio.sleep(0.02)


async def _play(folder: Path, relay: RelayProcess, seed: int) -> list[Room]:
    chance = random.Random(seed)
    table = Table(folder, relay)
    said: set[bytes] = set()
    try:
        table.desks[0].open_room(
            Charter("Talks", "Matter", "plenary", "for-you-only", 30 * 86400, 4096, clock()),
            name="Anna",
            side="A",
            role=Role.PRINCIPAL,
            relay=relay.url,
            now=clock(),
        )
        await table.seat(1, "B", Role.PRINCIPAL)
        await table.seat(2, "C", Role.GO_BETWEEN)
        for _ in range(KILLS):
            for _ in range(chance.randrange(1, 5)):
                room = chance.choice(table.rooms())
                said.add(acts.show(room, "A word. " * chance.choice((1, 900)), now=clock()).id)
                table.nudge()
                await asyncio.sleep(chance.choice((0, 0, 0.002, 0.01)))
            relay.kill()
            if chance.random() < DESK_CRASHES:
                await table.crash(chance.randrange(len(table.desks)))
            await asyncio.sleep(chance.choice((0, 0.05)))
            await asyncio.to_thread(relay.start)
            table.nudge()
            await table.agree(said)
        await asyncio.sleep(0.5)
    finally:
        await table.stop()
    return table.rooms()


@pytest.mark.timeout(600 if DEEP else 110)
def test_25_kills_of_a_real_relay_lose_nothing_and_leave_equal_logs(tmp_path: Path) -> None:
    with RelayProcess(tmp_path) as relay:
        rooms = asyncio.run(_play(tmp_path, relay, seed=20261122))
    first, *others = rooms
    items = [entry.id for entry in first.log.ordered() if entry.event.kind == "paper"]
    assert len(items) >= KILLS
    for room in others:
        assert [entry.id for entry in room.log.ordered() if entry.event.kind == "paper"] == items
        assert room.log.heads == first.log.heads
        assert not room.log.waiting
        assert not room.log.forks()
    for room in rooms:
        room.close()
