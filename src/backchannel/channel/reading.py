"""Reading a log family by family: each event is filed once, as it arrives, under what it is about.

What stands is the same on every desk, whatever order events arrived in: a reading files facts and decides nothing while
filing; whoever asks about a subject gets an answer made of that subject's few events, in the order of the log.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Collection, Iterable
from typing import ClassVar, TypeVar, cast

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.errors import Violation
from backchannel.wire.codec import Record

R = TypeVar("R", bound="Reading")


class Reading(ABC):
    """What one family of moves makes of a log."""

    kinds: ClassVar[frozenset[str]]
    rests_on: ClassVar[frozenset[str]] = frozenset()  # kinds by which it judges what it files

    def __init__(self, log: Log) -> None:
        self.log = log

    @abstractmethod
    def file(self, entry: Entry) -> None:
        """Take in one entry of these kinds, void and erased ones too; each comes once, after all that it follows."""


class BodyReading(Reading):
    """A reading that files sound bodies: what is void or unsound counts for nothing, and the record shows that it was said."""

    @staticmethod
    @abstractmethod
    def parse(kind: str, data: bytes) -> Record:
        """Read the body of an event of these kinds, or raise Violation."""

    def file(self, entry: Entry) -> None:
        if entry.void is not None:
            return
        if entry.erased is not None:
            self.gone(entry)
            return
        try:
            body = self.parse(entry.event.kind, entry.event.body)
        except Violation:
            return
        self.take(entry, body)

    def gone(self, entry: Entry) -> None:
        """Take in an entry whose text has gone; most families forget what they cannot read."""

    @abstractmethod
    def take(self, entry: Entry, body: Record) -> None:
        """Take in an entry that counts, with its body."""


def read(log: Log, reading: type[R]) -> R:
    """Give a reading of everything in the log; only what came since the last time is filed.

    When a text of its kinds, or of those it rests on, has gone since then, all is read anew.
    """
    kept = log.readings.get(reading)
    gone = log.erasures[kept.erasures :] if kept is not None else []
    if kept is None or not (reading.kinds | reading.rests_on).isdisjoint(gone):
        kept = log.readings[reading] = Progress(reading(log))
    found = cast("R", kept.reading)
    for eid in log.arrived[kept.filed :]:
        entry = log.entries[eid]
        if entry.event.kind in reading.kinds:
            found.file(entry)
    kept.filed, kept.erasures = len(log.arrived), len(log.erasures)
    return found


class Progress:
    """How far a reading has come."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.filed = 0
        self.erasures = 0


def follows(later: Entry, earlier: Entry) -> bool:
    """Whether the author of one event had seen the other when writing it."""
    return later.id != earlier.id and later.seen.get(earlier.author, 0) >= earlier.event.seq


def same_side(log: Log, one: Entry, other: Entry) -> bool:
    """Whether two events were said by people of one side."""
    people = log.people()
    first, second = people.get(one.author), people.get(other.author)
    return one.author == other.author or (
        first is not None and second is not None and first.side == second.side
    )


def listed(log: Log, ids: Collection[EventId]) -> list[Entry]:
    """Give the entries of these ids in the order of the log."""
    return [entry for entry in log.ordered() if entry.id in ids] if ids else []


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Sort some entries alike on every desk: each after what it follows, then by epoch, time and id.

    Of an author who told two stories neither comes before the other by what was seen, and one that seems to follow the
    other in a circle is taken by epoch, time and id.
    """
    chains: dict[MemberId, deque[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.event.seq, *_rank(entry))):
        chains.setdefault(entry.author, deque()).append(entry)
    ordered: list[Entry] = []
    while chains:
        # Whoever follows anything of an author's follows the first of it: only the first of each need be asked.
        firsts = [chain[0] for chain in chains.values()]
        free = [one for one in firsts if not any(follows(one, other) for other in firsts)]
        first = min(free or firsts, key=_rank)
        ordered.append(first)
        chains[first.author].popleft()
        if not chains[first.author]:
            del chains[first.author]
    return ordered


def _rank(entry: Entry) -> tuple[int, int, bytes]:
    return entry.event.epoch, entry.event.at, entry.id
