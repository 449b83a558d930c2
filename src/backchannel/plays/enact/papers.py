"""Rows that are said as papers: in their room or an aside, and again where a go-between takes them on."""

from backchannel.errors import OutOfMandate
from backchannel.plays import scenes
from backchannel.plays.case import Carry, Person, PersonId, Register, Row
from backchannel.plays.enact import rooms
from backchannel.plays.enact.floor import Floor
from backchannel.plays.tables import Table, aside_people
from backchannel.plays.terms import states

GONE_AFTER = "1h"  # what was said by word of mouth and is no understanding


async def say(floor: Floor, row: Row, *, further: bool = True) -> None:
    """Say a row where it is said, and `further` where it is taken on."""
    said = row.said
    assert said is not None, "a private row"
    table = await place(floor, row)
    await _put(floor, row, table, PersonId(row.by), _author(floor, row))
    if further:
        await _take_on(floor, row, table)


async def say_late(floor: Floor, row: Row) -> None:
    """Say what of a row has waited until now, at the time that it is by now."""
    table = await place(floor, row)
    if row.n not in table.events and not table.closed:
        await _put(floor, row, table, PersonId(row.by), _author(floor, row), at_ms=floor.stage.clock())
    await _take_on(floor, row, table)


async def _take_on(floor: Floor, row: Row, table: Table) -> None:
    """The go-between says a row again in another room."""
    said = row.said
    assert said is not None, "a private row"
    if said.onward is None or said.bearer is None:
        return
    await floor.settle()
    further, bearer, author = floor.tables.main(said.onward), said.bearer, _author(floor, row)
    if not further.id or further.closed:
        return
    named = author if author is not None or bearer == row.by else floor.case.people[PersonId(row.by)]
    floor.read(table)
    await _put(floor, row, further, bearer, named, at_ms=floor.stage.clock())


def _author(floor: Floor, row: Row) -> Person | None:
    return None if row.said is None or row.said.author is None else floor.case.people[row.said.author]


async def place(floor: Floor, row: Row) -> Table:
    """Give the room in which a row is said: its own, or an aside with exactly those who hear it."""
    said = row.said
    assert said is not None, "a private row"
    hear = aside_people(floor.case, row)
    table = floor.tables.main(said.room) if hear is None else floor.tables.aside(row, hear)
    floor.said_in[row.n] = table
    if hear is not None and not table.id:
        people = tuple(person for person in floor.case.rooms[said.room].members if person in hear)
        rooms.open_room(floor, table, PersonId(row.by))
        await rooms.let_in(floor, table, people)
        floor.stage.clock.go(row.at_ms, row.at_ms)
    return table


async def _put(
    floor: Floor,
    row: Row,
    table: Table,
    speaker: PersonId,
    author: Person | None,
    at_ms: int | None = None,
) -> None:
    """Say a row in one room."""
    said = row.said
    assert said is not None, "a private row"
    seat = floor.seat(speaker)
    carried: tuple[str, ...] = ()
    if author is not None:
        manner = Carry.PARAPHRASE if said.carry in {None, Carry.NOT_STATED} else said.carry
        carried = ("--for", author.name, "--manner", str(manner))
    answers = await floor.answers(row, table, seat)
    more: tuple[str, ...] = ("--returnable",) if row.n in floor.plan.handed_back else ()
    register = said.register
    if said.register is Register.ORAL:  # nothing but talk, and no word of it stays
        register, more = Register.TALK, ("--expires", GONE_AFTER)
    now = row.at_ms if at_ms is None else at_ms
    say = ("say", "--room", table.id, "--register", register, "--mandate", said.mandate)
    try:
        answer = seat.do(*say, *carried, *answers, *states(row), *more, "--", row.gist, now=now)
    except OutOfMandate:  # it was said all the same, and everyone sees that it went too far
        answer = seat.do("say", "--room", table.id, "--draft", "--beyond-mandate", now=now)
    table.events[row.n] = str(answer["id"])
    hearers = tuple(floor.case.people[each] for each in table.in_order() if each != speaker)
    floor.tell(scenes.Said(row, table.title, seat.person, hearers, author, str(answer.get("label", ""))))


async def hand_back(floor: Floor, draft: Row, answer: Row) -> None:
    """Whoever answered a draft hands it back; where they do not sit, whoever showed it there takes it back."""
    for table in floor.tables.opened():
        if draft.n not in table.events or table.closed:
            continue
        if PersonId(answer.by) in table.seated:
            person, act = PersonId(answer.by), "hand-back"
        else:
            person, act = _speaker(table, draft), "withdraw"
        await floor.settle(receipts=True)
        floor.seat(person).do(act, "--room", table.id, table.events[draft.n])
        await floor.settle()
        floor.tell(scenes.TakenBack(draft, table.title, floor.case.people[person], act == "hand-back"))


def _speaker(table: Table, row: Row) -> PersonId:
    assert row.said is not None, "a private row"
    if table.of == row.said.onward and row.said.bearer is not None:
        return row.said.bearer
    return PersonId(row.by)
