"""A room of pens in which some people are seated, and its record as it may arrive in any order."""

import random
from collections.abc import Callable
from typing import TypeVar

from backchannel.channel.log import Log
from backchannel.channel.members import Approve, Request
from backchannel.wire.codec import Record, encode
from pens import ROOM, Pen, Sheet, World, credential, founded

T = TypeVar("T")
TWO_SIDES = (("Ada", "A", "principal"), ("Ben", "B", "principal"))


def seated(*people: tuple[str, str, str]) -> tuple[World, dict[str, Pen]]:
    """Seat people, each with a name, a side and a role; all say yes to all."""
    world = World(random.Random(1))
    first, *others = people or TWO_SIDES
    founder, epoch = founded(credential(*first))
    world.pens.append(founder)
    world.sheets.append(epoch)
    for one in others:
        come(world, *one)
    return world, {pen.credential.name: pen for pen in world.pens}


def come(world: World, name: str, side: str, role: str) -> Pen:
    """Seat one person more."""
    guest, host = Pen(credential(name, side, role)), world.pens[0]
    world.pens.append(guest)
    world.say(host, host.write("request", Request(encode(guest.credential)), 0))
    world.settle()
    for pen in [known for known in world.pens if known.seated]:
        for motion in log_of(pen).seating().motions.values():
            if not motion.carried:
                world.say(pen, pen.write("approve", Approve(motion.id), 0))
    world.settle()
    return guest


def log_of(pen: Pen) -> Log:
    assert pen.log is not None
    return pen.log


def tell(
    world: World, pen: Pen, kind: str, body: Record, at: int, *, alone: bool = False, item: bool = False
) -> Sheet:
    """Say something; everybody has it before anything else is said, unless it is `alone` on its way."""
    written = pen.write(kind, body, at, item=item)
    world.say(pen, written)
    if not alone:
        world.settle()
    return written


def in_any_order(world: World, pen: Pen, facts: Callable[[Log], T], times: int = 5) -> T:
    """Give what is read off a pen's record, having seen that it is the same in any order of arrival and read at each step."""
    log = log_of(pen)
    wanted = facts(log)
    sheets = [written for written in world.sheets if written.id in log.entries]
    assert len(sheets) == len(log.entries)
    for seed in range(times):
        order = random.Random(seed)
        order.shuffle(sheets)
        other = Log(ROOM, log.first_epoch, log.root)
        for written in [*sheets, *sheets[:3]]:
            other.add(written.arrival())
            if order.random() < 0.3:
                facts(other)
        assert facts(other) == wanted
    return wanted
