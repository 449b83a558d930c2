"""A room's log: a set of hash-linked events, delivered only after everything they follow.

The log is a value that grows: `add` takes an event in any order and any number of times and gives those that
now stand in it. Two logs given the same events are equal (docs/spec/log.md). Nothing here knows time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from backchannel.channel.entitlement import objection
from backchannel.channel.event import (
    MAX_NUMBER,
    Erased,
    Event,
    EventId,
    MemberId,
    Ref,
    event_id,
    parse_event,
)
from backchannel.channel.members import (
    MEMBERSHIP_KINDS,
    Act,
    Epoch,
    Member,
    Seating,
    member_id,
    parse_credential,
    seating,
)
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import decode

if TYPE_CHECKING:
    from backchannel.channel.reading import Progress

View = frozenset[EventId]
MAX_WAITING = 512  # of one author


@dataclass(frozen=True, slots=True)
class Entry:
    """An event where it stands in the log.

    `data` and `salt` are None once its text is erased; `event.body` is then empty. `void` says why it counts
    for nothing. `position` is the order of delivery on this desk; `view` the membership acts it follows,
    itself included; `seen` the highest place in each author's chain that it follows, its own included; `reach` the
    number that counting goes on from.
    """

    id: EventId
    event: Event
    salt: bytes | None
    data: bytes | None
    position: int
    view: View
    seen: Mapping[MemberId, int]
    reach: int
    void: str | None = None
    erased: Erased | None = None

    @property
    def author(self) -> MemberId:
        return MemberId(self.event.author)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it came: over its author's own line, or handed on by somebody else.

    `erased` marks a text that was gone before it came; only the author's own word for the id is then there.
    """

    id: EventId
    event: Event
    salt: bytes | None
    data: bytes | None
    direct: bool
    erased: Erased | None = None


@dataclass(frozen=True, slots=True)
class Fork:
    """Two different events by one author in one place of their chain: they told two stories."""

    author: MemberId
    seq: int
    ids: tuple[EventId, ...]


def arrival(salt: bytes, data: bytes, *, direct: bool) -> Arrival:
    """Read what came, or raise Violation."""
    return Arrival(event_id(salt, data), parse_event(data), salt, data, direct)


