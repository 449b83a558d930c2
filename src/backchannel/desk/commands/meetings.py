"""Commands of first contact: `desk invite`, `desk join`, and how meetings under way are told."""

import argparse

from backchannel.channel.likeness import alike
from backchannel.channel.members import Role
from backchannel.desk.commands.answer import Answer, Json, checked_name, own_name, room_of, title
from backchannel.desk.desk import Desk
from backchannel.desk.meeting import Stage
from backchannel.desk.meetings import Meeting
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, duration
from backchannel.errors import Refused


def invite(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    seconds, side = duration(args.valid), _side(room, args.side)
    address, words = desk.invite(
        room, side=side, role=Role(args.role), name=args.name, now=now, seconds=seconds
    )
    until = now + seconds * 1000
    lines = [
        "Send this line:",
        "",
        address,
        "",
        f"Tell these words by another path, such as the telephone:  {words}",
        "",
        (
            f"It is good for one person and one try, until {date(until)}. Whoever has both the line and the words can come as your"
            " guest; a member of every side must still say yes."
        ),
    ]
    value: dict[str, Json] = {
        "address": address,
        "words": words,
        "until_ms": until,
        "side": side,
        "role": args.role,
    }
    return Answer(lines, value, room)


def _side(room: Room, typed: str) -> str:
    """Give the side a guest is to speak for; Refused if it is one that is here, written another way."""
    side = checked_name(typed, "The name of a side")
    here = sorted({member.side for member in room.seating.seated.values()})
    twin = next((other for other in here if other != side and alike(other, side)), None)
    if twin is not None:
        raise Refused(
            f"There is a side called {twin} here, which looks the same; write it like that, or choose a clearer name."
        )
    return side


def join(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    meeting = desk.join(args.address, args.words, own_name(desk, args.name), now)
    lines = [
        (
            f"You have answered the invitation to speak for {one_line(meeting.invitation.side)} as {one_line(meeting.invitation.role)};"
            " the words are spent."
        ),
        (
            "The other desk answers when it is on line; then a member of every side must admit you. `backchannel desk status` shows"
            " how far it is."
        ),
    ]
    return Answer(lines, meeting_value(meeting))


def meeting_value(meeting: Meeting) -> dict[str, Json]:
    return {
        "id": meeting.id.hex()[:8],
        "ours": meeting.ours,
        "room": meeting.room.hex(),
        "stage": meeting.stage.value,
        "side": meeting.invitation.side,
        "role": meeting.invitation.role,
        "name": meeting.name,
        "until_ms": meeting.invitation.expires_ms,
        "why": meeting.why,
    }


def meeting_line(desk: Desk, meeting: Meeting, now: int) -> str | None:
    """Say how far a meeting has come; None once it needs nobody's attention."""
    invitation = meeting.invitation
    guest = f"for {one_line(invitation.side)} as {one_line(invitation.role)}"
    if meeting.name and meeting.ours:
        guest += f" (meant for {one_line(meeting.name)})"
    over = now >= invitation.expires_ms
    where = next(
        (title(desk, room) for room in desk.rooms() if room.id == meeting.room), "a room not known here yet"
    )
    if meeting.stage is Stage.FAILED:
        whose = (
            f"Your invitation to “{where}” {guest}"
            if meeting.ours
            else f"Your answer to an invitation {guest}"
        )
        return (
            f"! {whose} FAILED: {meeting.why.rstrip('.')}. Somebody may have tried to guess or to interfere; the words are burnt,"
            " so make a new invitation and tell its words by a path you trust."
        )
    if meeting.stage is Stage.WAITING:
        return (
            None
            if over
            else f"Nobody has answered your invitation to “{where}” {guest} yet; it is good until {date(invitation.expires_ms)}."
        )
    if meeting.stage is Stage.ANSWERED:
        return (
            f"! Somebody answered your invitation to “{where}” {guest} and has not proved the words: an unfinished guess. The words"
            " are spent."
        )
    if meeting.stage in {Stage.GREETED, Stage.CONFIRMED}:
        return (
            f"Your answer to an invitation {guest} is on its way; the other desk has not finished its part."
        )
    room = next((room for room in desk.rooms() if room.id == meeting.room), None)
    if not meeting.ours and room is not None and not room.seated:
        return f"You have proved the words {guest}; now a member of every side must admit you."
    return None
