"""Rooms without keys or desks: people who write events into logs of their own, as chance delivers them."""

import random
from dataclasses import dataclass, field
from functools import cache

from backchannel.channel.event import Event, EventId, MemberId, RoomId, audience_hash, event_id
from backchannel.channel.log import Arrival, Entry, Log, arrival
from backchannel.channel.members import (
    Approve,
    Charter,
    Credential,
    Epoch,
    Leave,
    Remove,
    Request,
    Retention,
    member_id,
    next_epoch,
)
from backchannel.crypto.hashing import digest
from backchannel.crypto.keys import KemKey
from backchannel.moves.paper import Paper, Withdraw
from backchannel.wire.codec import Record, decode, encode

ROOM = RoomId(b"r" * 32)
CHARTER = Charter("Talks", "channel", "plenary", "for-you-only", 86_400, 8192, 0)


@cache
def credential(name: str, side: str, role: str = "principal") -> Credential:
    def part(what: str) -> bytes:
        return digest("backchannel/test-key/1", name.encode(), what.encode())

    keys = tuple(sorted(part(f"one-time {number}") for number in range(32)))
    return Credential(1, ROOM, name, side, role, part("identity"), keys, KemKey(part("kem")).public)


def paper(text: str, answers: tuple[bytes, ...] = ()) -> Paper:
    return Paper(
        "talk", "not-stated", "not-stated", "for-you-only", text, None, answers, None, (), (), None, False
    )


@dataclass
class Sheet:
    """One event that was written, and to whom."""

    id: EventId
    salt: bytes
    data: bytes
    event: Event
    readers: frozenset[MemberId]

    def arrival(self, *, direct: bool = True) -> Arrival:
        return arrival(self.salt, self.data, direct=direct)


@dataclass
class Pen:
    """One person: keys, and the log as it has reached them."""

    credential: Credential
    log: Log | None = None

    @property
    def id(self) -> MemberId:
        return member_id(encode(self.credential))

    @property
    def seated(self) -> bool:
        return self.log is not None and bool(self.log.entries) and self.id in self.log.seating().seated

    def write(self, kind: str, body: Record, at: int, *, item: bool = False, **other: object) -> Sheet:
        """Write an event that follows everything in this log; `other` makes it follow or say something else."""
        assert self.log is not None
        log, seating = self.log, self.log.seating()
        fields: dict[str, object] = {
            "version": 1,
            "room": ROOM,
            "author": self.id,
            "seq": log.next_seq(self.id),
            "prev": log.last_by(self.id),
            "epoch": seating.epoch.number,
            "parents": log.head_refs(),
            "audience": seating.audience_hash(),
            "number": log.highest() + item,
            "at": at,
            "kind": kind,
            "body": encode(body),
        }
        return sheet(Event(**(fields | other)), frozenset(seating.audience))  # type: ignore[arg-type]

    def keep(self, at: int) -> Sheet:
        """Issue the epoch that is due."""
        assert self.log is not None
        body = next_epoch(self.log.seating(), digest("backchannel/test-way/1", self.id, str(at).encode()))
        roster = tuple(map(member_id, body.roster))
        written = self.write(
            "epoch", body, at, epoch=body.number, audience=audience_hash(roster, body.number)
        )
        return Sheet(written.id, written.salt, written.data, written.event, frozenset(roster))

    def take(self, written: Sheet) -> list[Entry]:
        if self.log is None:
            assert written.event.kind == "epoch"
            self.log = Log(ROOM, written.event.epoch, written.id)
        return self.log.add(written.arrival())


def sheet(event: Event, readers: frozenset[MemberId]) -> Sheet:
    """Seal an event under a salt that is the same in every run, so that a failing room can be looked at again."""
    data = encode(event)
    salt = digest("backchannel/test-salt/1", data)
    return Sheet(event_id(salt, data), salt, data, event, readers)


def founded(founder: Credential) -> tuple[Pen, Sheet]:
    """Open a room with one person in it."""
    pen = Pen(founder)
    roster = (encode(founder),)
    body = Epoch(0, CHARTER, roster, (), (), CHARTER.retention_seconds, (), bytes(32))
    event = Event(
        1, ROOM, pen.id, 1, None, 0, (), audience_hash((pen.id,), 0), 0, 0, "epoch", encode(body)
    )  # fmt: skip
    written = sheet(event, frozenset({pen.id}))
    pen.take(written)
    return pen, written


