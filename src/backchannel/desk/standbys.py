"""What a person does with a standby text: lodge it with a third person, give the signal, take it up, take it back."""

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.desk.acting import act
from backchannel.desk.ageing import expire
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.errors import Blocked, Refused
from backchannel.moves.standby import (
    Lodged,
    Standby,
    StandbyCancel,
    StandbyRelease,
    StandbySignal,
    Status,
    standing,
)
from backchannel.said import joined, said

NONE = said("There is no such standby text in this room; `backchannel desk standby show` lists them.")


def others(room: Room, holder: MemberId) -> list[str]:
    """Name everyone who would read a standby text beside its lodger and its holder."""
    return [member.name for mid, member in room.seating.seated.items() if mid not in {room.me, holder}]


def lodge(room: Room, text: Standby, now: int, *, readers_know: bool = False) -> Entry:
    """Lodge a text with a member of the room; Refused if others read here, unless that is meant."""
    seating = may_act(room)
    holder = MemberId(text.holder)
    if holder == room.me or holder not in seating.seated:
        raise Refused("A standby text is lodged with another person of this room; name one with --with.")
    also = others(room, holder)
    if also and not readers_know:
        raise Refused(
            said(
                "{also} would read this text too; lodge it in a room of two, or say --readers-know if that is meant.",
                also=joined(" and ", also),
            )
        )
    return act(room, "standby", text, now)


def signal(room: Room, target: EventId, now: int) -> Entry:
    """Say that the holder may release the text."""
    lodged = _own(room, target)
    if lodged.status is Status.SIGNALLED:
        raise Refused("You have given this signal already; it waits for the holder.")
    return act(room, "standby-signal", StandbySignal(target), now)


def cancel(room: Room, target: EventId, now: int) -> Entry:
    """Take a text back that has not been released: every desk lets go of it."""
    lodged = _own(room, target)
    assert lodged.holder is not None
    with room.changing():
        entry = act(room, "standby-cancel", StandbyCancel(target, lodged.holder), now)
        expire(room, now)
    return entry


def release(room: Room, target: EventId, now: int) -> tuple[Entry, Standby]:
    """Take up a text as its holder, once the signal is given; Blocked before. Gives the act and the text."""
    may_act(room)
    lodged = _lodged(room, target)
    if lodged.holder != room.me:
        whose = said("nobody any more") if lodged.holder is None else room.name(lodged.holder)
        raise Refused(said("This text is held by {whose}, who alone can release it.", whose=whose))
    _check_open(lodged)
    if lodged.status is Status.LODGED:
        raise Blocked(
            said(
                "The signal has not been given; {name} gives it, and until then the text stays where it is.",
                name=room.name(lodged.entry.author),
            )
        )
    assert lodged.body is not None
    return act(room, "standby-release", StandbyRelease(target), now), lodged.body


def _own(room: Room, target: EventId) -> Lodged:
    may_act(room)
    lodged = _lodged(room, target)
    if lodged.entry.author != room.me:
        raise Refused(
            said(
                "This text was lodged by {name}, who alone gives its signal or takes it back.",
                name=room.name(lodged.entry.author),
            )
        )
    _check_open(lodged)
    return lodged


def _check_open(lodged: Lodged) -> None:
    if lodged.status is Status.RELEASED:
        raise Refused(
            "This text has been released already; what is out cannot be called back or released again."
        )
    if lodged.status is Status.CANCELLED:
        raise Refused("This text was taken back by the person who lodged it; no desk holds it any more.")


def _lodged(room: Room, target: EventId) -> Lodged:
    for lodged in standing(room.log):
        if lodged.entry.id == target:
            return lodged
    raise Refused(NONE)
