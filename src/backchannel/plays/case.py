"""A historical negotiation as data, checked and ready to be played (docs/spec/case.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from backchannel.channel.members import Role, RoomKind
from backchannel.moves.paper import Mandate
from backchannel.plays.moments import Precision

PersonId = NewType("PersonId", str)
PartyId = NewType("PartyId", str)
RoomId = NewType("RoomId", str)
RowNumber = NewType("RowNumber", int)  # the number `n` of a row of the timeline

NO_PARTY = PartyId("none")  # the party of a go-between who belongs to none
PUBLIC = "public"  # the room of what all can see, and the world as an actor


class Visibility(StrEnum):
    """Who could see a row when it happened."""

    PRIVATE = "private"
    PUBLIC = "public"
    LEAKED = "leaked"


class Kind(StrEnum):
    """What a row does."""

    INTRODUCTION = "introduction"
    MESSAGE = "message"
    NON_PAPER = "non-paper"
    FEELER = "feeler"
    SOUNDING = "sounding"
    PROPOSAL = "proposal"
    COUNTER = "counter"
    DRAFT_TEXT = "draft-text"
    PLEDGE = "pledge"
    DEED = "deed"
    DEADLINE = "deadline"
    LEAK = "leak"
    IMPASSE = "impasse"
    FRONT_CHANNEL = "front-channel"
    COMMUNIQUE = "communique"
    SIGNING = "signing"
    DISCLOSURE = "disclosure"


class Register(StrEnum):
    """The weight in which a private row is said; `oral` is no paper's register."""

    TALK = "talk"
    NON_PAPER = "non-paper"
    CONDITIONAL = "conditional"
    FORMAL = "formal"
    ORAL = "oral"


class Carry(StrEnum):
    """How a go-between takes a row on; `not-stated` is carried as marked paraphrase."""

    VERBATIM = "verbatim"
    PARAPHRASE = "paraphrase"
    OWN_WORDS = "own-words"
    NOT_STATED = "not-stated"


@dataclass(frozen=True, slots=True)
class Party:
    """A side, or another organisation in the play."""

    id: PartyId
    name: str
    principal: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One person, pair or group; `desk` says whether a real desk is opened for it."""

    id: PersonId
    name: str
    party: PartyId
    role: Role
    desk: bool


@dataclass(frozen=True, slots=True)
class Room:
    """A private audience; rows are inclusive, and `closed` None means open at the end."""

    id: RoomId
    title: str
    kind: RoomKind
    members: tuple[PersonId, ...]
    opened: RowNumber
    closed: RowNumber | None
    joins: Mapping[PersonId, RowNumber]
    leaves: Mapping[PersonId, RowNumber]
    reconstructed: bool

    def open_at(self, row: RowNumber) -> bool:
        return self.opened <= row and (self.closed is None or row <= self.closed)

    def present(self, row: RowNumber) -> tuple[PersonId, ...]:
        """Give the members present at a row, in the order of the file; nobody while the room is not open."""
        if not self.open_at(row):
            return ()
        return tuple(
            person
            for person in self.members
            if self.joins.get(person, row) <= row <= self.leaves.get(person, row)
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What only a private row has: where it is said, on what authority, in what register, to whom, through whom."""

    room: RoomId
    mandate: Mandate
    register: Register
    to_people: tuple[PersonId, ...]  # all who hear it, without the one who says it
    author: PersonId | None  # in whose name `by` speaks
    onward: RoomId | None  # where a go-between takes it on
    bearer: PersonId | None  # that go-between
    carry: Carry | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the timeline; `said` is None for a public or leaked row."""

    n: RowNumber
    at: str  # as written: a local date, with a time or without
    tz: str
    precision: Precision
    at_ms: int  # the moment at which it is played
    kind: Kind
    vis: Visibility
    by: str  # a PersonId; on a public row also a PartyId or "public"
    from_party: PartyId
    to_party: PartyId
    via: str
    gist: str
    answers: RowNumber | None
    terms: tuple[str, ...]
    issues: tuple[str, ...]
    reconstructed: bool
    conf: str
    said: Said | None
    line: int


@dataclass(frozen=True, slots=True)
class KeptOut:
    """People whose desks must hold no trace of rooms; `learned` is the row that first tells them, None for never."""

    who: str
    people: tuple[PersonId, ...]
    out_of: tuple[RoomId, ...]
    learned: Mapping[PersonId, RowNumber | None]


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline; a day without a time ends when the day does."""

    id: str
    at_ms: int
    what: str
    hard: bool
    felt_by: tuple[PartyId, ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One observable that must hold on the desks; the word may be one that this version does not know.

    A row of `on` may be one that the case does not have: then it is not held.
    """

    expect: str
    on: tuple[RowNumber, ...]
    people: tuple[PersonId, ...]
    clocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feature:
    """What must be shown; held only if every expectation holds."""

    feature: str
    must_show: str
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to settle an issue; `secret` if it exists only while it is kept off the public text."""

    id: str
    text: str
    secret: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """What is negotiated; orderings run best to worst and are the analyst's estimate."""

    id: str
    title: str
    options: tuple[Option, ...]
    preferences: Mapping[PartyId, tuple[str, ...]]
    walkaway_after: Mapping[PartyId, str]
    stage: str

    def option_ids(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)


@dataclass(frozen=True, slots=True)
class Oracle:
    """The issues that block a stage if all must be public, and if secret options are allowed."""

    stage: str
    blocking_if_all_public: tuple[str, ...]
    blocking_if_secret_allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecretTerm:
    """A term of the deal that no public text named; `lapses` if it was agreed to, once somebody publishes it."""

    id: str
    text: str
    form: str
    lapses: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One negotiation, ready to be played."""

    id: str
    title: str
    summary: str
    parties: Mapping[PartyId, Party]
    people: Mapping[PersonId, Person]
    rooms: Mapping[RoomId, Room]
    timeline: tuple[Row, ...]  # in the order of the file, which is the order of `at_ms`
    kept_out: tuple[KeptOut, ...]
    intermediaries: tuple[PersonId, ...]
    clocks: Mapping[str, Clock]
    features: tuple[Feature, ...]
    issues: Mapping[str, Issue]
    oracles: tuple[Oracle, ...]
    secret_terms: Mapping[str, SecretTerm]
    actual_outcome: Mapping[str, str | None]  # issue to option

    def row(self, n: RowNumber) -> Row:
        """Give a row by its number; KeyError if there is none."""
        for row in self.timeline:
            if row.n == n:
                return row
        raise KeyError(n)

    def missing(self, wanted: Expectation) -> tuple[RowNumber, ...]:
        """The rows that an expectation names and the case does not have."""
        known = {row.n for row in self.timeline}
        return tuple(n for n in wanted.on if n not in known)
