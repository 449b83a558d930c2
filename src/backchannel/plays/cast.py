"""Who and where: the parties, people and rooms of a case file, and every name checked against them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from backchannel.channel.members import Role, RoomKind
from backchannel.plays.case import (
    NO_PARTY,
    PUBLIC,
    Party,
    PartyId,
    Person,
    PersonId,
    Room,
    RoomId,
    RowNumber,
)
from backchannel.plays.marked_yaml import Marked, Table

ROOM_KEYS = ("id", "title", "kind", "members", "opened", "closed", "joins", "leaves", "reconstructed")
PERSON_KEYS = ("id", "name", "party", "role", "desk")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cast:
    """The names that the rest of a case may refer to."""

    parties: Mapping[PartyId, Party]
    people: Mapping[PersonId, Person]
    rooms: Mapping[RoomId, Room]
    rows: frozenset[RowNumber]

    def party(self, marked: Marked) -> PartyId:
        return self.party_named(marked.text(), marked)

    def party_named(self, name: str, marked: Marked) -> PartyId:
        """Give a party that is named at `marked`, for instance as its key."""
        party = PartyId(name)
        if party not in self.parties:
            raise marked.refused(f"names {name!r}, which is no party of this case; name one of its parties")
        return party

    def person(self, marked: Marked) -> Person:
        person = self.people.get(PersonId(marked.text()))
        if person is None:
            raise marked.refused(f"is {marked.text()!r}, who is not of this case; name one of its people")
        return person

    def at_desk(self, marked: Marked) -> PersonId:
        person = self.person(marked)
        if not person.desk:
            raise marked.refused(f"is {person.id}, who has no desk; give {person.id} desk: true")
        return person.id

    def at_desks(self, marked: Marked | None) -> tuple[PersonId, ...]:
        return () if marked is None else once_each(marked, marked.each(self.at_desk))

    def room(self, marked: Marked) -> Room:
        room = self.rooms.get(RoomId(marked.text()))
        if room is None:
            raise marked.refused(
                f"is {marked.text()!r}, which is no room of this case; name one of its rooms"
            )
        return room

    def room_id(self, marked: Marked) -> RoomId:
        return self.room(marked).id

    def row(self, marked: Marked) -> RowNumber:
        row = RowNumber(marked.whole())
        if row not in self.rows:
            raise marked.refused(f"is row {row}, which does not exist; name a row of the timeline")
        return row


def once_each(marked: Marked, values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) != len(values):
        raise marked.refused("names the same twice; name each once")
    return values


def read_cast(top: Table) -> Cast:
    """Read principals, parties, people, the numbers of the rows, and the rooms."""
    parties = _parties(top)
    people = _people(top, parties)
    rows = _row_numbers(top)
    rooms: dict[RoomId, Room] = {}
    without_rooms = Cast(parties, people, rooms, rows)
    for item in top["rooms"].items():
        room = _room(item, without_rooms)
        if room.id in rooms or room.id == PUBLIC:
            raise item.refused(f"is another room {room.id}; give every room an id of its own")
        rooms[room.id] = room
    return without_rooms


def _parties(top: Table) -> dict[PartyId, Party]:
    principals = top["principals"].each(Marked.text)
    parties: dict[PartyId, Party] = {}
    for item in top["parties"].items():
        table = item.table("a party", ("id", "name"))
        party = Party(PartyId(table["id"].id()), table["name"].text(), table["id"].text() in principals)
        if party.id in parties or party.id in {NO_PARTY, PUBLIC}:
            raise item.refused(f"is another party {party.id}; give every party an id of its own")
        parties[party.id] = party
    for item in top["principals"].items():
        if item.text() not in parties:
            raise item.refused(f"is {item.text()!r}, which is no party of this case; name one of its parties")
    return parties


def _people(top: Table, parties: Mapping[PartyId, Party]) -> dict[PersonId, Person]:
    people: dict[PersonId, Person] = {}
    for item in top["people"].items():
        table = item.table("a person", ("id",))
        name = PersonId(table["id"].id())
        if name in people or PartyId(name) in {*parties, NO_PARTY, PUBLIC}:
            raise item.refused(f"has the id {name} of another; give every person an id of their own")
        table = item.table(f"person {name}", PERSON_KEYS)
        party = PartyId(table["party"].text())
        if party != NO_PARTY and party not in parties:
            raise table["party"].refused(
                f"is {party!r}, which is no party of this case; write none or one of them"
            )
        people[name] = Person(
            name, table["name"].text(), party, table["role"].one_of(Role), table["desk"].flag()
        )
    return people


def _row_numbers(top: Table) -> frozenset[RowNumber]:
    last = 0
    rows: set[RowNumber] = set()
    for place, item in enumerate(top["timeline"].items(), 1):
        number = item.table(f"entry {place} of the timeline", ("n",))["n"]
        if number.whole() <= last:
            raise number.refused(f"is {number.whole()}; number the rows upwards from 1")
        last = number.whole()
        rows.add(RowNumber(last))
    return frozenset(rows)


def _room(item: Marked, cast: Cast) -> Room:
    name = RoomId(item.table("a room", ("id",))["id"].id())
    table = item.table(f"room {name}", ROOM_KEYS)
    opened = cast.row(table["opened"])
    closing = table.get("closed")
    closed = None if closing is None else cast.row(closing)
    if closing is not None and closed is not None and closed < opened:
        raise closing.refused(f"is row {closed}, before the room opens at row {opened}; write a later row")
    members = once_each(table["members"], table["members"].each(cast.at_desk))
    if not members:
        raise table["members"].refused("is empty; name who is in the room")
    joins, leaves = (
        _rows_of_members(table, key, cast, members, opened, closed) for key in ("joins", "leaves")
    )
    for person, row in leaves.items():
        if row < joins.get(person, opened):
            raise table["leaves"].refused(f"lets {person} leave before joining; write a later row")
    return Room(
        id=name,
        title=table["title"].text(),
        kind=table["kind"].one_of(RoomKind),
        members=members,
        opened=opened,
        closed=closed,
        joins=joins,
        leaves=leaves,
        reconstructed=table.flag("reconstructed"),
    )


def _rows_of_members(
    table: Table,
    key: str,
    cast: Cast,
    members: tuple[PersonId, ...],
    opened: RowNumber,
    closed: RowNumber | None,
) -> dict[PersonId, RowNumber]:
    marked = table.get(key)
    if marked is None:
        return {}
    rows: dict[PersonId, RowNumber] = {}
    for name, value in marked.map().items():
        person = PersonId(name)
        if person not in members:
            raise value.named(marked.what).refused(
                f"names {name}, who is not a member; add {name} to the members"
            )
        row = cast.row(value.named(f"{name} in {marked.what}"))
        if row < opened or (closed is not None and row > closed):
            raise value.named(marked.what).refused(
                f"names row {row}, when the room is not open; name an earlier or later row"
            )
        rows[person] = row
    return rows
