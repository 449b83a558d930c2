"""What a person does about a room's sunset: propose it, agree, choose; and what a paused or closed room refuses."""

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.when import date
from backchannel.errors import Blocked, Refused
from backchannel.moves.seal import SPEAKERS
from backchannel.moves.sunset import (
    Choice,
    Standing,
    State,
    Sunset,
    SunsetAgree,
    SunsetChoice,
    proposals,
    standing,
)
from backchannel.said import joined, said

CHOOSE = said("`backchannel desk sunset choose`")


def propose(room: Room, at: int, now: int) -> Entry:
    """Propose, for this side, a time at which each side is to choose how to go on."""
    _side(room)
    if at <= now:
        raise Refused("This time has passed already; propose a later one.")
    return act(room, "sunset", Sunset(at), now)


def agree(room: Room, target: EventId, now: int) -> Entry:
    """Agree, for this side, to a proposed sunset."""
    side = _side(room)
    found = next((one for one in proposals(room.log) if one.entry.id == target), None)
    if found is None:
        raise Refused("There is no such sunset in this room; see `backchannel desk sunset show`.")
    if side not in found.sides:
        raise Refused(
            said(
                "This was proposed before {side} was here; propose it anew with `backchannel desk sunset set`.",
                side=side,
            )
        )
    if side in found.agreed:
        raise Refused(said("{side} has agreed to this already.", side=side))
    if found.at <= now:
        raise Refused("The time proposed has passed; propose a later one with `backchannel desk sunset set`.")
    return act(room, "sunset-agree", SunsetAgree(target), now)


def choose(room: Room, choice: Choice, until: int | None, now: int) -> Entry:
    """Choose, for this side, what becomes of the room at its sunset."""
    side = _side(room)
    found = standing(room.log, now)
    if found is None:
        raise Refused("No sunset stands in this room; propose one with `backchannel desk sunset set`.")
    _check_open(found)
    if side not in found.proposal.sides:
        raise Refused(
            said(
                "This sunset was agreed before {side} was here; propose another with `backchannel desk sunset set`.",
                side=side,
            )
        )
    if found.settled:
        raise Refused("This is settled already: every side has chosen to go on, or one to close.")
    if (until is not None) != (choice is Choice.CONTINUE):
        raise Refused("Say with --until how long to go on if you choose to continue, and not otherwise.")
    if until is not None and until <= max(now, found.due):
        raise Refused(
            said("To go on, name a time after the sunset of {due} that has not passed.", due=date(found.due))
        )
    return act(room, "sunset-choice", SunsetChoice(found.proposal.entry.id, found.due, choice, until), now)


def may_talk(room: Room, now: int) -> None:
    """Refuse a paper in a room that its sunset has paused or closed."""
    found = standing(room.log, now)
    _check_open(found)
    if found is not None and found.state is State.PAUSED:
        raise Blocked(
            said(
                "This room is paused since its sunset on {due}{waits}; it goes on when every side chooses so with {choose}.",
                due=date(found.due),
                waits=_waits(found),
                choose=CHOOSE,
            )
        )


def _waits(found: Standing) -> str:
    return said(" and waits for {awaits}", awaits=joined(" and ", found.awaits)) if found.awaits else ""


def _check_open(found: Standing | None) -> None:
    if found is not None and found.state is State.CLOSED:
        who = found.choices[-1].side
        raise Refused(
            said(
                "{who} closed this room at its sunset; it opens again if every side agrees to a new one: `backchannel"
                " desk sunset set`.",
                who=who,
            )
        )


def _side(room: Room) -> str:
    """Give the side that this desk's person speaks for, or raise Refused."""
    member = may_act(room).seated[room.me]
    if member.role not in SPEAKERS:
        raise Refused("Only a principal or authorised envoy speaks for a side here; ask yours to say it.")
    return member.side
