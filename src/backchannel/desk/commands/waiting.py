"""`desk status`: what waits for this person in every room, and `desk sync`."""

import argparse

from backchannel.desk.commands import leak
from backchannel.desk.commands.answer import Answer, Json, head, named, own_title, title
from backchannel.desk.commands.awaiting import SOON_MS, awaited, further, words_lines
from backchannel.desk.commands.clocks import private_soon, soon
from backchannel.desk.commands.events import trouble_lines, trouble_value
from backchannel.desk.commands.header import readers, readers_value, state_of, state_word
from backchannel.desk.commands.items import first_words, gone_at, unread
from backchannel.desk.commands.mandates import mandate_lines
from backchannel.desk.commands.meetings import meeting_line, meeting_value
from backchannel.desk.commands.offers import still_open
from backchannel.desk.commands.passing import passing_lines, passing_value
from backchannel.desk.commands.people import motion_lines, motion_value, open_motions
from backchannel.desk.commands.preconditions import precondition_lines
from backchannel.desk.commands.promises import status_lines, status_value
from backchannel.desk.commands.relays import proxy_url
from backchannel.desk.commands.soundings import sounding_lines, sounding_value
from backchannel.desk.commands.standbys import due_lines
from backchannel.desk.commands.unsealed import owed
from backchannel.desk.desk import Desk
from backchannel.desk.drafts import drafts
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, span
from backchannel.moves.paper import Item, standing
from backchannel.said import joined, said

FEW_ADMISSIONS = 2
MOST_SHOWN = 12  # of one kind in one room; the oldest come first


