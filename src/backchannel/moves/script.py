"""A script: steps pinned in words and order beforehand; what departs from them raises an alarm before anybody goes on (docs/spec/moves/script.md).

What is said: the steps; each side's yes; what came as a step; that one goes on all the same.
What stands: for each step whether it came as it was pinned, and where not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, listed, read
from backchannel.errors import Violation
from backchannel.moves.mandate import ENDING
from backchannel.moves.naming import check_ids
from backchannel.moves.paper import Front, Paper, Papers
from backchannel.moves.seal import SPEAKERS, speaks_for
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_STEPS = 64
MAX_STEP = 2_000  # characters


class Script(Record, frozen=True):
    """Steps in their order, each in the words in which it is to come: a text, or ISSUE=OPTION as it is to be stated."""

    steps: tuple[str, ...]


class ScriptAgree(Record, frozen=True):
    """A side pins the steps as they stand."""

    target: bytes


class ScriptStep(Record, frozen=True):
    """An item of the record came as one of the steps, counted from 1."""

    target: bytes
    number: int
    item: bytes


class ScriptGoOn(Record, frozen=True):
    """A side goes on in spite of a departure; `target` is the `script-step` that departed."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "script": Script,
    "script-agree": ScriptAgree,
    "script-step": ScriptStep,
    "script-go-on": ScriptGoOn,
}


class How(StrEnum):
    """How a step came."""

    PINNED = "as-pinned"
    WORDS = "other-words"
    ORDER = "out-of-order"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Came:
    """Something that came as a step; `gone_on` has the first act of each side that goes on in spite of it."""

    entry: Entry
    number: int
    item: EventId
    how: How
    gone_on: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A script as it stands; `sides` are those that somebody could speak for when it was put; `body` None once its words have gone."""

    entry: Entry
    body: Script | None
    sides: tuple[str, ...]
    agreed: Mapping[str, Entry]
    came: tuple[Came, ...]

    @property
    def agreed_by_all(self) -> bool:
        return bool(self.sides) and set(self.sides) <= set(self.agreed)

    @property
    def alarms(self) -> tuple[Came, ...]:
        """Departures in spite of which not every side goes on."""
        return tuple(
            one for one in self.came if one.how is not How.PINNED and not set(self.sides) <= set(one.gone_on)
        )

    @property
    def next(self) -> int:
        """The number of the first step that has not come; one more than there are if all have."""
        seen = {one.number for one in self.came}
        count = 0 if self.body is None else len(self.body.steps)
        return next((number for number in range(1, count + 1) if number not in seen), count + 1)


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of a script, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, Script):
        sound = all(0 < len(step.strip()) <= len(step) <= MAX_STEP for step in body.steps)
        if not sound or not 0 < len(body.steps) <= MAX_STEPS:
            raise Violation(
                said(
                    "A script has from 1 to {max_steps} steps, each of 1 to {max_step} characters.",
                    max_steps=MAX_STEPS,
                    max_step=MAX_STEP,
                )
            )
    elif isinstance(body, ScriptStep):
        check_ids(body.target, body.item)
        if not 0 < body.number <= MAX_STEPS:
            raise Violation("Steps are counted from 1.")
    else:
        check_ids(getattr(body, "target", b""))
    return body


class Scripts(BodyReading):
    """Every script of a room, with what came as its steps."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)
    rests_on = ENDING

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.pinned: dict[EventId, Script | None] = {}
        self._bodies: dict[EventId, Record] = {}
        self._about: dict[EventId, list[EventId]] = {}

    def gone(self, entry: Entry) -> None:
        if entry.event.kind == "script":
            self.pinned[entry.id] = None

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, Script):
            if speaks_for(self.log, entry) is not None:  # spec script 3
                self.pinned[entry.id] = body
            return
        self._bodies[entry.id] = body
        self._about.setdefault(EventId(getattr(body, "target", b"")), []).append(entry.id)

    def _told(self, target: EventId, kind: type[Record]) -> list[Entry]:
        """What was said about something by who had seen it, in the order of the log."""
        entries = [self.log.entries[eid] for eid in self._about.get(target, ())]
        known = [one for one in entries if isinstance(self._bodies[one.id], kind)]
        return [one for one in in_order(known) if follows(one, self.log.entries[target])]

    def _sides(self, target: EventId, kind: type[Record]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for one in self._told(target, kind):
            side = speaks_for(self.log, one)
            if side is not None:
                found.setdefault(side, one)
        return found

    def script(self, eid: EventId) -> Pinned:
        """Give one script as it stands; KeyError if there is none."""
        entry, body = self.log.entries[eid], self.pinned[eid]
        seated = self.log.seating(entry.view).seated.values()
        sides = tuple(sorted({member.side for member in seated if member.role in SPEAKERS}))
        own = speaks_for(self.log, entry)
        agreed = ({} if own is None else {own: entry}) | self._sides(eid, ScriptAgree)
        came: list[Came] = []
        for one in self._told(eid, ScriptStep):
            step = self._bodies[one.id]
            assert isinstance(step, ScriptStep)
            known = {each.number for each in came}
            if body is None or step.number > len(body.steps) or step.number in known:
                continue
            how = self._how(step, body, known)
            gone_on = self._sides(one.id, ScriptGoOn)
            came.append(Came(one, step.number, EventId(step.item), how, gone_on))
        return Pinned(entry, body, sides, agreed, tuple(came))

    def _how(self, step: ScriptStep, body: Script, known: set[int]) -> How:
        """Judge what came: by its number and by its words, letter by letter."""
        if any(number not in known for number in range(1, step.number)):
            return How.ORDER
        item = read(self.log, Papers).bodies.get(EventId(step.item))
        if not isinstance(item, Paper | Front):
            return How.UNREADABLE
        words = {item.text.strip(), *(f"{term.issue}={term.option}" for term in item.terms)}
        return How.PINNED if body.steps[step.number - 1].strip() in words else How.WORDS


def standing(log: Log) -> list[Pinned]:
    """Give every script of a room in the order of its log."""
    found = read(log, Scripts)
    return [found.script(entry.id) for entry in listed(log, found.pinned)]
