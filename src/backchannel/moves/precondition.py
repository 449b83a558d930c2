"""Preconditions: said in public, on the room's record, parked without being conceded (docs/spec/moves/precondition.md).

What is said: a precondition in its public wording, that a side lets one rest, that its side drops it. What stands: each with its
wording as it was, who parked it, and whether it is still on record. A paper or note of the room can be parked like one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Member
from backchannel.channel.reading import Reading, follows, in_order, read
from backchannel.errors import Violation
from backchannel.moves.mandate import ENDING
from backchannel.moves.paper import ITEMS, MAX_LABEL, Front, Paper, Papers
from backchannel.moves.seal import speaks_for
from backchannel.wire.codec import Record, decode

MAX_WORDING = 10_000  # characters


class Precondition(Record, frozen=True):
    """What a side demands before it talks, in the words it says in public; `restates` is an earlier wording that this replaces."""

    wording: str
    source: str
    restates: bytes | None


class PreconditionPark(Record, frozen=True):
    """A side lets a precondition, or a paper or note of the room, rest: neither conceded nor withdrawn."""

    target: bytes


class PreconditionDrop(Record, frozen=True):
    """A side takes its precondition off the record."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "precondition": Precondition,
    "precondition-park": PreconditionPark,
    "precondition-drop": PreconditionDrop,
}


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of preconditions, or raise Violation."""
    body = decode(data, KINDS[kind])
    match body:
        case Precondition(wording, source, restates):
            worded = 0 < len(wording) <= MAX_WORDING and 0 < len(source) <= MAX_LABEL
            if not worded or (restates is not None and len(restates) != ID_BYTES):
                raise Violation("This precondition has no wording or no source, or too much of it.")
        case PreconditionPark(target) | PreconditionDrop(target):
            if len(target) != ID_BYTES:
                raise Violation("This parks or drops nothing.")
    return body


class Status(StrEnum):
    """Where a precondition stands."""

    ON_RECORD = "on-record"
    PARKED = "parked"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Demand:
    """A precondition, or an item that somebody parked, as it stands.

    `side` is None where it is nobody's here: a note of a public event, or words that were carried. `wording` is None once the text has
    gone. `parked` has the first parking of each side, in order; `since` is when, by its clock, the last needed side parked it.
    """

    entry: Entry
    author: Member
    side: str | None
    wording: str | None
    source: str | None
    status: Status
    parked: Sequence[tuple[Entry, Member]]
    since: int | None
    ended_by: Entry | None


class Preconditions(Reading):
    """Everything said of preconditions, filed under what it is about."""

    kinds = frozenset(KINDS)
    rests_on = ENDING

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._stated: dict[EventId, Precondition] = {}
        self._parks: dict[EventId, list[EventId]] = {}
        self._ends: dict[EventId, list[EventId]] = {}

    def file(self, entry: Entry) -> None:
        if entry.void is not None or entry.erased is not None or self._speaker(entry) is None:
            return
        try:
            body = parse(entry.event.kind, entry.event.body)
        except Violation:
            return
        match body:
            case Precondition():
                self._stated[entry.id] = body
                if body.restates is not None:
                    self._ends.setdefault(EventId(body.restates), []).append(entry.id)
            case PreconditionPark(target):
                self._parks.setdefault(EventId(target), []).append(entry.id)
            case PreconditionDrop(target):
                self._ends.setdefault(EventId(target), []).append(entry.id)

    def _speaker(self, entry: Entry) -> Member | None:
        """Who said something, if they may say it for a side: a principal or authorised envoy, within their mandate."""
        member = self.log.seating(entry.view).seated.get(entry.author)
        return None if member is None or speaks_for(self.log, entry) is None else member

    def all(self) -> list[Demand]:
        """Every precondition and every item that a side parked, in no order."""
        found = [self.demand(eid) for eid in dict.fromkeys((*self._stated, *self._parks))]
        return [one for one in found if one is not None and (one.entry.id in self._stated or one.parked)]

    def demand(self, eid: EventId) -> Demand | None:
        """One precondition or item; None for anything else."""
        entry = self.log.entries.get(eid)
        if entry is None or entry.void is not None:
            return None
        stated = self._stated.get(eid)
        if stated is None and entry.event.kind not in ITEMS:
            return None
        author = self.log.seating(entry.view).seated[entry.author]
        side: str | None = author.side
        wording: str | None
        source: str | None
        if stated is not None:
            wording, source = stated.wording, stated.source
            ended = next(iter(self._endings(entry, author.side)), None)
        else:
            papers = read(self.log, Papers)
            body, ended = papers.bodies[eid], papers.taken_back(eid)
            wording = None if body is None else body.text
            source = body.source if isinstance(body, Front) else papers.label(entry)
            carried = isinstance(body, Paper) and body.carried is not None
            side = None if entry.event.kind == "front" or carried else author.side
        parked = self._parkings(entry)
        since = _since(side, parked)
        status = Status.ON_RECORD if since is None else Status.PARKED
        return Demand(
            entry=entry,
            author=author,
            side=side,
            wording=wording,
            source=source,
            status=Status.DROPPED if ended is not None else status,
            parked=parked,
            since=since,
            ended_by=ended,
        )

    def restated_as(self, eid: EventId) -> EventId | None:
        """The wording that replaced this one."""
        demand = self.demand(eid)
        if demand is None or demand.ended_by is None or demand.ended_by.id not in self._stated:
            return None
        return demand.ended_by.id

    def restates(self, eid: EventId) -> EventId | None:
        """The earlier wording of the same side that a precondition replaces."""
        stated = self._stated.get(eid)
        earlier = None if stated is None or stated.restates is None else EventId(stated.restates)
        return earlier if earlier is not None and self.restated_as(earlier) == eid else None

    def _endings(self, entry: Entry, side: str) -> list[Entry]:
        """What its own side said to drop or restate it, in order; nobody else can."""
        said = in_order(self.log.entries[eid] for eid in self._ends.get(entry.id, ()))
        return [one for one in said if follows(one, entry) and self._side(one) == side]

    def _parkings(self, entry: Entry) -> list[tuple[Entry, Member]]:
        """The first parking of each side, in order."""
        found: dict[str, tuple[Entry, Member]] = {}
        for said in in_order(self.log.entries[eid] for eid in self._parks.get(entry.id, ())):
            by = self._speaker(said)
            if by is not None and follows(said, entry):
                found.setdefault(by.side, (said, by))
        return list(found.values())

    def _side(self, entry: Entry) -> str | None:
        member = self._speaker(entry)
        return None if member is None else member.side


def _since(side: str | None, parked: Sequence[tuple[Entry, Member]]) -> int | None:
    """When a demand came to be parked: by its own side and another, or by two sides where it is nobody's here."""
    own = [said.event.at for said, by in parked if by.side == side]
    others = [said.event.at for said, by in parked if by.side != side]
    if side is None:
        return max(others[:2]) if len(others) > 1 else None
    return max(own[0], others[0]) if own and others else None
