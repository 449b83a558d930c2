"""What a command gives back, and what nearly every command asks first: which room, and has it moved on."""

import argparse
import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from backchannel.channel.event import MemberId
from backchannel.channel.likeness import plain
from backchannel.channel.log import Entry
from backchannel.channel.members import Credential, Member
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.errors import Exit, Moved, Refused
from backchannel.moves.beyond import beyond
from backchannel.said import joined, said

Json: TypeAlias = "str | int | Sequence[Json] | Mapping[str, Json] | None"

HEAD_LETTERS = 12
MAX_SPOKEN_NAME = 64  # as an invitation takes it


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines for a person and the same as a value; `files` are for the command line to write where it was asked to."""

    lines: Sequence[str]
    value: Mapping[str, Json]
    room: Room | None = None
    files: tuple[tuple[str, bytes], ...] = ()
    exit: Exit = Exit.OK


def head(room: Room) -> str:
    """Give the short name of everything this desk holds of a room."""
    return hashlib.sha256(b"".join(sorted(room.log.heads))).hexdigest()[:HEAD_LETTERS]


def room_of(desk: Desk, args: argparse.Namespace) -> Room:
    """Find the room a command is for; Moved if it is not any more as the person saw it."""
    room = chosen(desk, args.room)
    check_seen(room, args.seen)
    return room


def said_beyond(room: Room, entry: Entry) -> Answer | None:
    """Answer for what this desk's person said beyond their mandate; None if it is the word of their side."""
    why = beyond(room.log, entry)
    if why is None:
        return None
    line = said("It is said; everyone sees that it goes beyond your mandate, and it binds nobody.")
    return Answer([line], {"id": entry.id.hex(), "beyond_mandate": why}, room)


def check_seen(room: Room, seen: str | None) -> None:
    if seen is not None and head(room) != seen:
        raise Moved(
            said(
                "The room has moved on: its head is {head} and not {seen}; look with `backchannel desk show`, then do it again.",
                head=head(room),
                seen=seen,
            )
        )


def chosen(desk: Desk, spoken: str | None) -> Room:
    if spoken is not None:
        return desk.find_room(spoken)
    rooms = list(desk.rooms())
    if not rooms:
        raise Refused(
            "This desk has no room yet; open one with `backchannel desk open-room`, or answer an invitation with"
            " `backchannel desk"
            " join`."
        )
    if len(rooms) > 1:
        titles = joined("; ", (title(desk, room) for room in rooms))
        raise Refused(said("This desk has several rooms; name one with --room: {titles}.", titles=titles))
    return rooms[0]


def title(desk: Desk, room: Room) -> str:
    """Name a room in a sentence."""
    return one_line(own_title(desk, room))


def own_title(desk: Desk, room: Room) -> str:
    """Give a room's title as it was written, for what is read by programs and by pages, which isolate it themselves."""
    return next(desk.title(file) for file in desk.vault.rooms() if file.id == room.id)


def person(who: Member | Credential) -> str:
    """Name somebody with their side."""
    return said("{who} ({who_side})", who=one_line(who.name), who_side=one_line(who.side))


def named(room: Room, mid: MemberId) -> str:
    """Name whoever an id is of, with their side; the start of the id if they were never seated here."""
    if mid == room.me:
        return person(room.credential)
    known = room.member(mid)
    return said("somebody unknown ({mid})", mid=mid.hex()[:8]) if known is None else person(known)


def person_value(mid: MemberId, who: Member | Credential) -> dict[str, Json]:
    return {"id": mid.hex(), "name": who.name, "side": who.side, "role": who.role}


def checked_name(typed: str, what: str) -> str:
    """Give a name as it will be shown to everyone, or raise Refused; `what` says whose it is."""
    name = unicodedata.normalize("NFC", typed).strip()
    if not name or len(name) > MAX_SPOKEN_NAME or not plain(name):
        raise Refused(
            said(
                "{what} has from 1 to {max_spoken_name} characters, all of them visible; please write it another way.",
                what=what,
                max_spoken_name=MAX_SPOKEN_NAME,
            )
        )
    return name


def own_name(desk: Desk, typed: str | None) -> str:
    """Give the name by which others are to know this desk's person in a room."""
    if not (typed or desk.name):
        raise Refused("Say with --name what the others are to call you in this room.")
    return checked_name(typed or desk.name, said("Your name"))


def spoken_list(parts: Iterable[str]) -> str:
    """Join for people: `A, B and C`."""
    *first, last = list(parts) or [""]
    return said("{first} and {last}", first=joined(", ", first), last=last) if first else last
