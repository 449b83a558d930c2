"""The relay's database file: its format, how it is opened, and what its failures mean."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from backchannel.errors import Refused, Unavailable

SCHEMA_VERSION: Final = 2
APPLICATION_ID: Final = 0x42435259  # "BCRY", in the file's header
PAGE_BYTES: Final = 4096  # a row of 8 KiB fills two overflow pages and 500 bytes of a leaf
CHECKPOINT_PAGES: Final = 4000  # 16 MiB of log: a quarter of it costs a third of the rate, more gains nothing
BUSY_SECONDS: Final = 5  # a token command commits in between

_SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE admission (
        digest BLOB PRIMARY KEY,
        max_cells INTEGER NOT NULL,
        max_bytes INTEGER NOT NULL,
        max_ttl_seconds INTEGER NOT NULL,
        max_idle_seconds INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE drops (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB UNIQUE,             -- NULL: gone, its cells are being removed
        admission BLOB UNIQUE,
        append BLOB NOT NULL,
        read BLOB NOT NULL,
        close BLOB NOT NULL,
        cell_size INTEGER NOT NULL,
        ttl_seconds INTEGER NOT NULL,
        idle_seconds INTEGER NOT NULL,
        max_cells INTEGER NOT NULL,
        last INTEGER NOT NULL,      -- the last position when cells were last removed
        lapses_ms INTEGER NOT NULL, -- not before; later if cells came since
        sweep_ms INTEGER            -- when its first cell is to be removed; NULL: it holds none
    )""",
    "CREATE INDEX drops_lapse ON drops (lapses_ms)",
    "CREATE INDEX drops_sweep ON drops (sweep_ms)",
    """CREATE TABLE cell (
        seq INTEGER PRIMARY KEY,
        drop_key INTEGER NOT NULL,
        position INTEGER NOT NULL,
        append_id BLOB NOT NULL,
        expires_ms INTEGER NOT NULL,
        body BLOB NOT NULL
    )""",
    # Cells of many drops come mixed, so an entry in an index by drop would cost each of them a page of its own. Entries
    # are made for many cells at once; until then a cell is found by its place in the order of arrival (decision 18).
    """CREATE TABLE place (
        drop_key INTEGER NOT NULL,
        position INTEGER NOT NULL,
        append_id BLOB NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (drop_key, position)
    ) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX place_append ON place (drop_key, append_id)",
    "CREATE TABLE placed (seq INTEGER NOT NULL)",  # the last cell that has its entry
    "INSERT INTO placed VALUES (0)",
    """CREATE VIEW held AS
        SELECT drop_key, position, append_id, seq FROM place UNION ALL
        SELECT drop_key, position, append_id, seq FROM cell WHERE seq > (SELECT seq FROM placed)""",
    """CREATE TRIGGER cell_again BEFORE INSERT ON cell
        WHEN EXISTS (SELECT 1 FROM place WHERE drop_key = new.drop_key AND append_id = new.append_id)
        BEGIN SELECT RAISE(ABORT, 'this append id came before'); END""",
)


class DiskFull(Unavailable):
    """Nothing was stored because the relay's disk is full."""


def connect(file: Path) -> sqlite3.Connection:
    """Open the file as a relay's database, making it if it is not there; Refused if it is something else."""
    try:
        if not file.exists():
            file.touch(0o600)  # SQLite gives the files beside it the same mode
        db = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise Refused(f"{file} cannot be opened: make its folder and let this user write there.") from error
    try:
        db.execute(f"PRAGMA page_size={PAGE_BYTES}")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")  # spec 2: a commit survives the loss of power
        db.execute("PRAGMA secure_delete=ON")  # spec 1: removed means overwritten
        db.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        db.execute("PRAGMA cache_size=-16384")
        _prepare(db, file)
    except sqlite3.DatabaseError as error:
        db.close()
        if error_code(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise Refused(f"{file} is not a relay's database: name another file with --db.") from error
        raise failed(error) from error
    except Refused:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, file: Path) -> None:
    with transaction(db):
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if application != APPLICATION_ID and (application or tables):
            raise Refused(f"{file} belongs to another program: name another file with --db.")
        if version > SCHEMA_VERSION:
            raise Refused(
                f"{file} was written by a newer Backchannel (format {version}; this one knows {SCHEMA_VERSION}): "
                "update this program."
            )
        if tables and version < SCHEMA_VERSION:
            raise Refused(
                f"{file} was written before the first release (format {version}): name another file with --db."
            )
        if not tables:
            for statement in _SCHEMA:
                db.execute(statement)
            db.execute("INSERT INTO meta VALUES ('counters_key', ?)", (secrets.token_bytes(32),))
            db.execute(f"PRAGMA application_id={APPLICATION_ID}")
            db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction, on the disk at its end or undone; the database's own failures become Unavailable."""
    try:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("COMMIT")
    except BaseException as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if isinstance(error, sqlite3.DatabaseError):
            raise failed(error) from error
        raise


def error_code(error: sqlite3.DatabaseError) -> int:
    """SQLite's primary result code."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def failed(error: sqlite3.DatabaseError) -> Unavailable:
    if error_code(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return DiskFull("The relay's disk is full: nothing was stored; try again when there is space.")
    return Unavailable(
        f"The relay's database failed ({error}): try again, and tell its operator if it stays so."
    )
