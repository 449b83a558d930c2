"""A stage without sockets: real desks with raw keys, a relay that is a dictionary, a clock that is a number.

The relay can be honest or lose calls, lose answers, delay, duplicate and reorder, each reader by itself. A desk can be
killed before any SQL statement; it is then thrown away and opened again from its folder, as after a power cut.
"""

import os
import random
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlcipher3 import dbapi2

from backchannel.channel.event import EventId, RoomId
from backchannel.channel.log import Entry
from backchannel.channel.members import Charter, Role
from backchannel.desk import acts
from backchannel.desk.desk import Desk
from backchannel.desk.errands import Errand
from backchannel.desk.meeting import Stage as Meeting
from backchannel.desk.room import Room
from backchannel.moves.paper import standing

T = TypeVar("T")

URL = "http://relay.example"
NOW = -226_000_000_000  # 2 November 1962
DAY_MS = 86_400_000
KEY = b"k" * 32


class Crash(BaseException):
    """The power is cut; nothing after this point runs."""


@dataclass
class Fuse:
    """Blows before the statement that brings `left` to nothing; a blown fuse lets nothing pass."""

    left: int = -1
    blown: bool = False

    def tick(self) -> None:
        if self.blown:
            raise Crash
        if self.left > 0:
            self.left -= 1
            if self.left == 0:
                self.blown = True
                raise Crash


class _Power:
    fuse = Fuse()
    lines: list["_Line"] = []  # noqa: RUF012 - what is open, to be closed after a crash


# What guards against a disk that loses power and against swapping is not what these schedules try.
_CHEAPER = {
    "PRAGMA synchronous = FULL": "PRAGMA synchronous = OFF",
    "PRAGMA cipher_memory_security = ON": "PRAGMA cipher_memory_security = OFF",
}


class _Line(dbapi2.Connection):  # type: ignore[misc] # sqlcipher3 has no types
    """A real connection whose every statement may be the last."""

    def execute(self, *args: Any) -> Any:
        _Power.fuse.tick()
        return super().execute(_CHEAPER.get(args[0], args[0]), *args[1:])

    def executescript(self, *args: Any) -> Any:
        _Power.fuse.tick()
        return super().executescript(*args)


def fast_folder() -> Path | None:
    """Give a folder in memory, if there is one: thousands of desks are opened and closed."""
    shared = Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) else None


@contextmanager
def powered() -> Iterator[None]:
    """Make every database connection opened in the block one that can be cut off."""
    real = dbapi2.connect

    def connect(*args: Any, **kwargs: Any) -> Any:
        _Power.fuse.tick()
        line = real(*args, factory=_Line, **kwargs)
        _Power.lines.append(line)
        return line

    dbapi2.connect = connect
    try:
        yield
    finally:
        dbapi2.connect = real
        _Power.fuse = Fuse()
        _Power.lines.clear()


@contextmanager
def cut_off(after: int) -> Iterator[Fuse]:
    """Cut every desk that is open off after so many statements; what stays open in the block does nothing more."""
    fuse = _Power.fuse = Fuse(after)
    try:
        yield fuse
    finally:
        _Power.fuse = Fuse()


@dataclass
class Manners:
    """How a relay behaves: each is the chance, per call or cell, that it happens."""

    lose_call: float = 0.0
    lose_answer: float = 0.0
    delay: float = 0.0
    duplicate: float = 0.0
    shuffle: bool = False
    swallow: float = 0.0


@dataclass
class Drop:
    """A drop, and what each reader has been offered of it, in the order of their own positions."""

    cells: list[bytes] = field(default_factory=list)
    ids: set[bytes] = field(default_factory=set)
    views: dict[str, list[int]] = field(default_factory=dict)
    swallowed: dict[str, set[int]] = field(default_factory=dict)
    closed: bool = False

    def copy(self) -> "Drop":
        views = {name: list(view) for name, view in self.views.items()}
        return Drop(list(self.cells), set(self.ids), views, {}, self.closed)


class Lost(Exception):
    """The line broke before an answer came."""


