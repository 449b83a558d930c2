"""Plays a case row by row on a stage: opens its rooms, lets people in, says and notes what was said, at its true date.

Who speaks, who hears and what is kept apart comes from the fields of the case alone; prose is only said.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from backchannel.errors import Refused
from backchannel.plays import scenes
from backchannel.plays.case import (
    Carry,
    Case,
    Person,
    PersonId,
    Row,
    RowNumber,
)
from backchannel.plays.plan import Plan, noters, plan, usable
from backchannel.plays.seat import Seat
from backchannel.plays.stage import Stage
from backchannel.plays.tables import Table, Tables, aside_people, cannot_say, side_of

DAY_MS = 86_400_000
BEFORE_MS = 1_800_000  # rooms are opened this long before the row that needs them
READING_MS = 120_000  # and what was said is read this long after
KEYS_AGE_MS = 10 * DAY_MS  # a silence after which desks change keys of their own accord
NOBODY_NOTES = "no room is open in which it could be noted"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Played:
    """What became of each row."""

    rows: list[RowNumber] = field(default_factory=list)
    skipped: dict[RowNumber, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    end_ms: int = 0


class Runner:
    """Plays one case on one stage."""

    def __init__(self, case: Case, stage: Stage, tell: scenes.Tell = scenes.silent) -> None:
        self.case = case
        self.stage = stage
        self.tell = tell
        self.plan: Plan = plan(case)
        self.tables = Tables(case)
        self.played = Played()
        self._days = 366 + (case.timeline[-1].at_ms - case.timeline[0].at_ms) // DAY_MS

    async def play(self) -> Played:
        rows = self.case.timeline
        for place, row in enumerate(rows):
            before = rows[place - 1].at_ms if place else row.at_ms - DAY_MS
            after = rows[place + 1].at_ms if place + 1 < len(rows) else row.at_ms + DAY_MS
            self.stage.clock.go(max((before + row.at_ms) // 2, row.at_ms - BEFORE_MS), row.at_ms - 1)
            await self._prepare(row, row.at_ms - before)
            self.stage.clock.go(row.at_ms, (row.at_ms + after) // 2)
            await self._perform(row)
            self.stage.clock.go(
                min(row.at_ms + READING_MS, (row.at_ms + after) // 2), (row.at_ms + after) // 2
            )
            await self._afterwards(row)
            await self.stage.settle(receipts=after - row.at_ms >= KEYS_AGE_MS)
        for seat in self.stage.seats.values():
            seat.come_on_line()
        await self.stage.settle(receipts=True)
        self.played.tables = tuple(self.tables.opened())
        self.played.end_ms = self.stage.clock()
        return self.played

    # -- before a row -------------------------------------------------------------------------------------

    async def _prepare(self, row: Row, silent_ms: int) -> None:
        """Close, leave, open and join as the case says; then let the line fall quiet in the new hour."""
        for table in self.tables.opened():
            room = self.case.rooms[table.of]
            if not table.closed and room.closed is not None and room.closed < row.n:
                await self._close(table)
            gone = [person for person in table.seated if room.leaves.get(person, row.n) < row.n]
            for person in gone:
                self._go(table, person)
        await self.stage.settle(
            receipts=silent_ms >= KEYS_AGE_MS
        )  # after a long silence new keys are told first
        for table in self.tables.of_rooms():
            room = self.case.rooms[table.of]
            people = usable(self.case, room, row.n)
            if table.closed or not people:
                continue
            if not table.id:
                self._open(table, people[0])
            await self._let_in(table, people)
        away = self.plan.off_line.get(row.n, frozenset())
        await self.stage.settle(receipts=bool(away))
        for person in away:
            await self._seat(person).go_off_line()
        if away:
            self.tell(scenes.Away(self._people(away), back=False))

    def _open(self, table: Table, founder: PersonId) -> None:
        seat = self._seat(founder)
        opened = seat.do(
            *("open", "--title", table.title, "--kind", table.kind, "--retention", f"{self._days}d"),
            *self._place(seat.person),
        )
        table.id = str(opened["room"])
        table.came(founder)
        seat.do("read", "--room", table.id, "--tell", "yes")
        self.tell(scenes.Opened(table.title, self.case.rooms[table.of], seat.person, self.stage.clock()))

    async def _let_in(self, table: Table, people: tuple[PersonId, ...]) -> None:
        for person in people:
            if person not in table.were_seated:
                await self._bring(table, person)

    async def _bring(self, table: Table, person: PersonId) -> None:
        """Let somebody in as anyone is let in: an address, three words by another path, and a yes of every side."""
        host, guest = self._seat(table.in_order()[0]), self._seat(person)
        for seat in (guest, *(self._seat(each) for each in table.seated)):
            seat.come_on_line()
        invited = host.do(
            "invite", "--room", table.id, "--name", guest.person.name, *self._place(guest.person)[:4]
        )
        address, words = str(invited["address"]), str(invited["words"])
        await self.stage.settle()  # the meeting place is open before anyone comes to it
        guest.do("join", address, "--name", guest.person.name, words_told=words)
        members = [self._seat(each) for each in table.in_order()]
        await self.stage.until(
            lambda: all(_asks(seat, table, guest.person) is not None for seat in members),
            f"{guest.person.name} had asked to come in",
        )
        voices = _voices(members, self.case)
        for seat in voices:
            motion = _asks(seat, table, guest.person)
            seat.do("admit", "--room", table.id, str(motion))
        await self.stage.until(lambda: _in_room(guest, table), f"{guest.person.name} was let in")
        table.came(person)
        await self.stage.settle()
        guest.do("read", "--room", table.id, "--tell", "yes")
        self.tell(
            scenes.Came(
                table.title, host.person, guest.person, words, address,
                tuple(seat.person for seat in voices), self.stage.clock(),
            )
        )  # fmt: skip

    def _place(self, person: Person) -> tuple[str, ...]:
        side = side_of(person, self.case.parties)
        return ("--side", side, "--role", person.role, "--name", person.name)

    async def _close(self, table: Table) -> None:
        for person in tuple(table.seated):
            self._seat(person).come_on_line()
        await self.stage.settle(receipts=True)
        for person in table.in_order():
            self._go(table, person)
        table.closed = True
        self.tell(scenes.Closed(table.title))

    def _go(self, table: Table, person: PersonId) -> None:
        self._seat(person).do("leave", "--room", table.id, "--yes")
        table.went(person)

    # -- a row --------------------------------------------------------------------------------------------

    async def _perform(self, row: Row) -> None:
        try:
            reason = await self._note(row) if row.said is None else await self._say(row)
        except Refused as refused:
            reason = f"a desk would not: {refused}"
        if reason:
            self.played.skipped[row.n] = reason
            self.tell(scenes.Skipped(row, reason))
        else:
            self.played.rows.append(row.n)
        await self.stage.settle()

    async def _say(self, row: Row) -> str:
        said = row.said
        assert said is not None, "a private row"
        if reason := cannot_say(self.case, row):
            return reason
        table = self.tables.main(said.room)
        if (hear := aside_people(self.case, row)) is not None:
            table = self.tables.aside(row, hear)
            if not table.id:
                people = tuple(person for person in self.case.rooms[said.room].members if person in hear)
                self._open(table, PersonId(row.by))
                await self._let_in(table, people)
                self.stage.clock.go(row.at_ms, row.at_ms)
        author = None if said.author is None else self.case.people[said.author]
        await self._put(row, table, PersonId(row.by), author)
        if said.onward is not None and said.bearer is not None:
            await self.stage.settle()
            further = self.tables.main(said.onward)
            if not further.id:
                return ""
            bearer = said.bearer
            named = author if author is not None or bearer == row.by else self.case.people[PersonId(row.by)]
            await self._read(table)
            await self._put(row, further, bearer, named, at_ms=self.stage.clock())
        return ""

    async def _put(
        self, row: Row, table: Table, speaker: PersonId, author: Person | None, at_ms: int | None = None
    ) -> None:
        """Say a row in one room."""
        said = row.said
        assert said is not None, "a private row"
        seat = self._seat(speaker)
        carried: tuple[str, ...] = ()
        if author is not None:
            manner = Carry.PARAPHRASE if said.carry in {None, Carry.NOT_STATED} else said.carry
            carried = ("--for", author.name, "--manner", str(manner))
        answers = await self._answers(row, table, seat)
        answer = seat.do(
            *("say", "--room", table.id, "--register", said.register, "--mandate", said.mandate),
            *(*carried, *answers, "--", row.gist),
            now=row.at_ms if at_ms is None else at_ms,
        )
        table.events[row.n] = str(answer["id"])
        hearers = tuple(self.case.people[each] for each in table.in_order() if each != speaker)
        self.tell(scenes.Said(row, table.title, seat.person, hearers, author, str(answer.get("label", ""))))

    async def _note(self, row: Row) -> str:
        """Put a public row on the record of every open room that it concerns."""
        titles = []
        for room, person in noters(self.case, row).items():
            table = self.tables.main(room)
            seat = self._seat(person)
            answers = await self._answers(row, table, seat)
            source = row.via or row.by
            answer = seat.do(
                *("note", "--room", table.id, "--source", source[:200], "--at", written(row.at_ms)),
                *(*answers, "--", row.gist),
                now=row.at_ms,
            )
            table.events[row.n] = str(answer["id"])
            titles.append(table.title)
        if titles:
            self.tell(scenes.Noted(row, tuple(titles)))
        return "" if titles else NOBODY_NOTES

    async def _answers(self, row: Row, table: Table, seat: Seat) -> tuple[str, ...]:
        """Point at the row this one answers, if it is on the record of this room and the speaker has it."""
        answered = None if row.answers is None else table.events.get(row.answers)
        if answered is None:
            return ()
        if not _holds(seat, table, answered) and row.said is not None and not seat.on_line:
            seat.come_on_line()
            await self.stage.settle()
        return ("--answers", answered) if _holds(seat, table, answered) else ()

    # -- after a row --------------------------------------------------------------------------------------

    async def _afterwards(self, row: Row) -> None:
        """Who was kept off the line comes back, what came is read, and a text that was handed back is withdrawn."""
        back = self.plan.on_line.get(row.n, frozenset())
        for person in back:
            self._seat(person).come_on_line()
        if back:
            await self.stage.settle()
        for table in self.tables.opened():
            if row.n in table.events or back:
                await self._read(table)
        if back:
            await self.stage.settle(receipts=True)
            self.tell(scenes.Away(self._people(back), back=True))
        for draft, answer in self.plan.taken_back.items():
            if answer == row.n and draft in self.played.rows and row.n in self.played.rows:
                await self._take_back(self.case.row(draft))

    async def _read(self, table: Table) -> None:
        for person in table.seated:
            seat = self._seat(person)
            if seat.on_line:
                seat.do("read", "--room", table.id)

    async def _take_back(self, draft: Row) -> None:
        for table in self.tables.opened():
            if draft.n in table.events and not table.closed:
                speaker = self._author(table, draft)
                self._seat(speaker).do("withdraw", "--room", table.id, table.events[draft.n])
                await self.stage.settle()
                self.tell(scenes.TakenBack(draft, table.title, self.case.people[speaker]))

    def _author(self, table: Table, row: Row) -> PersonId:
        assert row.said is not None, "a private row"
        if table.of == row.said.onward and row.said.bearer is not None:
            return row.said.bearer
        return PersonId(row.by)

    def _seat(self, person: PersonId) -> Seat:
        return self.stage.seats[person]

    def _people(self, people: Iterable[PersonId]) -> tuple[Person, ...]:
        return tuple(person for person in self.case.people.values() if person.id in set(people))


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


def _holds(seat: Seat, table: Table, event: str) -> bool:
    return any(item["id"] == event for item in seat.do("show", "--room", table.id)["items"])


def written(at_ms: int) -> str:
    """Write a moment as a person types it."""
    return f"{EPOCH + timedelta(milliseconds=at_ms):%Y-%m-%d %H:%M:%S} UTC"
