"""A second, small play of what did not happen: a promise is made public before it is performed, and lapses by its rule."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from backchannel.errors import Refused
from backchannel.plays import scenes
from backchannel.plays.case import Case, Expectation, Feature, PersonId, Row
from backchannel.plays.clock import PlayClock
from backchannel.plays.enact.floor import DAY_MS, Floor, written
from backchannel.plays.enact.speaking import speakers
from backchannel.plays.kept import leave
from backchannel.plays.looks import Looks, WhatIf
from backchannel.plays.plan import HELD_TEXT_NONE, LAPSED_IF_PUBLISHED, wanteds
from backchannel.plays.runner import Runner
from backchannel.plays.stage import stage

NAME = "what-if"  # of its folder beside the relay, the traffic and the desks of the play
SOURCE = "What if: a newspaper prints it"


def asked(case: Case) -> list[Expectation]:
    """The expectations of a lapse for which no row of their list publishes anything: that is to be tried apart."""
    return [
        wanted
        for wanted in wanteds(case, LAPSED_IF_PUBLISHED)
        if all(case.row(n).said is not None for n in wanted.on)
    ]


@asynccontextmanager
async def what_if(
    case: Case, wanted: Expectation, keep: Path | None, tell: scenes.Tell, *, raw: bool
) -> AsyncIterator[WhatIf]:
    """Play the rooms of some rows up to these rows and no further; then the other side publishes."""
    small = rooms_alone(case, wanted, tuple(wanteds(case, HELD_TEXT_NONE)))
    clock = PlayClock(small.timeline[0].at_ms - DAY_MS)
    async with stage(None if keep is None else keep / NAME, clock) as here:
        people = {person for room in small.rooms.values() for person in room.members}
        await here.open_desks([small.people[person] for person in sorted(people)], raw=raw)
        runner = Runner(small, here)
        played = await runner.play()
        seated = tuple(person for person in wanted.people if person in here.seats)
        looks = Looks(small, here.seats, played.tables, clock())
        rows = [small.row(n) for n in wanted.on if n in runner.floor.promises]
        before = {person: [held for row in rows for held in looks.of_row(person, row)] for person in seated}
        refused = [await _publish(runner.floor, row, tell) for row in rows]
        after = Looks(small, here.seats, played.tables, clock(), play=NAME)
        if keep is not None:
            leave(case, here, played.tables)
        yield WhatIf(before, after, bool(refused) and all(refused))


async def _publish(floor: Floor, row: Row, tell: scenes.Tell) -> bool:
    """The side to which something was promised publishes it; gives whether that side could not also end it."""
    table, promise = floor.said_in[row.n], floor.promises[row.n]
    mine = floor.side(PersonId(row.by))
    sides = speakers(floor, table)
    publisher = next(side for side in sides if side != mine)
    author, other = floor.seat(sides[mine]), floor.seat(sides[publisher])
    group = "understanding" if row.n in floor.understandings else "pledge"
    shown = ("desk", group, "show", "--room", table.id, promise)
    before = author.lines(*shown)
    by = ("--by", publisher, "--source", SOURCE, "--at", written(floor.stage.clock()))
    author.do("published", "--room", table.id, promise, *by)
    await floor.settle()
    try:
        other.do("lapse", "--room", table.id, promise)
        refused = False
    except Refused:
        refused = True
    with suppress(Refused):  # it may have lapsed by itself
        author.do("lapse", "--room", table.id, promise)
    await floor.settle(receipts=True)
    tell(scenes.WhatIf(row, other.person, author.person, tuple(before), tuple(author.lines(*shown))))
    return refused


def rooms_alone(case: Case, wanted: Expectation, wanteds: tuple[Expectation, ...]) -> Case:
    """A case of nothing but the rooms of some rows, up to the last of these, with nobody carrying anything elsewhere."""
    names = {row.said.room for row in map(case.row, wanted.on) if row.said is not None}
    rows = tuple(
        replace(row, said=replace(row.said, onward=None, bearer=None))
        for row in case.timeline
        if row.said is not None and row.said.room in names and row.n <= wanted.on[-1]
    )
    numbers = {row.n for row in rows}
    asked = (replace(each, on=tuple(n for n in each.on if n in numbers)) for each in wanteds)
    return replace(
        case,
        rooms={room.id: room for room in case.rooms.values() if room.id in names},
        timeline=rows,
        clocks={},
        kept_out=(),
        features=(Feature(NAME, "", tuple(each for each in asked if each.on)),),
    )
