"""What a person does with clocks: put one up for the room or for themselves, take it down."""

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.acting import act
from backchannel.desk.notebook import NO_ROOM, OwnClock, note
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.vault import Vault
from backchannel.errors import Refused, Violation
from backchannel.moves.clock import Clock, ClockDrop, Clocks, parse
from backchannel.said import said
from backchannel.wire.codec import encode


def put_up(room: Room, clock: Clock, now: int) -> Entry:
    """Say to everyone in the room that a time presses, and on whom."""
    may_act(room)
    if clock.at <= now:
        raise Refused("This time has passed already; give a later one, or note what happened then.")
    return act(room, "clock", clock, now)


def keep_private(vault: Vault, room: Room | None, clock: Clock, now: int) -> bytes:
    """Keep a clock in this desk's vault; nobody else learns of it. Gives its id there."""
    if clock.at <= now:
        raise Refused("This time has passed already; give a later one.")
    try:
        parse("clock", encode(clock))
    except Violation as violation:
        raise Refused(str(violation)) from violation
    kept = OwnClock(clock.what, clock.at, clock.felt_by, clock.hard, now)
    return note(vault, kept, NO_ROOM if room is None else room.id)


def take_down(room: Room, clock: EventId, now: int) -> Entry:
    """Take down a clock that somebody of one's own side put up."""
    seating = may_act(room)
    found = read(room.log, Clocks)
    if clock not in found.bodies or not found.stands(clock):
        raise Refused("There is no such clock in this room; `backchannel desk clock show` lists them.")
    author = room.member(room.entry(clock).author)
    if author is None or author.side != seating.seated[room.me].side:
        whose = said("another side") if author is None else author.side
        raise Refused(
            said(
                "This clock was put up by {whose}, and only that side takes it down; say that you see it otherwise.",
                whose=whose,
            )
        )
    return act(room, "clock-drop", ClockDrop(clock), now)
