"""What somebody says they may do, and what a side demands in public and lets rest without conceding it."""

from backchannel.moves.paper import Mandate
from backchannel.plays.case import PersonId, Row
from backchannel.plays.enact.floor import Floor, written
from backchannel.plays.enact.speaking import speakers, speaks, two_sides

LEVELS = {Mandate.AUTHORISED: "authorised"}  # of a claim; any other mandate claims no more than to explore


def claim(floor: Floor, row: Row) -> None:
    """Before a row whose authority the case is about, its speaker says on the record what they claim."""
    said = row.said
    until = floor.plan.course.until.get(row.n)
    if (
        said is None
        or row.n not in {*floor.plan.claimed, *floor.plan.course.until}
        or said.author is not None
    ):
        return
    if speaks(floor, PersonId(row.by)) and said.mandate is not Mandate.AUTHORISED:
        return  # who may speak for a side would take that back for all that comes after
    table = floor.tables.main(said.room)
    if table.id and PersonId(row.by) in table.seated:
        level = LEVELS.get(said.mandate, "exploratory")
        purpose = ", ".join(floor.case.issues[issue].title for issue in row.issues) or table.title
        ends = () if until is None else ("--until", written(floor.case.clocks[until].at_ms))
        floor.seat(PersonId(row.by)).do(
            *("mandate", "claim", "--room", table.id, "--for", purpose, "--level", level, *ends),
            now=row.at_ms,
        )


async def park(floor: Floor, row: Row) -> None:
    """Put a public demand on record where both sides can speak, and from the next row of its list on let it rest."""
    for wanted in floor.plan.parked.get(row.n, ()):
        demand = floor.case.row(wanted.on[0])
        for table in floor.tables.opened():
            sides, owner = speakers(floor, table), floor.party_side(demand.from_party)
            if table.closed or owner not in sides or not two_sides(floor, table):
                continue
            key = demand.n, table.id
            if key not in floor.demands:
                state = ("precondition", "state", "--room", table.id, "--source", demand.via or demand.by)
                stated = floor.seat(sides[owner]).do(*state, "--", demand.gist)
                floor.demands[key] = str(stated["precondition"])
                await floor.settle()
            elif key in floor.rested:
                continue
            if row.n != demand.n:
                floor.rested.add(key)
                for person in sides.values():
                    floor.seat(person).do("precondition", "park", "--room", table.id, floor.demands[key])
                await floor.settle()
