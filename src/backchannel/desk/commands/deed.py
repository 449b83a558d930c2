"""`desk deed …`: what somebody says was done, and what the other side makes of it."""

import argparse
from collections.abc import Mapping

from backchannel.desk import pledge as acts
from backchannel.desk.commands.answer import Answer, Json, room_of
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.promises import brief, choose_promise
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, moment
from backchannel.moves.deed import Done, How, standing
from backchannel.moves.paper import find
from backchannel.moves.paper import standing as items
from backchannel.said import joined, said

LISTED = "deed show"
HOW: Mapping[str, str] = {
    How.KEPT: said("kept"),
    How.PARTLY: said("kept in part"),
    How.NOT_KEPT: said("not kept"),
}


def report(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = acts.report(
        room,
        args.text,
        moment(args.at, now),
        promises=[choose_promise(room, one, now) for one in args.pledge or ()],
        note=None if args.note is None else find(items(room.log, now), args.note).entry.id,
        by=args.by,
        now=now,
    )
    line = said("The deed is reported, as your word; what it was worth is for the other side to say.")
    return Answer([line], deed_value(room, standing(room.log)[entry.id]), room)


def read(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = choose(standing(room.log), args.which, "deed", LISTED).entry.id
    acts.read_deed(room, target, How(args.reading), " ".join(args.text), now)
    line = said("Everyone sees that by your side's reading this was {how}.", how=HOW[How(args.reading)])
    return Answer([line], deed_value(room, standing(room.log)[target]), room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    known = standing(room.log)
    chosen = [choose(known, args.which, "deed", LISTED)] if args.which else list(known.values())
    lines = []
    for done in [] if args.json else chosen:
        lines.append(deed_line(room, done))
        if done.body is not None:
            lines += ["  │ " + line for line in text_lines(done.body.text)]
    return Answer(
        lines or [said("No deed is on this room's record.")],
        {"deeds": [deed_value(room, done) for done in chosen]},
        room,
    )


def deed_line(room: Room, done: Done) -> str:
    """One line: whose deed, on whose word, and every reading of it."""
    heading = said(
        "deed {entry}, on the word of {name}",
        entry=done.entry.id.hex()[:12],
        name=one_line(room.name(done.entry.author)),
    )
    if done.body is None:
        return said("{heading}; its words have gone", heading=heading)
    whose = said(", by {by}", by=one_line(done.by)) if done.by else ""
    told = joined(
        "; ",
        (
            said("{how}, says {one_side}", how=HOW[one.how], one_side=one_line(one.side))
            + (said(" (“{one}”)", one=brief(one.text)) if one.text else "")
            for one in done.readings
        ),
    )
    return said(
        "{heading}{whose}, {happened}: {told}",
        heading=heading,
        whose=whose,
        happened=date(done.body.happened),
        told=told or said("nobody has said yet what it was worth"),
    )


def deed_value(room: Room, done: Done) -> dict[str, Json]:
    body = done.body
    return {
        "id": done.entry.id.hex(),
        "text": None if body is None else body.text,
        "happened_ms": None if body is None else body.happened,
        "reported_by": room.name(done.entry.author),
        "reported_by_side": done.reporter,
        "reported_ms": done.entry.event.at,
        "side": done.by,
        "pledges": [] if body is None else [eid.hex() for eid in body.pledges],
        "note": None if body is None or body.note is None else body.note.hex(),
        "readings": [
            {
                "side": one.side,
                "by": room.name(one.entry.author),
                "reading": one.how.value,
                "text": one.text,
                "at_ms": one.entry.event.at,
            }
            for one in done.readings
        ],
    }
