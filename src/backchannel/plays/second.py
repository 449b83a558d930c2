"""Second plays, each of one thing that did not happen: that somebody answers the other way, or that something leaks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from backchannel.plays.case import Case, Expectation, Feature, RowNumber, Visibility
from backchannel.plays.clock import PlayClock
from backchannel.plays.course import LINES_AGREED
from backchannel.plays.enact.floor import DAY_MS
from backchannel.plays.enact.soundings import finish, give
from backchannel.plays.looks import Looks, Tried
from backchannel.plays.plan import wanteds
from backchannel.plays.questions import JOINT_YES, Question, question
from backchannel.plays.runner import Runner
from backchannel.plays.stage import stage
from backchannel.plays.what_if import NAME, rooms_alone


def askings(case: Case) -> list[tuple[Expectation, Question]]:
    """The expectations of a joint yes that ask something."""
    found = ((wanted, question(case, wanted)) for wanted in wanteds(case, JOINT_YES))
    return [(wanted, asks) for wanted, asks in found if asks is not None]


@asynccontextmanager
async def withheld(
    case: Case, wanted: Expectation, found: Question, *, joint: bool, raw: bool
) -> AsyncIterator[Tried | None]:
    """Ask the same once more: before the last one answers everything stands still; then they answer the other way.

    With a `joint` yes in the play itself they refuse here; else all say yes.
    """
    last = found.last
    kept = [row.n for row in found.rows if row.n < found.answers[last] or row.n == found.row.n]
    small = _joint_alone(case, replace(wanted, on=tuple(kept)), wanted.on)
    clock = PlayClock(small.timeline[0].at_ms - DAY_MS)
    async with stage(None, clock) as here:
        people = {person for room in small.rooms.values() for person in room.members} | set(found.people)
        await here.open_desks([small.people[person] for person in sorted(people)], raw=raw)
        runner = Runner(small, here, silent=frozenset({last}), agreeable=not joint)
        played = await runner.play()
        asking = runner.floor.asked.get(found.row.n)
        if asking is None:
            yield None
            return
        before = Looks(small, here.seats, played.tables, clock(), play=NAME)
        for person in found.people:
            before.soundings(person)
            for row in found.halves(person):
                before.search(person, row.gist)
        give(runner.floor, asking, last, [] if joint else list(range(1, len(found.terms) + 1)))
        await finish(runner.floor, asking)
        yield Tried(before, Looks(small, here.seats, played.tables, clock(), play=NAME))


def _joint_alone(case: Case, wanted: Expectation, on: tuple[RowNumber, ...]) -> Case:
    """A case of what some rows ask, and nothing else."""
    names = {row.said.room for row in map(case.row, on) if row.said is not None}
    rows = [case.row(n) for n in wanted.on]
    return replace(
        case,
        rooms={room.id: room for room in case.rooms.values() if room.id in names},
        timeline=tuple(
            replace(row, said=replace(row.said, onward=None, bearer=None))
            for row in rows
            if row.said is not None
        ),
        clocks={},
        kept_out=(),
        features=(Feature(NAME, "", (wanted,)),),
    )


def tight(case: Case) -> list[Expectation]:
    """The expectations of a line against which nothing leaks in the case itself."""
    return [
        wanted
        for wanted in wanteds(case, LINES_AGREED)
        if not any(case.row(n).vis is Visibility.LEAKED for n in wanted.on)
        and any(case.row(n).said is not None for n in wanted.on)
    ]


@asynccontextmanager
async def let_out(case: Case, wanted: Expectation, *, raw: bool) -> AsyncIterator[Looks]:
    """Play the rooms of some rows up to the last of these; then something leaks, and whoever hears of it raises the alarm."""
    private = tuple(n for n in wanted.on if case.row(n).said is not None)
    small = rooms_alone(case, replace(wanted, on=private), (replace(wanted, on=private),))
    clock = PlayClock(small.timeline[0].at_ms - DAY_MS)
    async with stage(None, clock) as here:
        people = {person for room in small.rooms.values() for person in room.members}
        await here.open_desks([small.people[person] for person in sorted(people)], raw=raw)
        runner = Runner(small, here)
        played = await runner.play()
        for table in runner.floor.tables.opened():
            finders = [person for person in table.in_order() if person in wanted.people]
            if finders and not table.closed:
                here.seats[finders[-1]].do("leak", "report", "--room", table.id)
        await runner.floor.settle()
        yield Looks(small, here.seats, played.tables, clock(), play=NAME)
