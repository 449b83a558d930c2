"""Clocks: what stands of them, and who takes them down."""

import pytest

from backchannel.channel.log import Log
from backchannel.errors import Violation
from backchannel.moves.clock import Clock, ClockDrop, parse, standing
from backchannel.wire.codec import encode
from round_table import in_any_order, seated, tell

STRIKE = Clock("The air strike", 100, ("A",), hard=False)


def up(log: Log) -> list[str]:
    return [one.clock.what for one in standing(log)]


@pytest.mark.parametrize(
    "body",
    [
        Clock("", 1, (), hard=False),
        Clock(" \n", 1, (), hard=False),
        Clock("x" * 501, 1, (), hard=False),
        Clock("x", 1, ("A", "A"), hard=False),
        Clock("x", 1, ("",), hard=False),
        Clock("x", 1, tuple(map(str, range(25))), hard=False),
    ],
)
def test_a_clock_that_says_nothing_or_too_much_is_refused(body: Clock) -> None:
    parse("clock", encode(Clock("x", -1, ("A", "B"), hard=True)))
    with pytest.raises(Violation, match="A clock says"):
        parse("clock", encode(body))
    with pytest.raises(Violation, match="names no clock"):
        parse("clock-drop", encode(ClockDrop(bytes(31))))


def test_only_the_side_that_put_a_clock_up_takes_it_down_and_any_order_of_arrival_says_the_same() -> None:
    world, pens = seated(("Ada", "A", "principal"), ("Ben", "B", "principal"), ("Abe", "A", "adviser"))
    ada, ben, abe = pens.values()
    clock = tell(world, ada, "clock", STRIKE, 1)
    tell(world, ben, "clock", Clock("The vote", 50, (), hard=True), 2)
    tell(world, ben, "clock-drop", ClockDrop(clock.id), 3)
    assert in_any_order(world, ben, up) == ["The vote", "The air strike"]
    tell(world, abe, "clock-drop", ClockDrop(clock.id), 4)
    assert in_any_order(world, ada, up) == ["The vote"]
    for pen in pens.values():
        assert pen.log is not None
        assert up(pen.log) == ["The vote"]


def test_what_takes_down_a_clock_that_its_author_had_not_seen_takes_nothing_down() -> None:
    world, pens = seated(("Ada", "A", "principal"), ("Abe", "A", "adviser"))
    ada, abe = pens.values()
    clock = ada.write("clock", STRIKE, 1)
    tell(world, abe, "clock-drop", ClockDrop(clock.id), 1, alone=True)
    world.say(ada, clock)
    world.settle()
    assert in_any_order(world, abe, up) == ["The air strike"]
