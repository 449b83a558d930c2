"""Texts on their way to being said: kept in the vault from before the act until it is done, pinned to their readers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.channel.event import MemberId
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.errors import Refused
from backchannel.moves.paper import standing

Fields = Mapping[str, "str | int | bool | list[str] | None"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One kept text: `fields` are the options it was to be said with, `readers` whom it was written for."""

    id: int
    fields: Fields
    readers: str
    at_ms: int


def readers_hash(room: Room) -> str:
    """Name everyone who could read what is said now."""
    return readers_hash_of(room.seating.audience)


def readers_hash_of(audience: tuple[MemberId, ...]) -> str:
    return hashlib.sha256(b"".join(sorted(audience))).hexdigest()


def keep(desk: Desk, room: Room, fields: Fields, readers: str, now: int) -> int:
    """Keep a text durably; gives its number."""
    with desk.vault.master.transaction():
        value = json.dumps({"fields": fields, "readers": readers, "at_ms": now})
        return desk.vault.master.insert("INSERT INTO drafts (room, value) VALUES (?,?)", room.id, value)


def drop(desk: Desk, number: int) -> None:
    with desk.vault.master.transaction():
        desk.vault.master.run("DELETE FROM drafts WHERE id = ?", number)


def drafts(desk: Desk, room: Room) -> list[Draft]:
    """Give what is kept for a room, oldest first; what was said before a crash could clear it away is not among it."""
    rows = desk.vault.master.all("SELECT id, value FROM drafts WHERE room = ? ORDER BY id", room.id)
    kept = [Draft(number, **json.loads(value)) for number, value in rows]
    if not kept or not room.seated:
        return kept
    said = [
        (item.entry.event.at, item.body.text)
        for item in standing(room.log, kept[0].at_ms)
        if item.entry.author == room.me and item.body is not None
    ]
    waiting = []
    for draft in kept:
        if any(at >= draft.at_ms and text == draft.fields["text"] for at, text in said):
            drop(desk, draft.id)
        else:
            waiting.append(draft)
    return waiting


def draft_of(desk: Desk, room: Room, number: int | None) -> Draft:
    """Find a draft by its number, or the newest."""
    kept = [draft for draft in drafts(desk, room) if number in (None, draft.id)]
    if not kept:
        raise Refused("There is no such draft for this room; `backchannel desk status` lists what is kept.")
    return kept[-1]
