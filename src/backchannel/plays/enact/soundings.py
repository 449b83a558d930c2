"""Feelers and soundings: what is asked so that only a yes of all shows, and what is said only once there is one."""

from backchannel.channel.members import Role
from backchannel.plays import scenes
from backchannel.plays.case import PersonId, Row
from backchannel.plays.enact import papers, rooms
from backchannel.plays.enact.floor import DAY_MS, Asked, Floor, written
from backchannel.plays.enact.speaking import speakers
from backchannel.plays.plan import meant
from backchannel.plays.questions import ASKS, Question, accepts, asked, option, speaks_in
from backchannel.plays.tables import Table

FEWEST = 2  # sides, below which nothing can be joint
ANSWERED_WITHIN_MS = 30 * DAY_MS


async def ask(floor: Floor, row: Row, question: Question) -> None:
    """Ask what a row asks before it is said to anybody who is asked: it goes to them only once there is a joint yes."""
    table, apart = await _table(floor, question)
    others = set(question.people) - {PersonId(row.by)}
    waits = bool(others & set(meant(floor.case, row)))
    asking = Asked(question, table, "", list(question.people), apart, waits)
    asking.id = _open(floor, table, question)
    floor.asked[row.n] = asking
    if not waits:
        await papers.say(floor, row)
    elif not others & set(row.said.to_people if row.said is not None else ()):
        await papers.say(floor, row, further=False)
    floor.said_in.setdefault(row.n, table)
    await floor.settle()


async def answer(floor: Floor, row: Row, *, own: bool) -> None:
    """Let those answer for whom it is time: before they say a row themselves, or after they heard it."""
    for asking in floor.asked.values():
        question = asking.question
        due = [
            person
            for person in asking.missing
            if question.answers[person] == row.n
            and speaks_in(row, person) == own
            and person not in floor.silent
        ]
        for person in due:
            terms = question.terms
            yes = [n for n, term in enumerate(terms, 1) if floor.accepts(question.rows, person, term)]
            give(floor, asking, person, yes)
        if due:
            await floor.settle()
            if not asking.missing:
                await _end(floor, asking)


async def answer_first(floor: Floor, row: Row) -> None:
    """Who says a row has answered what was asked before; what the row itself asks comes after it."""
    if row.n not in floor.plan.joint:
        await answer(floor, row, own=True)


def give(floor: Floor, asking: Asked, person: PersonId, yes: list[int]) -> None:
    """Somebody tells their own desk which options they could live with."""
    marks = ("--yes", ",".join(map(str, yes))) if yes else ("--none",)
    floor.seat(person).do("sound", "answer", *asking.about, *marks)
    asking.missing.remove(person)


async def finish(floor: Floor, asking: Asked) -> None:
    """Wait until the desks of all who were asked know what came of it."""
    seats = [floor.seat(person) for person in asking.question.people]
    await floor.stage.until(
        lambda: all(seat.do("sound", "show", *asking.about)["soundings"][0]["ended"] for seat in seats),
        "a sounding had ended",
    )
    await floor.settle()
    joint = seats[0].do("sound", "show", *asking.about)["soundings"][0]["joint"]
    asking.joint = tuple(joint or ())


async def _end(floor: Floor, asking: Asked) -> None:
    await finish(floor, asking)
    row, question = asking.question.row, asking.question
    options = tuple(option(floor.case, question.terms[n - 1]) for n in asking.joint)
    floor.tell(scenes.Sounded(row, floor.people(question.people), len(question.terms), options))
    if asking.waits and asking.joint:
        await papers.say_late(floor, row)
        await floor.settle()
    if asking.apart:
        await rooms.close(floor, asking.table)


async def sound_out(floor: Floor, row: Row) -> None:
    """A feeler that was said where two sides can answer is asked there as well: all of them answer at once."""
    table, terms = floor.said_in.get(row.n), asked(row)
    if row.kind not in ASKS or not terms or row.n in floor.asked or table is None or table.closed:
        return
    people, by = tuple(speakers(floor, table).values()), PersonId(row.by)
    opens = by in people or floor.case.people[by].role is Role.GO_BETWEEN
    ready = all(floor.seat(person).on_line for person in people)
    if len(people) < FEWEST or not opens or not ready:
        return
    question = Question(row, (row,), terms, people, dict.fromkeys(people, row.n))
    asking = Asked(question, table, _open(floor, table, question), list(people), apart=False, waits=False)
    floor.asked[row.n] = asking
    await floor.settle()
    for person in people:
        yes = [n for n, term in enumerate(terms, 1) if accepts(floor.case, (row,), person, term)]
        give(floor, asking, person, yes)
    await _end(floor, asking)


def _open(floor: Floor, table: Table, question: Question) -> str:
    """Put the options before the room: a go-between if one hears the row there, so that nobody sees who asks."""
    row, case = question.row, floor.case
    heard = [person for person in table.in_order() if person in meant(case, row)]
    between = [person for person in heard if case.people[person].role is Role.GO_BETWEEN]
    own = [person for person in question.people if person in heard]
    opener = (between or own or list(question.people))[0]
    names = [case.people[person].name for person in question.people if person != opener]
    until = max([row.at_ms, *(each.at_ms for each in question.rows)]) + ANSWERED_WITHIN_MS
    words = ("--about", table.title[:200], "--by", written(until))
    opened = floor.seat(opener).do(
        *("sound", "open", "options", "--room", table.id, *words),
        *(word for name in names for word in ("--with", name)),
        words_told="\n".join(option(case, term) for term in question.terms),
    )
    return str(opened["sounding"])


async def _table(floor: Floor, question: Question) -> tuple[Table, bool]:
    """An open room in which all who are asked sit, else one with them and who goes between them, for this alone."""
    case, row = floor.case, question.row
    fitting = [
        table
        for table in floor.tables.opened()
        if not table.closed and set(question.people) <= set(table.seated)
    ]
    if fitting:
        return min(fitting, key=lambda table: len(table.seated)), False
    between = [
        person
        for each in question.rows
        for person in (PersonId(each.by), *(each.said.to_people if each.said is not None else ()))
        if case.people[person].desk and case.people[person].role is Role.GO_BETWEEN
    ]
    people = tuple(dict.fromkeys((*between[:1], *question.people)))
    table = floor.tables.sounding(row)
    rooms.open_room(floor, table, people[0])
    await rooms.let_in(floor, table, people)
    floor.stage.clock.go(row.at_ms, row.at_ms)
    return table, True
