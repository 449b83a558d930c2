"""How people talked, read off a room's record and without a word of what they said (docs/spec/report.md)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Log
from backchannel.channel.members import (
    MEMBERSHIP_KINDS,
    Approve,
    Credential,
    Epoch,
    Leave,
    Remove,
    Request,
    member_id,
    motion_id,
    parse_credential,
)
from backchannel.channel.reading import read
from backchannel.daylight.strict import date_of
from backchannel.errors import Refused
from backchannel.moves.paper import Front, Paper, Papers
from backchannel.moves.seal import SPEAKERS
from backchannel.said import said
from backchannel.wire.canonical_json import Json
from backchannel.wire.codec import decode

_DAY_LETTERS = 10  # of 1962-11-20T23:00:00Z
GONE = "gone"  # the register of a paper whose text is no more


@dataclass
class Presence:
    """One person in the room; times in ms since 1970. `approvers` said yes to their coming, `removers` to their going."""

    who: Credential
    since_ms: int
    founder: bool = False
    brought_by: str = ""
    until_ms: int | None = None
    approvers: tuple[str, ...] = ()
    removers: tuple[str, ...] = ()


@dataclass
class Report:
    """Who met, from when to when, how many papers of what register were shown; never what any of them said."""

    from_ms: int
    to_ms: int
    days: int
    whole: bool  # whether this desk has the record from the opening of the room on
    people: list[Presence]
    papers: Counter[str]
    front: int
    withdrawn: int
    handed_back: int


@dataclass
class _Gathering:
    """What one pass over the log gathers about who came and went."""

    people: dict[MemberId, Presence] = field(default_factory=dict)
    brought: dict[MemberId, MemberId] = field(default_factory=dict)
    said_yes: dict[EventId, list[MemberId]] = field(default_factory=dict)
    names: dict[MemberId, str] = field(default_factory=dict)

    def yes(self, motion: EventId, author: MemberId) -> None:
        known = self.said_yes.setdefault(motion, [])
        if author not in known:
            known.append(author)

    def approvers(self, motion: EventId) -> tuple[str, ...]:
        return tuple(self.names.get(mid, said("somebody unknown")) for mid in self.said_yes.get(motion, ()))


def report(log: Log) -> Report:
    """Read a report off the log; the same on every desk that has the same record."""
    entries = [entry for entry in log.ordered() if entry.void is None]
    if not entries:
        raise Refused("There is no record in this room yet to report on.")
    gathered = _Gathering()
    first = True
    for entry in entries:
        kind = MEMBERSHIP_KINDS.get(entry.event.kind)
        body = None if kind is None else decode(entry.event.body, kind)
        match body:
            case Epoch():
                _seated(gathered, body, entry.event.at, beginning=first)
                first = False
            case Request(credential):
                gathered.brought.setdefault(member_id(credential), entry.author)
            case Approve(target):
                gathered.yes(EventId(target), entry.author)
            case Remove(member):
                gathered.yes(motion_id(MemberId(member), coming=False), entry.author)
            case Leave():
                _until(gathered, entry.author, entry.event.at, removed=False)
            case _:
                pass
    times = [entry.event.at for entry in entries]
    shown = read(log, Papers)
    registers = Counter(
        body.register if isinstance(body, Paper) else GONE
        for eid, body in shown.bodies.items()
        if log.entries[eid].void is None
        and log.entries[eid].event.kind == "paper"
        and not isinstance(body, Front)
    )
    taken = [act.event.kind for eid in shown.targets() if (act := shown.taken_back(eid)) is not None]
    return Report(
        from_ms=min(times),
        to_ms=max(times),
        days=len(set(map(day, times))),
        whole=log.first_epoch == 0,
        people=list(gathered.people.values()),
        papers=registers,
        front=sum(entry.event.kind == "front" for entry in entries),
        withdrawn=taken.count("withdraw"),
        handed_back=taken.count("hand-back"),
    )


def _seated(gathered: _Gathering, epoch: Epoch, at: int, *, beginning: bool) -> None:
    seated = {member_id(data): parse_credential(data) for data in epoch.roster}
    for mid, who in seated.items():
        gathered.names.setdefault(mid, _person(who))
    for mid, who in seated.items():
        if mid not in gathered.people:
            approvers = () if beginning else gathered.approvers(motion_id(mid, coming=True))
            by = gathered.names.get(gathered.brought.get(mid, mid), "") if approvers else ""
            gathered.people[mid] = Presence(who, at, beginning and epoch.number == 0, by, approvers=approvers)
    for mid in set(gathered.people) - set(seated):
        _until(gathered, mid, at, removed=True)


def _until(gathered: _Gathering, mid: MemberId, at: int, *, removed: bool) -> None:
    presence = gathered.people.get(mid)
    if presence is not None and presence.until_ms is None:
        presence.until_ms = at
        presence.removers = gathered.approvers(motion_id(mid, coming=False)) if removed else ()


def sealing_sides(found: Report) -> list[str]:
    """Give the sides of which somebody is still here who may seal."""
    return list(
        dict.fromkeys(
            one.who.side for one in found.people if one.who.role in SPEAKERS and one.until_ms is None
        )
    )


def value(found: Report) -> Mapping[str, Json]:
    """Give a report for programs."""
    people: list[Json] = [
        {
            "name": one.who.name,
            "side": one.who.side,
            "role": one.who.role,
            "from_ms": one.since_ms,
            "until_ms": one.until_ms,
            "founder": one.founder,
            "brought_by": one.brought_by,
            "approved_by": list(one.approvers),
            "removed_by": list(one.removers),
        }
        for one in found.people
    ]
    return {
        "from_ms": found.from_ms,
        "to_ms": found.to_ms,
        "days": found.days,
        "whole": found.whole,
        "people": people,
        "papers": dict(found.papers),
        "front": found.front,
        "withdrawn": found.withdrawn,
        "handed_back": found.handed_back,
    }


def day(at_ms: int) -> str:
    """Name the day of a time, by UTC, as 1962-11-20."""
    return date_of(at_ms)[:_DAY_LETTERS]


def _person(who: Credential) -> str:
    return f"{who.name} ({who.side})"
