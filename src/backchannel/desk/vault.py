"""One person's vault: a header that a passphrase opens, a master file, and one file and key per room.

Layout of a desk's folder (docs/spec/vault.md):
    vault.key     version, how the passphrase is stretched, the wrapped master key
    master.db     rooms and their keys, relays, admissions, invitations under way, settings
    rooms/*.db    one room each, under its own random key; their number is all a thief can tell
    lock          held by the one process that has the vault open
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backchannel.channel.event import RoomId
from backchannel.crypto.passphrase import Stretch, new_stretch, stretch, unwrap_key, wrap_key
from backchannel.crypto.secret import Secret
from backchannel.desk.sealed_db import KEY_BYTES, SealedDb, full, remove, sync_folder
from backchannel.errors import Refused, Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode

VERSION = 1
MAKING = "making"  # the state of a room whose file is not complete yet
MOVED = "moved"  # the file that a desk leaves behind where it was
MIN_PASSPHRASE = 8  # characters; the desk also says how strong it is in plain words

MASTER_SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE rooms (
    id BLOB PRIMARY KEY, title TEXT NOT NULL, file TEXT NOT NULL UNIQUE, key BLOB NOT NULL, state TEXT NOT NULL);
CREATE TABLE relays (url TEXT PRIMARY KEY, pin BLOB NOT NULL, added INTEGER NOT NULL);
CREATE TABLE admissions (token BLOB PRIMARY KEY, relay TEXT NOT NULL, drop_id BLOB);
CREATE TABLE pairings (
    id BLOB PRIMARY KEY, ours INTEGER NOT NULL, room BLOB NOT NULL, state TEXT NOT NULL, value BLOB NOT NULL,
    position INTEGER NOT NULL);
CREATE TABLE outgoing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, relay TEXT NOT NULL, pin BLOB NOT NULL, act TEXT NOT NULL,
    drop_id BLOB NOT NULL, value BLOB NOT NULL);
CREATE TABLE drafts (id INTEGER PRIMARY KEY AUTOINCREMENT, room BLOB NOT NULL, value TEXT NOT NULL);
CREATE TABLE notebook (id BLOB PRIMARY KEY, kind TEXT NOT NULL, room BLOB NOT NULL, value BLOB NOT NULL);
"""

# Each table, and which of its columns names the room a row belongs to. A setting of one room ends in `/` and the room's id.
MASTER_TABLES = {
    "settings": None, "rooms": 0, "relays": None, "admissions": None, "pairings": 2, "outgoing": None, "drafts": 1,
    "notebook": 2,
}  # fmt: skip


class _Header(Record, frozen=True):
    version: int
    stretch: Stretch
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class RoomFile:
    """Where one room lives."""

    id: RoomId
    title: str
    path: Path
    state: str