@dataclass
class Relay:
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    manners: Manners = field(default_factory=Manners)
    drops: dict[bytes, Drop] = field(default_factory=dict)

    def do(self, errand: Errand) -> None:
        """Do what a desk asks; Lost if the line breaks before or after it is done."""
        if self.rng.random() < self.manners.lose_call:
            raise Lost
        if errand.act == "open":
            self.drops.setdefault(errand.drop, Drop())
        elif errand.act == "close":
            self.drops[errand.drop].closed = True
        else:
            drop, append_id, cell = self.drops[errand.drop], errand.value[32:48], errand.value[48:]
            if append_id not in drop.ids and not drop.closed:
                drop.ids.add(append_id)
                drop.cells.append(cell)
        if self.rng.random() < self.manners.lose_answer:
            raise Lost

    def read(self, reader: str, name: bytes, after: int, most: int) -> tuple[list[tuple[int, bytes]], bool]:
        """Give a reader's next cells with that reader's positions, and whether that is all there is."""
        drop = self.drops.get(name)
        if drop is None or drop.closed:
            return [], True
        view, lost = drop.views.setdefault(reader, []), drop.swallowed.setdefault(reader, set())
        fresh = [index for index in range(len(drop.cells)) if index not in set(view) | lost]
        if self.manners.swallow:
            lost.update(index for index in fresh if self.rng.random() < self.manners.swallow)
            fresh = [index for index in fresh if index not in lost]
        if self.manners.delay:
            fresh = [index for index in fresh if self.rng.random() >= self.manners.delay]
        if self.manners.shuffle:
            self.rng.shuffle(fresh)
        for index in fresh:
            view.append(index)
            if self.rng.random() < self.manners.duplicate:
                view.append(self.rng.choice(view))
        cells = [(at + 1, drop.cells[index]) for at, index in enumerate(view) if at >= after]
        return cells[:most], len(cells) <= most


@dataclass
class Seat:
    """One person at the stage."""

    stage: "Stage"
    name: str
    home: Path
    desk: Desk
    skew: int = 0
    fuse: Fuse = field(default_factory=Fuse)
    crashes: int = 0
    got: dict[tuple[bytes | None, bytes], int] = field(
        default_factory=dict
    )  # how far a drop was read on this line
    troubles: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def now(self) -> int:
        return self.stage.now + self.skew

    def run(self, what: Callable[[Desk], T]) -> T | None:
        """Let the desk do something; None if the power was cut meanwhile, and then it is open again."""
        _Power.fuse = self.fuse
        try:
            return what(self.desk)
        except Crash:
            self.crashes += 1
            self.reopen()
            return None
        finally:
            _Power.fuse = Fuse()

    def reopen(self) -> None:
        """Throw the desk away as it is and open its folder again."""
        self.fuse = _Power.fuse = Fuse()
        drop(self.desk)
        self.got = {}
        self.desk = Desk.open(self.home, KEY)

    @property
    def room(self) -> Room:
        return next(self.desk.rooms())

    def turn(self, most: int = 1_000) -> int:
        """Do what a courier does once: read, take in, let time pass, send; gives how much there was to do."""
        work = 0
        for watch in self.desk.watches():
            line = watch.owner, watch.drop
            after = self.got.get(line, watch.after)
            cells, end = self.stage.relay.read(self.name, watch.drop, after, most)
            if cells:
                work += 1
                self.got[line] = cells[-1][0]
                self.refusals += self.desk.take(watch, cells, self.now).refusals
            if end:
                self.desk.caught_up(watch)
            known = self.stage.relay.drops.get(watch.drop)
            if known is not None and known.closed:
                self.desk.gone(watch)
        self.troubles = self.desk.tick(self.now)
        broken = set()
        for errand in self.desk.errands():
            if errand.owner in broken or not self.desk.may_send(errand):
                continue
            work += 1
            try:
                self.stage.relay.do(errand)
                self.desk.done([errand])
            except Lost:
                broken.add(errand.owner)
        return work

    def show(self, text: str, **how: Any) -> Entry:
        return acts.show(self.room, text, now=self.now, **how)

    def texts(self) -> list[str | None]:
        """The text of every item in order; None where it is gone."""
        return [None if item.body is None else item.body.text for item in standing(self.room.log, self.now)]


def drop(desk: Desk) -> None:
    """Let go of a desk's files and lock without another statement."""
    for room in desk._rooms.values():
        room.db._db.close()
    desk.vault.master._db.close()
    os.close(desk.vault._lock)


def assert_nothing_untaken_is_acknowledged(rooms: list[Room]) -> None:
    """What an author believes a reader to have, the reader has taken, in order, with nothing missing before it."""
    seats = {room.me: room for room in rooms}
    for room in rooms:
        for peer in room.peers.values():
            if (reader := seats.get(peer.id)) is not None and room.me in reader.peers:
                assert peer.acked <= reader.peers[room.me].taken, (
                    room.credential.name,
                    reader.credential.name,
                )


