"""A back-up holds what was said and by whom, and nothing that could speak (docs/spec/vault.md 6).

No session, no key of a room or a drop, no letter: two desks that went on from one state would use keys twice. A
room that is restored can be read; to speak in it its person asks for a new invitation and comes as a new member.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from backchannel.channel.event import RoomId
from backchannel.crypto.keys import KemKey
from backchannel.crypto.passphrase import Stretch, new_stretch, stretch, unwrap_key, wrap_key
from backchannel.crypto.sealed_file import read_pieces, write_pieces
from backchannel.crypto.session import Account
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room, Start
from backchannel.desk.room_store import SCHEMA, set_state, state
from backchannel.desk.room_store import VERSION as ROOM_VERSION
from backchannel.desk.vault import Vault, check_passphrase
from backchannel.desk.when import date
from backchannel.errors import Refused, Unavailable, Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode

MAGIC = b"backchannel back-up\n"
VERSION = 1
_HEADER_BYTES = 2


class _Opening(Record, frozen=True):
    version: int
    stretch: Stretch
    wrapped: bytes


class SavedDesk(Record, frozen=True):
    """The first piece: whose desk this was, when it was saved, and the relays it knew."""

    name: str
    at: int
    relays: tuple[tuple[str, bytes, int], ...]


class SavedRoom(Record, frozen=True):
    """The beginning of a room, followed by its events; `room` is the id its events name."""

    room: bytes
    title: str
    credential: bytes
    first_epoch: bytes
    root: bytes
    introduced: bytes
    tell_read: bytes
    drafts: tuple[str, ...]


class SavedEvent(Record, frozen=True):
    """One event as the room's file has it, with when it came and was read, and others' receipts for it."""

    id: bytes
    salt: bytes | None
    data: bytes
    annex: bytes | None
    direct: int
    received: int
    read: int | None
    erased: str | None
    receipts: tuple[tuple[bytes, int | None, int | None], ...]


class SavedComparison(Record, frozen=True):
    """With whom words were compared."""

    member: bytes
    state: str
    value: bytes
    at: int


class SavedText(Record, frozen=True):
    """A sealed text that the desk keeps with a room, or what all agreed to publish of one; no key that sealed it."""

    name: str
    value: bytes


class SavedPage(Record, frozen=True):
    """What a person noted for themselves; `room` is the id that the events of the room it is about name, or empty."""

    id: bytes
    kind: str
    room: bytes
    value: bytes


_KINDS: dict[bytes, type[Record]] = {
    b"D": SavedDesk,
    b"R": SavedRoom,
    b"E": SavedEvent,
    b"C": SavedComparison,
    b"T": SavedText,
    b"N": SavedPage,
}


def back_up(desk: Desk, path: Path, passphrase: bytes, now: int) -> int:
    """Write an encrypted back-up to a new file; gives its size in bytes. Takes about a second to stretch the passphrase."""
    check_passphrase(passphrase)
    how, key = new_stretch(), secrets.token_bytes(32)
    opening = encode(_Opening(VERSION, how, wrap_key(stretch(passphrase, how), key)))
    part = path.with_name(path.name + ".part")
    if path.exists():
        raise Refused(
            said(
                "There is a file {path} already; name another, so that no back-up is overwritten.", path=path
            )
        )
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as file:
            part.chmod(0o600)
            file.write(MAGIC + len(opening).to_bytes(_HEADER_BYTES, "big") + opening)
            write_pieces(file, key, _pieces(desk, now))
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unavailable(
            said(
                "The back-up cannot be written to {path} ({strerror}); name another place.",
                path=path,
                strerror=error.strerror,
            )
        ) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path.stat().st_size


def _pieces(desk: Desk, now: int) -> Iterator[bytes]:
    master = desk.vault.master
    relays = tuple((url, pin, added) for url, pin, added in master.all("SELECT url, pin, added FROM relays"))
    yield _piece(SavedDesk(desk.name, now, relays))
    said = {room.id: room.log.room for room in desk.rooms() if room.seated}
    for page, kind, about, value in master.all("SELECT id, kind, room, value FROM notebook ORDER BY rowid"):
        if not about or about in said:
            yield _piece(SavedPage(page, kind, said.get(about, b""), value))
    titles = {file.id: desk.title(file) for file in desk.vault.rooms()}
    for room in desk.rooms():
        if room.seated:
            drafts = master.all("SELECT value FROM drafts WHERE room = ? ORDER BY id", room.id)
            yield from _room_pieces(room, titles[room.id], tuple(value for (value,) in drafts))


def _room_pieces(room: Room, title: str, drafts: tuple[str, ...]) -> Iterator[bytes]:
    db = room.db

    def kept(name: str) -> bytes:
        return state(db, name) or b""

    yield _piece(
        SavedRoom(
            room.log.room, title, kept("credential"), kept("first_epoch"), kept("root"), kept("introduced"),
            kept("tell_read"), drafts,
        )
    )  # fmt: skip
    receipts: dict[bytes, list[tuple[bytes, int | None, int | None]]] = {}
    for member, event, received, read in db.all("SELECT member, event, received, read FROM receipts"):
        receipts.setdefault(event, []).append((member, received, read))
    for row in db.all(
        "SELECT id, salt, data, annex, direct, received, read, erased FROM events ORDER BY row"
    ):
        seen = tuple(sorted(receipts.get(row[0], []), key=lambda receipt: receipt[0]))
        eid, salt, data, annex, direct, received, read, erased = row
        yield _piece(SavedEvent(eid, salt, data, annex, direct, received, read, erased, seen))
    for row in db.all("SELECT member, state, value, at FROM comparisons"):
        yield _piece(SavedComparison(*row))
    for row in db.all(
        "SELECT name, value FROM state WHERE name LIKE 'sealed/%' OR name LIKE 'surface/%' OR name LIKE 'stamps/%' ORDER BY name"
    ):
        yield _piece(SavedText(*row))


def _piece(record: Record) -> bytes:
    tag = next(tag for tag, kind in _KINDS.items() if isinstance(record, kind))
    return tag + encode(record)


def restore(path: Path, passphrase: bytes, home: Path, *, raw: bytes | None = None) -> Desk:
    """Make a new desk in an empty folder from a back-up, opened by the same passphrase; its rooms can be read only.

    `raw` gives the new desk a 32-byte key in place of the passphrase.
    """
    if Vault.exists(home):
        raise Refused(
            said("There is a desk in {home} already; restore into another folder with --desk.", home=home)
        )
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused(
            said(
                "The back-up {path} cannot be read ({strerror}); check its name.",
                path=path,
                strerror=error.strerror,
            )
        ) from error
    with file:
        key = _open(file, passphrase)
        records = _records(file, key)
        first = next(records, None)
        if not isinstance(first, SavedDesk):
            raise Refused("This back-up does not begin with a desk; use another copy of it.")
        rest = list(records)  # all of it is checked before anything is made
    desk = Desk.create(home, passphrase if raw is None else raw, first.name, raw=raw is not None, whole=False)
    try:
        _fill(desk, first, rest)
        desk.vault.complete()  # spec vault 6: half a desk is none
    except BaseException:
        desk.close()
        raise
    return desk


def _open(file: BinaryIO, passphrase: bytes) -> bytes:
    if file.read(len(MAGIC)) != MAGIC:
        raise Refused("This file is no back-up of a desk; name the one that `backchannel desk backup` wrote.")
    data = file.read(int.from_bytes(file.read(_HEADER_BYTES), "big"))
    try:
        opening = decode(data, _Opening)
    except Violation as error:
        raise Refused("This back-up is damaged at its beginning; use another copy of it.") from error
    if opening.version > VERSION:
        raise Refused("This back-up was made by a newer Backchannel; install that version to restore it.")
    try:
        return unwrap_key(stretch(passphrase, opening.stretch), opening.wrapped)
    except Refused as error:
        raise Refused("The passphrase does not open this back-up; try again.") from error


def _records(file: BinaryIO, key: bytes) -> Iterator[Record]:
    for piece in read_pieces(file, key):
        kind = _KINDS.get(piece[:1])
        if kind is None:
            raise Refused(
                "This back-up holds something that this version does not know; install a newer one."
            )
        yield decode(piece[1:], kind)


def _fill(desk: Desk, first: SavedDesk, records: list[Record]) -> None:
    for url, pin, added in first.relays:
        desk.add_relay(url, pin, [], added)
    here: dict[bytes, bytes] = {b"": b""}  # the id that each room has on this desk
    rooms = [index for index, record in enumerate(records) if isinstance(record, SavedRoom)]
    for start, end in zip(rooms, [*rooms[1:], len(records)], strict=True):
        head = records[start]
        assert isinstance(head, SavedRoom)
        here[head.room] = _fill_room(desk, first.at, head, records[start + 1 : end])
    with desk.vault.master.transaction():
        for page in records:
            if isinstance(page, SavedPage):
                row = (page.id, page.kind, here.get(page.room, b""), page.value)
                desk.vault.master.run("INSERT INTO notebook VALUES (?,?,?,?)", *row)


def _fill_room(desk: Desk, at: int, saved: SavedRoom, records: list[Record]) -> RoomId:
    """Make a room from what was saved; gives its id on this desk."""
    # The room has another id here, so that its person can be invited to the real one again.
    rid = RoomId(secrets.token_bytes(32))
    desk.vault.add_room(rid, f"{saved.title} (back-up of {date(at)})", "archive")
    start = Start(rid, saved.credential, Account.create(0), KemKey.generate(), (), at)
    Room.create(desk.vault, start).close()
    db = desk.vault.open_room(rid, SCHEMA, ROOM_VERSION)
    with db.transaction():
        for name in ("first_epoch", "root", "introduced", "tell_read"):
            set_state(db, name, getattr(saved, name))
        set_state(db, "archive", b"1")
        set_state(db, "room", saved.room)
        for record in records:
            if isinstance(record, SavedEvent):
                db.run(
                    "INSERT INTO events (id, salt, data, annex, direct, received, read, erased)"
                    " VALUES (?,?,?,?,?,?,?,?)",
                    record.id, record.salt, record.data, record.annex, record.direct, record.received,
                    record.read, record.erased,
                )  # fmt: skip
                for member, received, read in record.receipts:
                    db.run("INSERT INTO receipts VALUES (?,?,?,?)", member, record.id, received, read)
            elif isinstance(record, SavedText):
                if not record.name.startswith(("sealed/", "surface/", "stamps/")):
                    raise Refused(
                        "This back-up names a thing that is no sealed text; use another copy of it."
                    )
                set_state(db, record.name, record.value)
            elif isinstance(record, SavedComparison):
                db.run(
                    "INSERT INTO comparisons VALUES (?,?,?,?)",
                    record.member,
                    record.state,
                    record.value,
                    record.at,
                )
    db.close()
    with desk.vault.master.transaction():
        for value in saved.drafts:
            desk.vault.master.run("INSERT INTO drafts (room, value) VALUES (?,?)", rid, value)
    return rid
