"""The rooms of a play as they are on the desks: those of the case, and asides for rows that not everybody hears."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from backchannel.channel.likeness import skeleton
from backchannel.channel.members import RoomKind
from backchannel.desk.commands.answer import MAX_SPOKEN_NAME
from backchannel.plays.case import (
    NO_PARTY,
    Case,
    Kind,
    Party,
    PartyId,
    Person,
    PersonId,
    Room,
    RoomId,
    Row,
    RowNumber,
)

SAID_IN_PUBLIC = {
    Kind.LEAK: "a leak is public and not said in a room",
    Kind.COMMUNIQUE: "a communique is public and not said in a room",
    Kind.FRONT_CHANNEL: "a row of the front channel is public and not said in a room",
}
GO_BETWEEN_SIDE = "go-between"


@dataclass(slots=True)
class Table:
    """A room of the play; `id` is its id on the desks once it is open there."""

    of: RoomId  # the room of the case it is, or is an aside of
    title: str
    kind: RoomKind
    id: str = ""
    seated: dict[PersonId, None] = field(default_factory=dict)  # in the order in which they came
    were_seated: set[PersonId] = field(default_factory=set)
    events: dict[RowNumber, str] = field(default_factory=dict)  # ids of what was said here, by row
    closed: bool = False

    def came(self, person: PersonId) -> None:
        self.seated[person] = None
        self.were_seated.add(person)

    def went(self, person: PersonId) -> None:
        self.seated.pop(person, None)

    def in_order(self) -> tuple[PersonId, ...]:
        return tuple(self.seated)


def called_apart(case: Case) -> Case:
    """Give people names that desks accept: short enough, and no two that look alike."""
    taken: set[str] = set()
    people: dict[PersonId, Person] = {}
    for person in case.people.values():
        name = shown_name(person.name)
        if skeleton(name) in taken:
            name = f"{name[: MAX_SPOKEN_NAME - len(person.id) - 3]} ({person.id})"
        taken.add(skeleton(name))
        people[person.id] = replace(person, name=name)
    return replace(case, people=people)


def with_desk(case: Case, people: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
    return tuple(person for person in people if case.people[person].desk)


def side_of(person: Person, parties: Mapping[PartyId, Party]) -> str:
    """Name a person's side as it is shown on desks; a go-between of no party stands for themselves."""
    if person.party == NO_PARTY:
        return shown_name(f"{GO_BETWEEN_SIDE} {person.name}")
    return shown_name(parties[person.party].name)


def shown_name(written: str) -> str:
    """Give a name of a case as the desks know it: a long one is cut."""
    name = unicodedata.normalize("NFC", written).strip()
    return name if len(name) <= MAX_SPOKEN_NAME else f"{name[: MAX_SPOKEN_NAME - 1].rstrip()}…"


def cannot_say(case: Case, row: Row) -> str:
    """Why a private row cannot be said with this version; empty if it can."""
    said = row.said
    assert said is not None, "a private row"
    if not case.people[PersonId(row.by)].desk:
        return f"{row.by} has no desk"
    if row.kind in SAID_IN_PUBLIC:
        return SAID_IN_PUBLIC[row.kind]
    if not with_desk(case, said.to_people):
        return "nobody who hears it has a desk"
    return ""


def aside_people(case: Case, row: Row) -> frozenset[PersonId] | None:
    """The people of an aside, if a row is heard by fewer than are in its room."""
    said = row.said
    assert said is not None, "a private row"
    hear = frozenset((PersonId(row.by), *with_desk(case, said.to_people)))
    present = frozenset(with_desk(case, case.rooms[said.room].present(row.n)))
    return hear if hear < present else None


def names(case: Case, people: frozenset[PersonId], room: Room) -> str:
    return " and ".join(case.people[person].name for person in room.members if person in people)


class Tables:
    """All rooms of one play."""

    def __init__(self, case: Case) -> None:
        self._titles: set[str] = set()
        self._main = {room.id: self._table(room, room.title) for room in case.rooms.values()}
        self._asides: dict[tuple[RoomId, frozenset[PersonId]], Table] = {}
        self._apart: list[Table] = []
        self._case = case

    def main(self, room: RoomId) -> Table:
        return self._main[room]

    def of_rooms(self) -> list[Table]:
        """The tables of the case's own rooms, opened or not."""
        return list(self._main.values())

    def opened(self) -> list[Table]:
        tables = (*self._main.values(), *self._asides.values(), *self._apart)
        return [table for table in tables if table.id]

    def aside(self, row: Row, people: frozenset[PersonId]) -> Table:
        """The aside of some people of a row's room; made if there is none."""
        assert row.said is not None, "a private row"
        key = (row.said.room, people)
        if key not in self._asides:
            room = self._case.rooms[row.said.room]
            self._asides[key] = self._table(room, f"{room.title}: an aside")
        return self._asides[key]

    def sounding(self, row: Row) -> Table:
        """A room of its own for what a row asks of people who sit in no room together."""
        assert row.said is not None, "a private row"
        room = self._case.rooms[row.said.room]
        table = self._table(room, f"{room.title}: a sounding")
        table.kind = RoomKind.PLENARY
        self._apart.append(table)
        return table

    def signing(self, of: RoomId) -> Table:
        """A room of its own in which people seal what they make public; it is closed with the room that it is of."""
        room = self._case.rooms[of]
        table = self._table(room, f"{room.title}: the signing")
        table.kind = RoomKind.PLENARY
        self._apart.append(table)
        return table

    def _table(self, room: Room, title: str) -> Table:
        """No two rooms of a play have one title, as they may meet on one desk."""
        unique, number = title, 1
        while unique.casefold() in self._titles:
            number += 1
            unique = f"{title} ({number})"
        self._titles.add(unique.casefold())
        return Table(room.id, unique, room.kind)
