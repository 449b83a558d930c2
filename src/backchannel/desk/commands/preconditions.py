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
from backchannel.said import said

LISTED = "precondition show"


def state(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = preconditions.state(room, args.text, args.source, now, beyond=args.beyond_mandate)
    if (told := said_beyond(room, entry)) is not None:
        return told
    side = one_line(room.credential.side)
    line = said(
        "It is on record as a precondition of {side}, word for word; only {side} can drop or restate it, and everyone"
        " sees that.",
        side=side,
    )
    return Answer([line], {"precondition": entry.id.hex()}, room)


def restate(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    earlier = choose(_own(room), args.instead_of, said("precondition of your side"), LISTED)
    entry = preconditions.state(room, args.text, args.source, now, instead_of=earlier)
    line = said(
        "The new wording is on record, and that the old one was; whoever parked the old one has not parked this one."
    )
    return Answer([line], {"precondition": entry.id.hex(), "restates": earlier.entry.id.hex()}, room)


def park(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    target = _target(room, args.which, now)
    entry = preconditions.park(room, target, now, beyond=args.beyond_mandate)
    if (told := said_beyond(room, entry)) is not None:
        return told
    demand = read(room.log, Preconditions).demand(target)
    assert demand is not None
    line = (
        said("It is parked, not conceded: it stays on record word for word while the talks go on.")
        if demand.status is Status.PARKED
        else said(
            "Your side lets it rest, and concedes nothing; it is parked when the other side does the same."
        )
    )
    return Answer([line], {"parked": target.hex(), "id": entry.id.hex(), "status": demand.status.value}, room)


def drop(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    demand = choose(_own(room), args.which, said("precondition of your side"), LISTED)
    entry = preconditions.drop(room, demand, now)
    line = said(
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
    return Answer(lines or [said("No precondition is on record in this room.")], value, room)


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
    owner = said("nobody's here") if one.side is None else said("of {one_side}", one_side=one_line(one.side))
    word = {
        Status.ON_RECORD: said("on record"),
        Status.PARKED: said("parked, not conceded"),
        Status.DROPPED: said("dropped")
        if read(room.log, Preconditions).restated_as(one.entry.id) is None
        else said("restated"),
    }[one.status]
    since = (
        said(" since {since}", since=date(one.since))
        if one.status is Status.PARKED and one.since is not None
        else ""
    )
    lines = [
        said(
            "precondition {entry}  {owner}: {word}{since}",
            entry=one.entry.id.hex()[:12],
            owner=owner,
            word=word,
            since=since,
        ),
        said(
            "  put on record by {author}, {at}; said in {source}",
            author=person(one.author),
            at=date(one.entry.event.at),
            source=one_line(one.source or ""),
        ),
    ]
    lines += (
        [said("  │ [its words have gone]")]
        if one.wording is None
        else ["  │ " + line for line in text_lines(one.wording)]
    )
    lines += [
        said(
            "  {by_side} lets it rest, says {by}, {at}",
            by_side=one_line(by.side),
            by=person(by),
            at=date(told.event.at),
        )
        for told, by in one.parked
    ]
    if one.ended_by is not None:
        lines.append(
            said(
                "  {word} by {room_name}, {at}",
                word=word,
                room_name=room_name(room, one),
                at=date(one.ended_by.event.at),
            )
        )
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
                said(
                    "the words of precondition {entry} of your side go {gone}: if it is to stay on record, state it again",
                    entry=one.entry.id.hex()[:12],
                    gone=date(gone),
                )
            )
    return lines
