"""`desk leak …`: an alarm on every desk of a room, and what all sides agreed to say when asked."""

import argparse

from backchannel.desk import leak as acts
from backchannel.desk.commands.answer import Answer, Json, named, room_of, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.promises import words_value
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.speaking import own_side
from backchannel.desk.when import date
from backchannel.moves.leak import Alarm, Line, LineStatus, standing
from backchannel.said import joined, said

LISTED = "leak show"


def report(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = acts.report(room, args.text, now)
    lines = [said("The alarm goes up on every desk of this room.")]
    held = [line for line in standing(room.log).lines.values() if line.status is LineStatus.AGREED]
    for line in held:
        lines += line_lines(room, line)
    if not held:
        lines.append(
            said(
                "No line is agreed; propose what all sides say when asked with `backchannel desk leak line set`."
            )
        )
    return Answer(lines, {"leak": entry.id.hex()}, room)


def lift(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    mine = {
        eid: one
        for eid, one in standing(room.log).alarms.items()
        if args.which is not None or (one.lifted is None and one.entry.author == room.me)
    }
    target = choose(mine, args.which, said("report of a leak"), LISTED).entry.id
    acts.lift(room, target, now)
    return Answer([said("The alarm is off on every desk of this room.")], {"lifted": target.hex()}, room)


def set_line(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = acts.set_line(room, args.text, args.purpose, now)
    found = standing(room.log).lines[entry.id]
    line = (
        said(
            "The line is before {awaits}; it is agreed when each of them has said so.",
            awaits=spoken_list(map(one_line, found.awaits)),
        )
        if found.awaits
        else said("The line stands; there is no other side here to agree to it.")
    )
    return Answer([line], line_value(room, found), room)


def agree_line(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    lines = standing(room.log).lines
    waiting = {eid: one for eid, one in lines.items() if own_side(room) in one.awaits}
    target = choose(waiting if args.which is None and waiting else lines, args.which, "line", LISTED).entry.id
    acts.agree_line(room, target, now)
    found = standing(room.log).lines[target]
    waits = (
        said(" Waiting for {awaits}.", awaits=spoken_list(map(one_line, found.awaits)))
        if found.awaits
        else said(" Every side has.")
    )
    return Answer(
        [said("Your side will hold to this line.{waits}", waits=waits)], line_value(room, found), room
    )


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    found = standing(room.log)
    lines = [one for alarm in found.alarms.values() for one in _alarm_shown(room, alarm)]
    lines += [one for line in found.lines.values() for one in line_lines(room, line)]
    return Answer(
        lines or [said("No leak is reported in this room, and no line is agreed.")], leaks_value(room), room
    )


def alarm_lines(room: Room) -> list[str]:
    """Say, for everybody to see, that something has leaked."""
    return [
        said(
            "LEAK reported by {author}, {at}",
            author=named(room, alarm.entry.author),
            at=date(alarm.entry.event.at),
        )
        + (": " + joined(" / ", text_lines(alarm.body.text)) if alarm.body.text else "")
        for alarm in standing(room.log).alarms.values()
        if alarm.lifted is None and alarm.body is not None
    ]


def status_lines(room: Room) -> list[str]:
    """The lines that hold, and those that wait for this person's side."""
    shown = []
    for line in standing(room.log).lines.values():
        waits = line.status is LineStatus.PROPOSED and own_side(room) in line.awaits
        if line.status is LineStatus.AGREED or waits:
            shown += line_lines(room, line)
        if waits:
            shown.append(said("  waits for your side: `backchannel desk leak line agree`"))
    return shown


def line_lines(room: Room, line: Line) -> list[str]:
    heading = said("line {entry}", entry=line.entry.id.hex()[:12])
    if line.body is None:
        return [said("{heading}: its words have gone", heading=heading)]
    state = {
        LineStatus.AGREED: said("agreed by {agreed}", agreed=spoken_list(map(one_line, line.agreed))),
        LineStatus.REPLACED: said("replaced by a later one"),
        LineStatus.PROPOSED: said(
            "proposed by {name}, waits for {awaits}",
            name=one_line(room.name(line.entry.author)),
            awaits=spoken_list(map(one_line, line.awaits)),
        ),
        LineStatus.GONE: "",
    }[line.status]
    return [
        said(
            "{heading}, {purpose}, {state}:",
            heading=heading,
            purpose=one_line(line.body.purpose),
            state=state,
        ),
        *("  │ " + text for text in text_lines(line.body.text)),
    ]


def _alarm_shown(room: Room, alarm: Alarm) -> list[str]:
    heading = said(
        "leak {entry}, reported by {author}, {at}",
        entry=alarm.entry.id.hex()[:12],
        author=named(room, alarm.entry.author),
        at=date(alarm.entry.event.at),
    )
    if alarm.body is None:
        return [said("{heading}; its words have gone", heading=heading)]
    off = "" if alarm.lifted is None else said(", taken off {at}", at=date(alarm.lifted.event.at))
    return [
        said("{heading}{off}", heading=heading, off=off),
        *("  │ " + text for text in text_lines(alarm.body.text) if text),
    ]


def leaks_value(room: Room) -> dict[str, Json]:
    found = standing(room.log)
    return {
        "leaks": [
            {
                "id": alarm.entry.id.hex(),
                "text": None if alarm.body is None else alarm.body.text,
                "by": room.name(alarm.entry.author),
                "side": None if (member := room.member(alarm.entry.author)) is None else member.side,
                "at_ms": alarm.entry.event.at,
                "lifted_ms": None if alarm.lifted is None else alarm.lifted.event.at,
            }
            for alarm in found.alarms.values()
        ],
        "lines": [line_value(room, line) for line in found.lines.values()],
    }


def line_value(room: Room, line: Line) -> dict[str, Json]:
    return {
        "id": line.entry.id.hex(),
        "text": None if line.body is None else line.body.text,
        "purpose": None if line.body is None else line.body.purpose,
        "by": room.name(line.entry.author),
        "at_ms": line.entry.event.at,
        "agreed": words_value(room, line.agreed),
        "awaits": list(line.awaits),
        "status": line.status.value,
    }
