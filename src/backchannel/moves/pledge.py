"""Pledges: a promised step, with a date and a condition, binding from the other side's acknowledgement (docs/spec/moves/pledge.md).

What is said: a pledge; that a side to which it is made acknowledges it; that such a side releases it.
What stands: what is owed by whom to whom, by when, and what became of it as the other side sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, listed, read
from backchannel.errors import Violation
from backchannel.moves.deed import Done
from backchannel.moves.mandate import ENDING
from backchannel.moves.naming import check_ids, check_sides
from backchannel.moves.paper import Term, check_terms
from backchannel.moves.promise import LAPSES, Fate, Lapse, Promise, Word, fate
from backchannel.moves.seal import seated_for, speaks_for
from backchannel.wire.codec import Record, decode

MAX_STEP = 20_000  # characters
MAX_CONDITION = 2_000
MAX_NAMED = 8  # items answered, pledges waited for
SOON_MS = 3 * 86_400_000  # what falls due within this is announced


class Pledge(Record, frozen=True):
    """A side promises a step to other sides.

    `due` is in milliseconds since 1970; `condition` is empty if there is none; `answers` names items, `after`
    pledges that are to be kept first.
    """

    to: tuple[str, ...]
    step: str
    due: int | None
    condition: str
    lapse: str
    answers: tuple[bytes, ...]
    after: tuple[bytes, ...]
    terms: tuple[Term, ...]


class PledgeAcknowledge(Record, frozen=True):
    """A side to which a pledge is made takes it as binding."""

    target: bytes


class PledgeRelease(Record, frozen=True):
    """A side to which a pledge is made lets go of it."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "pledge": Pledge,
    "pledge-acknowledge": PledgeAcknowledge,
    "pledge-release": PledgeRelease,
}


class Status(StrEnum):
    """Where a pledge stands."""

    OFFERED = "offered"
    BINDING = "binding"
    DUE = "due"
    OVERDUE = "overdue"
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    LAPSED = "lapsed"
    RELEASED = "released"
    GONE = "gone"


OUTSTANDING = frozenset({Status.BINDING, Status.DUE, Status.OVERDUE})


@dataclass(frozen=True, slots=True)
class Pledged:
    """A pledge as it stands; `body` is None once its words have gone, `side` whose pledge it is.

    `blocked` if a pledge that is to be kept first has not been; `early` are deeds done before that.
    """

    entry: Entry
    body: Pledge | None
    side: str
    acknowledged: Mapping[str, Entry]
    fate: Fate
    status: Status
    blocked: bool
    early: tuple[Done, ...]

    @property
    def binding(self) -> bool:
        return bool(self.acknowledged)

    @property
    def awaits(self) -> tuple[str, ...]:
        """The sides it is made to that could still make it binding."""
        if self.body is None or self.status is not Status.OFFERED:
            return ()
        return tuple(side for side in self.body.to if side != self.side)

    @property
    def outstanding(self) -> bool:
        """Whether it is still owed."""
        return self.status in OUTSTANDING


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of a pledge, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, Pledge):
        check_sides(body.to, least=1)
        check_ids(*body.answers, *body.after)
        check_terms(body.terms)
        named = [set(body.answers), set(body.after)]
        once = len(named[0]) == len(body.answers) and len(named[1]) == len(body.after)
        sound = 0 < len(body.step) <= MAX_STEP and len(body.condition) <= MAX_CONDITION and once
        if not sound or body.lapse not in LAPSES or max(map(len, named)) > MAX_NAMED:
            raise Violation("This pledge does not say soundly what is promised.")
    else:
        check_ids(getattr(body, "target", b""))
    return body


