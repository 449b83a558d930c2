"""What envoys agree to and their side must ratify: that it is ad referendum, what became of it, and a later word that changes nothing."""

from datetime import timedelta

from backchannel.plays.case import Case, PartyId, PersonId, Row, RowNumber
from backchannel.plays.enact.floor import EPOCH, Floor
from backchannel.plays.enact.speaking import speakers
from backchannel.plays.plan import meant
from backchannel.plays.tables import Table

LONGEST = 2_000


def ratifier(case: Case, end: Row) -> PartyId:
    """Whose ratification a row is about: the party that it comes from, else that of who acts."""
    person = case.people.get(PersonId(end.by))
    return end.from_party if end.from_party in case.parties or person is None else person.party


def without_words(row: Row) -> str:
    """Name what was agreed to people who have not heard it."""
    return f"What was agreed on {EPOCH + timedelta(milliseconds=row.at_ms):%-d %B %Y}"


def _subject(floor: Floor, row: Row, table: Table) -> str:
    heard = row.said is None or set(table.were_seated) <= meant(floor.case, row)
    return row.gist[:LONGEST] if heard or row.n in table.events else without_words(row)


async def ask(floor: Floor, row: Row) -> None:
    """Wherever a row stands in which its ratifier is spoken for, it is ad referendum."""
    if row.n not in floor.plan.course.referenda:
        return
    end = floor.case.row(floor.plan.course.referenda[row.n])
    for table in floor.tables.opened():
        if row.n in table.events:
            await _ask(floor, row, end, table, table.events[row.n])


async def decide(floor: Floor, row: Row) -> None:
    """It was not ratified: said wherever that row stands and its side is spoken for, once in each room."""
    for n, end in floor.plan.course.referenda.items():
        if end != row.n or n not in floor.played.rows:
            continue
        for table in floor.tables.opened():
            if row.n in table.events and (n, table.id) not in floor.referenda:
                await _ask(floor, floor.case.row(n), row, table, None)
            person = _speaker(floor, row, table)
            if person is not None and (n, table.id) in floor.referenda:
                _result(floor, table, person, n, "not-ratified", row.gist)
                await floor.settle()


async def once_more(floor: Floor, row: Row) -> None:
    """A later row says that it was ratified after all; desks refuse that."""
    for n, later in floor.plan.course.afterthoughts.items():
        end = floor.case.row(floor.plan.course.referenda[n]) if later == row.n else None
        for table in floor.tables.opened() if end is not None else ():
            person = None if end is None else _speaker(floor, end, table)
            if person is not None and (n, table.id) in floor.referenda:
                _result(floor, table, person, n, "ratified", row.gist)


def _result(floor: Floor, table: Table, person: PersonId, n: RowNumber, result: str, text: str) -> None:
    words = ("ratify", "result", "--room", table.id, result, floor.referenda[n, table.id])
    floor.seat(person).do(*words, "--", text[:LONGEST])


async def _ask(floor: Floor, row: Row, end: Row, table: Table, event: str | None) -> None:
    person = _speaker(floor, end, table)
    if person is None:
        return
    about = () if event is None else ("--on", event)
    words = ("ratify", "ask", "--room", table.id, *about, "--", _subject(floor, row, table))
    floor.referenda[row.n, table.id] = str(floor.seat(person).do(*words)["id"])
    await floor.settle()


def _speaker(floor: Floor, end: Row, table: Table) -> PersonId | None:
    """Who in an open room speaks for the side that ratifies."""
    if table.closed:
        return None
    return speakers(floor, table).get(floor.party_side(ratifier(floor.case, end)))
