"""Commands of first contact: `desk invite`, `desk join`, and how meetings under way are told."""

import argparse

from backchannel.channel.event import MemberId
from backchannel.channel.likeness import alike
from backchannel.channel.members import Role
from backchannel.desk.commands.answer import Answer, Json, checked_name, own_name, room_of, title
from backchannel.desk.commands.wording import ROLES, worded
from backchannel.desk.desk import Desk
from backchannel.desk.meeting import Stage
from backchannel.desk.meetings import Meeting
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, duration
from backchannel.errors import Refused
from backchannel.said import clause, said

FAILURE_SHOWN_MS = 7 * 86_400_000  # after the invitation has run out


def invite(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    seconds, side = duration(args.valid), _side(room, args.side)
    address, words = desk.invite(
        room, side=side, role=Role(args.role), name=args.name, now=now, seconds=seconds
    )
    until = now + seconds * 1000
    lines = [
        said("Send this line:"),
        "",
        address,
        "",
        said("Tell these words by another path, such as the telephone:"),
        "",
        said("    {words}", words=words),
        "",
        (
            said(
                "It is good for one person and one try, until {until}. Whoever has both the line and the words can"
                " come as your guest; a member of every side must still say yes.",
                until=date(until),
            )
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
    side = checked_name(typed, said("The name of a side"))
    here = sorted({member.side for member in room.seating.seated.values()})
    twin = next((other for other in here if other != side and alike(other, side)), None)
    if twin is not None:
        raise Refused(
            said(
                "There is a side called {twin} here, which looks the same; write it like that, or choose a clearer name.",
                twin=twin,
            )
        )
    return side


def join(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    meeting = desk.join(args.address, args.words, own_name(desk, args.name), now)
    lines = [
        (
            said(
                "You have answered the invitation to speak for {invitation_side} as {role}; the words are spent.",
                invitation_side=one_line(meeting.invitation.side),
                role=worded(ROLES, meeting.invitation.role),
            )
        ),
        (
            said(
                "The other desk answers when it is on line; then a member of every side must admit you. `backchannel"
                " desk status` shows"
                " how far it is."
            )
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
    guest = said(
        "for {invitation_side} as {role}",
        invitation_side=one_line(invitation.side),
        role=worded(ROLES, invitation.role),
    )
    if not meeting.ours:
        return _ours_to_them(desk, meeting, said("Your answer to an invitation {guest}", guest=guest), now)
    if meeting.name:
        guest += said(" (meant for {meeting})", meeting=one_line(meeting.name))
    where = next(
        (title(desk, room) for room in desk.rooms() if room.id == meeting.room), said("a room forgotten here")
    )
    if meeting.stage is Stage.FAILED:
        return _failure(meeting, said("Your invitation to “{where}” {guest}", where=where, guest=guest), now)
    what = said("your invitation to “{where}” {guest}", where=where, guest=guest)
    if meeting.stage is Stage.ANSWERED:
        return said(
            "! Somebody answered {what} and has not proved the words: their desk is away, or it was a guess. The words"
            " are spent.",
            what=what,
        )
    if meeting.stage is Stage.WAITING and now < invitation.expires_ms:
        return said(
            "Nobody has answered {what} yet; it is good until {expires_ms}.",
            what=what,
            expires_ms=date(invitation.expires_ms),
        )
    return None


def _ours_to_them(desk: Desk, meeting: Meeting, what: str, now: int) -> str | None:
    if meeting.stage is Stage.FAILED:
        return _failure(meeting, what, now)
    if meeting.stage is not Stage.ASKED:
        return said("{what} is on its way; the other desk has not finished its part.", what=what)
    room = next((room for room in desk.rooms() if room.id == meeting.room), None)
    if room is None or room.seated:
        return None
    return said(
        "{what}: you have proved the words, and a member of every side must admit you. Your keys are {grouped}.",
        what=what,
        grouped=grouped(room.me),
    )


def _failure(meeting: Meeting, what: str, now: int) -> str | None:
    if now > meeting.invitation.expires_ms + FAILURE_SHOWN_MS:
        return None
    return said(
        "! {what} FAILED: {why}. Somebody may have tried to guess or to interfere; the words are burnt, so make a new"
        " invitation and tell its words by a path you trust.",
        what=what,
        why=clause(one_line(said(meeting.why))),
    )


def grouped(mid: MemberId) -> str:
    """Write the first half of a member's id as people compare it."""
    digits = mid.hex()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
