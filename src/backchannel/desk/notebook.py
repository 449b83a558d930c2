"""What a person keeps for themselves: notes, private clocks, links and preferences, in the vault and nowhere else; a notebook is not a room.

What is noted about a room goes from the vault with that room.
"""

import secrets
from dataclasses import dataclass
from typing import Generic, TypeVar

from backchannel.channel.event import RoomId
from backchannel.crypto.secret import Secret
from backchannel.desk.vault import Vault
from backchannel.wire.codec import Record, decode, encode

R = TypeVar("R", bound=Record)

NO_ROOM = RoomId(b"")
_ID_BYTES = 16


class OwnClock(Record, frozen=True):
    """A time that presses on one's own side and that nobody else is to know of; times in ms since 1970."""

    what: str
    at: int
    felt_by: tuple[str, ...]
    hard: bool
    added: int


class OwnLink(Record, frozen=True):
    """The title of a private link of items that stand in several rooms."""

    title: str
    added: int


class Linked(Record, frozen=True):
    """One item of a link, by the link's id and the item's."""

    link: bytes
    item: bytes


class OwnNote(Secret, Record, frozen=True):
    """Something a person wrote down for themselves; `at` in ms since 1970."""

    text: str
    at: int


class OwnStance(Secret, Record, frozen=True):
    """What the packages of one agenda are worth to one's own side: shares that add up, or wishes and their cap; and its walk-away.

    `target` names the agenda's event. A wish is a bonus and its ranges, as packages/preferences.py has them.
    """

    target: bytes
    shares: tuple[tuple[int, ...], ...]
    wishes: tuple[tuple[int, tuple[tuple[int, int, int], ...]], ...]
    cap: int
    walk_away: int


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One entry of the notebook; `room` is empty if it is about none."""

    id: bytes
    room: RoomId
    record: R


_KINDS: dict[type[Record], str] = {
    OwnNote: "note",
    OwnClock: "clock",
    OwnLink: "link",
    Linked: "linked",
    OwnStance: "stance",
}


def note(vault: Vault, record: Record, room: RoomId = NO_ROOM) -> bytes:
    """Keep something durably; gives its id."""
    page = secrets.token_bytes(_ID_BYTES)
    with vault.master.transaction():
        vault.master.run(
            "INSERT INTO notebook VALUES (?,?,?,?)", page, _KINDS[type(record)], room, encode(record)
        )
    return page


def pages(vault: Vault, kind: type[R]) -> list[Page[R]]:
    """Give everything of a kind, the oldest first."""
    rows = vault.master.all(
        "SELECT id, room, value FROM notebook WHERE kind = ? ORDER BY rowid", _KINDS[kind]
    )
    return [Page(page, RoomId(room), decode(value, kind)) for page, room, value in rows]


def tear_out(vault: Vault, *ids: bytes) -> None:
    """Remove entries; what they said is overwritten."""
    with vault.master.transaction():
        for page in ids:
            vault.master.run("DELETE FROM notebook WHERE id = ?", page)
    vault.master.flush()
