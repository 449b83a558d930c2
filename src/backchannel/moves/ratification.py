"""Ad referendum: what an envoy agrees to binds their side only once it is ratified at home (docs/spec/moves/ratification.md).

What is said: that something is ad referendum for one's side; that it was ratified, or was not.
What stands: the first word on each; what rested on something that was not ratified has lapsed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, listed, read
from backchannel.errors import Violation
from backchannel.moves.mandate import ENDING
from backchannel.moves.naming import check_ids
from backchannel.moves.seal import seated_for, speaks_for
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_SUBJECT = 2_000  # characters
MAX_REMARK = 2_000


class RatifyAsk(Record, frozen=True):
    """Something binds the author's side only once it is ratified; `target` is an event of this room, or empty.

    `until` is in milliseconds since 1970: what is not ratified by then is not.
    """

    target: bytes
    subject: str
    until: int | None


class RatifyResult(Record, frozen=True):
    """Whether it was ratified."""

    target: bytes
    ratified: bool
    text: str


KINDS: Mapping[str, type[Record]] = {"ratify-ask": RatifyAsk, "ratify-result": RatifyResult}


class Status(StrEnum):
    """Where something stands that is ad referendum."""

    OPEN = "open"
    RATIFIED = "ratified"
    FAILED = "not-ratified"
    OVER = "over"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Referendum:
    """Something that is ad referendum for a side; `result` is the first word that counts, `body` None once its words have gone."""

    entry: Entry
    side: str
    body: RatifyAsk | None
    result: Entry | None
    ratified: bool

    def status(self, now: int) -> Status:
        """Where it stands at a time (ms since 1970)."""
        if self.body is None:
            return Status.GONE
        if self.result is not None:
            return Status.RATIFIED if self.ratified else Status.FAILED
        return Status.OVER if self.body.until is not None and now >= self.body.until else Status.OPEN


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of ratification, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, RatifyAsk):
        sound = 0 < len(body.subject.strip()) <= len(body.subject) <= MAX_SUBJECT
        if len(body.target) not in {0, ID_BYTES} or not sound:
            raise Violation(
                said(
                    "What is ad referendum is named in 1 to {max_subject} characters.",
                    max_subject=MAX_SUBJECT,
                )
            )
    elif isinstance(body, RatifyResult):
        check_ids(body.target)
        if len(body.text) > MAX_REMARK:
            raise Violation(said("A remark has at most {max_remark} characters.", max_remark=MAX_REMARK))
    return body


class Referenda(BodyReading):
    """Everything of a room that is ad referendum, and what became of it."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)
    rests_on = ENDING

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.asked: dict[EventId, RatifyAsk | None] = {}
        self._results: dict[EventId, list[tuple[EventId, bool]]] = {}

    def gone(self, entry: Entry) -> None:
        if entry.event.kind == "ratify-ask" and seated_for(self.log, entry) is not None:
            self.asked[entry.id] = None

    def take(self, entry: Entry, body: Record) -> None:
        if speaks_for(self.log, entry) is None:
            return  # spec ratification 3
        if isinstance(body, RatifyAsk):
            self.asked[entry.id] = body
        elif isinstance(body, RatifyResult):
            self._results.setdefault(EventId(body.target), []).append((entry.id, body.ratified))

    def referendum(self, eid: EventId, seen_by: Entry | None = None) -> Referendum:
        """Give one as it stands, or as the author of an event had seen it; KeyError if there is none."""
        entry, body = self.log.entries[eid], self.asked[eid]
        side = seated_for(self.log, entry) or ""
        said_so = dict(self._results.get(eid, ()))
        for one in in_order(self.log.entries[each] for each in said_so):
            own = speaks_for(self.log, one) == side and follows(one, entry)
            in_time = body is None or body.until is None or one.event.at < body.until
            if own and in_time and (seen_by is None or follows(seen_by, one)):
                return Referendum(entry, side, body, one, said_so[one.id])
        return Referendum(entry, side, body, None, False)

    def about(self, target: EventId) -> list[EventId]:
        """Everything that was said to be ad referendum about an event that it follows."""
        known = self.log.entries.get(target)
        return [
            eid
            for eid, body in self.asked.items()
            if body is not None
            and body.target == target
            and known is not None
            and follows(self.log.entries[eid], known)
        ]


def standing(log: Log) -> list[Referendum]:
    """Give everything that is or was ad referendum, in the order of the log."""
    found = read(log, Referenda)
    return [found.referendum(entry.id) for entry in listed(log, found.asked)]


def flaw(log: Log, target: EventId, sides: Iterable[str], seen_by: Entry | None = None) -> str | None:
    """Say why an event is not yet, or not, the word of one of some sides; None if nothing of it is ad referendum for them."""
    found = read(log, Referenda)
    for eid in found.about(target):
        one = found.referendum(eid, seen_by)
        known = seen_by is None or follows(seen_by, one.entry)
        if known and one.side in sides and not one.ratified:
            return (
                said("it is ad referendum for {side}", side=one.side)
                if one.result is None
                else said("{side} did not ratify it", side=one.side)
            )
    return None


def failures(log: Log, rests_on: Iterable[EventId], promise: Entry) -> list[Referendum]:
    """Give what was not ratified of what a promise answers, where its author knew that it was ad referendum."""
    found = read(log, Referenda)
    failed = [
        found.referendum(eid)
        for target in rests_on
        for eid in found.about(target)
        if follows(promise, log.entries[eid])
    ]
    return [one for one in failed if one.result is not None and not one.ratified]
