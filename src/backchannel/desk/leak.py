"""What a person does when something has leaked: raise the alarm, take it off, agree what everybody says."""

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.speaking import binding
from backchannel.errors import Expired, Refused
from backchannel.moves.leak import (
    MAX_LEAK,
    MAX_LINE,
    MAX_PURPOSE,
    Leak,
    LeakLift,
    LeakLine,
    LeakLineAgree,
    standing,
)
from backchannel.said import said


def report(room: Room, text: str, now: int) -> Entry:
    """Raise the alarm on every desk of the room; no words are needed."""
    may_act(room)
    if len(text) > MAX_LEAK:
        raise Refused(
            said(
                "A report of a leak has at most {max_leak} characters; say the rest in a paper.",
                max_leak=MAX_LEAK,
            )
        )
    return act(room, "leak", Leak(text), now)


def lift(room: Room, target: EventId, now: int) -> Entry:
    """Take off an alarm that this person raised."""
    may_act(room)
    alarm = standing(room.log).alarms.get(target)
    if alarm is None:
        raise Refused("There is no such report of a leak in this room; see `backchannel desk leak show`.")
    if alarm.entry.author != room.me:
        raise Refused(
            said("Only {name}, who raised this alarm, can take it off.", name=room.name(alarm.entry.author))
        )
    if alarm.lifted is not None:
        raise Refused("This alarm has been taken off already.")
    return act(room, "leak-lift", LeakLift(target), now)


def set_line(room: Room, text: str, purpose: str, now: int) -> Entry:
    """Propose what all sides say when asked; for one's own side that is the yes."""
    binding(room, now)
    if not 0 < len(text.strip()) <= MAX_LINE:
        raise Refused(
            said(
                "A line has from 1 to {max_line} characters; it is to be said in one breath.",
                max_line=MAX_LINE,
            )
        )
    if not 0 < len(purpose.strip()) <= MAX_PURPOSE:
        raise Refused(
            said(
                "Say in at most {max_purpose} characters for what case the line is.", max_purpose=MAX_PURPOSE
            )
        )
    return act(room, "leak-line", LeakLine(text.strip(), purpose.strip()), now)


def agree_line(room: Room, target: EventId, now: int) -> Entry:
    """Say that this side will hold to a line."""
    side, line = binding(room, now), standing(room.log).lines.get(target)
    if line is None:
        raise Refused("There is no such line in this room; see `backchannel desk leak show`.")
    if line.body is None:
        raise Expired(
            "The words of this line have gone; propose it again with `backchannel desk leak line set`."
        )
    if side in line.agreed:
        raise Refused("Your side has agreed to this line already.")
    if side not in line.sides:
        raise Refused("Nobody spoke for your side when this line was proposed; propose it again.")
    return act(room, "leak-line-agree", LeakLineAgree(target), now)
