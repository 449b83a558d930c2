"""`desk words`: compare six words with somebody over another path, half and half, until both desks know."""

import argparse

from backchannel.channel.members import Member
from backchannel.desk import comparing
from backchannel.desk.commands.answer import Answer, Json, person, person_value, room_of
from backchannel.desk.commands.header import basis
from backchannel.desk.comparing import Stand
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.errors import Blocked, Refused
from backchannel.said import said


def words(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    if not room.seated:
        raise Blocked(
            "You are not in this room yet; words can be compared when the others have admitted you."
        )
    if args.who is None:
        others = [member for mid, member in room.seating.seated.items() if mid != room.me]
        if len(others) != 1:
            return _all(room, others)
        member = others[0]
    else:
        member = room.find_member(args.who)
    if args.heard is not None:
        comparing.heard(room, member.id, args.heard, now)
        line = said(
            "These are the right words: nobody is between you and {member}. The room is told that you compared.",
            member=person(member),
        )
        return Answer([line], _value(room, member), room)
    if args.again or comparing.words(room, member.id) is None:
        comparing.begin(room, member.id, now)
    return Answer(_lines(room, member), _value(room, member), room)


def _all(room: Room, others: list[Member]) -> Answer:
    if not others:
        raise Refused("You are alone in this room; there is nobody to compare words with.")
    lines = [
        said("{member}: {basis}", member=person(member), basis=basis(room, member.id)) for member in others
    ]
    lines.append(said("Name one of them: backchannel desk words NAME"))
    return Answer(lines, {"people": [_value(room, member) for member in others]}, room)


def _lines(room: Room, member: Member) -> list[str]:
    found = comparing.words(room, member.id)
    assert found is not None
    who = person(member)
    match found.stand:
        case Stand.WAITING:
            return [said("{who}'s desk has not answered yet; ask again when it is on line.", who=who)]
        case Stand.READY:
            return [
                said("Speak to {who} by telephone or face to face, not in this room.", who=who),
                said("Read out:  {mine}", mine=found.mine),
                said("Then {who} reads out three other words; type them here.", who=who),
            ]
        case Stand.COMPARED:
            return [said("{who}: {basis}. To compare anew: --again.", who=who, basis=basis(room, member.id))]
        case _:
            once_more = (
                said("If a word was only misheard, read out once more:  {mine}", mine=found.mine)
                if found.mine
                else ""
            )
            return [
                (
                    said(
                        "! THE WORDS WERE DIFFERENT: somebody may be between you and {who}. Do not go on in this room;"
                        " meet, or compare anew with --again.",
                        who=who,
                    )
                ),
                *([once_more] if once_more else []),
            ]


def _value(room: Room, member: Member) -> dict[str, Json]:
    found = comparing.words(room, member.id)
    return {
        "who": person_value(member.id, member),
        "stand": "none" if found is None else found.stand.value,
        "mine": "" if found is None else found.mine,
        "basis": basis(room, member.id),
    }
