"""Commands on whole rooms: open, list, look at the header, retention, leave, forget."""

import argparse

from backchannel.channel.members import Charter, Role
from backchannel.desk import acts
from backchannel.desk.commands.answer import (
    Answer,
    Json,
    checked_name,
    head,
    own_name,
    own_title,
    room_of,
    title,
)
from backchannel.desk.commands.header import header_lines, header_value, readers, state_of
from backchannel.desk.commands.items import unread
from backchannel.desk.commands.passing import passing_lines, passing_value
from backchannel.desk.desk import Desk
from backchannel.desk.shown import one_line
from backchannel.desk.when import duration, span
from backchannel.moves.paper import standing
from backchannel.said import said
from backchannel.wire.cells import DEFAULT_CELL_SIZE


def opened(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    name, side = own_name(desk, args.name), checked_name(args.side, said("The name of a side"))
    called = checked_name(args.title, said("The title of a room"))
    channel = checked_name(args.channel or called, said("The name of a channel"))
    seconds = duration(args.retention)
    charter = Charter(called, channel, args.kind, args.rule, seconds, DEFAULT_CELL_SIZE, now)
    relay = (args.relay or desk.default_relay()).rstrip("/")
    room = desk.open_room(charter, name=name, side=side, role=Role(args.role), relay=relay, now=now)
    lines = [
        said(
            "“{called}” is open, with you in it alone; ask somebody in with `backchannel desk invite`.",
            called=one_line(called),
        ),
        *header_lines(desk, room, now),
    ]
    return Answer(lines, header_value(desk, room, now), room)


def rooms(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    lines: list[str] = []
    values: list[Json] = []
    for room in desk.rooms():
        new = len(unread(room, standing(room.log, now))) if room.seated else 0
        state = state_of(room)
        who = readers(room) if room.seated else said("not in it yet")
        news = said("  {new} not read yet", new=new) if new else ""
        lines.append(
            said(
                "{title}  [{room}]  {who}{news}",
                title=title(desk, room),
                room=room.id.hex()[:6],
                who=who,
                news=news,
            )
            + ("  " + state if state else "")
        )
        values.append(
            {
                "id": room.id.hex(),
                "title": own_title(desk, room),
                "unread": new,
                "state": state or "open",
                "head": head(room),
            }
        )
    none = said(
        "No room yet; open one with `backchannel desk open-room`, or answer an invitation with `backchannel desk join`."
    )
    return Answer(lines or [none], {"rooms": values})


def room(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    found = room_of(desk, args)
    lines = [*header_lines(desk, found, now), *passing_lines(found, now)]
    return Answer(lines, header_value(desk, found, now) | passing_value(found, now), found)


def retention(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    found, seconds = room_of(desk, args), duration(args.time)
    acts.retention(found, seconds, now)
    held = found.seating.retention_seconds
    stricter = (
        ""
        if held == seconds
        else said(" Another side's {held} are stricter and hold.", held=span(held * 1000))
    )
    line = said(
        "Your side lets texts live here for {seconds}; everyone in the room sees it.{stricter}",
        seconds=span(seconds * 1000),
        stricter=stricter,
    )
    return Answer([line], {"side_seconds": seconds, "retention_seconds": held}, found)


def leave(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    found = room_of(desk, args)
    acts.leave(found, now)
    line = said(
        "You have left “{title}”; the others see it and go on with new keys. What you have of it can still be read"
        " here; `backchannel desk forget` removes it.",
        title=title(desk, found),
    )
    return Answer([line], {"left": True}, found)


def forget(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    found = room_of(desk, args)
    name, rid = title(desk, found), found.id
    desk.forget(rid)
    return Answer(
        [said("“{name}” is gone from this desk: its key is destroyed and its file deleted.", name=name)],
        {"forgotten": rid.hex()},
    )