@dataclass(slots=True)
class Log:
    """The events of one room that this desk holds, from `root`, the epoch that seated it."""

    room: bytes
    first_epoch: int
    root: EventId
    entries: dict[EventId, Entry] = field(default_factory=dict)
    heads: set[EventId] = field(default_factory=set)
    waiting: dict[EventId, Arrival] = field(default_factory=dict)
    handed: dict[EventId, Arrival] = field(default_factory=dict)
    chains: dict[MemberId, dict[int, set[EventId]]] = field(default_factory=dict)
    settled_removals: set[MemberId] = field(default_factory=set)
    secondhand: set[EventId] = field(default_factory=set)  # delivered on others' word alone
    arrived: list[EventId] = field(
        default_factory=list, compare=False
    )  # in the order of delivery on this desk
    erasures: list[str] = field(
        default_factory=list, compare=False
    )  # kinds of the events whose text has gone
    readings: dict[type, "Progress"] = field(default_factory=dict, compare=False)  # see channel/reading.py
    _vouched: set[EventId] = field(default_factory=set)
    _contest: set[EventId] = field(default_factory=set)
    _blocked: dict[EventId, set[EventId]] = field(default_factory=dict)
    _epochs: list[tuple[EventId, Epoch]] = field(default_factory=list)
    _people: dict[MemberId, Member] = field(default_factory=dict)
    _people_in: int = 0  # so many epochs
    _seatings: dict[View, Seating] = field(default_factory=dict)
    _order: list[Entry] | None = field(default=None, compare=False)  # as long as nothing arrives or goes

    # -- growing ------------------------------------------------------------------------------------------

    def add(self, came: Arrival) -> list[Entry]:
        """Take in one event; gives the entries that stand because of it, in causal order.

        An event handed on by somebody other than its author stands only once the author's own chain, received
        directly, names it; if the author has gone or told us another story, once somebody else's event follows it. Raises Violation, changing
        nothing, for an event of another room, or of an author whose removal everyone has acknowledged unless an
        event of somebody else's follows it.
        """
        if came.event.room != self.room:
            raise Violation("This event belongs to another room.")
        if came.event.epoch < self.first_epoch:
            raise Violation("This event was written before this desk was admitted.")
        if came.id in self.entries:
            if came.direct:
                self.secondhand.discard(came.id)
            return []
        author = MemberId(came.event.author)
        wanted = came.id in self._blocked
        if author in self.settled_removals and not wanted:
            raise Violation("This event is backdated: its author had been removed, and everyone knew.")
        if self._held_back(author) >= MAX_WAITING:
            raise Violation("Too many events of one author wait for earlier ones.")
        if not came.direct and came.id not in self._vouched and not self._stranded(came):
            if came.id not in self.waiting:
                self.handed[came.id] = came
            return []
        delivered = self._settle(came)
        while stranded := next((held for held in self.handed.values() if self._stranded(held)), None):
            delivered += self._settle(stranded)
        return delivered

    def _held_back(self, author: MemberId) -> int:
        held = (*self.waiting.values(), *self.handed.values())
        return sum(came.event.author == author for came in held)

    def _stranded(self, came: Arrival) -> bool:
        """Whether others follow an event handed on that its author can no longer cover.

        The author has gone, or has told this desk another story in its place; then it counts for nothing here.
        """
        if came.id not in self._blocked or not self.entries:
            return False
        return self._contested(came) or came.event.author in self._going()

    def _going(self) -> Mapping[MemberId, EventId]:
        """Who has gone, also by acts that still wait: their authors may be waiting for the very one who went."""
        acts = [self._act(eid) for eid in self.view()]
        for came in self.waiting.values():
            if came.direct and came.event.kind in {"approve", "leave", "remove"}:
                try:
                    body = decode(came.event.body, MEMBERSHIP_KINDS[came.event.kind])
                except Violation:
                    continue
                acts.append(Act(came.id, MemberId(came.event.author), came.event.epoch, body))
        return seating(acts).gone

    def _contested(self, came: Arrival) -> bool:
        """Whether an event that its author did not send us stands where one that the author sent does."""
        told = self.chains.get(MemberId(came.event.author), {}).get(came.event.seq, set()) - {came.id}
        return not came.direct and came.id not in self._vouched and any(eid in self.entries for eid in told)

    def _settle(self, first: Arrival) -> list[Entry]:
        delivered: list[Entry] = []
        queue = [first]
        while queue:
            came = queue.pop(0)
            if came.id in self.entries:
                continue
            self.handed.pop(came.id, None)
            if not came.direct and came.id not in self._vouched:
                self.secondhand.add(came.id)
            if self._contested(came):
                self._contest.add(came.id)
            queue.extend(self._vouch(came))
            missing = self.missing(came.event)
            if missing:
                self.waiting[came.id] = came
                for eid in missing:
                    self._blocked.setdefault(eid, set()).add(came.id)
                continue
            self.waiting.pop(came.id, None)
            delivered.append(self._deliver(came))
            queue.extend(self._freed(came.id))
        return delivered

    def _freed(self, eid: EventId) -> list[Arrival]:
        """Take out what waited only for this event."""
        blocked = sorted(self._blocked.pop(eid, set()) & self.waiting.keys())
        return [self.waiting.pop(held) for held in blocked if not self.missing(self.waiting[held].event)]

    def _vouch(self, came: Arrival) -> list[Arrival]:
        """Note what an author's own event says of their chain; gives the handed-on event it vouches for."""
        author, prev = MemberId(came.event.author), came.event.prev
        chain = self.chains.setdefault(author, {})
        chain.setdefault(came.event.seq, set()).add(came.id)
        if prev is None or prev.epoch < self.first_epoch:
            return []
        chain.setdefault(came.event.seq - 1, set()).add(EventId(prev.id))
        self._vouched.add(EventId(prev.id))
        self.secondhand.discard(EventId(prev.id))
        handed = self.handed.pop(EventId(prev.id), None)
        return [] if handed is None else [handed]

    def missing(self, event: Event) -> set[EventId]:
        """Ids an event follows that this desk should have and has not."""
        return {
            EventId(ref.id)
            for ref in self._refs(event)
            if ref.epoch >= self.first_epoch and ref.id not in self.entries
        }

    @staticmethod
    def _refs(event: Event) -> tuple[Ref, ...]:
        return event.parents if event.prev is None else (event.prev, *event.parents)

    def _deliver(self, came: Arrival) -> Entry:
        followed = [self.entries[EventId(ref.id)] for ref in self._refs(came.event) if ref.id in self.entries]
        view = _union([entry.view for entry in followed])
        before = self.seating(view) if view else None
        void = self._objection(came, before)
        if void is None and came.event.kind in MEMBERSHIP_KINDS:
            view = view | {came.id}
            if came.event.kind == "epoch":  # what is two epochs old no longer counts, see members.seating
                view = frozenset(eid for eid in view if self._epoch_of(eid, came) >= came.event.epoch - 1)
        entry = Entry(
            id=came.id,
            event=came.event,
            salt=came.salt,
            data=came.data,
            position=len(self.entries) + 1,
            view=view,
            seen=_seen(came.event, followed),
            reach=self._reach(came.event),
            void=void,
            erased=came.erased,
        )
        self.entries[came.id] = entry
        self._order = None
        self.arrived.append(came.id)
        if came.event.kind == "epoch" and void is None:
            self._epochs.append((came.id, decode(came.event.body, Epoch)))
        if void is None or before is None or came.event.epoch <= before.epoch.number:
            self.heads -= {known.id for known in followed}
            self.heads.add(
                came.id
            )  # spec 4: whoever follows what is ahead of its epoch could say nothing in it
        return entry

    def _epoch_of(self, eid: EventId, came: Arrival) -> int:
        return came.event.epoch if eid == came.id else self.entries[eid].event.epoch

    def _reach(self, event: Event) -> int:
        """The number of an event, or, if it does not follow, what it should have followed (spec log 5)."""
        # Only parents of the same epoch are known to everyone in it, so only they are judged by.
        if event.parents and all(ref.epoch == event.epoch for ref in event.parents):
            last = max(self.entries[EventId(ref.id)].reach for ref in event.parents)
            return event.number if last <= event.number <= last + 1 else last
        return event.number

    def _objection(self, came: Arrival, before: Seating | None) -> str | None:
        if self._reach(came.event) != came.event.number:
            return said("its number does not follow")
        if came.id in self._contest:
            return said("its author told this desk another story in its place")
        try:
            return objection(came.event, before, is_root=came.id == self.root)
        except Violation as violation:
            return str(violation)

    # -- reading ------------------------------------------------------------------------------------------

    def seating(self, view: View | None = None) -> Seating:
        """Who is seated by a view, or by everything this desk holds."""
        if view is None:
            view = self.view()
        found = self._seatings.get(view)
        if found is None:
            found = self._seatings[view] = seating(self._act(eid) for eid in view)
        return found

    def view(self) -> View:
        return _union([self.entries[eid].view for eid in self.heads])

    def _act(self, eid: EventId) -> Act:
        entry = self.entries[eid]
        body = decode(entry.event.body, MEMBERSHIP_KINDS[entry.event.kind])
        return Act(eid, entry.author, entry.event.epoch, body)

    def epochs(self) -> list[tuple[EventId, Epoch]]:
        """Every standing epoch held, lowest number first."""
        return sorted(self._epochs, key=lambda pair: (pair[1].number, pair[0]))

    def people(self) -> dict[MemberId, Member]:
        """Everyone this desk ever saw seated here."""
        if self._people_in != len(self._epochs):
            rosters = (data for _, epoch in self.epochs() for data in epoch.roster)
            self._people = {
                member_id(data): Member(member_id(data), parse_credential(data)) for data in rosters
            }
            self._people_in = len(self._epochs)
        return dict(self._people)

    def head_refs(self) -> tuple[Ref, ...]:
        return tuple(Ref(eid, self.entries[eid].event.epoch) for eid in sorted(self.heads))

    def highest(self) -> int:
        return max((self.entries[eid].reach for eid in self.heads), default=0)

    def next_number(self, *, item: bool) -> int:
        """The number of what is said next; at the highest there is it stays, so that no number silences anybody."""
        return min(self.highest() + item, MAX_NUMBER - 1)

    def last_by(self, author: MemberId) -> Ref | None:
        """The author's newest delivered event, by their own numbering."""
        chain = self.chains.get(author, {})
        seq = max((self.entries[eid].seen.get(author, 0) for eid in self.heads), default=0)
        for eid in sorted(chain.get(seq, ())):
            if eid in self.entries:
                return Ref(eid, self.entries[eid].event.epoch)
        return None

    def next_seq(self, author: MemberId) -> int:
        last = self.last_by(author)
        return 1 if last is None else self.entries[EventId(last.id)].event.seq + 1

    def forks(self) -> list[Fork]:
        """Where one author told two stories, whether or not both have arrived."""
        return [
            Fork(author, seq, tuple(sorted(ids)))
            for author, chain in sorted(self.chains.items())
            for seq, ids in sorted(chain.items())
            if len(ids) > 1
        ]

    def gaps(self) -> dict[EventId, set[EventId]]:
        """Ids not here yet that others follow, each with the waiting events that need it."""
        needed: dict[EventId, set[EventId]] = {}
        for came in self.waiting.values():
            for eid in self.missing(came.event):
                if eid not in self.waiting:
                    needed.setdefault(eid, set()).add(came.id)
        return needed

    def ancestors(self, ids: Iterable[EventId]) -> set[EventId]:
        """The given events and everything held that they follow."""
        found: set[EventId] = set()
        stack = [eid for eid in ids if eid in self.entries]
        while stack:
            eid = stack.pop()
            if eid in found:
                continue
            found.add(eid)
            stack.extend(
                EventId(ref.id) for ref in self._refs(self.entries[eid].event) if ref.id in self.entries
            )
        return found

    def ordered(self) -> list[Entry]:
        """All entries, each after what it follows, the same on every desk: then by epoch, by time, by id.

        A newcomer, who has only later epochs, has the tail of everybody else's order.
        """
        if self._order is None:
            self._order = self._sorted()
        return list(self._order)

    def _sorted(self) -> list[Entry]:
        after: dict[EventId, list[EventId]] = {}
        owed: dict[EventId, int] = {}
        ready: list[tuple[int, int, EventId]] = []
        for entry in self.entries.values():
            follows = {EventId(ref.id) for ref in self._refs(entry.event) if ref.id in self.entries}
            owed[entry.id] = len(follows)
            for eid in follows:
                after.setdefault(eid, []).append(entry.id)
            if not follows:
                heappush(ready, self._rank(entry.id))
        ordered: list[Entry] = []
        while ready:
            *_, eid = heappop(ready)
            ordered.append(self.entries[eid])
            for later in after.get(eid, ()):
                owed[later] -= 1
                if owed[later] == 0:
                    heappush(ready, self._rank(later))
        return ordered

    def _rank(self, eid: EventId) -> tuple[int, int, EventId]:
        event = self.entries[eid].event
        return event.epoch, event.at, eid

    # -- forgetting ---------------------------------------------------------------------------------------

    def erase(self, eid: EventId, why: Erased) -> None:
        """Let go of an event's text and salt; its id and place remain. A withdrawal outlives an expiry as the reason."""
        entry = self.entries[eid]
        if entry.erased is not Erased.WITHDRAWN:
            self.erasures.append(entry.event.kind)
            self._order = None
            self.entries[eid] = replace(entry, event=_bare(entry.event), salt=None, data=None, erased=why)


def _bare(event: Event) -> Event:
    return Event(
        event.version, event.room, event.author, event.seq, event.prev, event.epoch, event.parents,
        event.audience, event.number, event.at, event.kind, b"",
    )  # fmt: skip


def _seen(event: Event, followed: list[Entry]) -> dict[MemberId, int]:
    seen: dict[MemberId, int] = {}
    for entry in followed:
        for author, seq in entry.seen.items():
            if seq > seen.get(author, 0):
                seen[author] = seq
    seen[MemberId(event.author)] = event.seq
    return seen


def _union(views: list[View]) -> View:
    """Join views, keeping one of them if it holds all the others (the common case)."""
    if not views:
        return frozenset()
    largest = max(views, key=len)
    if all(view is largest or view <= largest for view in views):
        return largest
    return largest.union(*views)
