"""Whether a desk holds any trace of rooms it is kept out of: a text, a title, a member, or one room too many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backchannel.plays.case import Case, KeptOut, PersonId, RoomId, Row, RowNumber
from backchannel.plays.looks import Evidence, Looks
from backchannel.plays.plan import usable

SHORTEST = 3  # characters that a search takes


@dataclass(frozen=True, slots=True)
class Traces:
    """What was found that should not be there, as sentences, and every look that was taken."""

    hits: tuple[str, ...]
    looked: tuple[Evidence, ...]


def kept_out_traces(looks: Looks, person: PersonId, kept: Iterable[KeptOut]) -> Traces:
    """Search a desk for everything of the rooms that its person is kept out of."""
    rooms = {room for each in kept if person in each.people for room in each.out_of}
    rows = [
        row
        for row in looks.case.timeline
        if row.said is not None and rooms_of([row]) & rooms and person not in _hearers(looks.case, row)
    ]
    return traces(looks, person, rooms, rows)


def rooms_of(rows: Iterable[Row]) -> set[RoomId]:
    """The rooms in which rows were said, and those they were carried on to."""
    found: set[RoomId] = set()
    for row in rows:
        if row.said is not None:
            found |= {row.said.room} if row.said.onward is None else {row.said.room, row.said.onward}
    return found


def traces(looks: Looks, person: PersonId, rooms: set[RoomId], rows: Sequence[Row]) -> Traces:
    """Search one desk for rows, and for titles, ids and members of rooms.

    A name or a title that it holds by right of its own rooms, or that is public, is no trace of others.
    """
    case = looks.case
    rightful = _rightful(case, person, {row.n for row in rows})
    sought: dict[str, str] = {row.gist: f"the text of row {row.n}" for row in rows}
    for table in looks.tables:
        if table.of in rooms and person not in table.were_seated:
            sought |= {table.title: f"the title of {table.of}", table.id: f"the id of {table.of}"}
            sought |= {case.people[each].name: f"the name of {each}" for each in table.were_seated}
            sought |= dict.fromkeys(table.events.values(), f"the id of an event of {table.of}")
    hits: list[str] = []
    looked: list[Evidence] = []
    for text, what in sought.items():
        if len(text) < SHORTEST or any(text.casefold() in known for known in rightful):
            continue
        looked.append(looks.searched(person, text))
        if found := looks.search(person, text):
            hits.append(f"{what} stands in {found[0]['where']}")
    held, given = (
        set(looks.shown(person)),
        {table.id for table in looks.tables if person in table.were_seated},
    )
    looked.append(Evidence(person, looks.rooms_command()))
    if held != given:
        hits.append(f"it counts {len(held)} rooms where its person was let into {len(given)}")
    return Traces(tuple(hits), tuple(looked))


def _rightful(case: Case, person: PersonId, sought: set[RowNumber]) -> list[str]:
    """What the case itself puts on a desk beside the rows sought: its rooms' titles and people, what is said, what is public."""
    known: list[str] = []
    for row in case.timeline:
        if row.n in sought:
            continue
        if row.said is None:
            known.append(f"{row.gist}\n{row.via}")
        elif person in _hearers(case, row):
            known.append(row.gist)
    for room in case.rooms.values():
        if person in room.members:
            known += [room.title, *(case.people[each].name for each in room.members)]
    known.append(case.people[person].name)
    known += [party.name for party in case.parties.values()]
    return [text.casefold() for text in known]


def _hearers(case: Case, row: Row) -> set[PersonId]:
    said = row.said
    assert said is not None, "a private row"
    hear = {PersonId(row.by), *said.to_people}
    return hear if said.onward is None else hear | set(usable(case, case.rooms[said.onward], row.n))


def person_name(case: Case, person: PersonId) -> str:
    """The name that somebody's desk gives to others."""
    return case.people[person].name
