"""Impasse: somebody says to all that it does not go on like this, with a procedural way out (docs/spec/moves/impasse.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, read, same_side
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_TEXT = 2_000  # characters
MAX_LABEL = 200  # as an issue has it
FEW = 2


class Suggestion(StrEnum):
    """A way on that says nothing on the matter itself."""

    NARROWER = "narrower-question"
    GO_BETWEEN = "go-between"
    CAUCUS = "caucus"
    SUNSET = "sunset"


class Impasse(Record, frozen=True):
    """What is stuck, and what the caller's desk suggests by rule; `about` is the issue of a narrower question."""

    text: str
    suggestion: str
    about: str


class ImpasseLift(Record, frozen=True):
    """The side that called an impasse calls it no more."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {"impasse": Impasse, "impasse-lift": ImpasseLift}


@dataclass(frozen=True, slots=True)
class Called:
    """An impasse as it stands; `lifted` is what lifted it."""

    entry: Entry
    body: Impasse
    lifted: Entry | None


@dataclass(frozen=True, slots=True)
class Table:
    """What the suggestion rests on: the issues on which sides differ, each with how many options, and who sits here."""

    disputed: Mapping[str, int]
    go_between: bool
    largest_side: int
    caucus: bool
    sunset: bool


def parse(kind: str, data: bytes) -> Record:
    """Read an impasse or its lifting, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, Impasse):
        narrower = body.suggestion == Suggestion.NARROWER
        sound = (
            len(body.text.strip()) > 0
            and len(body.text) <= MAX_TEXT
            and body.suggestion in set(Suggestion)
            and (len(body.about) > 0) == narrower
            and len(body.about) <= MAX_LABEL
        )
        if not sound:
            raise Violation(
                said(
                    "An impasse says in at most {max_text} characters what is stuck, with one known way on.",
                    max_text=MAX_TEXT,
                )
            )
    elif isinstance(body, ImpasseLift) and len(body.target) != ID_BYTES:
        raise Violation("This lifts no impasse.")
    return body


def suggest(table: Table, earlier: Iterable[Suggestion]) -> tuple[Suggestion, str]:
    """Choose a way on by rule: the first that fits and was not suggested before; gives it with the issue it is about, or none."""
    fits: list[tuple[Suggestion, str]] = []  # spec impasse 3, in this order
    if len(table.disputed) >= FEW:
        fits.append(
            (Suggestion.NARROWER, min(table.disputed, key=lambda issue: (table.disputed[issue], issue)))
        )
    if not table.go_between:
        fits.append((Suggestion.GO_BETWEEN, ""))
    if table.largest_side >= FEW and not table.caucus:
        fits.append((Suggestion.CAUCUS, ""))
    if not table.sunset:
        fits.append((Suggestion.SUNSET, ""))
    made = set(earlier)
    fresh = [one for one in fits if one[0] not in made]
    return next(iter([*fresh, *fits]), (Suggestion.CAUCUS, ""))


class Impasses(BodyReading):
    """Every impasse of a room, with what lifts it."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.bodies: dict[EventId, Impasse] = {}
        self._lifts: dict[EventId, list[Entry]] = {}

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, Impasse):
            self.bodies[entry.id] = body
        elif isinstance(body, ImpasseLift):
            self._lifts.setdefault(EventId(body.target), []).append(entry)

    def called(self, eid: EventId) -> Called:
        """Give one impasse as it stands."""
        entry = self.log.entries[eid]
        lifts = (
            one for one in self._lifts.get(eid, ()) if follows(one, entry) and same_side(self.log, one, entry)
        )
        ordered = in_order(lifts)
        return Called(entry, self.bodies[eid], ordered[0] if ordered else None)


def standing(log: Log) -> list[Called]:
    """Give every impasse that was called, lifted or not, the oldest first; the same for any order of arrival."""
    found = read(log, Impasses)
    called = (found.called(eid) for eid in found.bodies)
    return sorted(called, key=lambda one: (one.entry.event.at, one.entry.id))
