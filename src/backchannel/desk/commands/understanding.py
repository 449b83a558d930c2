"""`desk understanding …`: that something was agreed, between whom and when, and no word of what."""

import argparse

import msgspec

from backchannel.channel.event import EventId
from backchannel.desk import understanding as acts
from backchannel.desk.commands.answer import Answer, Json, room_of, said_beyond, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.deed import deed_line
from backchannel.desk.commands.promises import LAPSE, fate_lines, fate_value, words_value
from backchannel.desk.commands.tell_need_to_know import list_lines, list_value
from backchannel.desk.commands.wording import STANDINGS, worded
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.speaking import own_side
from backchannel.desk.when import date, moment
from backchannel.moves.paper import Item, find
from backchannel.moves.paper import Status as ItemStatus
from backchannel.moves.paper import standing as items
from backchannel.moves.promise import Lapse
from backchannel.moves.understanding import Status, Understanding, standing
from backchannel.said import said

LISTED = "understanding show"


def offer(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    replaces = None if args.replaces is None else find(items(room.log, now), args.replaces).entry.id
    entry = acts.offer(
        room,
        args.subject,
        args.sides,
        due=None if args.due is None else moment(args.due, now),
        lapse=Lapse(args.lapse),
        replaces=replaces,
        beyond=args.beyond_mandate,
        now=now,
    )
    if (told := said_beyond(room, entry)) is not None:
        return told
    found = standing(room.log)[entry.id]
    line = said(
        "“{subject}” is before {awaits} to be confirmed. No word of what was agreed is on any desk; whoever confirms"
        " last is free until then.",
        subject=one_line(found.body.subject if found.body else ""),
        awaits=spoken_list(map(one_line, found.awaits)),
    )
    return Answer([line], value(room, found), room)


def confirm(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _awaiting(room, args.which)
    entry = acts.confirm(room, target, now, beyond=args.beyond_mandate)
    if (told := said_beyond(room, entry)) is not None:
        return told
    found = standing(room.log)[target]
    line = said("Your side has confirmed this understanding.")
    line += (
        said(" Waiting for {awaits}.", awaits=spoken_list(map(one_line, found.awaits)))
        if found.awaits
        else said(" Every named side has.")
    )
    return Answer([line], value(room, found), room)


def decline(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _awaiting(room, args.which)
    acts.decline(room, target, now)
    return Answer(
        [said("Your side has declined this understanding.")], value(room, standing(room.log)[target]), room
    )


def _awaiting(room: Room, spoken: str | None) -> EventId:
    """Find the understanding a person answers: the only one that waits for their side need not be named."""
    known = standing(room.log)
    waiting = {eid: one for eid, one in known.items() if own_side(room) in one.awaits}
    return choose(waiting if spoken is None and waiting else known, spoken, "understanding", LISTED).entry.id


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known = standing(room.log)
    chosen = [choose(known, args.which, "understanding", LISTED)] if args.which else list(known.values())
    told = [] if args.json else chosen
    lines = [line for found in told for line in understanding_lines(room, found, now)]
    return Answer(
        lines or [said("There is no oral understanding in this room.")],
        {"understandings": [value(room, found) | {"overdue": overdue(found, now)} for found in chosen]},
        room,
    )


def record(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    """The record of a confirmed understanding, as the file for a sealed text wants it; nothing is added to it."""
    room = room_of(desk, args)
    sealed = acts.record(choose(standing(room.log), args.which, "understanding", LISTED))
    return Answer([msgspec.json.encode(sealed).decode()], msgspec.to_builtins(sealed))


def overdue(found: Understanding, now: int) -> int:
    """Whether a confirmed understanding has not been performed in time."""
    due = None if found.body is None else found.body.due
    return found.status is Status.CONFIRMED and due is not None and due < now


def _replaced(room: Room, found: Understanding, now: int) -> Item | None:
    """The paper in whose place an understanding was offered, if it is on this desk's record."""
    target = None if found.body is None else found.body.replaces
    return next((item for item in items(room.log, now) if item.entry.id == target), None) if target else None


def understanding_lines(room: Room, found: Understanding, now: int) -> list[str]:
    heading = said("understanding {entry}", entry=found.entry.id.hex()[:12])
    if found.body is None:
        return [said("{heading}  its record has expired", heading=heading)]
    lines = [
        said(
            "{heading}  “{subject}”, between {sides}: {status}",
            heading=heading,
            subject=one_line(found.body.subject),
            sides=spoken_list(map(one_line, found.sides)),
            status=worded(STANDINGS, found.status),
        ),
        said(
            "  offered {at} by {name}; {lapse}",
            at=date(found.entry.event.at),
            name=one_line(room.name(found.entry.author)),
            lapse=LAPSE[Lapse(found.body.lapse)],
        ),
    ]
    for told, words in ((said("confirmed for"), found.confirmed), (said("declined for"), found.declined)):
        lines += [
            said(
                "  {told} {side} by {name}, {at}",
                told=told,
                side=one_line(side),
                name=one_line(room.name(entry.author)),
                at=date(entry.event.at),
            )
            for side, entry in words.items()
        ]
    if found.status is Status.OFFERED:
        lines.append(
            said(
                "  waiting for {awaits}; whoever confirms last is free until then",
                awaits=spoken_list(map(one_line, found.awaits)),
            )
        )
    if (item := _replaced(room, found, now)) is not None:
        gone = said(
            "in place of {label}: {status}", label=one_line(item.label), status=worded(STANDINGS, item.status)
        )
        still = said(
            "! it is to replace {label}, whose text still stands: `backchannel desk hand-back`",
            label=one_line(item.label),
        )
        lines.append(said("  {still}", still=still if item.status is ItemStatus.STANDING else gone))
    if found.body.due is not None:
        lines.append(said("  to be performed by {due}", due=date(found.body.due)))
    lines += ["  " + deed_line(room, done) for done in found.fate.deeds]
    return [*lines, *list_lines(room, found.entry.id), *fate_lines(room, found.fate)]


def value(room: Room, found: Understanding) -> dict[str, Json]:
    body = found.body
    return {
        "id": found.entry.id.hex(),
        "subject": None if body is None else body.subject,
        "sides": list(found.sides),
        "offered_by": room.name(found.entry.author),
        "at_ms": found.entry.event.at,
        "due_ms": None if body is None else body.due,
        "lapse": None if body is None else body.lapse,
        "replaces": None if body is None or body.replaces is None else body.replaces.hex(),
        "confirmed": words_value(room, found.confirmed),
        "declined": words_value(room, found.declined),
        "awaits": list(found.awaits),
        "confirmed_ms": found.confirmed_at,
        "status": found.status.value,
        "need_to_know": list_value(room, found.entry.id),
        **fate_value(room, found.fate),
    }
