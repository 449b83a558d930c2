"""The stage of a play: a real relay process behind a tap, and a real desk for every person who has one.

The relay runs in real time; the desks live in the time of the play.
"""

import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from backchannel.contacts.safety_words import invitation_words
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.errors import Refused, Unavailable
from backchannel.moves.table import KINDS as MOVES
from backchannel.plays.case import Person, PersonId
from backchannel.plays.clock import PlayClock
from backchannel.plays.seat import Seat
from backchannel.plays.tap import LOOPBACK, Tap
from backchannel.wire.admissions import read_admission

RELAY_SECONDS = 20  # to start
TOKENS_A_DESK = 200
QUIET_SECONDS = 120.0  # without anything coming in at any desk: a machine may do much else
LONGEST_SECONDS = 1_200.0
STALL_SECONDS = 3.0  # without progress before the play's clock moves on
MINUTE_MS = 61_000
LOOK_SECONDS = 0.02  # between two looks, unless something comes


class Stage:
    """Where a play happens; made by `stage`."""

    def __init__(self, home: Path, clock: PlayClock, relay_url: str, relay_port: int) -> None:
        self.home = home
        self.clock = clock
        self.relay_url = relay_url
        self.relay_port = relay_port
        self.passphrase = ""
        self.relay: asyncio.subprocess.Process | None = None
        self._seats: dict[PersonId, Seat] = {}
        self._news = asyncio.Event()

    @property
    def seats(self) -> Mapping[PersonId, Seat]:
        return MappingProxyType(self._seats)

    @property
    def database(self) -> Path:
        return self.home / "relay" / "relay.db"

    @property
    def traffic(self) -> Path:
        return self.home / "traffic"

    @property
    def sealed(self) -> Path:
        """The folder of sealed texts, as their sides would hand them to anyone."""
        return self.home / "sealed"

    async def open_desks(self, people: Iterable[Person], *, raw: bool) -> None:
        """Make a desk for each person, as they would: a vault with a passphrase, and admissions from the operator."""
        people = list(people)
        self.passphrase = "-".join(invitation_words().split())
        tokens = [read_admission(line) for line in await self._issue(TOKENS_A_DESK * max(1, len(people)))]
        for number, person in enumerate(people):
            desk = await asyncio.to_thread(self._make, person, raw)
            share = tokens[number * TOKENS_A_DESK : (number + 1) * TOKENS_A_DESK]
            desk.add_relay(self.relay_url, b"", [bytes(token) for token in share], self.clock())
            seat = Seat(person, desk, self.clock, lambda _: self._news.set())
            seat.come_on_line()
            self._seats[seat.id] = seat

    def _make(self, person: Person, raw: bool) -> Desk:
        key = self.passphrase.encode()
        return Desk.create(
            self.home / "desks" / person.id, key.ljust(32)[:32] if raw else key, person.name, raw=raw
        )

    async def _issue(self, count: int) -> list[str]:
        issue = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "backchannel", "relay", "token", "issue"),
            *("--db", str(self.database), "--count", str(count)),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await issue.communicate()
        if issue.returncode != 0:
            raise Unavailable("The relay of this play issued no admissions; see the lines above.")
        return out.decode().split()

    async def until(self, reached: Callable[[], bool], what: str) -> None:
        """Wait until something is so on the desks; Unavailable if it does not come."""
        began = quiet_since = time.monotonic()
        passed = 0
        while not reached():
            waited = time.monotonic() - quiet_since
            if waited > QUIET_SECONDS or time.monotonic() - began > LONGEST_SECONDS:
                raise Unavailable(f"The play waited {waited:.0f} seconds in vain until {what}.")
            if waited // STALL_SECONDS > passed:  # what a desk repeats after a minute is due
                passed += 1
                self.clock.go(self.clock() + MINUTE_MS, self.clock() + 2 * MINUTE_MS)
            for seat in self._seats.values():
                if seat.carrying is not None and seat.carrying.done():
                    seat.carrying.result()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._news.wait()
                quiet_since, passed = time.monotonic(), 0
            self._news.clear()

    async def settle(self, *, receipts: bool = False) -> None:
        """Wait until everybody on the line has sent everything and holds the same, and with receipts has said so."""
        await self.until(lambda: self._settled(receipts), "all desks held the same")

    def _settled(self, receipts: bool) -> bool:
        on_line = [seat for seat in self._seats.values() if seat.on_line]
        return all(seat.idle() for seat in on_line) and _agree(on_line, receipts=receipts)

    async def close(self) -> None:
        for seat in self._seats.values():
            await seat.go_off_line()
            seat.desk.close()


