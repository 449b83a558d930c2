"""Publication: what a side says was made public, and a side's choice to let a promise lapse for it (docs/spec/moves/publication.md).

What is said: that something became public, by whom and where; that a promise shall lapse.
What stands: each report as its reporter's word; what a promise's own rule makes of it is in moves/promise.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order
from backchannel.errors import Violation
from backchannel.moves.naming import check_ids, check_sides
from backchannel.moves.seal import speaks_for
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_SOURCE = 200  # characters


class Published(Record, frozen=True):
    """A report that a pledge, an understanding or an item became public at a time (ms since 1970), seen in a source.

    `by` is the side that is said to have published it; absent if that is not known.
    """

    target: bytes
    by: str | None
    source: str
    happened: int


class LetLapse(Record, frozen=True):
    """A side's choice that a promise shall bind nobody any more, because it was made public."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {"published": Published, "lapse": LetLapse}


@dataclass(frozen=True, slots=True)
class Report:
    """One report; `side` is whom its reporter may bind, None if nobody."""

    entry: Entry
    body: Published
    side: str | None


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of a publication, or raise Violation."""
    body = decode(data, KINDS[kind])
    check_ids(getattr(body, "target", b""))
    if isinstance(body, Published):
        check_sides(() if body.by is None else (body.by,), least=0)
        if not 0 < len(body.source) <= MAX_SOURCE:
            raise Violation(
                said(
                    "A report of a publication names its source in 1 to {max_source} letters.",
                    max_source=MAX_SOURCE,
                )
            )
    return body


class Publications(BodyReading):
    """Every report of a room, and every choice to let something lapse, filed under what it is about."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._reports: dict[EventId, dict[EventId, Published]] = {}
        self._choices: dict[EventId, list[EventId]] = {}

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, Published):
            self._reports.setdefault(EventId(body.target), {})[entry.id] = body
        elif isinstance(body, LetLapse):
            self._choices.setdefault(EventId(body.target), []).append(entry.id)

    def reports(self, target: Entry) -> list[Report]:
        """What was reported of something by people who had seen it, in the order of the log."""
        said = self._reports.get(target.id, {})
        entries = in_order(self.log.entries[eid] for eid in said)
        return [
            Report(entry, said[entry.id], speaks_for(self.log, entry))
            for entry in entries
            if follows(entry, target)
        ]

    def choices(self, target: Entry) -> list[tuple[Entry, str]]:
        """Who chose that something shall lapse, each with the side they speak for, in the order of the log."""
        found = []
        for entry in in_order(self.log.entries[eid] for eid in self._choices.get(target.id, ())):
            side = speaks_for(self.log, entry)
            if side is not None and follows(entry, target):
                found.append((entry, side))
        return found
