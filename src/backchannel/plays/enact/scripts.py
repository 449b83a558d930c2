"""Steps pinned beforehand: what a row pins, and what comes later in their place."""

from backchannel.errors import Blocked
from backchannel.plays.case import PersonId, Row
from backchannel.plays.enact.floor import Floor, written
from backchannel.plays.enact.notes import LONGEST_SOURCE
from backchannel.plays.enact.speaking import speakers
from backchannel.plays.questions import asked
from backchannel.plays.tables import Table
from backchannel.plays.terms import spoken_term, states

LONGEST = 2_000


def steps_of(row: Row) -> tuple[str, ...]:
    """What a row pins: the options that it states, in its order, or else its own words."""
    return tuple("=".join(spoken_term(term)) for term in asked(row)) or (row.gist[:LONGEST].strip(),)


async def pin(floor: Floor, row: Row) -> None:
    """Whoever speaks for a side in a row's room pins its steps, and the others agree."""
    table = floor.said_in.get(row.n)
    people = {} if table is None or table.closed else speakers(floor, table)
    if row.n not in floor.plan.course.scripts or table is None or not people:
        return
    first, *others = sorted(people.values(), key=lambda person: person != PersonId(row.by))
    steps = [word for step in steps_of(row) for word in ("--step", step)]
    put = floor.seat(first).do("script", "pin", "--room", table.id, *steps)
    floor.scripts[row.n] = str(put["id"])
    await floor.settle()
    for person in others:
        floor.seat(person).do("script", "agree", "--room", table.id, floor.scripts[row.n])
    await floor.settle()


async def compare(floor: Floor, row: Row) -> None:
    """What comes in the place of a step is held against it; what its desks show then is taken down, and that nobody goes on."""
    for first in sorted(floor.plan.course.departures.get(row.n, frozenset()) & floor.scripts.keys()):
        table = floor.said_in[first]
        people = list(speakers(floor, table).values())
        if table.closed or not people:
            continue
        about = ("--room", table.id)
        await _gone_on(floor, table, people, floor.scripts[first])
        step = ("script", "step", *about, await _item(floor, row, table, people[0]), floor.scripts[first])
        floor.seat(people[0]).do(*step)
        await floor.settle()
        for person in table.seated:
            floor.glimpse(row, person, "script", "show", *about)
        try:
            floor.seat(people[0]).do(*step)
        except Blocked as blocked:
            floor.played.glimpses[row.n, people[0], step] = {"error": str(blocked)}


async def _gone_on(floor: Floor, table: Table, people: list[PersonId], script: str) -> None:
    """Of an earlier departure all sides have said by now that they go on."""
    for person in people:
        shown = floor.seat(person).do("script", "show", "--room", table.id)["scripts"]
        if any(came["alarm"] for one in shown if one["id"] == script for came in one["came"]):
            floor.seat(person).do("script", "go-on", "--room", table.id, script)
    await floor.settle()


async def _item(floor: Floor, row: Row, table: Table, person: PersonId) -> str:
    """Give the item of a row in a room; a public row that nobody noted there is noted now."""
    if row.n not in table.events and row.said is None:
        words = ("note", "--room", table.id, "--source", (row.via or row.by)[:LONGEST_SOURCE])
        put = floor.seat(person).do(*words, "--at", written(row.at_ms), *states(row), "--", row.gist)
        table.events[row.n] = str(put["id"])
        await floor.settle()
    return table.events[row.n]
