"""Plays a case row by row on a stage: opens its rooms, lets people in, says and notes what was said, at its true date.

Who speaks, who hears and what is kept apart comes from the fields of the case alone; prose is only said.
"""

from collections.abc import Awaitable, Callable
from typing import ParamSpec

from backchannel.errors import Refused
from backchannel.plays import scenes
from backchannel.plays.case import Case, Kind, PersonId, Row, RowNumber
from backchannel.plays.enact import (
    clocks,
    consent,
    deeds,
    leaks,
    lines,
    notes,
    oral,
    packages,
    papers,
    parallel,
    proof,
    ratification,
    rooms,
    scripts,
    sealing,
    soundings,
    standby,
    standing,
)
from backchannel.plays.enact.floor import DAY_MS, Floor, Played
from backchannel.plays.enact.speaking import two_sides
from backchannel.plays.plan import plan
from backchannel.plays.stage import Stage
from backchannel.plays.tables import Tables, cannot_say

BEFORE_MS = 1_800_000  # rooms are opened this long before the row that needs them
READING_MS = 120_000  # and what was said is read this long after
NOBODY_NOTES = "no room is open in which it could be noted"
NOBODY_SEALS = "nobody in its room speaks for a second side"

BEFORE = (clocks.wind, soundings.answer_first, consent.declare_first, consent.ask_first)
COURSE = (  # what follows a row that was read, for words of the case
    lines.agree,
    lines.alarm,
    scripts.pin,
    scripts.compare,
    ratification.ask,
    ratification.decide,
    ratification.once_more,
    proof.challenge,
    proof.answer,
    proof.disown,
    deeds.settle_late,
    deeds.call_broken,
)

P = ParamSpec("P")
Act = Callable[P, Awaitable[None] | None]