@dataclass
class Stage:
    """Several people, one relay, one clock."""

    folder: Path
    relay: Relay = field(default_factory=Relay)
    now: int = NOW
    seats: dict[str, Seat] = field(default_factory=dict)
    url: str = URL  # where desks think that the relay is

    def sit(self, name: str, admissions: int = 40) -> Seat:
        home = self.folder / name
        desk = Desk.create(home, KEY, name, raw=True)
        desk.add_relay(self.url, b"", [secrets.token_bytes(32) for _ in range(admissions)], self.now)
        self.seats[name] = Seat(self, name, home, desk)
        return self.seats[name]

    def open_room(self, founder: str, side: str = "A", *, days: int = 90, cell_size: int = 8192) -> Room:
        seat = self.seats[founder]
        charter = Charter("Talks", "channel", "plenary", "for-you-only", days * 86_400, cell_size, self.now)
        room = seat.desk.open_room(
            charter, name=founder, side=side, role=Role.PRINCIPAL, relay=self.url, now=seat.now
        )
        self.settle()
        return room

    def meet(self, host: str, guest: str, side: str, role: Role = Role.PRINCIPAL) -> None:
        """Let a guest come by words; nobody has approved yet."""
        one, other = self.seats[host], self.seats[guest]
        address, words = one.desk.invite(one.room, side=side, role=role, name=guest, now=one.now)
        self.settle()
        other.desk.join(address, words, guest, other.now)
        self.settle()
        assert one.desk.meetings()[-1].stage is Meeting.ASKED

    def admit_all(self) -> None:
        """Let everybody say yes to everything that is asked."""
        for seat in self.seats.values():
            for room in seat.desk.rooms():
                if room.seated and not room.left and room.me in room.seating.seated:
                    for motion in room.seating.motions.values():
                        fresh = motion.credential is not None and not motion.carried
                        if fresh and room.me not in motion.approvers:
                            acts.admit(room, motion.id, seat.now)
        self.settle()

    def bring(self, host: str, guest: str, side: str, role: Role = Role.PRINCIPAL) -> None:
        self.meet(host, guest, side, role)
        self.admit_all()
        assert self.seats[guest].room.seated

    def settle(self, rounds: int = 60) -> int:
        """Let the couriers work until there is nothing to do; gives how much there was."""
        total = 0
        for _ in range(rounds):
            work = sum(seat.turn() for seat in self.seats.values())
            total += work
            if not work:
                return total
        raise AssertionError("the desks do not come to rest")

    def calm(self, rounds: int = 60) -> None:
        """Let an honest relay and an even clock bring everything to rest, time passing in between."""
        self.relay.manners = Manners()
        idle = 0
        for seat in self.seats.values():
            seat.skew = 0
        for _ in range(rounds):
            idle = 0 if self.settle() else idle + 1
            if idle == 2:
                return
            self.now += 65_000  # a tail is repeated after a minute
        raise AssertionError("the desks do not come to rest")

    def copy(self, folder: Path, rng: random.Random) -> "Stage":
        """Set the same scene again in another folder; this one must be closed."""
        drops = {name: known.copy() for name, known in self.relay.drops.items()}
        twin = Stage(folder, Relay(rng, Manners(), drops), self.now)
        for name in self.seats:
            shutil.copytree(self.folder / name, folder / name)
            twin.seats[name] = Seat(twin, name, folder / name, Desk.open(folder / name, KEY))
        return twin

    def close(self) -> None:
        for seat in self.seats.values():
            seat.desk.close()


def in_talks(folder: Path, *names: str) -> Stage:
    """Seat people in one room, of sides A, B, C, A, B, C and so on."""
    stage = Stage(folder)
    for name in names:
        stage.sit(name)
    stage.open_room(names[0])
    for place, name in enumerate(names[1:], 1):
        stage.bring(names[0], name, "ABC"[place % 3])
    stage.settle()
    return stage


def record(room: Room) -> list[tuple[EventId, str | None, str | None]]:
    """Give a log as rows, in its order: id, why void, why erased."""
    return [
        (entry.id, entry.void, None if entry.erased is None else entry.erased.value)
        for entry in room.log.ordered()
    ]


def only_room(desk: Desk) -> RoomId:
    return desk.vault.rooms()[0].id
