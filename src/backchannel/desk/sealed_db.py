"""One encrypted SQLite file: SQLCipher under a random raw key, written durably (docs/spec/vault.md)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from backchannel.errors import Refused, Unavailable
from backchannel.said import said

KEY_BYTES = 32
PLAIN_HEADER = b"SQLite format 3"

Row = tuple[Any, ...]


class SealedDb:
    """A SQLCipher database with one writer; `transaction` is all or nothing and durable when it ends."""

    def __init__(self, path: Path, key: bytes, schema: str, version: int, *, create: bool = False) -> None:
        """Open, or make what is not there or was begun; Refused if the key is wrong or the file of a newer version."""
        if len(key) != KEY_BYTES:
            raise ValueError("a database key has 32 bytes")
        if not create and not path.exists():
            raise Refused(said("The vault file {path} is not there; restore a back-up.", path=path.name))
        self.path = path
        try:
            self._db = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
        except dbapi2.Error as error:
            raise Unavailable(
                said("The vault file {path} cannot be opened: {error}.", path=path.name, error=error)
            ) from error
        try:
            # Without a key SQLCipher silently writes plaintext, so the key comes first and is checked below.
            self._db.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            self._db.execute("PRAGMA cipher_log_level = NONE")
            self._db.execute("PRAGMA cipher_memory_security = ON")
            self._db.execute("PRAGMA temp_store = MEMORY")
            self._db.execute("PRAGMA secure_delete = ON")
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            if create and found == 0:  # new, or a kill came before its tables were there
                self._db.executescript(f"BEGIN; {schema} PRAGMA user_version = {version}; COMMIT;")
                found = version
        except dbapi2.DatabaseError as error:
            self._db.close()
            if "full" in str(error) or "disk I/O" in str(error) or "readonly" in str(error):
                raise full(error) from error
            raise Refused(
                said("The vault file {path} does not open with this key.", path=path.name)
            ) from error
        if found == 0:
            self._db.close()
            raise Refused(said("The vault file {path} is empty; restore a back-up.", path=path.name))
        if found > version:
            self._db.close()
            raise Refused(
                said(
                    "The vault file {path} was written by a newer Backchannel; install that version to open it.",
                    path=path.name,
                )
            )
        if path.read_bytes()[: len(PLAIN_HEADER)] == PLAIN_HEADER:
            raise Refused(said("The vault file {path} is not encrypted; do not use it.", path=path.name))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or none of it; Unavailable if the disk is full, and then nothing happened."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except dbapi2.OperationalError as error:
            self._roll_back()
            raise full(error) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def run(self, sql: str, *values: object) -> None:
        self._db.execute(sql, values)

    def insert(self, sql: str, *values: object) -> int:
        """Insert a row and give its row id."""
        return int(self._db.execute(sql, values).lastrowid)

    def all(self, sql: str, *values: object) -> list[Row]:
        return list(self._db.execute(sql, values).fetchall())

    def one(self, sql: str, *values: object) -> Row | None:
        row = self._db.execute(sql, values).fetchone()
        return None if row is None else tuple(row)

    def flush(self) -> None:
        """Move everything into the main file and truncate the write-ahead log, so that it holds no old page."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._db.close()


def full(error: Exception) -> Unavailable:
    return Unavailable(
        said(
            "The disk does not take any more ({error}); nothing was changed: make room and do it again.",
            error=error,
        )
    )


def remove(path: Path) -> None:
    """Delete a database with its side files and make the deletion durable."""
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