class Runner:
    """Plays one case on one stage."""

    def __init__(
        self,
        case: Case,
        stage: Stage,
        tell: scenes.Tell = scenes.silent,
        *,
        silent: frozenset[PersonId] = frozenset(),
        agreeable: bool = False,
    ) -> None:
        self.floor = Floor(case, stage, tell, plan(case), Tables(case), silent=silent, agreeable=agreeable)
        self._unnoted: list[Row] = []  # public rows that wait for a room to be open
        self._tried: set[RowNumber] = set()  # rows that were to be sealed when said

    async def play(self) -> Played:
        floor = self.floor
        clock, rows = floor.stage.clock, floor.case.timeline
        for place, row in enumerate(rows):
            before = rows[place - 1].at_ms if place else row.at_ms - DAY_MS
            after = rows[place + 1].at_ms if place + 1 < len(rows) else row.at_ms + DAY_MS
            clock.go(max((before + row.at_ms) // 2, row.at_ms - BEFORE_MS), row.at_ms - 1)
            await rooms.prepare(floor, row, row.at_ms - before)
            for act in BEFORE:
                await self.attempt(row, act, floor, row)
            clock.go(row.at_ms, (row.at_ms + after) // 2)
            await self._catch_up(row)
            await self._perform(row)
            clock.go(min(row.at_ms + READING_MS, (row.at_ms + after) // 2), (row.at_ms + after) // 2)
            await self._afterwards(row)
            await floor.settle(receipts=after - row.at_ms >= rooms.KEYS_AGE_MS)
        for seat in floor.stage.seats.values():
            seat.come_on_line()
        await floor.settle(receipts=True)
        await self.attempt(rows[-1], sealing.opening, floor, None)
        for row in self._unnoted:
            floor.played.rows.remove(row.n)
            floor.played.skipped[row.n] = NOBODY_NOTES
            floor.tell(scenes.Skipped(row, NOBODY_NOTES))
        floor.played.tables = tuple(floor.tables.opened())
        floor.played.end_ms = clock()
        return floor.played

    async def _perform(self, row: Row) -> None:
        floor = self.floor
        lodged = floor.plan.released.get(row.n)
        try:
            if lodged in floor.played.rows:
                await standby.release(floor, floor.case.row(lodged), floor.plan.lodged[lodged])
            reason = await self._enact(row)
        except Refused as refused:
            reason = f"a desk would not: {refused}"
        if reason:
            floor.played.skipped[row.n] = reason
            floor.tell(scenes.Skipped(row, reason))
        else:
            floor.played.rows.append(row.n)
        await floor.settle()

    async def _catch_up(self, row: Row) -> None:
        """What happened in public before any room was open goes on record once one is."""
        for earlier in tuple(self._unnoted):
            if await notes.note(self.floor, earlier, row):
                self._unnoted.remove(earlier)

    async def _enact(self, row: Row) -> str:
        """Play a row in the way of its kind; gives the reason why it cannot be."""
        if row.said is None:
            if not await notes.note(self.floor, row):
                self._unnoted.append(row)
            return ""
        if reason := cannot_say(self.floor.case, row):
            return reason
        standing.claim(self.floor, row)
        await self.attempt(row, proof.claim_first, self.floor, row)
        if row.kind is Kind.SIGNING:
            return await self._sign(row)
        if row.n in self.floor.plan.lodged:
            await standby.lodge(self.floor, row, self.floor.plan.lodged[row.n])
        elif row.n in self.floor.plan.joint:
            await soundings.ask(self.floor, row, self.floor.plan.joint[row.n])
        elif oral.is_oral(row):
            await oral.speak(self.floor, row)
        elif row.kind is Kind.PLEDGE:
            await deeds.pledge(self.floor, row)
        elif row.kind is Kind.DEED:
            await deeds.report(self.floor, row)
        else:
            await papers.say(self.floor, row)
        return ""

    async def _sign(self, row: Row) -> str:
        table = await papers.place(self.floor, row)
        if not two_sides(self.floor, table):
            return NOBODY_SEALS
        await sealing.seal_together(self.floor, row, table)
        return ""

    async def _afterwards(self, row: Row) -> None:
        """Who was kept off the line comes back, what came is read, and a text that was refused is handed back."""
        floor = self.floor
        back = floor.plan.on_line.get(row.n, frozenset())
        for person in back:
            floor.seat(person).come_on_line()
        if back:
            await floor.settle()
        for table in floor.tables.opened():
            if row.n in table.events or back:
                floor.read(table)
        if back:
            await floor.settle(receipts=True)
            floor.tell(scenes.Away(floor.people(back), back=True))
        if row.n in floor.plan.joint:
            await self.attempt(row, soundings.answer, floor, row, own=True)
        await self.attempt(row, soundings.answer, floor, row, own=False)
        if row.n in floor.played.rows:
            await self.attempt(row, soundings.sound_out, floor, row)
        await self.attempt(row, oral.confirm, floor)
        for draft, answer in floor.plan.handed_back.items():
            if answer == row.n and draft in floor.played.rows and row.n in floor.played.rows:
                await self.attempt(row, papers.hand_back, floor, floor.case.row(draft), row)
        await self._daylight(row)

    async def _daylight(self, row: Row) -> None:
        """What a row, when it has been read, brings into a sealed text or out of it."""
        floor = self.floor
        for n, at in floor.plan.sealed_at.items():
            waiting = n == at and n in floor.played.rows and n not in self._tried
            if waiting and sealing.waits(floor, floor.case.row(n)):
                self._tried.add(n)
                await self.attempt(row, sealing.when_said, floor, floor.case.row(n))
        if row.n not in floor.played.rows:
            return
        await self.attempt(row, standing.park, floor, row)
        for act in COURSE:
            await self.attempt(row, act, floor, row)
        await self.attempt(row, deeds.watch, floor, row)
        for wanted in floor.plan.linked.get(row.n, ()):
            await self.attempt(row, parallel.link, floor, wanted)
        if row.said is not None:
            await self.attempt(row, parallel.limit, floor, row)
            if row.n in floor.plan.searched:
                await self.attempt(row, packages.search, floor, floor.plan.searched[row.n])
            return
        await self.attempt(row, deeds.report_noted if row.kind is Kind.DEED else leaks.report, floor, row)
        await self.attempt(row, self._seal_public, row)
        await self.attempt(row, sealing.opening, floor, row)

    async def attempt(self, row: Row, act: Act[P], *args: P.args, **named: P.kwargs) -> None:
        """Do what belongs to a row beside its words; where a desk refuses it, it does not stand, and the play goes on."""
        try:
            doing = act(*args, **named)
            if doing is not None:
                await doing
        except Refused as refused:
            self.floor.tell(scenes.Refusal(row, str(refused)))

    async def _seal_public(self, row: Row) -> None:
        """Public words that both sides issue, or sign, are sealed by people of theirs who share a room."""
        floor = self.floor
        joint, all_of = floor.plan.surfaced.get(row.n), floor.plan.sealed_by_all.get(row.n)
        wanted = joint or all_of
        if wanted is None and row.n in floor.plan.course.referenda:
            return  # what needs ratifying is not sealed before
        table = None if wanted is None else sealing.room_of(floor, wanted.people)
        if table is None and all_of is None and (joint is not None or row.kind is Kind.SIGNING):
            table = sealing.room_for(floor, row, () if joint is None else joint.people)
        opened = table is None and all_of is not None
        if all_of is not None and opened:
            table = await sealing.room_to_sign(floor, row, all_of.people)
        if table is None:
            return
        numbers = (row.n,) if joint is None else joint.on
        rows = [floor.case.row(n) for n in numbers if n in floor.played.rows]
        await sealing.publish(floor, row, rows, table)
        if joint is not None:
            await sealing.surface(floor, row)
        if opened:
            await rooms.close(floor, table)
