"""Opens the rooms of a case, lets people in as anyone is let in, and empties them when they close."""

from backchannel.plays import scenes
from backchannel.plays.case import Case, Person, PersonId, Row
from backchannel.plays.enact.floor import DAY_MS, Floor
from backchannel.plays.plan import usable
from backchannel.plays.seat import Seat
from backchannel.plays.tables import Table, side_of

KEYS_AGE_MS = 10 * DAY_MS  # a silence after which desks change keys of their own accord


async def prepare(floor: Floor, row: Row, silent_ms: int) -> None:
    """Close, leave, open and join as the case says; then let the line fall quiet in the new hour."""
    case = floor.case
    for table in floor.tables.opened():
        room = case.rooms[table.of]
        if not table.closed and room.closed is not None and room.closed < row.n:
            await close(floor, table)
        gone = [person for person in table.seated if room.leaves.get(person, row.n) < row.n]
        for person in gone:
            _go(floor, table, person)
    # after a long silence new keys are told first
    await floor.settle(receipts=silent_ms >= KEYS_AGE_MS)
    for table in floor.tables.of_rooms():
        people = usable(case, case.rooms[table.of], row.n)
        if table.closed or not people:
            continue
        if not table.id:
            open_room(floor, table, people[0])
        await let_in(floor, table, people)
    away = floor.plan.off_line.get(row.n, frozenset())
    await floor.settle(receipts=bool(away))
    for person in away:
        await floor.seat(person).go_off_line()
    if away:
        floor.tell(scenes.Away(floor.people(away), back=False))


def open_room(floor: Floor, table: Table, founder: PersonId) -> None:
    seat = floor.seat(founder)
    first, last = floor.case.timeline[0], floor.case.timeline[-1]
    days = 366 + (last.at_ms - first.at_ms) // DAY_MS  # texts live longer than the play lasts
    opened = seat.do(
        *("open-room", "--title", table.title, "--kind", table.kind, "--retention", f"{days}d"),
        *_place(floor, seat.person),
    )
    table.id = str(opened["room"])
    table.came(founder)
    seat.do("read", "--room", table.id, "--tell", "yes")
    floor.tell(scenes.Opened(table.title, floor.case.rooms[table.of], seat.person, floor.stage.clock()))


async def let_in(floor: Floor, table: Table, people: tuple[PersonId, ...]) -> None:
    for person in people:
        if person not in table.were_seated:
            await _bring(floor, table, person)


async def _bring(floor: Floor, table: Table, person: PersonId) -> None:
    """Let somebody in as anyone is let in: an address, three words by another path, and a yes of every side."""
    host, guest = floor.seat(table.in_order()[0]), floor.seat(person)
    for seat in (guest, *(floor.seat(each) for each in table.seated)):
        seat.come_on_line()
    invited = host.do(
        "invite", "--room", table.id, "--name", guest.person.name, *_place(floor, guest.person)[:4]
    )
    address, words = str(invited["address"]), str(invited["words"])
    await floor.settle()  # the meeting place is open before anyone comes to it
    guest.do("join", address, "--name", guest.person.name, words_told=words)
    members = [floor.seat(each) for each in table.in_order()]
    await floor.stage.until(
        lambda: all(_asks(seat, table, guest.person) is not None for seat in members),
        f"{guest.person.name} had asked to come in",
    )
    voices = _voices(members, floor.case)
    for seat in voices:
        motion = _asks(seat, table, guest.person)
        seat.do("admit", "--room", table.id, str(motion))
    await floor.stage.until(lambda: _in_room(guest, table), f"{guest.person.name} was let in")
    table.came(person)
    await floor.settle()
    guest.do("read", "--room", table.id, "--tell", "yes")
    floor.tell(
        scenes.Came(
            table.title, host.person, guest.person, words, address,
            tuple(seat.person for seat in voices), floor.stage.clock(),
        )
    )  # fmt: skip


def _place(floor: Floor, person: Person) -> tuple[str, ...]:
    return ("--side", floor.side(person.id), "--role", person.role, "--name", person.name)


async def close(floor: Floor, table: Table) -> None:
    """Everybody leaves a room, once all hold the same of it."""
    for person in tuple(table.seated):
        floor.seat(person).come_on_line()
    await floor.settle(receipts=True)
    for person in table.in_order():
        _go(floor, table, person)
    table.closed = True
    floor.tell(scenes.Closed(table.title))


def _go(floor: Floor, table: Table, person: PersonId) -> None:
    floor.seat(person).do("leave", "--room", table.id, "--yes")
    table.went(person)


def _voices(members: list[Seat], case: Case) -> list[Seat]:
    """One member of every side, and a second where one person alone would be heard."""
    first_of: dict[str, Seat] = {}
    for seat in members:
        first_of.setdefault(side_of(seat.person, case.parties), seat)
    voices = list(first_of.values())
    others = [seat for seat in members if seat not in voices]
    return voices + others[:1] if len(voices) == 1 else voices


def _asks(seat: Seat, table: Table, person: Person) -> str | None:
    """The id under which somebody asks to come into a room, as a member sees it."""
    for request in seat.do("requests", "--room", table.id)["requests"]:
        if request["who"]["name"] == person.name:
            return str(request["who"]["id"])
    return None


def _in_room(seat: Seat, table: Table) -> bool:
    return any(room["id"] == table.id and room["state"] == "open" for room in seat.do("rooms")["rooms"])
