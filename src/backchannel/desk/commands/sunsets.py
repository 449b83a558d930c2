"""`desk sunset …` and `desk impasse …`: how it goes on, and that it does not."""

import argparse

from backchannel.channel.event import EventId
from backchannel.desk import impasses, sunsets
from backchannel.desk.commands.answer import Answer, Json, named, room_of
from backchannel.desk.commands.choosing import choose as one_of
from backchannel.desk.commands.passing import impasse_value, sunset_lines, sunset_value
from backchannel.desk.commands.tell_sunset import way
from backchannel.desk.desk import Desk
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, moment
from backchannel.moves.impasse import Impasse, parse
from backchannel.moves.impasse import standing as called
from backchannel.moves.sunset import Choice, proposals
from backchannel.said import said


def propose(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = sunsets.propose(room, moment(args.at, now), now)
    value: dict[str, Json] = {"id": entry.id.hex(), "sunset": sunset_value(room, now)}
    return Answer(sunset_lines(room, now), value, room)


def agree(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known = {one.entry.id: one for one in (proposals(room.log) if room.seated else [])}
    if args.which is None:
        mine = room.credential.side
        known = {eid: one for eid, one in known.items() if mine in one.missing and one.at > now}
    target = one_of(known, args.which, said("proposed sunset"), "sunset show").entry.id
    entry = sunsets.agree(room, target, now)
    value: dict[str, Json] = {"id": entry.id.hex(), "sunset": sunset_value(room, now)}
    return Answer(sunset_lines(room, now), value, room)


def choose(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    until = None if args.until is None else moment(args.until, now)
    entry = sunsets.choose(room, Choice(args.choice), until, now)
    lines = sunset_lines(room, now)
    if args.choice == Choice.SURFACE:
        lines.append(said("To prepare it together: `backchannel desk surface propose`."))
    return Answer(lines, {"id": entry.id.hex(), "sunset": sunset_value(room, now)}, room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    lines = sunset_lines(room, now) if room.seated else []
    value: dict[str, Json] = {"sunset": sunset_value(room, now) if room.seated else None}
    return Answer(lines or [said("No sunset stands or is proposed in this room.")], value, room)


def call(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = impasses.call(room, args.text, now)
    body = parse("impasse", entry.event.body)
    assert isinstance(body, Impasse)
    lines = [
        said("The impasse is called; everyone in the room sees it."),
        said("A way on: {way}.", way=way(body)),
    ]
    value: dict[str, Json] = {
        "id": entry.id.hex(),
        "suggestion": body.suggestion,
        "about": body.about or None,
    }
    return Answer(lines, value, room)


def lift(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known = {one.entry.id: one for one in (called(room.log) if room.seated else [])}
    if args.which is None:
        known = {eid: one for eid, one in known.items() if one.lifted is None}
    target = one_of(known, args.which, "impasse", "impasse show").entry.id
    entry = impasses.lift(room, EventId(target), now)
    return Answer(
        [said("The impasse is lifted; everyone in the room sees it.")], {"id": entry.id.hex()}, room
    )


def stuck(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    found = called(room.log) if room.seated else []
    lines = []
    for one in found:
        lifted = (
            ""
            if one.lifted is None
            else said(
                "; lifted by {author}, {at}",
                author=named(room, one.lifted.author),
                at=date(one.lifted.event.at),
            )
        )
        lines.append(
            said(
                "{at}, {author} [{entry}]: {body}; a way on: {way}{lifted}",
                at=date(one.entry.event.at),
                author=named(room, one.entry.author),
                entry=one.entry.id.hex()[:12],
                body=one_line(one.body.text),
                way=way(one.body),
                lifted=lifted,
            )
        )
    values: list[Json] = [impasse_value(room, one) for one in found]
    return Answer(lines or [said("No impasse was called in this room.")], {"impasses": values}, room)
