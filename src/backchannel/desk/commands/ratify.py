"""`desk ratify …`: what binds a side only once it is ratified at home, and what became of that."""

import argparse

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.desk import ratifying
from backchannel.desk.commands.answer import Answer, Json, named, room_of
from backchannel.desk.commands.choosing import choose
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, moment
from backchannel.errors import Refused
from backchannel.moves.paper import SHORTEST_ID, find
from backchannel.moves.paper import standing as items
from backchannel.moves.ratification import RatifyResult, Referenda, Referendum, Status, parse, standing
from backchannel.said import said

LISTED = "ratify show"
STATES = {
    Status.OPEN: said("ad referendum"),
    Status.RATIFIED: said("ratified"),
    Status.FAILED: said("NOT RATIFIED"),
    Status.OVER: said("not ratified in time"),
    Status.GONE: said("its words have gone"),
}


def ask(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    until = None if args.until is None else moment(args.until, now)
    target = None if args.on is None else _target(room, args.on, now)
    entry = ratifying.ask(room, args.text, target, until, now)
    found = read(room.log, Referenda).referendum(entry.id)
    line = said(
        "Everyone sees that it binds {side} only once it is ratified; until then it is nobody's word.",
        side=one_line(found.side),
    )
    return Answer([line], _value(room, found, now), room)


def result(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known = {one.entry.id: one for one in standing(room.log)}
    waiting = {eid: one for eid, one in known.items() if one.result is None}
    which = waiting if args.which is None and waiting else known
    target = choose(which, args.which, "question", LISTED).entry.id
    ratifying.result(room, target, args.result == "ratified", " ".join(args.text), now)
    found = read(room.log, Referenda).referendum(target)
    line = (
        said("It binds {side} from here on.", side=one_line(found.side))
        if found.ratified
        else said("{side} did not ratify it; what answered it has lapsed.", side=one_line(found.side))
    )
    return Answer([line], _value(room, found, now), room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = standing(room.log) if room.seated else []
    lines = [line for one in found for line in _lines(room, one, now)]
    value: list[Json] = [_value(room, one, now) for one in found]
    return Answer(lines or [said("Nothing in this room is ad referendum.")], {"referenda": value}, room)


def _target(room: Room, spoken: str, now: int) -> EventId:
    """Find an item by its label, or anything that was said here by the first letters of its id."""
    letters = spoken.lower()
    hits = [eid for eid in room.log.entries if len(letters) >= SHORTEST_ID and eid.hex().startswith(letters)]
    if len(hits) > 1:
        raise Refused("Several things here begin with these letters; give more of them.")
    return hits[0] if hits else find(items(room.log, now), spoken).entry.id


def _lines(room: Room, one: Referendum, now: int) -> list[str]:
    heading = said(
        "ratification {entry}, {side}: {state}",
        entry=one.entry.id.hex()[:12],
        side=one_line(one.side),
        state=STATES[one.status(now)],
    )
    if one.body is None:
        return [heading]
    lines = [heading, *("  │ " + line for line in text_lines(one.body.subject))]
    lines.append(
        said("  said by {author}, {at}", author=named(room, one.entry.author), at=date(one.entry.event.at))
    )
    if one.body.until is not None:
        lines.append(said("  until {until}", until=date(one.body.until)))
    if one.result is not None:
        lines.append(
            said("  decided {at}: {text}", at=date(one.result.event.at), text=one_line(_remark(one)))
            if _remark(one)
            else said("  decided {at}", at=date(one.result.event.at))
        )
    return lines


def _remark(one: Referendum) -> str:
    if one.result is None or one.result.erased is not None:
        return ""
    body = parse("ratify-result", one.result.event.body)
    assert isinstance(body, RatifyResult)
    return body.text


def _value(room: Room, one: Referendum, now: int) -> dict[str, Json]:
    return {
        "id": one.entry.id.hex(),
        "side": one.side,
        "by": room.name(one.entry.author),
        "at_ms": one.entry.event.at,
        "subject": None if one.body is None else one.body.subject,
        "on": None if one.body is None or not one.body.target else one.body.target.hex(),
        "until_ms": None if one.body is None else one.body.until,
        "status": one.status(now).value,
        "decided_ms": None if one.result is None else one.result.event.at,
        "remark": _remark(one),
    }