def _agree(seats: list[Seat], *, receipts: bool) -> bool:
    """Whether all who sit in a room hold the same log, and with receipts have been told so by each other."""
    rooms: dict[bytes, list[Room]] = {}
    for seat in seats:
        for room in seat.desk.rooms():
            if room.left or room.frozen:
                continue
            if not room.seated or (receipts and room.owes_receipt) or room.seating.epoch_due:
                return False
            rooms.setdefault(room.id, []).append(room)
    together = all(
        len({(frozenset(room.log.heads), room.seating.epoch.number) for room in same}) == 1
        for same in rooms.values()
    )
    return together and (not receipts or all(_known(same) for same in rooms.values()))


def _known(same: list[Room]) -> bool:
    """Whether everyone in a room who is on the line knows what the others there have received and read."""
    return all(room.same_up_to(room.log.highest()) >= len(same) for room in same) and all(
        _told(author, reader) for author in same for reader in same
    )


def _told(author: Room, reader: Room) -> bool:
    """Whether an author's desk knows when a reader received whatever was said, and when they read an item."""
    if author is reader:
        return True
    return all(
        author.receipts(entry.id).get(reader.me) == reader.times(entry.id)
        for entry in author.log.entries.values()
        if entry.author == author.me and entry.event.kind in MOVES and entry.id in reader.log.entries
    )


@asynccontextmanager
async def stage(keep: Path | None, clock: PlayClock) -> AsyncIterator[Stage]:
    """Set the stage in a folder that is kept, or in one that is gone afterwards."""
    home = _empty(keep) if keep is not None else Path(tempfile.mkdtemp(prefix="backchannel-play-"))
    try:
        (home / "relay").mkdir()
        (home / "desks").mkdir()
        port_file = home / "relay" / "port"
        with (home / "relay" / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-P",
                    "-m",
                    "backchannel",
                    "relay",
                    "run",
                    "--db",
                    str(home / "relay" / "relay.db"),
                ),
                *("--listen", f"{LOOPBACK}:0", "--port-file", str(port_file)),
                stdout=log,
                stderr=log,
            )
        try:
            port = await _port(process, port_file)
            async with Tap(port, home / "traffic") as tap:
                made = Stage(home, clock, f"http://{LOOPBACK}:{tap.port}", port)
                made.relay = process
                try:
                    yield made
                finally:
                    await made.close()
        finally:
            await end_relay(process)
            port_file.unlink(missing_ok=True)
    finally:
        if keep is None:
            shutil.rmtree(home, ignore_errors=True)


async def end_relay(process: asyncio.subprocess.Process) -> None:
    """End the relay as a power cut would, so that its database and write-ahead log stay as they were."""
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()


async def _port(process: asyncio.subprocess.Process, file: Path) -> int:
    give_up = time.monotonic() + RELAY_SECONDS
    while time.monotonic() < give_up and process.returncode is None:
        if (port := _written(file)) is not None:
            return port
        await asyncio.sleep(LOOK_SECONDS)
    raise Unavailable("The relay of this play did not start.")


def _written(file: Path) -> int | None:
    return int(file.read_text("ascii")) if file.exists() else None


def _empty(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Refused(f"{folder} is not empty; name a new folder with --keep.")
    except OSError as error:
        raise Refused(
            f"{folder} cannot be used ({error.strerror}); name another folder with --keep."
        ) from error
    return folder.resolve()
