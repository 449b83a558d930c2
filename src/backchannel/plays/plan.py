"""What a case asks of its players, read off its fields alone: who speaks where, who is kept off the line, what is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.plays.case import (
    Case,
    Kind,
    PersonId,
    Room,
    RoomId,
    Row,
    RowNumber,
)
from backchannel.plays.tables import cannot_say, with_desk

CROSSED = "crossed"
HELD_TEXT_NONE = "held-text-none"
FEWEST = 2  # people with desks, below which a room is not opened


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens beside the saying of each row."""

    off_line: Mapping[RowNumber, frozenset[PersonId]]  # from before this row on
    on_line: Mapping[RowNumber, frozenset[PersonId]]  # after this row
    taken_back: Mapping[RowNumber, RowNumber]  # draft: the row that answers it


def plan(case: Case) -> Plan:
    off: dict[RowNumber, frozenset[PersonId]] = {}
    on: dict[RowNumber, frozenset[PersonId]] = {}
    for first, second in crossings(case):
        away = kept_away(case, case.row(first), case.row(second))
        off[first] = off.get(first, frozenset()) | away
        on[second] = on.get(second, frozenset()) | away
    return Plan(off, on, _taken_back(case))


def crossings(case: Case) -> list[tuple[RowNumber, RowNumber]]:
    """The pairs of rows that a case expects to cross: being sent without sight of each other is what crossing is."""
    return [
        (wanted.on[0], wanted.on[-1])
        for feature in case.features
        for wanted in feature.expectations
        if wanted.expect == CROSSED and len(wanted.on) > 1
    ]


def kept_away(case: Case, first: Row, second: Row) -> frozenset[PersonId]:
    """Who says the second row where the first is said, and must not have seen it."""
    before, after = speakers(case, first), speakers(case, second)
    return frozenset(after[room] for room in before if room in after and after[room] != before[room])


def speakers(case: Case, row: Row) -> dict[RoomId, PersonId]:
    """Who puts a row on the record of which rooms."""
    if row.said is None:
        return noters(case, row)
    if cannot_say(case, row):
        return {}
    found = {row.said.room: PersonId(row.by)}
    if row.said.onward is not None and row.said.bearer is not None:
        found[row.said.onward] = row.said.bearer
    return found


def noters(case: Case, row: Row) -> dict[RoomId, PersonId]:
    """Who notes a public row in each room that is open.

    It is the person who acted, else one of the party it comes from, else one of the party it goes to; a room without
    any of these takes no note of it, unless no room has any: what all the world knows, anybody can note.
    """
    found: dict[RoomId, PersonId] = {}
    for room in case.rooms.values():
        present = usable(case, room, row.n)
        ranked = [
            (rank, place, person)
            for place, person in enumerate(present)
            if (rank := _closeness(case, row, person)) is not None
        ]
        if ranked:
            found[room.id] = min(ranked)[2]
    return found or {
        room.id: people[0] for room in case.rooms.values() if (people := usable(case, room, row.n))
    }


def usable(case: Case, room: Room, n: RowNumber) -> tuple[PersonId, ...]:
    """Those with desks who are in an open room at a row; nobody where they are too few to need a room."""
    present = with_desk(case, room.present(n))
    return present if len(present) >= FEWEST else ()


def _closeness(case: Case, row: Row, person: PersonId) -> int | None:
    party = case.people[person].party
    of_a_side = party in case.parties
    close = (person == row.by, of_a_side and party == row.from_party, of_a_side and party == row.to_party)
    return close.index(True) if any(close) else None


def _taken_back(case: Case) -> dict[RowNumber, RowNumber]:
    """Drafts that are handed back: a later row answers them, and the case expects that nobody holds their text."""
    listed = {
        n
        for feature in case.features
        for wanted in feature.expectations
        if wanted.expect == HELD_TEXT_NONE
        for n in wanted.on
    }
    found: dict[RowNumber, RowNumber] = {}
    for row in case.timeline:
        answered = row.answers
        if answered is not None and answered in listed and case.row(answered).kind is Kind.DRAFT_TEXT:
            found.setdefault(answered, row.n)
    return found
