"""Commands that show the record: `desk show`, `desk read`, and the news that `desk watch` follows."""

import argparse
from itertools import pairwise

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk import acts
from backchannel.desk.commands.answer import Answer, Json, room_of
from backchannel.desk.commands.events import event_line, event_value, trouble_lines, trouble_value
from backchannel.desk.commands.header import header_lines, header_value, readers, state_of
from backchannel.desk.commands.items import Look, first_words, item_lines, item_value, unanswered_ms, unread
from backchannel.desk.commands.offers import still_open
from backchannel.desk.commands.passing import impasse_lines, sunset_lines
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.when import span
from backchannel.errors import Blocked
from backchannel.moves.paper import SHORTEST_ID, Item, find, standing
from backchannel.said import said

MOST_BETWEEN = 200  # events that are shown with so many items
LONG_SILENCE_MS = 7 * 86_400_000  # that a reader is told of


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = _readable(room_of(desk, args))
    items = standing(room.log, now)
    if args.items:
        chosen = [find(items, spoken) for spoken in args.items]
        return Answer(
            _lines(room, chosen, items, now, args), {"items": _values(room, chosen, items, now)}, room
        )
    ordered = room.log.ordered()
    part = _part(ordered, items, args)
    entries = ordered[part]
    if not args.json:
        lines = [
            *header_lines(desk, room, now),
            *sunset_lines(room, now),
            *impasse_lines(room, now),
            "",
            *_record(room, entries, items, now, args),
            *trouble_lines(room),
        ]
        return Answer(lines, {}, room)
    shown = {entry.id for entry in entries}
    value: dict[str, Json] = {
        **header_value(desk, room, now),
        "items": _values(room, [item for item in items if item.entry.id in shown], items, now),
        "events": [event_value(room, entry) for entry in entries if not _is_item(entry)],
        "order": [entry.id.hex() for entry in entries],
        "earlier": part.start,
        "later": len(ordered) - part.stop,
        "open": [_open_value(room, item, now) for item in items if still_open(room, item)],
        **trouble_value(room),
    }
    return Answer([], value, room)


def read(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = _readable(room_of(desk, args))
    if args.tell is not None:
        acts.tell_read(room, yes=args.tell == "yes")
    items = standing(room.log, now)
    chosen = [find(items, spoken) for spoken in args.items] or unread(room, items)
    acts.read(room, [item.entry.id for item in chosen], now)
    lines = _lines(room, chosen, items, now, args) or [said("Nothing that you have not read.")]
    if args.tell is not None:
        lines.append(
            said("The others are told when you read.")
            if args.tell == "yes"
            else said("The others are not told when you read.")
        )
    return Answer(lines, {"items": _values(room, chosen, items, now)}, room)


def news(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    """What has come to stand since a position of this desk's own record; `--after` is for `desk watch` alone."""
    room = room_of(desk, args)
    if not room.seated:
        return Answer([], {"position": 0, "state": state_of(room)})
    items = standing(room.log, now)
    position = len(room.log.entries)
    if args.after is None:
        first = _place_of_last(room, items, args.last)
        opening = [*header_lines(desk, room, now), ""]
    else:
        first, opening = args.after, []
    entries = [entry for entry in room.log.ordered() if entry.position > first]
    lines = opening + _record(room, entries, items, now, args)
    if any(entry.event.kind == "epoch" for entry in entries) and args.after is not None:
        lines.append(readers(room))
    shown = {entry.id for entry in entries}
    value: dict[str, Json] = {
        "position": position,
        "items": _values(room, [item for item in items if item.entry.id in shown], items, now),
        "events": [event_value(room, entry) for entry in entries if not _is_item(entry)],
    }
    return Answer(lines, value)


def _place_of_last(room: Room, items: list[Item], count: int) -> int:
    """Give the position before the last `count` items."""
    positions = sorted(item.entry.position for item in items)[-count:] if count else []
    return positions[0] - 1 if positions else len(room.log.entries)


def _part(ordered: list[Entry], items: list[Item], args: argparse.Namespace) -> slice:
    """Give which part of the record was asked for."""
    first = 0 if args.since is None else _place(ordered, items, args.since)
    end = len(ordered) if args.before is None else max(first, _place(ordered, items, args.before))
    if args.talk is not None:
        count = max(1, args.talk)
        spoken = [place for place in range(first, end) if _is_item(ordered[place])]
        if args.since is not None:
            return slice(first, min(spoken[count] if len(spoken) > count else end, first + MOST_BETWEEN))
        return slice(max(spoken[-count] if len(spoken) > count else first, end - MOST_BETWEEN), end)
    if args.last is None:
        return slice(first, end)
    count = max(0, args.last)
    return (
        slice(first, min(end, first + count)) if args.since is not None else slice(max(0, end - count), end)
    )


def _place(ordered: list[Entry], items: list[Item], spoken: str) -> int:
    """Find the place of an item, or of any event by the first letters of its id."""
    letters = spoken.strip().lower()
    if len(letters) >= SHORTEST_ID:
        for place, entry in enumerate(ordered):
            if entry.id.hex().startswith(letters):
                return place
    found = find(items, spoken)
    return next(place for place, entry in enumerate(ordered) if entry.id == found.entry.id)


def _open_value(room: Room, item: Item, now: int) -> dict[str, Json]:
    """Give what still waits for an answer in few words."""
    return {
        "id": item.entry.id.hex(),
        "label": item.label,
        "by": room.name(item.entry.author),
        "mine": item.entry.author == room.me,
        "words": first_words(item),
        "unanswered_ms": unanswered_ms(item, now),
    }


def _is_item(entry: Entry) -> bool:
    return entry.event.kind in {"paper", "front"}


def _record(
    room: Room, entries: list[Entry], items: list[Item], now: int, args: argparse.Namespace
) -> list[str]:
    by_id = {item.entry.id: item for item in items}
    quiet = _silences(items)
    lines: list[str] = []
    for entry in entries:
        item = by_id.get(entry.id)
        if item is not None:
            apart = [""] if lines and lines[-1] else []
            if quiet.get(entry.id, 0) >= LONG_SILENCE_MS:
                apart += [said("… {quiet} without a word …", quiet=span(quiet[entry.id])), ""]
            lines += [*apart, *item_lines(room, item, by_id, now, Look.of(args)), ""]
        else:
            lines.append(event_line(room, entry))
    return lines if not lines or not lines[-1] else [*lines, ""]


def _lines(
    room: Room, chosen: list[Item], items: list[Item], now: int, args: argparse.Namespace
) -> list[str]:
    return _record(room, [item.entry for item in chosen], items, now, args)


def _values(room: Room, chosen: list[Item], items: list[Item], now: int) -> list[Json]:
    by_id: dict[EventId, Item] = {item.entry.id: item for item in items}
    quiet = _silences(items)
    return [{**item_value(room, item, by_id, now), "silence_ms": quiet.get(item.entry.id)} for item in chosen]


def _silences(items: list[Item]) -> dict[EventId, int]:
    """How long nothing had been said when an item was said, in milliseconds; the first has none before it."""
    timely = sorted(items, key=lambda item: item.entry.event.at)
    return {
        later.entry.id: later.entry.event.at - earlier.entry.event.at for earlier, later in pairwise(timely)
    }


def _readable(room: Room) -> Room:
    if not room.seated:
        raise Blocked(said("There is nothing to show: {state_of}.", state_of=state_of(room)))
    return room
