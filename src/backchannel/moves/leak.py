"""Leaks: an alarm for everybody in the room, and the words that all sides agreed to say when asked (docs/spec/moves/leak.md).

What is said: that something leaked; a line to hold to and each side's yes to it.
What stands: the alarms that have not been lifted; for each purpose the line that all sides agreed last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import Reading, follows, in_order, listed, read
from backchannel.errors import Violation
from backchannel.moves.mandate import ENDING
from backchannel.moves.naming import check_ids
from backchannel.moves.seal import SPEAKERS, speaks_for
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_LEAK = 20_000  # characters
MAX_LINE = 2_000
MAX_PURPOSE = 100


class Leak(Record, frozen=True):
    """Something of this room has become known outside; the text may be empty."""

    text: str


class LeakLift(Record, frozen=True):
    """Who reported a leak takes the alarm off."""

    target: bytes


class LeakLine(Record, frozen=True):
    """A side's proposal of what all sides say when asked, and for what case."""

    text: str
    purpose: str


class LeakLineAgree(Record, frozen=True):
    """A side will hold to a line."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "leak": Leak,
    "leak-lift": LeakLift,
    "leak-line": LeakLine,
    "leak-line-agree": LeakLineAgree,
}


class LineStatus(StrEnum):
    """Where a line stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REPLACED = "replaced"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A leak as it was reported; `body` is None once its words have gone, `lifted` the act that took it off."""

    entry: Entry
    body: Leak | None
    lifted: Entry | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands; `sides` are those that somebody in the room could speak for when it was proposed."""

    entry: Entry
    body: LeakLine | None
    sides: tuple[str, ...]
    agreed: Mapping[str, Entry]
    status: LineStatus

    @property
    def awaits(self) -> tuple[str, ...]:
        return tuple(side for side in self.sides if side not in self.agreed)


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of a leak, or raise Violation."""
    body = decode(data, KINDS[kind])
    match body:
        case Leak():
            if len(body.text) > MAX_LEAK:
                raise Violation(
                    said("A report of a leak has at most {max_leak} characters.", max_leak=MAX_LEAK)
                )
        case LeakLine():
            if not (0 < len(body.text) <= MAX_LINE and 0 < len(body.purpose) <= MAX_PURPOSE):
                raise Violation("This line does not say soundly what is to be said, and in what case.")
        case _:
            check_ids(getattr(body, "target", b""))
    return body


class Leaks(Reading):
    """Every alarm and every line of a room."""

    kinds = frozenset(KINDS)
    rests_on = ENDING

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.leaks: dict[EventId, Leak | None] = {}
        self.lines: dict[EventId, LeakLine | None] = {}
        self._answers: dict[EventId, list[EventId]] = {}

    def file(self, entry: Entry) -> None:
        if entry.void is not None:
            return
        kind = entry.event.kind
        if kind == "leak-line" and speaks_for(self.log, entry) is None:
            return  # spec leak 3: a line is a side's proposal
        body: Record | None = None
        if entry.erased is None:
            try:
                body = parse(kind, entry.event.body)
            except Violation:
                return  # it counts for nothing; the record shows that it was said
        if kind == "leak":
            self.leaks[entry.id] = body if isinstance(body, Leak) else None
        elif kind == "leak-line":
            self.lines[entry.id] = body if isinstance(body, LeakLine) else None
        elif body is not None:
            self._answers.setdefault(EventId(getattr(body, "target", b"")), []).append(entry.id)

    def _said(self, target: EventId) -> list[Entry]:
        entry = self.log.entries[target]
        said = in_order(self.log.entries[eid] for eid in self._answers.get(target, ()))
        return [one for one in said if follows(one, entry)]

    def alarm(self, eid: EventId) -> Alarm:
        """Give one alarm as it stands."""
        entry = self.log.entries[eid]
        lifted = [
            one for one in self._said(eid) if one.event.kind == "leak-lift" and one.author == entry.author
        ]
        return Alarm(entry, self.leaks[eid], lifted[0] if lifted else None)

    def line(self, eid: EventId) -> Line:
        """Give one line as it stands, apart from later ones."""
        entry, body = self.log.entries[eid], self.lines[eid]
        seated = self.log.seating(entry.view).seated.values()
        sides = tuple(sorted({member.side for member in seated if member.role in SPEAKERS}))
        agreed = {side: entry} if (side := speaks_for(self.log, entry)) is not None else {}
        for one in self._said(eid):
            by = speaks_for(self.log, one)
            if by is not None and by in sides and one.event.kind == "leak-line-agree":
                agreed.setdefault(by, one)
        whole = set(agreed) >= set(sides)
        status = LineStatus.GONE if body is None else LineStatus.AGREED if whole else LineStatus.PROPOSED
        return Line(entry, body, sides, agreed, status)


@dataclass(frozen=True, slots=True)
class Standing:
    """All alarms and lines of a room, in the order of its log."""

    alarms: Mapping[EventId, Alarm]
    lines: Mapping[EventId, Line]


def standing(log: Log) -> Standing:
    """Give the alarms of a room, and its lines: of those agreed for one purpose only the last holds."""
    found = read(log, Leaks)
    lines = {entry.id: found.line(entry.id) for entry in listed(log, found.lines)}
    held: dict[str, EventId] = {}
    for eid, line in lines.items():
        if line.status is LineStatus.AGREED and line.body is not None:
            if (earlier := held.get(line.body.purpose)) is not None:
                lines[earlier] = replace(lines[earlier], status=LineStatus.REPLACED)
            held[line.body.purpose] = eid
    return Standing({entry.id: found.alarm(entry.id) for entry in listed(log, found.leaks)}, lines)
