"""How fast desks are: a paper from desk to desk with six readers, and opening a room of 10,000 events.

Medians of one run on this machine, and ratios against a named limit measured in the same run: for delivery the
bare line (append, deliver, no desk), for opening a plain scan of the same SQLCipher rows.
"""

import argparse
import asyncio
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from backchannel.channel.event import EventId
from backchannel.channel.members import Charter, Role
from backchannel.desk import acts
from backchannel.desk.courier import Courier
from backchannel.desk.desk import Desk
from backchannel.desk.line import Arrived, Line
from backchannel.desk.room import Room
from backchannel.desk.sealed_db import SealedDb
from backchannel.desk.taking import Taken
from backchannel.wire.ids import Admission, Position, new_append_id
from relay_process import RelayProcess, new_keys  # the tests' real relay

READERS = 6
PAPERS = 60
EVENTS = 10_000
TARGET_MS = 25.0
TARGET_SECONDS = 1.0
WAIT_SECONDS = 30


def clock() -> int:
    return time.time_ns() // 1_000_000


def charter(title: str) -> Charter:
    return Charter(title, "bench", "plenary", "for-you-only", 30 * 86400, 8192, clock())


class Table:
    """Desks with their couriers in one process, and when each event reached each of them."""

    def __init__(self, folder: Path, url: str, admissions: list[Admission]) -> None:
        self.url = url
        self.desks = [
            Desk.create(folder / f"p{number}", secrets.token_bytes(32), f"p{number}", raw=True)
            for number in range(READERS + 1)
        ]
        share = len(admissions) // len(self.desks)
        for number, desk in enumerate(self.desks):
            desk.add_relay(url, b"", list(admissions[number * share : (number + 1) * share]), clock())
        self.came: list[dict[bytes, float]] = [{} for _ in self.desks]
        self.couriers = [
            Courier(desk, clock, news=partial(self._note, came))
            for desk, came in zip(self.desks, self.came, strict=True)
        ]
        self._moved = asyncio.Event()

    def _note(self, came: dict[bytes, float], taken: Taken) -> None:
        for entry in taken.entries:
            came[entry.id] = time.perf_counter()
        self._moved.set()

    async def until(self, held: Callable[[], bool]) -> None:
        """Wait until something holds, looking again whenever anything came to any desk."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not held():
                self._moved.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._moved.wait(), 0.1)

    def room(self, number: int) -> Room:
        return next(iter(self.desks[number].rooms()))

    def sees(self, number: int, people: int) -> bool:
        """Whether a desk is seated in a room of so many."""
        return any(room.seated and len(room.seating.seated) == people for room in self.desks[number].rooms())

    async def seat(self, guest: int) -> None:
        """Have one more person come in by invitation and words, and be approved by both sides."""
        address, words = self.desks[0].invite(
            self.room(0), side="AB"[guest % 2], role=Role.ADVISER, name=f"p{guest}", now=clock()
        )
        self.couriers[0].nudge()
        self.desks[guest].join(address, words, f"p{guest}", clock())
        self.couriers[guest].nudge()
        for approver in range(min(guest, 2)):
            room = self.room(approver)
            await self.until(lambda room=room: _asking(room))
            acts.admit(room, _asking(room)[0], clock())
            self.couriers[approver].nudge()
        await self.until(lambda: all(self.sees(number, guest + 1) for number in range(guest + 1)))


def _asking(room: Room) -> list[EventId]:
    seating = room.seating
    return [eid for eid, motion in seating.motions.items() if motion.subject not in seating.seated]


async def delivery(folder: Path, url: str, admissions: list[Admission]) -> list[float]:
    """Milliseconds from the act of one desk to each of six readers having it applied and saved."""
    table = Table(folder, url, admissions)
    carrying = [asyncio.create_task(courier.run()) for courier in table.couriers]
    took: list[float] = []
    try:
        table.desks[0].open_room(
            charter("Talks"), name="p0", side="A", role=Role.PRINCIPAL, relay=url, now=clock()
        )
        for guest in range(1, READERS + 1):
            await table.seat(guest)
        for number in range(PAPERS):
            await asyncio.sleep(0.6)  # until the receipts of the last one are over
            speaker = number % len(table.desks)
            start = time.perf_counter()
            entry = acts.show(table.room(speaker), f"Paper {number}.", now=clock())
            table.couriers[speaker].nudge()
            others = [came for place, came in enumerate(table.came) if place != speaker]
            await table.until(lambda eid=entry.id, others=others: all(eid in came for came in others))
            took += [(came[entry.id] - start) * 1000 for came in others]
    finally:
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
        for desk in table.desks:
            desk.close()
    return took


async def bare_line(url: str, admission: Admission) -> list[float]:
    """Milliseconds from append to delivery on six other lines, with no desk around: the limit."""
    keys = new_keys()
    took: list[float] = []
    async with AsyncExitStack() as stack:
        sender = await stack.enter_async_context(Line(url))
        await sender.open_drop(keys.opening(admission, cell_size=8192))
        readers = [await stack.enter_async_context(Line(url)) for _ in range(READERS)]
        queues = [await line.subscribe(keys.drop, keys.read, Position(0)) for line in readers]
        for _ in range(PAPERS):
            cell = secrets.token_bytes(8192)
            start = time.perf_counter()
            await sender.append(keys.drop, keys.append, new_append_id(), cell)
            for queue in queues:
                async for event in queue:
                    if isinstance(event, Arrived):
                        took.append((time.perf_counter() - start) * 1000)
                        break
    return took


def opening(folder: Path) -> tuple[float, float]:
    """Seconds to open a desk whose room has 10,000 events, and to scan the same rows plainly."""
    key = secrets.token_bytes(32)
    desk = Desk.create(folder / "large", key, "p0", raw=True)
    desk.add_relay("http://127.0.0.1:1", b"", [secrets.token_bytes(32)], clock())
    room = desk.open_room(
        charter("Large"), name="p0", side="A", role=Role.PRINCIPAL, relay="http://127.0.0.1:1", now=clock()
    )
    with room.changing():
        for number in range(EVENTS):
            acts.show(room, f"Paper {number}. " + "x" * 300, now=clock())
    desk.close()
    took: list[float] = []
    scans: list[float] = []
    for _ in range(5):
        start = time.perf_counter()
        desk = Desk.open(folder / "large", key)
        room = next(iter(desk.rooms()))
        took.append(time.perf_counter() - start)
        assert len(room.log.entries) == EVENTS + 1
        file, room_key = desk.vault.master.all("SELECT file, key FROM rooms")[0]
        desk.close()
        start = time.perf_counter()
        plain = SealedDb(folder / "large" / "rooms" / file, room_key, "", 1)
        rows = plain.all("SELECT id, salt, data FROM events ORDER BY row")
        scans.append(time.perf_counter() - start)
        assert len(rows) == EVENTS + 1
        plain.close()
    return statistics.median(took), statistics.median(scans)


def main() -> None:
    """Measure and print; `--json` for a machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with RelayProcess(folder) as relay:
            admissions = relay.tokens(140)
            line = statistics.median(asyncio.run(bare_line(relay.url, admissions.pop())))
            took = asyncio.run(delivery(folder, relay.url, admissions))
        seconds, scan = opening(folder)
    median = statistics.median(took)
    found = {
        "desk_to_desk_ms": {"median": median, "worst": max(took), "target": TARGET_MS, "readers": READERS},
        "bare_line_ms": {"median": line},
        "desk_over_line": median / line,
        "open_room_seconds": {"median": seconds, "target": TARGET_SECONDS, "events": EVENTS},
        "scan_seconds": {"median": scan},
        "open_over_scan": seconds / scan,
    }
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    print(
        f"desk to desk, {READERS} readers: {median:.1f} ms median, {max(took):.1f} worst (target {TARGET_MS:.0f})"
    )
    print(f"  the bare line takes {line:.1f} ms: a desk costs {median / line:.1f} times that")
    print(f"opening a room of {EVENTS:,} events: {seconds:.2f} s (target {TARGET_SECONDS:.0f})")
    print(f"  a plain scan of its rows takes {scan:.2f} s: opening costs {seconds / scan:.1f} times that")


if __name__ == "__main__":
    main()
