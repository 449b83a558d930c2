"""Deeds: what somebody says was done, and what the other side makes of it (docs/spec/moves/deed.md).

What is said: that something was done and which promises it answers; a reading of a deed; that a promise was broken.
What stands: each deed as its reporter's word, with each side's reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, listed, read
from backchannel.errors import Violation
from backchannel.moves.naming import check_ids, check_sides
from backchannel.moves.seal import speaks_for
from backchannel.wire.codec import Record, decode

MAX_DEED = 20_000  # characters
MAX_REMARK = 2_000
MAX_ANSWERED = 8


class How(StrEnum):
    """What a side makes of a deed."""

    KEPT = "kept"
    PARTLY = "partly"
    NOT_KEPT = "not-kept"


_READINGS = frozenset(How)


class Deed(Record, frozen=True):
    """Somebody's word that something was done at a time (ms since 1970), by a side, in answer to promises.

    `note` is the item that noted it as a public event; `by` is absent where the reporter does not say whose deed it is.
    """

    pledges: tuple[bytes, ...]
    note: bytes | None
    by: str | None
    happened: int
    text: str


class DeedReading(Record, frozen=True):
    """What a side makes of a deed."""

    target: bytes
    reading: str
    text: str


class PromiseBroken(Record, frozen=True):
    """A side says that what it was promised was not done."""

    target: bytes
    text: str


KINDS: Mapping[str, type[Record]] = {
    "deed": Deed,
    "deed-read": DeedReading,
    "promise-broken": PromiseBroken,
}


@dataclass(frozen=True, slots=True)
class Read:
    """One side's reading of a deed."""

    entry: Entry
    side: str
    how: How
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """A deed as it stands; `body` is None once its words have gone, `reporter` the side of who reported it."""

    entry: Entry
    body: Deed | None
    reporter: str | None
    readings: tuple[Read, ...]

    @property
    def by(self) -> str | None:
        """The side whose deed it is said to be."""
        return None if self.body is None else self.body.by or self.reporter

    def own(self, side: str) -> bool:
        """Whether a side reports this as a deed of its own."""
        return self.reporter == side == self.by


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of a deed, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, Deed):
        check_ids(*body.pledges, *(() if body.note is None else (body.note,)))
        check_sides(() if body.by is None else (body.by,), least=0)
        twice = len(set(body.pledges)) != len(body.pledges)
        if twice or len(body.pledges) > MAX_ANSWERED or not 0 < len(body.text) <= MAX_DEED:
            raise Violation("This does not say soundly what was done, and in answer to what.")
        return body
    assert isinstance(body, DeedReading | PromiseBroken)
    check_ids(body.target)
    if len(body.text) > MAX_REMARK or (isinstance(body, DeedReading) and body.reading not in _READINGS):
        raise Violation("This does not say soundly what a side makes of a deed.")
    return body


class Deeds(BodyReading):
    """Every deed of a room, filed under what it answers, with what the sides make of it."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.deeds: dict[EventId, Deed | None] = {}
        self._answering: dict[EventId, list[EventId]] = {}
        self._readings: dict[EventId, list[tuple[EventId, DeedReading]]] = {}
        self._broken: dict[EventId, list[EventId]] = {}

    def gone(self, entry: Entry) -> None:
        if entry.event.kind == "deed":
            self.deeds[entry.id] = None

    def take(self, entry: Entry, body: Record) -> None:
        match body:
            case Deed():
                self.deeds[entry.id] = body
                for target in body.pledges:
                    self._answering.setdefault(EventId(target), []).append(entry.id)
            case DeedReading():
                self._readings.setdefault(EventId(body.target), []).append((entry.id, body))
            case PromiseBroken():
                self._broken.setdefault(EventId(body.target), []).append(entry.id)

    def deed(self, eid: EventId) -> Done:
        """Give one deed as it stands."""
        entry = self.log.entries[eid]
        said = {self.log.entries[one].id: body for one, body in self._readings.get(eid, ())}
        readings = []
        for one in in_order(self.log.entries[known] for known in said):
            side = speaks_for(self.log, one)
            if side is not None and follows(one, entry):
                readings.append(Read(one, side, How(said[one.id].reading), said[one.id].text))
        member = self.log.people().get(entry.author)
        return Done(entry, self.deeds[eid], None if member is None else member.side, tuple(readings))

    def answering(self, promise: Entry) -> list[Done]:
        """The deeds that answer a promise, by people who had seen it, in the order of the log."""
        found = in_order(self.log.entries[eid] for eid in self._answering.get(promise.id, ()))
        return [self.deed(entry.id) for entry in found if follows(entry, promise)]

    def broken(self, promise: Entry) -> list[tuple[Entry, str]]:
        """Who said of a promise that it was broken, each with the side they speak for, in the order of the log."""
        found = []
        for entry in in_order(self.log.entries[eid] for eid in self._broken.get(promise.id, ())):
            side = speaks_for(self.log, entry)
            if side is not None and follows(entry, promise):
                found.append((entry, side))
        return found


def standing(log: Log) -> dict[EventId, Done]:
    """Give every deed of a room in the order of the log."""
    found = read(log, Deeds)
    return {entry.id: found.deed(entry.id) for entry in listed(log, found.deeds)}
