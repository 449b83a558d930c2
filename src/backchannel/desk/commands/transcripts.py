"""`desk export` and `desk compare`: the record as a file, and where two records part."""

import argparse
import json

from backchannel.channel import transcript
from backchannel.channel.event import EventId, MemberId
from backchannel.channel.members import member_id
from backchannel.channel.transcript import Difference, Fault, Place
from backchannel.desk.commands.answer import Answer, Json, named, room_of
from backchannel.desk.commands.events import event_line, event_value, trouble_value
from backchannel.desk.commands.header import header_value, state_of
from backchannel.desk.commands.items import item_value
from backchannel.desk.consenting import check_consent
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.errors import Blocked, Exit, Refused
from backchannel.moves.paper import ITEMS, standing
from backchannel.said import said

CLOSED = frozenset({"standby"})  # kinds whose words are for two people alone
MOST_SHOWN = 20  # differences; the first one matters

FAULTS = {
    Fault.MISSING_HERE: said("is in the other record and not in this one"),
    Fault.MISSING_THERE: said("is in this record and not in the other"),
    Fault.EDITED: said("has other words in the other record, under the same name"),
    Fault.FORKED: said(
        "is one of two different messages that their author put in one place: two stories were told"
    ),
}


def export(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = _readable(room_of(desk, args))
    check_consent(room)
    items = standing(room.log, now)
    by_id = {item.entry.id: item for item in items}
    whole: dict[str, Json] = {
        **transcript.export(room.log, CLOSED),
        "exported_ms": now,
        "header": header_value(desk, room, now),
        "items": [item_value(room, item, by_id, now) for item in items],
        "acts": [event_value(room, entry) for entry in room.log.ordered() if entry.event.kind not in ITEMS],
        **trouble_value(room),
    }
    count = len(room.log.entries)
    line = said(
        "The record of {count} events is written. It holds what was said and no key; whoever has it can make another like it.",
        count=count,
    )
    data = json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"
    return Answer([line], {"events": count}, room, (("export.json", data),))


def compare(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = _readable(room_of(desk, args))
    if args.words is not None:
        start = _start(room)
        six = transcript.record_words(room.log, args.words, start)
        lines = [
            said("Up to #{words} this record reads:  {six}", words=args.words, six=six),
            said("The same words on another desk mean the same record."),
        ]
        return Answer(lines, {"words": six, "up_to": args.words, "first_epoch": start}, room)
    try:
        theirs = json.loads(args.theirs)
    except (ValueError, RecursionError) as error:
        raise Refused(
            "This file is no transcript of a room, or it is damaged; have it exported again."
        ) from error
    if not isinstance(theirs, dict):
        raise Refused("This file is no transcript of a room, or it is damaged; have it exported again.")
    found = transcript.compare(transcript.export(room.log), theirs)
    value: dict[str, Json] = {"same": not found, "differences": [_value(one) for one in found]}
    if not found:
        return Answer([said("The two records are the same, as far as both go back.")], value, room)
    lines = [said("The records part at {place}.", place=_place(room, found[0]))]
    lines += [said("  then {place}", place=_place(room, one)) for one in found[1:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        lines.append(said("  and {count} more", count=len(found) - MOST_SHOWN))
    return Answer(lines, value, room, exit=Exit.FORKED)


def _start(room: Room) -> int:
    """Give the epoch from which everyone now in the room has the record."""
    first: dict[MemberId, int] = {}
    for _, epoch in room.log.epochs():
        for data in epoch.roster:
            first.setdefault(member_id(data), epoch.number)
    return max([room.log.first_epoch, *(first.get(mid, 0) for mid in room.seating.seated)])


def _place(room: Room, difference: Difference) -> str:
    place = difference.ours or difference.theirs
    assert place is not None
    entry = room.log.entries.get(EventId(bytes.fromhex(place.id))) if _is_id(place.id) else None
    if entry is not None and entry.event.kind not in ITEMS:
        what = event_line(room, entry).removeprefix("- ")
    else:
        author = (
            named(room, MemberId(bytes.fromhex(place.author)))
            if _is_id(place.author)
            else one_line(place.author)
        )
        what = said(
            "{place_number} by {author}, {at}",
            place_number="#" + str(place.number) if place.kind in ITEMS else one_line(place.kind),
            author=author,
            at=date(place.at),
        )
    return said("{what}: it {faults}", what=what, faults=FAULTS[difference.fault])


def _is_id(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32  # noqa: PLR2004 - as every id
    except ValueError:
        return False


def _value(difference: Difference) -> dict[str, Json]:
    def told(place: Place | None) -> dict[str, Json] | None:
        return (
            None
            if place is None
            else {"id": place.id, "author": place.author, "number": place.number, "kind": place.kind}
        )

    return {"fault": difference.fault.value, "ours": told(difference.ours), "theirs": told(difference.theirs)}


def _readable(room: Room) -> Room:
    if not room.seated:
        raise Blocked(said("There is no record yet: {state_of}.", state_of=state_of(room)))
    return room
