"""Deeds and pledges: what was promised and acknowledged, what was done, and what the other side makes of it."""

from backchannel.moves.paper import Mandate
from backchannel.plays import scenes
from backchannel.plays.case import PersonId, Row
from backchannel.plays.enact import papers
from backchannel.plays.enact.floor import Floor, written
from backchannel.plays.enact.speaking import speakers, speaks, two_sides
from backchannel.plays.tables import Table
from backchannel.plays.terms import deals, states


async def pledge(floor: Floor, row: Row) -> None:
    """Who speaks for a side with authority pledges, and the others acknowledge; else it is only said to be promised."""
    said = row.said
    assert said is not None, "a private row"
    table = await papers.place(floor, row)
    bound = said.mandate is Mandate.AUTHORISED and speaks(floor, PersonId(row.by))
    if not bound or said.carry is not None or not two_sides(floor, table):
        await papers.say(floor, row)
        return
    seat = floor.seat(PersonId(row.by))
    make = ("pledge", "make", "--room", table.id, *(await floor.answers(row, table, seat)), *states(row))
    answer = seat.do(*make, "--", row.gist, now=row.at_ms)
    table.events[row.n] = floor.promises[row.n] = str(answer["id"])
    hearers = tuple(floor.case.people[each] for each in table.in_order() if each != seat.id)
    floor.tell(scenes.Pledged(row, table.title, seat.person, hearers))
    floor.unconfirmed[row.n] = table


async def report(floor: Floor, row: Row) -> None:
    """A deed that was done out of the public eye, reported by whoever tells of it."""
    table = await papers.place(floor, row)
    await _report(floor, row, table, PersonId(row.by), ())


async def report_noted(floor: Floor, row: Row) -> None:
    """A public deed is reported where it answers what stands, else wherever both sides of it sit."""
    for table in floor.tables.opened():
        note = table.events.get(row.n)
        if note is None or table.closed:
            continue
        answered = _answered(floor, row, table)
        parties = {floor.case.people[person].party for person in table.seated}
        concerned = {row.from_party, row.to_party} & set(floor.case.parties)
        if answered or (not deals(row) and concerned <= parties and two_sides(floor, table)):
            doers = [each for each in table.in_order() if floor.case.people[each].party == row.from_party]
            by = next(iter(doers), table.in_order()[0])
            more = [word for promise in answered for word in ("--pledge", promise)]
            await _report(floor, row, table, by, ("--note", note, *more))


async def _report(floor: Floor, row: Row, table: Table, by: PersonId, more: tuple[str, ...]) -> None:
    done = ("deed", "report", "--room", table.id, "--at", written(row.at_ms), *more)
    answer = floor.seat(by).do(*done, "--", row.gist)
    table.events.setdefault(row.n, str(answer["id"]))
    await floor.settle()
    readers = []
    if row.n in floor.plan.read_as_kept:
        for side, person in speakers(floor, table).items():
            if side != floor.side(by) and floor.seat(person).on_line:
                floor.seat(person).do("deed", "read", "--room", table.id, str(answer["id"]), "kept")
                readers.append(person)
        await floor.settle()
    floor.tell(scenes.Done(row, table.title, floor.case.people[by], floor.people(readers)))


def _answered(floor: Floor, row: Row, table: Table) -> list[str]:
    """The pledges and understandings of a room that a deed answers: by its row, or by a term of the deal."""
    return [
        table.events[n]
        for n, where in floor.said_in.items()
        if where is table
        and n in floor.promises
        and (n == row.answers or deals(floor.case.row(n)) & deals(row))
    ]