@dataclass
class World:
    """Some people, everything they wrote, and what has not yet reached whom."""

    rng: random.Random
    pens: list[Pen] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    under_way: list[tuple[Pen, Sheet]] = field(default_factory=list)
    at: int = 0
    going: set[MemberId] = field(default_factory=set)  # who has left or been asked to

    def send(self, written: Sheet) -> None:
        self.sheets.append(written)
        for pen in self.pens:
            if pen.id in written.readers:
                self.under_way.append((pen, written))

    def deliver(self, count: int) -> None:
        """Let chance choose what arrives next; a newcomer's own epoch comes before anything else."""
        for _ in range(min(count, len(self.under_way))):
            place = self.rng.randrange(len(self.under_way))
            pen, written = self.under_way[place]
            root = written.event.kind == "epoch" and pen.log is None
            if pen.log is None and not root:
                continue
            if pen.log is not None and written.event.epoch < pen.log.first_epoch:
                self.under_way.pop(place)
                continue
            pen.take(written)
            self.under_way.pop(place)

    def settle(self) -> None:
        """Deliver everything, let keepers do their duty and desks repeat what lapsed until nothing more happens."""
        for _ in range(200):
            while self.under_way:
                self.deliver(len(self.under_way))
            if not self.duties():
                return
        raise AssertionError("the room does not come to rest")

    def duties(self) -> bool:
        done = False
        for pen in self.pens:
            if not pen.seated or pen.log is None:
                continue
            if self.repeat(pen):
                done = True
                continue
            seating = pen.log.seating()
            if seating.keeper == pen.id and seating.epoch_due:
                self.at += 1
                self.say(pen, pen.keep(self.at))
                done = True
        return done

    def repeat(self, pen: Pen) -> bool:
        """Say again that somebody goes, if that crossed with a new epoch; as desk/lapsing.py does."""
        assert pen.log is not None
        seating = pen.log.seating()
        own = [
            entry.event for entry in pen.log.entries.values() if entry.author == pen.id and entry.void is None
        ]
        now = {(event.kind, event.body) for event in own if event.epoch == seating.epoch.number}
        for event in own:
            lapsed = event.epoch == seating.epoch.number - 1 and (event.kind, event.body) not in now
            if lapsed and event.kind == "leave":
                self.say(pen, pen.write("leave", Leave(), self.at))
                return True
            if lapsed and event.kind == "remove":
                body = decode(event.body, Remove)
                if body.member in seating.seated:
                    self.say(pen, pen.write("remove", body, self.at))
                    return True
        return False

    def say(self, pen: Pen, written: Sheet) -> None:
        pen.take(written)
        self.send(Sheet(written.id, written.salt, written.data, written.event, written.readers - {pen.id}))

    def newcomer(self, name: str, side: str, role: str = "principal") -> Pen:
        self.pens.append(Pen(credential(name, side, role)))
        return self.pens[-1]

    def act(self) -> None:
        """Let somebody seated do something."""
        self.at += self.rng.randint(-3, 10)
        seated = [known for known in self.pens if known.seated]
        if not seated:
            return  # all have gone at once
        pen = self.rng.choice(seated)
        assert pen.log is not None
        seating = pen.log.seating()
        outside = [known for known in self.pens if known.log is None]
        kinds = (
            ["paper"] * 6
            + ["approve"] * 4
            + ["request"] * 2
            + ["retention", "withdraw", "remove", "leave", "new"]
        )
        kind = self.rng.choice(kinds)
        if kind == "paper":
            answers = tuple(self.rng.sample(sorted(pen.log.entries), min(1, len(pen.log.entries))))
            self.say(pen, pen.write("paper", paper(f"text {self.at}", answers), self.at, item=True))
        elif kind == "withdraw":
            own = [entry.id for entry in pen.log.entries.values() if entry.author == pen.id]
            self.say(pen, pen.write("withdraw", Withdraw(self.rng.choice([*own, bytes(32)])), self.at))
        elif kind == "request" and outside:
            who = self.rng.choice(outside)
            self.say(pen, pen.write("request", Request(encode(who.credential)), self.at))
        elif kind == "approve" and seating.motions:
            self.say(pen, pen.write("approve", Approve(self.rng.choice(sorted(seating.motions))), self.at))
        elif kind == "retention":
            self.say(pen, pen.write("retention", Retention(self.rng.randint(60, 90_000)), self.at))
        elif kind == "remove" and len(seating.seated) > 2:
            # A keeper's removal that crosses with its epoch may strand a newcomer (docs/spec/membership.md 6).
            member = self.rng.choice(sorted(seating.seated.keys() - {seating.keeper}))
            self.going.add(member)
            self.say(pen, pen.write("remove", Remove(member, ""), self.at))
        elif kind == "leave" and len(seating.seated) > 2:
            self.going.add(pen.id)
            self.say(pen, pen.write("leave", Leave(), self.at))
        elif kind == "new" and len(self.pens) < 8:
            self.newcomer(f"Guest {len(self.pens)}", self.rng.choice("ABC"))


def seated(rng: random.Random, first: tuple[str, str, str], *others: tuple[str, str, str]) -> World:
    """Seat people in one room, each by name, side and role; nothing is under way."""
    world = World(rng)
    founder, root = founded(credential(*first))
    world.pens.append(founder)
    world.sheets.append(root)
    for other in others:
        newcomer = world.newcomer(*other)
        world.say(founder, founder.write("request", Request(encode(newcomer.credential)), 0))
        world.settle()
        for pen in [known for known in world.pens if known.seated]:
            assert pen.log is not None
            for motion in pen.log.seating().motions.values():
                if not motion.carried:
                    world.say(pen, pen.write("approve", Approve(motion.id), 0))
        world.settle()
    return world


def scattered(log: Log, sheets: list[Sheet], rng: random.Random) -> Log:
    """Give the log that a desk with the same beginning has if the same events arrive in another order, some twice."""
    mine = [written for written in sheets if written.id in log.entries]
    rng.shuffle(mine)
    other = Log(log.room, log.first_epoch, log.root)
    for written in [*mine, *mine[:3]]:
        other.add(written.arrival())
    return other


def lively(seed: int, steps: int = 40) -> World:
    """Let a room live for a while: people talk, come, go and disagree, and events reach them in any order."""
    world = World(random.Random(seed))
    founder, first = founded(credential("Founder", "A"))
    world.pens.append(founder)
    world.sheets.append(first)
    for name, side in (("Boris", "B"), ("Carl", "C"), ("Dora", "A")):
        newcomer = world.newcomer(name, side)
        world.say(founder, founder.write("request", Request(encode(newcomer.credential)), world.at))
        world.settle()
        for pen in [known for known in world.pens if known.seated]:
            assert pen.log is not None
            for motion in pen.log.seating().motions.values():
                if not motion.carried:
                    world.say(pen, pen.write("approve", Approve(motion.id), world.at))
        world.settle()
    for _ in range(steps):
        world.act()
        world.deliver(world.rng.randint(0, 8))
        if world.rng.random() < 0.3:
            world.duties()
    world.settle()
    return world
