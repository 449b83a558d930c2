"""Leaks and publications: an alarm in every room that it concerns, and what it means for what was promised there."""

from backchannel.errors import Refused
from backchannel.plays.case import Kind, Row
from backchannel.plays.enact.floor import Floor, written
from backchannel.plays.enact.speaking import speakers
from backchannel.plays.tables import Table
from backchannel.plays.terms import deals


async def report(floor: Floor, row: Row) -> None:
    """Whoever noted a leak raises the alarm; what it gives away of a promise is reported by who did not publish it."""
    alarmed = False
    for table in floor.tables.opened():
        if row.n not in table.events or table.closed:
            continue
        if row.kind is Kind.LEAK:
            by = floor.noted_by[row.n, table.of]
            floor.seat(by).do("leak", "report", "--room", table.id)
            alarmed = True
        for n, where in floor.said_in.items():
            if where is table and n in floor.promises and deals(floor.case.row(n)) & deals(row):
                publisher = floor.party_side(row.from_party) if row.from_party in floor.case.parties else None
                await publish(floor, table, floor.promises[n], publisher, row.via or row.by, row.at_ms)
    if alarmed:
        await floor.settle()


async def publish(
    floor: Floor, table: Table, promise: str, publisher: str | None, source: str, at_ms: int
) -> None:
    """A side that did not publish reports it, and lets the promise lapse where that is its choice."""
    side, person = next(
        (each for each in speakers(floor, table).items() if each[0] != publisher),
        (None, None),
    )
    if side is None or person is None:
        return
    by = () if publisher is None else ("--by", publisher)
    seat = floor.seat(person)
    seat.do(
        *("published", "--room", table.id, promise, *by, "--source", source, "--at", written(at_ms)),
    )
    await floor.settle()
    try:
        seat.do("lapse", "--room", table.id, promise)
    except Refused:  # it lapsed by itself, stands for good, or nobody knows who published
        return
    await floor.settle()
