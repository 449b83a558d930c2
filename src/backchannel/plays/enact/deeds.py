"""Deeds and pledges: what was promised and acknowledged, what was done, and what the other side makes of it."""

from backchannel.moves.paper import Mandate
from backchannel.plays import scenes
from backchannel.plays.case import Kind, PersonId, Row
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
    course = floor.plan.course
    if row.n in course.due:
        make = (*make, "--due", written(floor.case.row(course.due[row.n]).at_ms))
    if row.answers in floor.promises and row.answers in {
        *course.due,
        *(n for each in course.breaks.values() for n in each),
    }:
        make = (*make, "--after", floor.promises[row.answers])
    answer = seat.do(*make, "--", row.gist, now=row.at_ms)
    table.events[row.n] = floor.promises[row.n] = str(answer["id"])
    hearers = tuple(floor.case.people[each] for each in table.in_order() if each != seat.id)
    floor.tell(scenes.Pledged(row, table.title, seat.person, hearers))
    floor.unconfirmed[row.n] = table


async def report(floor: Floor, row: Row) -> None:
    """A deed that was done out of the public eye, reported by whoever tells of it."""
    table = await papers.place(floor, row)
    more = tuple(word for promise in _answered(floor, row, table) for word in ("--pledge", promise))
    await _report(floor, row, table, PersonId(row.by), more)


async def settle_late(floor: Floor, row: Row) -> None:
    """What was promised for an earlier time is done by a row that is no deed of its own."""
    pledged = floor.plan.course.settles.get(row.n)
    if pledged is None or pledged not in floor.promises or row.kind is Kind.DEED:
        return
    table, by = floor.said_in[pledged], PersonId(floor.case.row(pledged).by)
    actor = floor.case.people.get(PersonId(row.by))
    parties = {row.from_party, row.by if actor is None else actor.party}
    if not table.closed and floor.case.people[by].party in parties:
        await _report(floor, row, table, by, ("--pledge", floor.promises[pledged]))


async def call_broken(floor: Floor, row: Row) -> None:
    """Another side to which something was pledged says that it was not done."""
    pledges = floor.promises.keys() - floor.understandings.keys()
    for n in sorted(floor.plan.course.breaks.get(row.n, frozenset()) & pledges):
        table, own = floor.said_in[n], floor.side(PersonId(floor.case.row(n).by))
        for side, person in speakers(floor, table).items():
            if side != own and not table.closed:
                floor.seat(person).do("pledge", "broken", "--room", table.id, floor.promises[n])
    await floor.settle()


def watch(floor: Floor, row: Row) -> None:
    """What desks show of pledges at the row at which one falls due."""
    for pledged, due in floor.plan.course.due.items():
        table = floor.said_in.get(pledged)
        for person in floor.plan.course.watched.get(row.n, ()) if due == row.n and table else ():
            assert table is not None
            if person in table.seated:
                floor.glimpse(row, person, "pledge", "show", "--room", table.id)


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
    now = row.at_ms if row.said is not None and row.kind is Kind.DEED else None
    answer = floor.seat(by).do(*done, "--", row.gist, now=now)
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
        and (
            n in {row.answers, floor.plan.course.settles.get(row.n)} or deals(floor.case.row(n)) & deals(row)
        )
    ]
