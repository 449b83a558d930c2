"""What everyone who plays a row needs: the stage, the rooms as they are, and what has become of each row so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from backchannel.plays import scenes
from backchannel.plays.case import Case, PartyId, Person, PersonId, RoomId, Row, RowNumber
from backchannel.plays.plan import Plan
from backchannel.plays.questions import Question, accepts
from backchannel.plays.seat import Seat, Value
from backchannel.plays.stage import Stage
from backchannel.plays.tables import Table, Tables, shown_name, side_of

DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Played:
    """What became of each row."""

    rows: list[RowNumber] = field(default_factory=list)
    skipped: dict[RowNumber, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    glimpses: dict[tuple[RowNumber, PersonId, tuple[str, ...]], Value] = field(
        default_factory=dict
    )  # what a desk answered to a command after a row
    sealed: list[str] = field(default_factory=list)  # names of files in the folder of sealed texts
    end_ms: int = 0


@dataclass(frozen=True, slots=True)
class Sealed:
    """A text that all sides of a room have sealed at a row; `closed` gives the names of its closed passages by row."""

    table: Table
    row: RowNumber
    title: str
    id: str
    digest: str
    closed: Mapping[RowNumber, str]
    speakers: tuple[PersonId, ...]


@dataclass(slots=True)
class Asked:
    """A sounding of the play: where it goes on, its id there, and who has still to answer."""

    question: Question
    table: Table
    id: str
    missing: list[PersonId]
    apart: bool  # in a room that was opened for nothing else
    waits: bool  # what the row says waits for a joint yes
    joint: tuple[int, ...] = ()

    @property
    def about(self) -> tuple[str, ...]:
        return ("--room", self.table.id, self.id)


@dataclass(slots=True)
class Floor:
    """Where a play goes on."""

    case: Case
    stage: Stage
    tell: scenes.Tell
    plan: Plan
    tables: Tables
    played: Played = field(default_factory=Played)
    said_in: dict[RowNumber, Table] = field(default_factory=dict)  # where each private row was first said
    noted_by: dict[tuple[RowNumber, RoomId], PersonId] = field(default_factory=dict)
    sealed: list[Sealed] = field(default_factory=list)
    demands: dict[tuple[RowNumber, str], str] = field(
        default_factory=dict
    )  # by row and room: on record there
    rested: set[tuple[RowNumber, str]] = field(default_factory=set)  # of these, what both sides let rest
    understandings: dict[RowNumber, str] = field(default_factory=dict)  # their ids, by row
    promises: dict[RowNumber, str] = field(default_factory=dict)  # ids of these and of pledges
    unconfirmed: dict[RowNumber, Table] = field(
        default_factory=dict
    )  # of these, what others are yet to confirm

    challenges: dict[RowNumber, tuple[PersonId, str]] = field(default_factory=dict)  # whom, and its id
    referenda: dict[tuple[RowNumber, str], str] = field(
        default_factory=dict
    )  # what is ad referendum, by row and room
    scripts: dict[RowNumber, str] = field(default_factory=dict)  # ids of what rows pin
    declared: set[tuple[PersonId, str]] = field(default_factory=set)  # who has told their stake in which room
    disowned: dict[RowNumber, str] = field(default_factory=dict)  # what the named author says of a row
    asked: dict[RowNumber, Asked] = field(default_factory=dict)  # soundings, by the row that asks
    silent: frozenset[PersonId] = frozenset()  # who answers no sounding
    agreeable: bool = False  # whether all others could live with everything

    def accepts(self, rows: tuple[Row, ...], person: PersonId, term: str) -> bool:
        """Whether somebody could live with an option."""
        return self.agreeable or accepts(self.case, rows, person, term)

    def seat(self, person: PersonId) -> Seat:
        return self.stage.seats[person]

    def people(self, people: Iterable[PersonId]) -> tuple[Person, ...]:
        return tuple(person for person in self.case.people.values() if person.id in set(people))

    def side(self, person: PersonId) -> str:
        """The name of somebody's side, as it is shown in their rooms."""
        return side_of(self.case.people[person], self.case.parties)

    def party_side(self, party: PartyId) -> str:
        return shown_name(self.case.parties[party].name)

    async def settle(self, *, receipts: bool = False) -> None:
        await self.stage.settle(receipts=receipts)

    def read(self, table: Table) -> None:
        """Everyone in a room who is on the line reads what is new to them."""
        for person in table.seated:
            seat = self.seat(person)
            if seat.on_line:
                seat.do("read", "--room", table.id)

    def glimpse(self, row: Row, person: PersonId, *words: str) -> None:
        """Take down what somebody's desk shows after a row."""
        self.played.glimpses[row.n, person, words] = self.seat(person).do(*words)

    def keep(self, name: str, data: bytes) -> None:
        """Put the file of a sealed text where everybody can find it."""
        self.stage.sealed.mkdir(exist_ok=True)
        (self.stage.sealed / name).write_bytes(data)
        self.played.sealed.append(name)

    async def answers(self, row: Row, table: Table, seat: Seat) -> tuple[str, ...]:
        """Point at the row this one answers, if it is on the record of this room and the speaker has it."""
        answered = None if row.answers is None else table.events.get(row.answers)
        if answered is None:
            return ()
        if not _holds(seat, table, answered) and row.said is not None and not seat.on_line:
            seat.come_on_line()
            await self.settle()
        return ("--answers", answered) if _holds(seat, table, answered) else ()


def _holds(seat: Seat, table: Table, event: str) -> bool:
    return any(item["id"] == event for item in seat.do("show", "--room", table.id)["items"])


def written(at_ms: int) -> str:
    """Write a moment as a person types it."""
    return f"{EPOCH + timedelta(milliseconds=at_ms):%Y-%m-%d %H:%M:%S} UTC"
