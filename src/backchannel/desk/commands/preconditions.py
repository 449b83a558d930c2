"""`desk precondition …`: what a side demands in public, on record word for word, and parked without being conceded."""

import argparse
from collections.abc import Mapping

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.desk import preconditions
from backchannel.desk.commands.answer import Answer, Json, person, room_of, said_beyond
from backchannel.desk.commands.choosing import choose, placed
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.errors import Refused
from backchannel.moves.paper import ITEMS, find, standing
from backchannel.moves.precondition import Demand, Preconditions, Status

LISTED = "precondition show"


def state(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = preconditions.state(room, args.text, args.source, now, beyond=args.beyond_mandate)
    if (said := said_beyond(room, entry)) is not None:
        return said
    side = one_line(room.credential.side)
    line = f"It is on record as a precondition of {side}, word for word; only {side} can drop or restate it, and everyone sees that."
    return Answer([line], {"precondition": entry.id.hex()}, room)


def restate(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    earlier = choose(_own(room), args.instead_of, "precondition of your side", LISTED)
    entry = preconditions.state(room, args.text, args.source, now, instead_of=earlier)
    line = "The new wording is on record, and that the old one was; whoever parked the old one has not parked this one."
    return Answer([line], {"precondition": entry.id.hex(), "restates": earlier.entry.id.hex()}, room)


def park(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    target = _target(room, args.which, now)
    entry = preconditions.park(room, target, now, beyond=args.beyond_mandate)
    if (said := said_beyond(room, entry)) is not None:
        return said
    demand = read(room.log, Preconditions).demand(target)
    assert demand is not None
    line = (
        "It is parked, not conceded: it stays on record word for word while the talks go on."
        if demand.status is Status.PARKED
        else "Your side lets it rest, and concedes nothing; it is parked when the other side does the same."
    )
    return Answer([line], {"parked": target.hex(), "id": entry.id.hex(), "status": demand.status.value}, room)


def drop(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    demand = choose(_own(room), args.which, "precondition of your side", LISTED)
    entry = preconditions.drop(room, demand, now)
    line = (
        "It is off the record as a precondition; everyone sees that it was one and that your side dropped it."
    )
    return Answer([line], {"dropped": demand.entry.id.hex(), "id": entry.id.hex()}, room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = placed(room, read(room.log, Preconditions).all())
    if args.which is not None:
        wanted = _target(room, args.which, now)
        found = [one for one in found if one.entry.id == wanted]
    lines: list[str] = []
    for one in found:
        lines += _lines(room, one)
    value: dict[str, Json] = {"preconditions": [_value(room, one) for one in found]}
    return Answer(lines or ["No precondition is on record in this room."], value, room)


def _own(room: Room) -> Mapping[EventId, Demand]:
    """The preconditions that this desk's side may still drop or restate."""
    side = room.credential.side
    return {
        one.entry.id: one
        for one in read(room.log, Preconditions).all()
        if one.entry.event.kind not in ITEMS and one.side == side and one.status is not Status.DROPPED
    }


def _target(room: Room, spoken: str | None, now: int) -> EventId:
    """Find a precondition by the first letters of its id, or an item; the only precondition need not be named."""
    known = {
        one.entry.id: one
        for one in read(room.log, Preconditions).all()
        if spoken is not None or one.status is not Status.DROPPED
    }
    try:
        return choose(known, spoken, "precondition", LISTED).entry.id
    except Refused:
        if spoken is None:
            raise
        return find(standing(room.log, now), spoken).entry.id


def _lines(room: Room, one: Demand) -> list[str]:
    owner = "nobody's here" if one.side is None else f"of {one_line(one.side)}"
    word = {
        Status.ON_RECORD: "on record",
        Status.PARKED: "parked, not conceded",
        Status.DROPPED: "dropped"
        if read(room.log, Preconditions).restated_as(one.entry.id) is None
        else "restated",
    }[one.status]
    since = f" since {date(one.since)}" if one.status is Status.PARKED and one.since is not None else ""
    lines = [
        f"precondition {one.entry.id.hex()[:12]}  {owner}: {word}{since}",
        f"  put on record by {person(one.author)}, {date(one.entry.event.at)}; said in {one_line(one.source or '')}",
    ]
    lines += (
        ["  │ [its words have gone]"]
        if one.wording is None
        else [f"  │ {line}" for line in text_lines(one.wording)]
    )
    lines += [
        f"  {one_line(by.side)} lets it rest, says {person(by)}, {date(said.event.at)}"
        for said, by in one.parked
    ]
    if one.ended_by is not None:
        lines.append(f"  {word} by {room_name(room, one)}, {date(one.ended_by.event.at)}")
    return lines


def room_name(room: Room, one: Demand) -> str:
    """Name who dropped or restated a precondition."""
    assert one.ended_by is not None
    return one_line(room.name(one.ended_by.author))


def _value(room: Room, one: Demand) -> dict[str, Json]:
    found = read(room.log, Preconditions)
    later, earlier = found.restated_as(one.entry.id), found.restates(one.entry.id)
    return {
        "id": one.entry.id.hex(),
        "kind": one.entry.event.kind,
        "side": one.side,
        "by": one.author.name,
        "wording": one.wording,
        "source": one.source,
        "at_ms": one.entry.event.at,
        "status": one.status.value,
        "parked_by": [
            {"side": by.side, "by": by.name, "at_ms": said.event.at, "id": said.id.hex()}
            for said, by in one.parked
        ],
        "parked_since_ms": one.since,
        "ended": None
        if one.ended_by is None
        else {"by": room.name(one.ended_by.author), "at_ms": one.ended_by.event.at},
        "restated_as": None if later is None else later.hex(),
        "restates": None if earlier is None else earlier.hex(),
    }


def precondition_lines(room: Room, now: int, soon_ms: int) -> list[str]:
    """Say which preconditions of one's own side go soon with the texts of the room."""
    lines = []
    for one in _own(room).values():
        gone = one.entry.event.at + room.seating.retention_seconds * 1000
        if now < gone <= now + soon_ms:
            lines.append(
                f"the words of precondition {one.entry.id.hex()[:12]} of your side go {date(gone)}: if it is to stay on record, state"
                " it again"
            )
    return lines
