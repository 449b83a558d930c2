"""`desk clock …`: times that press, shared with a room or kept to oneself, and answers that are wanted by a time."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backchannel.channel.event import EventId
from backchannel.desk import clocks
from backchannel.desk.commands.answer import Answer, Json, named, own_title, room_of, spoken_list, title
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.offers import accepted, still_open
from backchannel.desk.commands.passing import sunset_lines, sunset_value
from backchannel.desk.commands.tell_clock import felt
from backchannel.desk.desk import Desk
from backchannel.desk.notebook import OwnClock, pages, tear_out
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, moment, span
from backchannel.moves.clock import Clock, Standing, standing
from backchannel.moves.paper import Item, Paper
from backchannel.moves.paper import standing as papers
from backchannel.said import said

SHOW = "clock show"
GOING_MS = 86_400_000  # within which words that go are told of
SOON_MS = 7 * 86_400_000  # within which a clock stands in `desk status`


@dataclass(frozen=True, slots=True)
class Row:
    """One time that presses, from wherever it is known."""

    id: bytes
    at: int
    line: str
    value: Mapping[str, Json]


def add(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    sides = tuple(dict.fromkeys(side.strip() for side in args.felt_by))
    clock = Clock(args.text.strip(), moment(args.at, now), sides, args.hard)
    if args.private:
        about = None if args.room is None else room_of(desk, args)
        page = clocks.keep_private(desk.vault, about, clock, now)
        line = said(
            "The clock is kept on this desk alone, and nobody else learns of it: {at}, in {at_2}.",
            at=date(clock.at),
            at_2=span(clock.at - now),
        )
        return Answer([line], {"id": page.hex(), "at_ms": clock.at, "private": True})
    room = room_of(desk, args)
    entry = clocks.put_up(room, clock, now)
    unknown = [side for side in sides if side not in {who.side for who in room.seating.seated.values()}]
    lines = [
        said(
            "Everyone in the room sees this clock: {at}, in {at_2}.",
            at=date(clock.at),
            at_2=span(clock.at - now),
        )
    ]
    if unknown:
        lines.append(
            said(
                "Nobody here is of {unknown}; the clock names them all the same.",
                unknown=spoken_list(map(one_line, unknown)),
            )
        )
    return Answer(lines, {"id": entry.id.hex(), "at_ms": clock.at, "private": False}, room)


def drop(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    own = {EventId(page.id): page for page in pages(desk.vault, OwnClock)}
    if any(page.hex().startswith(args.which.lower()) for page in own):
        page = choose(own, args.which, said("private clock"), SHOW)
        tear_out(desk.vault, page.id)
        return Answer(
            [said("The private clock is gone from this desk.")], {"dropped": page.id.hex(), "private": True}
        )
    room = room_of(desk, args)
    known = standing(room.log) if room.seated else []
    found = choose({one.entry.id: one for one in known}, args.which, "clock", SHOW)
    entry = clocks.take_down(room, found.entry.id, now)
    line = said("The clock is taken down; everyone in the room sees that.")
    return Answer([line], {"dropped": found.entry.id.hex(), "id": entry.id.hex()}, room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    if args.room is not None:
        room = room_of(desk, args)
        rows = sorted(room_rows(desk, room, now), key=_place)
        lines = [*_lines(rows), *(sunset_lines(room, now) if room.seated else [])]
        sunset = sunset_value(room, now) if room.seated else None
        return Answer(lines, {"clocks": [row.value for row in rows], "sunset": sunset}, room)
    rows = list(_private_rows(desk, now))
    for room in desk.rooms():
        rows += room_rows(desk, room, now)
    rows.sort(key=_place)
    lines = _lines(rows)
    sunsets: list[Json] = []
    for room in desk.rooms():
        found = sunset_value(room, now) if room.seated else None
        if found is not None:
            lines += [
                said("{title}: {line}", title=title(desk, room), line=line)
                for line in sunset_lines(room, now)
            ]
            sunsets.append(found | {"room": room.id.hex(), "room_title": own_title(desk, room)})
    one: Json = sunsets[0] if len(sunsets) == 1 else None
    return Answer(lines, {"clocks": [row.value for row in rows], "sunsets": sunsets, "sunset": one})


def _place(row: Row) -> tuple[int, bytes]:
    return row.at, row.id


def _lines(rows: list[Row]) -> list[str]:
    return [row.line for row in rows] or [said("No clock is up.")]


def room_rows(desk: Desk, room: Room, now: int) -> Iterator[Row]:
    """Give the clocks of a room and the answers wanted in it."""
    if not room.seated:
        return
    where = title(desk, room)
    for one in standing(room.log):
        yield _shared(room, one, where, now)
    for item in papers(room.log, now):
        if isinstance(item.body, Paper) and item.body.reply_by is not None:
            yield _reply_by(room, item, item.body.reply_by, where, now)


def _reply_by(room: Room, item: Item, at: int, where: str, now: int) -> Row:
    by, opened = named(room, item.entry.author), still_open(room, item)
    answered = item.answered_by or accepted(room, item)
    state = (
        "" if opened else said(", which has been answered") if answered else said(", which stands no more")
    )
    value = _value(item.entry.id, at, now) | {
        "kind": "reply-by",
        "what": said("an answer to {label} is wanted", label=item.label),
        "label": item.label,
        "open": opened,
        "felt_by": [],
        "hard": False,
        "private": False,
        "room": room.id.hex(),
        "room_title": where,
        "by": by,
        "by_name": room.name(item.entry.author),
        "set_ms": item.entry.event.at,
    }
    line = said(
        "{when} {by} wants an answer to {label}{state} [{where}]",
        when=_when(at, now),
        by=by,
        label=one_line(item.label),
        state=state,
        where=where,
    )
    return Row(item.entry.id, at, line, value)


def _shared(room: Room, one: Standing, where: str, now: int) -> Row:
    clock, eid, by = one.clock, one.entry.id, named(room, one.entry.author)
    gone = one.entry.event.at + room.seating.retention_seconds * 1000
    early = (
        said("; its words go {gone}, before it is due", gone=date(gone))
        if gone < clock.at and now < clock.at
        else ""
    )
    value = _value(eid, clock.at, now) | {
        "kind": "clock",
        "what": clock.what,
        "label": None,
        "open": clock.at > now,
        "felt_by": list(clock.felt_by),
        "hard": clock.hard,
        "private": False,
        "room": room.id.hex(),
        "room_title": where,
        "by": by,
        "by_name": room.name(one.entry.author),
        "set_ms": one.entry.event.at,
        "gone_ms": gone,
    }
    line = said(
        "{when} {what}{felt}, says {by} [{where}, {eid}]{early}",
        when=_when(clock.at, now),
        what=one_line(clock.what),
        felt=felt(clock),
        by=by,
        where=where,
        eid=eid.hex()[:12],
        early=early,
    )
    return Row(eid, clock.at, line, value)


def _private_rows(desk: Desk, now: int) -> Iterator[Row]:
    known = {file.id: desk.title(file) for file in desk.vault.rooms()}
    for page in pages(desk.vault, OwnClock):
        kept = page.record
        clock = Clock(kept.what, kept.at, kept.felt_by, kept.hard)
        where = known.get(page.room)
        value = _value(page.id, kept.at, now) | {
            "kind": "clock",
            "what": kept.what,
            "label": None,
            "open": kept.at > now,
            "felt_by": list(kept.felt_by),
            "hard": kept.hard,
            "private": True,
            "room": page.room.hex() if page.room else None,
            "room_title": where,
            "by": None,
            "by_name": None,
            "set_ms": kept.added,
        }
        about = "" if where is None else said(", about “{where}”", where=one_line(where))
        line = said(
            "{when} {what}{felt} [private{about}, {page}]",
            when=_when(kept.at, now),
            what=one_line(kept.what),
            felt=felt(clock),
            about=about,
            page=page.id.hex()[:12],
        )
        yield Row(page.id, kept.at, line, value)


def _value(eid: bytes, at: int, now: int) -> dict[str, Json]:
    return {"id": eid.hex(), "at_ms": at, "left_ms": at - now, "passed": at <= now}


def _when(at: int, now: int) -> str:
    return said(
        "{at}, {said}:",
        at=date(at),
        said=said("in {at}", at=span(at - now)) if at > now else said("{now} ago", now=span(now - at)),
    )


def soon(desk: Desk, room: Room, now: int) -> list[Row]:
    """Give what falls due within a week in a room, or whose words go within a day and before that; the first first."""
    rows = [row for row in room_rows(desk, room, now) if row.value["open"] and now < row.at]
    near = [row for row in rows if row.at <= now + SOON_MS or _going(row, now)]
    return sorted(near, key=_place)


def _going(row: Row, now: int) -> bool:
    gone = row.value.get("gone_ms")
    return isinstance(gone, int) and gone < row.at and gone <= now + GOING_MS


def private_soon(desk: Desk, now: int) -> list[Row]:
    """Give what falls due within a week by this desk's private clocks."""
    return sorted((row for row in _private_rows(desk, now) if now < row.at <= now + SOON_MS), key=_place)
