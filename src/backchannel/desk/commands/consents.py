"""`desk consent …` and `desk interest …`: who agreed that something be put on record, and what a go-between has at stake."""

import argparse

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.members import Role
from backchannel.channel.reading import read
from backchannel.desk import consents
from backchannel.desk.acting import act
from backchannel.desk.commands.answer import Answer, Json, named, room_of, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.errors import OutOfMandate, Refused
from backchannel.moves import interest
from backchannel.moves.consent import Asking, Consents, Status, early, standing
from backchannel.moves.interest import MAX_INTEREST, Declared, Interest
from backchannel.said import said

LISTED = "consent show"
STATES = {
    Status.OPEN: said("waits"),
    Status.GIVEN: said("all have consented"),
    Status.REFUSED: said("refused"),
    Status.GONE: said("its words have gone"),
}


def ask(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = consents.ask(room, args.text, args.of or (), now)
    found = read(room.log, Consents).asking(entry.id)
    names = spoken_list(one_line(room.name(mid)) for mid in found.missing)
    line = said(
        "Asked: {names}. Until each has consented, your desk puts nothing on record here.", names=names
    )
    return Answer([line], _value(room, found), room)


def give(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _choose(room, args.which).entry.id
    consents.give(room, target, now)
    found = read(room.log, Consents).asking(target)
    waits = spoken_list(one_line(room.name(mid)) for mid in found.missing)
    line = (
        said("You have consented. Not yet: {waits}.", waits=waits)
        if waits
        else said("You have consented, and so has everybody.")
    )
    return Answer([line], _value(room, found), room)


def refuse(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _choose(room, args.which).entry.id
    consents.refuse(room, target, now)
    found = read(room.log, Consents).asking(target)
    line = said("Everyone sees that you do not consent; nobody waits any longer.")
    return Answer([line], _value(room, found), room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    found = standing(room.log) if room.seated else []
    lines = [line for one in found for line in _lines(room, one)]
    value: list[Json] = [_value(room, one) for one in found]
    return Answer(lines or [said("Nobody was asked for consent in this room.")], {"asked": value}, room)


def declare(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    if may_act(room).seated[room.me].role != Role.GO_BETWEEN:
        raise OutOfMandate("Only a go-between declares an interest; what your side wants it says itself.")
    text = args.text.strip()
    if not 0 < len(text) <= MAX_INTEREST:
        raise Refused(
            said("Say in 1 to {max_interest} letters what you have at stake.", max_interest=MAX_INTEREST)
        )
    entry = act(room, "interest", Interest(text), now)
    line = said("Everyone here sees this beside all that you bring.")
    return Answer([line], {"id": entry.id.hex()}, room)


def interests(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    known = interest.standing(room.log) if room.seated else {}
    seated = room.seating.seated if room.seated else {}
    between = {mid: one for mid, one in seated.items() if one.role == Role.GO_BETWEEN}
    lines: list[str] = []
    value: list[Json] = []
    for mid in {**between, **known}:
        one = known.get(mid)
        lines += _interest_lines(named(room, mid), one)
        text = None if one is None or one.body is None else one.body.text
        value.append(
            {
                "id": mid.hex(),
                "name": room.name(mid),
                "side": (between.get(mid) or known[mid].who).side,
                "role": Role.GO_BETWEEN.value,
                "event": None if one is None else one.entry.id.hex(),
                "at_ms": None if one is None else one.entry.event.at,
                "interest": text,
            }
        )
    return Answer(lines or [said("There is no go-between in this room.")], {"interests": value}, room)


def _interest_lines(name: str, one: Declared | None) -> list[str]:
    if one is None:
        return [said("{name}, go-between: has declared no interest", name=name)]
    if one.body is None:
        return [said("{name}, go-between: what they declared has gone", name=name)]
    since = date(one.entry.event.at)
    return [
        said("{name}, go-between, has an interest of their own (since {since}):", name=name, since=since),
        *("  │ " + line for line in text_lines(one.body.text)),
    ]


def _choose(room: Room, spoken: str | None) -> Asking:
    known = {
        one.entry.id: one
        for one in standing(room.log)
        if spoken is not None or one.status in {Status.OPEN, Status.GIVEN}
    }
    return choose(known, spoken, said("question of consent"), LISTED)


def _lines(room: Room, one: Asking) -> list[str]:
    heading = said("consent {entry}", entry=one.entry.id.hex()[:12])
    lines = [
        said(
            "{heading}, asked by {author}, {at}: {state}",
            heading=heading,
            author=named(room, one.entry.author),
            at=date(one.entry.event.at),
            state=STATES[one.status],
        )
    ]
    if one.body is None:
        return lines
    lines += ["  │ " + line for line in text_lines(one.body.subject)]
    lines += [
        said("  {name} consented, {at}", name=named(room, mid), at=date(one.said[mid].event.at))
        for mid in one.given
    ]
    lines += [
        said("  {name} does not consent, {at}", name=named(room, mid), at=date(one.said[mid].event.at))
        for mid in one.refused
    ]
    if one.missing and one.status is Status.OPEN:
        lines.append(said("  not yet: {names}", names=spoken_list(named(room, mid) for mid in one.missing)))
    count = len(early(room.log, one.entry.id))
    if count:
        lines.append(
            said("  ! {count} said before all had consented, by somebody who was to wait", count=count)
        )
    return lines


def _value(room: Room, one: Asking) -> dict[str, Json]:
    people = () if one.body is None else one.body.people
    return {
        "id": one.entry.id.hex(),
        "by": room.name(one.entry.author),
        "at_ms": one.entry.event.at,
        "subject": None if one.body is None else one.body.subject,
        "people": [room.name(MemberId(mid)) for mid in people],
        "given": [{"name": room.name(mid), "at_ms": one.said[mid].event.at} for mid in one.given],
        "refused": [{"name": room.name(mid), "at_ms": one.said[mid].event.at} for mid in one.refused],
        "missing": [room.name(mid) for mid in one.missing],
        "status": one.status.value,
        "early": [entry.id.hex() for entry in early(room.log, EventId(one.entry.id))],
    }
