"""Who may speak for a side in a room of the play."""

from backchannel.moves.seal import SPEAKERS
from backchannel.plays.case import PersonId
from backchannel.plays.enact.floor import Floor
from backchannel.plays.tables import Table

FEWEST = 2  # sides that it takes to agree on something


def speakers(floor: Floor, table: Table) -> dict[str, PersonId]:
    """Of each side in a room the first who may speak for it."""
    found: dict[str, PersonId] = {}
    for person in table.in_order():
        if speaks(floor, person):
            found.setdefault(floor.side(person), person)
    return found


def speaks(floor: Floor, person: PersonId) -> bool:
    return floor.case.people[person].role in SPEAKERS


def two_sides(floor: Floor, table: Table) -> bool:
    return len(speakers(floor, table)) >= FEWEST