class Pledges(BodyReading):
    """Every pledge of a room, filed with who acknowledged and who released it."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)
    rests_on = ENDING

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.pledges: dict[EventId, Pledge | None] = {}
        self._answers: dict[str, dict[EventId, list[EventId]]] = {
            "pledge-acknowledge": {},
            "pledge-release": {},
        }

    def gone(self, entry: Entry) -> None:
        if entry.event.kind == "pledge" and speaks_for(self.log, entry) is not None:
            self.pledges[entry.id] = None

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, Pledge):
            # spec pledge 3: nobody is bound by who cannot speak for them
            if speaks_for(self.log, entry, body.terms) is not None:
                self.pledges[entry.id] = body
        else:
            target = EventId(getattr(body, "target", b""))
            self._answers[entry.event.kind].setdefault(target, []).append(entry.id)

    def pledge(self, eid: EventId) -> Pledged:
        """Give one pledge as it stands, apart from the time and from other pledges."""
        entry, body = self.log.entries[eid], self.pledges[eid]
        side = seated_for(self.log, entry) or ""
        to = () if body is None else tuple(other for other in body.to if other != side)
        due = None if body is None else body.due
        # spec pledge 3: what is acknowledged after its time binds nobody
        acknowledged = self._of(
            "pledge-acknowledge", entry, to, latest=due, terms=() if body is None else body.terms
        )
        judges = tuple(other for other in to if other in acknowledged)
        released = self._of("pledge-release", entry, judges or to)
        complete = set(released) == set(judges or to) and bool(released)
        promise = Promise(
            entry,
            (side, *to),
            judges,
            due,
            Lapse.NEVER if body is None else Lapse(body.lapse),
            (in_order(released.values())[-1],) if complete else (),
            () if body is None else tuple(map(EventId, body.answers)),
        )
        found = fate(self.log, promise)
        return Pledged(entry, body, side, acknowledged, found, _status(body, acknowledged, found), False, ())

    def _of(
        self,
        kind: str,
        pledge: Entry,
        sides: tuple[str, ...],
        latest: int | None = None,
        terms: tuple[Term, ...] = (),
    ) -> dict[str, Entry]:
        """The first act of a kind by each of these sides."""
        found: dict[str, Entry] = {}
        for entry in in_order(self.log.entries[eid] for eid in self._answers[kind].get(pledge.id, ())):
            side = speaks_for(self.log, entry, terms)
            in_time = latest is None or entry.event.at <= latest
            if side is not None and side in sides and in_time and follows(entry, pledge):
                found.setdefault(side, entry)
        return found


def _status(body: Pledge | None, acknowledged: Mapping[str, Entry], found: Fate) -> Status:
    if body is None:
        return Status.GONE
    if found.word is not None:
        return Status(found.word.value)
    if found.ended is not None:
        return Status.RELEASED if found.ended.why == "released" else Status.LAPSED
    return Status.BINDING if acknowledged else Status.OFFERED


def standing(log: Log, now: int) -> dict[EventId, Pledged]:
    """Give every pledge of a room in the order of the log, as it stands at a time (ms since 1970)."""
    found = read(log, Pledges)
    pledges: dict[EventId, Pledged] = {}
    for entry in listed(log, found.pledges):
        pledges[entry.id] = _in_time(_in_turn(found.pledge(entry.id), pledges), now)
    return pledges


def _in_turn(pledge: Pledged, before: Mapping[EventId, Pledged]) -> Pledged:
    """See a pledge beside those that are to be kept first."""
    if pledge.body is None:
        return pledge
    first = [before[EventId(eid)] for eid in pledge.body.after if eid in before]
    first = [one for one in first if one.body is not None and follows(pledge.entry, one.entry)]
    early = tuple(
        done
        for done in pledge.fate.deeds
        if any(one.status is not Status.RELEASED and not _seen_kept(done, one) for one in first)
    )
    return replace(pledge, blocked=any(not _kept(one) for one in first), early=early)


def _kept(pledge: Pledged) -> bool:
    return pledge.status is Status.RELEASED or pledge.fate.word in {Word.KEPT, Word.LATE}


def _seen_kept(done: Done, first: Pledged) -> bool:
    """Whether a deed's author had seen the deed by which another pledge was kept, or it is that deed."""
    by = first.fate.done
    return _kept(first) and by is not None and (done.entry.id == by.entry.id or follows(done.entry, by.entry))


def _in_time(pledge: Pledged, now: int) -> Pledged:
    due = None if pledge.body is None else pledge.body.due
    if pledge.status is not Status.BINDING or pledge.blocked or due is None:
        return pledge
    if now > due:
        return replace(pledge, status=Status.OVERDUE)
    return replace(pledge, status=Status.DUE) if now >= due - SOON_MS else pledge