def status(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    meetings, rooms = desk.meetings(), list(desk.rooms())
    if args.json:
        return Answer(
            [],
            {
                "rooms": [_room_value(desk, room, now) for room in rooms],
                "meetings": [
                    {**meeting_value(one), "line": meeting_line(desk, one, now)} for one in meetings
                ],
                "to_send": desk.to_send(),
                "proxy": proxy_url(desk),
                "private_clocks": [row.value for row in private_soon(desk, now)],
            },
        )
    told = [line for meeting in meetings if (line := meeting_line(desk, meeting, now)) is not None]
    told += [row.line for row in private_soon(desk, now)]
    lines = [*told, *([""] if told else [])]
    for room in rooms:
        lines += [*_room_lines(desk, room, now), ""]
    return Answer([*lines, *_line_lines(desk)], {})


def _room_lines(desk: Desk, room: Room, now: int) -> list[str]:
    state = state_of(room)
    lines = [title(desk, room) + ("  " + state if state else "")]
    if room.seated:
        lines.append("  " + readers(room))
        lines += ["  " + line for line in passing_lines(room, now)]
        lines += ["  " + line for motion in open_motions(room) for line in motion_lines(room, motion)]
        lines += ["  " + line for line in words_lines(room)]
        lines += ["  " + line for line in (*leak.status_lines(room), *status_lines(room, now))]
        items = standing(room.log, now)
        new = unread(room, items)
        if new:
            lines.append(
                said(
                    "  {count} not read yet: {label}",
                    count=len(new),
                    label=joined(", ", (one_line(item.label) for item in new[:8])),
                )
            )
        waits = [item for item in items if still_open(room, item)]
        lines += ["  " + _unanswered(room, item, now) for item in waits[:MOST_SHOWN]]
        if len(waits) > MOST_SHOWN:
            lines.append(said("  and {count} more unanswered", count=len(waits) - MOST_SHOWN))
        lines += ["  " + line for line in sounding_lines(room, now)]
        lines += ["  " + line for line in due_lines(room, now, SOON_MS)]
        lines += [said("  {line}", line=one.line) for one in owed(room)]
        lines += [said("  {line}", line=one.line) for one in further(room, now)]
        lines += ["  " + line for line in mandate_lines(room, now)]
        lines += ["  " + line for line in precondition_lines(room, now, SOON_MS)]
        lines += [said("  {line}", line=row.line) for row in soon(desk, room, now)[:MOST_SHOWN]]
        lines += [
            said("  {label} goes {at}", label=one_line(item.label), at=date(at))
            for item, at in _going(room, items, now)
        ]
        lines += ["  " + line for line in trouble_lines(room)]
    lines.append(said("  head {head}", head=head(room)))
    lines += [
        said(
            "  draft {draft} was not said: {fields}",
            draft=draft.id,
            fields=one_line(str(draft.fields["text"]))[:60],
        )
        for draft in drafts(desk, room)
    ]
    return lines


def _unanswered(room: Room, item: Item, now: int) -> str:
    who = (
        said("yours")
        if item.entry.author == room.me
        else said("by {name}", name=one_line(room.name(item.entry.author)))
    )
    return said(
        "{label} ({who}) unanswered for {now}",
        label=one_line(item.label),
        who=who,
        now=span(now - item.entry.event.at),
    )


def _going(room: Room, items: list[Item], now: int) -> list[tuple[Item, int]]:
    going = []
    for item in items:
        at = gone_at(room, item)
        if item.body is not None and now < at <= now + SOON_MS:
            going.append((item, at))
    return going


def _room_value(desk: Desk, room: Room, now: int) -> dict[str, Json]:
    value: dict[str, Json] = {
        "id": room.id.hex(),
        "title": own_title(desk, room),
        "state": state_of(room) or "open",
        "state_word": state_word(room),
        "head": head(room),
        "drafts": [
            {"id": draft.id, "at_ms": draft.at_ms, "text": str(draft.fields["text"])}
            for draft in drafts(desk, room)
        ],
    }
    if not room.seated:
        return value
    items = standing(room.log, now)
    return value | {
        "audience": readers(room),
        "readable": readers_value(room),
        **passing_value(room, now),
        "requests": [motion_value(room, motion) for motion in open_motions(room)],
        "unread": [item.label for item in unread(room, items)],
        "unanswered": [
            {
                "label": item.label,
                "id": item.entry.id.hex(),
                "mine": item.entry.author == room.me,
                "words": first_words(item),
                "by": named(room, item.entry.author),
                "at_ms": item.entry.event.at,
                "unanswered_ms": now - item.entry.event.at,
            }
            for item in items
            if still_open(room, item)
        ],
        "clocks": [row.value for row in soon(desk, room, now)],
        "authority": mandate_lines(room, now),
        "going": [{"label": item.label, "at_ms": at} for item, at in _going(room, items, now)],
        "promises": status_value(room, now),
        "soundings": sounding_value(room, now),
        "daylight": [one.value for one in owed(room)],
        "waits": [one.value for one in awaited(room, now)],
        **leak.leaks_value(room),
        **trouble_value(room),
    }


def _line_lines(desk: Desk) -> list[str]:
    waiting = desk.to_send()
    lines = []
    if waiting:
        lines.append(
            said(
                "{waiting} piece waits to be sent; `backchannel desk sync` tries now."
                if waiting == 1
                else "{waiting} pieces wait to be sent; `backchannel desk sync` tries now.",
                waiting=waiting,
            )
        )
    if not desk.relays() and not list(desk.rooms()):
        lines.append(
            said(
                "Nothing waits. To begin: add a relay with `backchannel desk relay add` and open a room, or join with"
                " an invitation."
            )
        )
    keeps = any(room.seated and room.seating.keeper == room.me for room in desk.rooms())
    for relay, _, free in desk.relays():
        if keeps and free <= FEW_ADMISSIONS:
            left = said(
                "{free} admission is left for {relay}"
                if free == 1
                else "{free} admissions are left for {relay}",
                free=free or said("no"),
                relay=relay,
            )
            lines.append(
                said("{left}, and every change of people takes one: ask its operator for more.", left=left)
            )
    url = proxy_url(desk)
    lines.append(
        said("relays are reached through {url}", url=url)
        if url
        else said("relays are reached directly and see this machine's address")
    )
    return lines


def synced(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    """What remains after the line has done its work."""
    waiting = desk.to_send()
    new = {
        title(desk, room): len(unread(room, standing(room.log, now))) for room in desk.rooms() if room.seated
    }
    lines = [
        said("{name}: {count} not read yet", name=name, count=count) for name, count in new.items() if count
    ]
    lines.append(
        said("Everything is sent and fetched.")
        if not waiting
        else said("{waiting} pieces still wait to be sent.", waiting=waiting)
    )
    return Answer(lines, {"to_send": waiting, "unread": new})
