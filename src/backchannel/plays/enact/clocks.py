"""Deadlines: kept by those who feel them, and put up for all where all in a room do."""

from backchannel.channel.members import Role
from backchannel.plays import scenes
from backchannel.plays.case import Clock, PersonId, Row
from backchannel.plays.enact.floor import Floor, written
from backchannel.plays.enact.speaking import speaks, two_sides


def wind(floor: Floor, row: Row) -> None:
    """Before a row from which a clock matters, write it down at every desk that has to mind it."""
    told: set[PersonId] = set()
    for name, people in floor.plan.clocks.get(row.n, {}).items():
        clock = floor.case.clocks[name]
        if clock.at_ms > floor.stage.clock():
            told |= _put(floor, clock, people)
    if told:
        floor.tell(scenes.Wound(row, floor.people(told), len(floor.plan.clocks[row.n]) > 1))


def _put(floor: Floor, clock: Clock, people: frozenset[PersonId]) -> set[PersonId]:
    """Write one clock down; gives at whose desks."""
    told: set[PersonId] = set()
    for table in floor.tables.opened():
        felt_by_all = {floor.case.people[person].party for person in table.seated} <= set(clock.felt_by)
        if felt_by_all and two_sides(floor, table) and not table.closed:
            floor.seat(table.in_order()[0]).do("clock", "add", "--room", table.id, *_said(floor, clock))
            told |= set(table.seated)
    for person in floor.case.people.values():
        feels = person.party in clock.felt_by and (person.id in people or speaks(floor, person.id))
        between = person.id in people and person.role is Role.GO_BETWEEN
        if person.desk and (feels or between) and person.id not in told:
            floor.seat(person.id).do("clock", "add", "--private", *_said(floor, clock))
            told.add(person.id)
    return told


def _said(floor: Floor, clock: Clock) -> tuple[str, ...]:
    sides = [floor.party_side(party) for party in clock.felt_by]
    hard = ("--hard",) if clock.hard else ()
    felt = (word for side in sides for word in ("--felt-by", side))
    return ("--at", written(clock.at_ms), *felt, *hard, "--", clock.what)
