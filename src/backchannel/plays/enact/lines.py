"""What people agree to say outside, tied to its purpose on their desks alone; and the alarm when something got out."""

from backchannel.plays.case import Kind, PersonId, Row
from backchannel.plays.enact.floor import Floor
from backchannel.plays.enact.speaking import speakers

LONGEST_PURPOSE = 100
LONGEST_LINE = 2_000


async def agree(floor: Floor, row: Row) -> None:
    """A row that is such a line is put before its room, and each side that somebody speaks for agrees."""
    table = floor.said_in.get(row.n)
    if row.n not in floor.plan.course.lines or table is None or table.closed:
        return
    people = speakers(floor, table)
    by = PersonId(row.by)
    first = by if by in people.values() else next(iter(people.values()), None)
    if first is None:
        return
    titles = " · ".join(floor.case.issues[issue].title for issue in row.issues) or table.title
    line = floor.seat(first).do(
        *("leak", "line", "set", "--room", table.id, "--for", titles[:LONGEST_PURPOSE].strip()),
        *("--", row.gist[:LONGEST_LINE]),
    )
    await floor.settle()
    for side, person in people.items():
        if side != floor.side(first):
            floor.seat(person).do("leak", "line", "agree", "--room", table.id, str(line["id"]))
    await floor.settle()


async def alarm(floor: Floor, row: Row) -> None:
    """What was leaked against such a line raises the alarm in every room that notes it."""
    if row.n not in floor.plan.course.spilled or row.kind is Kind.LEAK:
        return
    for table in floor.tables.opened():
        by = floor.noted_by.get((row.n, table.of))
        if by is not None and row.n in table.events and not table.closed:
            floor.seat(by).do("leak", "report", "--room", table.id)
    await floor.settle()
