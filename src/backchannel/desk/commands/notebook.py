"""`desk notebook …`: what somebody writes down for themselves; private, and nothing is sent."""

import argparse
from collections.abc import Sequence

from backchannel.channel.event import EventId
from backchannel.desk.commands.answer import Answer, Json, own_title, title
from backchannel.desk.commands.choosing import choose
from backchannel.desk.desk import Desk
from backchannel.desk.notebook import NO_ROOM, OwnNote, Page, note, pages, tear_out
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.when import date
from backchannel.errors import Refused
from backchannel.said import said

MOST_LETTERS = 200_000
LISTED = "notebook show"


def write(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    text = args.text.strip()
    if not text:
        raise Refused("There is nothing to note; write something.")
    if len(text) > MOST_LETTERS:
        raise Refused(said("A note has at most {most} letters; write it in parts.", most=MOST_LETTERS))
    about = desk.find_room(args.room).id if args.room else NO_ROOM
    page = note(desk.vault, OwnNote(text, now), about)
    return Answer([said("It is in your notebook, on this desk alone.")], {"id": page.hex()})


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    found = pages(desk.vault, OwnNote)
    if args.room:
        about = desk.find_room(args.room).id
        found = [page for page in found if page.room == about]
    none = said("Nothing is noted; begin with `backchannel desk notebook write`.")
    return _answer(desk, found, none)


def search(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    sought = " ".join(args.sought).casefold()
    found = [page for page in pages(desk.vault, OwnNote) if sought in page.record.text.casefold()]
    return _answer(desk, found, said("No note of yours has these words."))


def remove(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    known = {EventId(page.id): page for page in pages(desk.vault, OwnNote)}
    found = choose(known, args.which, "note", LISTED)
    tear_out(desk.vault, found.id)
    return Answer(
        [said("The note is torn out, and what it said is overwritten.")], {"removed": found.id.hex()}
    )


def _answer(desk: Desk, found: Sequence[Page[OwnNote]], none: str) -> Answer:
    lines: list[str] = []
    values: list[Json] = []
    for page in found:
        room = desk.room(page.room) if page.room != NO_ROOM else None
        about = "" if room is None else said(", about “{title}”", title=title(desk, room))
        lines.append(said("{at}{about} [{id}]", at=date(page.record.at), about=about, id=page.id.hex()[:12]))
        lines += ["  │ " + line for line in text_lines(page.record.text)]
        values.append(
            {
                "id": page.id.hex(),
                "text": page.record.text,
                "at_ms": page.record.at,
                "room": None if room is None else room.id.hex(),
                "room_title": None if room is None else own_title(desk, room),
            }
        )
    return Answer(lines or [none], {"notes": values})
