"""Sunset: a time at which a room pauses unless every side chooses to go on (docs/spec/moves/sunset.md).

What is said: a time, each side's agreement to it, and at that time each side's choice; silence is pause.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, read
from backchannel.errors import Violation
from backchannel.moves.seal import SPEAKERS, seated_for
from backchannel.wire.codec import Record, decode


class Choice(StrEnum):
    """What a side wants to become of the room."""

    CONTINUE = "continue"
    PAUSE = "pause"
    CLOSE = "close"
    SURFACE = "surface"


class State(StrEnum):
    """What the sunset makes of a room."""

    BEFORE = "before"
    PAUSED = "paused"
    CONTINUE = "continue"
    SURFACE = "surface"
    CLOSED = "closed"


class Sunset(Record, frozen=True):
    """A side proposes a time, in ms since 1970."""

    at: int


class SunsetAgree(Record, frozen=True):
    """Another side agrees to it."""

    target: bytes


class SunsetChoice(Record, frozen=True):
    """A side's choice for the time `due` of a sunset; `until` when it comes due again, if the side chooses to go on."""

    target: bytes
    due: int
    choice: str
    until: int | None


KINDS: Mapping[str, type[Record]] = {
    "sunset": Sunset,
    "sunset-agree": SunsetAgree,
    "sunset-choice": SunsetChoice,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One side's choice."""

    side: str
    entry: Entry
    said: SunsetChoice


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed time: the sides it needs, and those that have agreed, its author's first."""

    entry: Entry
    at: int
    sides: tuple[str, ...]
    agreed: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(side for side in self.sides if side not in self.agreed)


@dataclass(frozen=True, slots=True)
class Standing:
    """A sunset that all sides agreed to, as it stands at a moment.

    `due` is the time that comes next, or that has come and is not answered by all; `choices` are the sides' latest for it.
    `settled` tells whether those choices are made for good.
    """

    proposal: Proposal
    state: State
    due: int
    choices: tuple[Chosen, ...]
    settled: bool

    @property
    def awaits(self) -> tuple[str, ...]:
        """Sides that have chosen nothing for the time that is due."""
        chosen = {one.side for one in self.choices}
        return tuple(side for side in self.proposal.sides if side not in chosen)


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of a sunset, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, SunsetChoice):
        goes_on = body.choice == Choice.CONTINUE
        sound = body.choice in set(Choice) and (body.until is not None) == goes_on
        if not sound or (body.until is not None and body.until <= body.due):
            raise Violation(
                "At a sunset a side chooses continue with a later time, or pause, close or surface without one."
            )
    if isinstance(body, SunsetAgree | SunsetChoice) and len(body.target) != ID_BYTES:
        raise Violation("This names no sunset.")
    return body


class Sunsets(BodyReading):
    """Every proposed sunset of a room, with what was said of it."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.bodies: dict[EventId, Sunset] = {}
        self._ordered: list[Entry] | None = None
        self._agreements: dict[EventId, list[Entry]] = {}
        self._choices: dict[EventId, list[tuple[Entry, SunsetChoice]]] = {}

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, Sunset):
            self.bodies[entry.id] = body
            self._ordered = None
        elif isinstance(body, SunsetAgree):
            self._agreements.setdefault(EventId(body.target), []).append(entry)
        elif isinstance(body, SunsetChoice):
            self._choices.setdefault(EventId(body.target), []).append((entry, body))

    def proposals(self, seen_by: Entry | None = None) -> list[Proposal]:
        """Give every proposal by somebody who speaks for a side, in the order of the log; to one event's author what they had seen."""
        if self._ordered is None:
            self._ordered = in_order(self.log.entries[eid] for eid in self.bodies)
        seen = (entry for entry in self._ordered if _seen(entry, seen_by))
        return [found for entry in seen if (found := self._proposal(entry, seen_by)) is not None]

    def _proposal(self, entry: Entry, seen_by: Entry | None) -> Proposal | None:
        author = seated_for(self.log, entry)
        seated = self.log.seating(entry.view).seated.values()
        sides = tuple(sorted({member.side for member in seated if member.role in SPEAKERS}))
        if author is None or author not in sides:
            return None
        at = self.bodies[entry.id].at
        said = (
            one
            for one in self._agreements.get(entry.id, ())
            # spec sunset 3: nobody agrees to a time that has passed
            if _seen(one, seen_by) and follows(one, entry) and one.event.at < at
        )
        agreed = [seated_for(self.log, one) for one in in_order(said)]
        counted = dict.fromkeys(side for side in (author, *agreed) if side is not None and side in sides)
        return Proposal(entry, at, sides, tuple(counted))

    def choices(self, proposal: Proposal, due: int, seen_by: Entry | None) -> list[Chosen]:
        """Give what was chosen for one time by people who speak for the sides, in the order of the log."""
        said = {
            entry.id: body
            for entry, body in self._choices.get(proposal.entry.id, ())
            if body.due == due and _seen(entry, seen_by) and follows(entry, proposal.entry)
        }
        found = []
        for entry in in_order(self.log.entries[eid] for eid in said):
            side = seated_for(self.log, entry)
            if side is not None and side in proposal.sides:
                found.append(Chosen(side, entry, said[entry.id]))
        return found


def _seen(entry: Entry, by: Entry | None) -> bool:
    return by is None or follows(by, entry)


def proposals(log: Log) -> list[Proposal]:
    """Give every proposed time, in the order of the log."""
    return read(log, Sunsets).proposals()


def standing(log: Log, now: int, seen_by: Entry | None = None) -> Standing | None:
    """Give the sunset in force as it stands at a time: of those that all sides agreed to, the one proposed last.

    With `seen_by` only what that event's author had seen is counted.
    """
    found = read(log, Sunsets)
    if not found.bodies:
        return None
    agreed = [one for one in found.proposals(seen_by) if not one.missing]
    if not agreed:
        return None
    proposal, due, state = agreed[-1], agreed[-1].at, State.BEFORE
    while True:
        choices, settled = _settle(proposal, found.choices(proposal, due, seen_by))
        if now < due:
            return Standing(proposal, state, due, choices, settled)
        if settled and choices[-1].said.choice == Choice.CLOSE:
            return Standing(proposal, State.CLOSED, due, choices, settled)
        if not settled:
            surfaces = len(choices) == len(proposal.sides) and all(
                one.said.choice == Choice.SURFACE for one in choices
            )
            return Standing(proposal, State.SURFACE if surfaces else State.PAUSED, due, choices, settled)
        # spec sunset 2: the earliest of the times that the sides named
        due, state = min(one.said.until for one in choices if one.said.until is not None), State.CONTINUE


def _settle(proposal: Proposal, said: Iterable[Chosen]) -> tuple[tuple[Chosen, ...], bool]:
    """Give each side's latest choice, and whether they are made for good: by a close, or once all say to go on."""
    latest: dict[str, Chosen] = {}
    for one in said:
        latest.pop(one.side, None)
        latest[one.side] = one
        go_on = [side for side, other in latest.items() if other.said.choice == Choice.CONTINUE]
        if one.said.choice == Choice.CLOSE or len(go_on) == len(proposal.sides):
            return tuple(latest.values()), True
    return tuple(latest.values()), False