class Vault(Secret):
    """An open vault; holds the folder's lock until closed."""

    __slots__ = ("_header", "_lock", "_rooms", "_stretched", "form", "home", "master")

    def __init__(
        self, home: Path, header: _Header, stretched: bytes, lock: int, *, create: bool = False
    ) -> None:
        self.home = home
        self.form = ""  # whose act is being done, if it came with a form
        self._header = header
        self._stretched = stretched
        self._lock = lock
        self._rooms: list[RoomFile] | None = None
        self.master = SealedDb(
            home / "master.db",
            unwrap_key(stretched, header.wrapped),
            MASTER_SCHEMA,
            VERSION,
            create=create,
        )

    # -- opening ------------------------------------------------------------------------------------------

    @staticmethod
    def exists(home: Path) -> bool:
        return (home / "vault.key").exists()

    @classmethod
    def create(cls, home: Path, passphrase: bytes, *, raw: bool = False, whole: bool = True) -> "Vault":
        """Make a new desk folder; `raw` takes a 32-byte key in place of a passphrase.

        Until its header is written a folder holds no desk, and one can be made there; `whole` False leaves that to
        `complete`.
        """
        if cls.exists(home):
            raise Refused(
                said(
                    "There is a desk in {home} already; open it, or name another folder with --desk.",
                    home=home,
                )
            )
        if not raw:
            check_passphrase(passphrase)
        (home / "rooms").mkdir(parents=True, exist_ok=True, mode=0o700)
        home.chmod(0o700)
        lock = _lock(home)
        how = new_stretch(raw=raw)
        stretched = stretch(passphrase, how)
        header = _Header(VERSION, how, wrap_key(stretched, secrets.token_bytes(KEY_BYTES)))
        for path in (home / "master.db", *(home / "rooms").glob("*.db")):
            remove(path)  # left by a creation that was cut short before its header
        vault = cls(home, header, stretched, lock, create=True)
        if whole:
            vault.complete()
        return vault

    def complete(self) -> None:
        """Write the header, which makes the folder a desk."""
        _write(self.home / "vault.key", encode(self._header))

    @classmethod
    def open(cls, home: Path, passphrase: bytes) -> "Vault":
        """Open a desk folder; Refused if there is none, the passphrase is another, or it is open elsewhere."""
        if not cls.exists(home) and (home / MOVED).exists():
            raise Refused(
                said("The desk in {home} was moved to another place on purpose; open it there.", home=home)
            )
        if not cls.exists(home):
            raise Refused(
                said("There is no desk in {home}; make one with `backchannel desk new`.", home=home)
            )
        lock = _lock(home)
        try:
            _finish_exchange(home)
            header = _header(home / "vault.key")
            vault = cls(home, header, stretch(passphrase, header.stretch), lock)
        except BaseException:
            os.close(lock)
            raise
        vault._sweep()
        return vault

    def close(self) -> None:
        self.master.close()
        os.close(self._lock)

    # -- moving -------------------------------------------------------------------------------------------

    def copy_to(self, home: Path) -> "Vault":
        """Copy everything, encrypted as it is, into an empty folder and open the copy; all rooms are closed."""
        self.master.flush()
        (home / "rooms").mkdir(parents=True, mode=0o700)
        home.chmod(0o700)
        for name in ("master.db", *(f"rooms/{room.path.name}" for room in self.rooms())):
            if (self.home / name).exists():
                _copy(self.home / name, home / name)
        _copy(self.home / "vault.key", home / "vault.key")
        return self.twin(home)

    def twin(self, home: Path) -> "Vault":
        """Open a copy of this vault with the passphrase this one was opened with."""
        lock = _lock(home)
        try:
            return Vault(home, _header(home / "vault.key"), self._stretched, lock)
        except BaseException:
            os.close(lock)
            raise

    def retire(self) -> None:
        """Take the key and then every file out of this folder, and close; what is left says that it was moved."""
        _write(self.home / MOVED, b"")
        (self.home / "vault.key").unlink()
        sync_folder(self.home)
        names = [room.path for room in self.rooms()]
        self.close()
        for path in (*names, self.home / "master.db"):
            remove(path)

    # -- keys ---------------------------------------------------------------------------------------------

    def check(self, passphrase: bytes) -> None:
        """Refused unless this is the passphrase that opens the vault."""
        unwrap_key(stretch(passphrase, self._header.stretch), self._header.wrapped)

    def change_passphrase(self, passphrase: bytes) -> None:
        """Wrap the vault's key under a new passphrase and renew that key, so that the old one opens nothing."""
        check_passphrase(passphrase)
        how = new_stretch()
        self._rewrite_master(how, stretch(passphrase, how))

    def _rewrite_master(self, how: Stretch, stretched: bytes, without: RoomId | None = None) -> None:
        """Write the master file anew under a new key, leaving one room out; the old file and key are then gone.

        The copy and its header are complete before either takes its place, so a kill at any step leaves the
        old pair or the new one (`_finish_exchange`).
        """
        key = secrets.token_bytes(KEY_BYTES)
        fresh = self.home / "master.new"
        remove(fresh)
        copy = SealedDb(fresh, key, MASTER_SCHEMA, VERSION, create=True)
        with copy.transaction():
            for table, owner in MASTER_TABLES.items():
                for row in self.master.all(f"SELECT * FROM {table}"):  # noqa: S608 - a fixed name
                    if without is None or not _belongs(table, owner, row, without):
                        marks = ",".join("?" * len(row))
                        copy.run(f"INSERT INTO {table} VALUES ({marks})", *row)  # noqa: S608 - a fixed name
        copy.flush()
        copy.close()
        header = _Header(VERSION, how, wrap_key(stretched, key))
        _write(self.home / "vault.new", encode(header))
        self.master.close()
        _finish_exchange(self.home)
        self._header, self._stretched = header, stretched
        self.master = SealedDb(self.home / "master.db", key, MASTER_SCHEMA, VERSION)

    # -- rooms --------------------------------------------------------------------------------------------

    def add_room(self, room: RoomId, title: str, state: str) -> RoomFile:
        """Record a room and its new key; the file is made when first opened."""
        name, key = secrets.token_hex(16) + ".db", secrets.token_bytes(KEY_BYTES)
        with self.master.transaction():
            self.master.run("INSERT INTO rooms VALUES (?,?,?,?,?)", room, title, name, key, state)
        self._rooms = None
        return RoomFile(room, title, self.home / "rooms" / name, state)

    def rooms(self) -> list[RoomFile]:
        """Give every room, oldest first."""
        if self._rooms is None:
            self._rooms = [
                RoomFile(RoomId(rid), title, self.home / "rooms" / name, state)
                for rid, title, name, state in self.master.all(
                    "SELECT id, title, file, state FROM rooms ORDER BY rowid"
                )
            ]
        return self._rooms

    def entitle_room(self, room: RoomId, title: str) -> None:
        """Note the title of a room that has opened to us."""
        with self.master.transaction():
            self.master.run("UPDATE rooms SET title = ?, state = 'open' WHERE id = ?", title, room)
        self._rooms = None

    def open_room(self, room: RoomId, schema: str, version: int, *, create: bool = False) -> SealedDb:
        row = self.master.one("SELECT file, key FROM rooms WHERE id = ?", room)
        if row is None:
            raise Refused("This desk has no such room.")
        return SealedDb(self.home / "rooms" / row[0], row[1], schema, version, create=create)

    def forget_room(self, room: RoomId) -> None:
        """Make a room unreadable for ever: its key leaves the master file, which is rewritten, then its file goes.

        The caller has closed the room's own file.
        """
        row = self.master.one("SELECT file FROM rooms WHERE id = ?", room)
        if row is None:
            raise Refused("This desk has no such room.")
        self._rewrite_master(self._header.stretch, self._stretched, without=room)
        self._rooms = None
        remove(self.home / "rooms" / row[0])

    def settle_room(self, room: RoomId, state: str) -> None:
        """Note that the making of a room is finished."""
        with self.master.transaction():
            self.master.run("UPDATE rooms SET state = ? WHERE id = ?", state, room)
        self._rooms = None

    def unmake_rooms(self) -> None:
        """Remove rooms whose making was cut short; nobody else has heard of them."""
        for file in [known for known in self.rooms() if known.state == MAKING]:
            with self.master.transaction():
                self.master.run("DELETE FROM rooms WHERE id = ?", file.id)
            self._rooms = None
            remove(file.path)

    def _sweep(self) -> None:
        """Remove what a kill cut short: rooms half made, and files of rooms half forgotten."""
        self.unmake_rooms()
        known = {room.path.name for room in self.rooms()}
        for path in (self.home / "rooms").glob("*.db"):
            if path.name not in known:
                remove(path)

    # -- small things -------------------------------------------------------------------------------------

    def setting(self, name: str) -> bytes | None:
        row = self.master.one("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else bytes(row[0])

    def settings(self, beginning: str) -> list[tuple[str, bytes]]:
        """Give the settings whose names begin so, by name."""
        rows = self.master.all(
            "SELECT name, value FROM settings WHERE substr(name, 1, ?) = ? ORDER BY name",
            len(beginning),
            beginning,
        )
        return [(str(name), bytes(value)) for name, value in rows]

    def drop_setting(self, name: str) -> None:
        with self.master.transaction():
            self.master.run("DELETE FROM settings WHERE name = ?", name)

    def set_setting(self, name: str, value: bytes) -> None:
        with self.master.transaction():
            self.master.run("INSERT OR REPLACE INTO settings VALUES (?,?)", name, value)


def _belongs(table: str, owner: int | None, row: Sequence[object], room: RoomId) -> bool:
    """Tell whether a row of the master file is of one room and goes with it."""
    if table == "settings":
        return str(row[0]).endswith(f"/{room.hex()}")
    return owner is not None and row[owner] == room


def check_passphrase(passphrase: bytes) -> None:
    if len(passphrase.decode("utf-8", "replace")) < MIN_PASSPHRASE:
        raise Refused(
            said(
                "A passphrase has at least {min_passphrase} characters; four unrelated words are better.",
                min_passphrase=MIN_PASSPHRASE,
            )
        )


def _lock(home: Path) -> int:
    """Take the folder's lock, or Refused if another process has it."""
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Refused(
            said(
                "The desk in {home} is open in another process; close it, or use `backchannel desk lock`.",
                home=home,
            )
        ) from error
    return descriptor


def _write(path: Path, data: bytes) -> None:
    """Replace a small file durably; Unavailable, and nothing changed, if the disk does not take it."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            part.chmod(0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise full(error) from error
    sync_folder(path.parent)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    sync_folder(target.parent)


def _header(path: Path) -> _Header:
    try:
        header = decode(path.read_bytes(), _Header)
    except Violation as error:
        raise Refused(
            said("The file {path} is damaged or of a newer Backchannel; restore a back-up.", path=path)
        ) from error
    if header.version > VERSION:
        raise Refused(
            said(
                "The desk in {parent} was written by a newer Backchannel; install that version.",
                parent=path.parent,
            )
        )
    return header


def _finish_exchange(home: Path) -> None:
    """Put a complete new master file and header in the place of the old, or clear away an incomplete one.

    The new header is written last and moved last, so it is there exactly while an exchange is due.
    """
    fresh, header = home / "master.new", home / "vault.new"
    if not header.exists():
        remove(fresh)
        return
    if fresh.exists():
        remove(home / "master.db")
        fresh.replace(home / "master.db")
        sync_folder(home)
    header.replace(home / "vault.key")
    sync_folder(home)
