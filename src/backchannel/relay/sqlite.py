"""The relay's disk: one SQLite database, written by one thread in grouped commits (docs/spec/relay.md, sections 1 and 2).

`Store` writes and belongs to one thread at a time; `Reading` is a second, read-only connection. An append inserts one row and
touches nothing else: how full a drop is, is counted once and then remembered, and the index by drop is written for many
cells at once.
"""

import dataclasses
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backchannel.relay import sweep
from backchannel.relay.drops import (
    Digest,
    DropKey,
    Grant,
    Terms,
    check_room,
    digest,
    ends_ms,
    opened,
    same_opening,
    unknown_admission,
)
from backchannel.relay.places import STRIDE, Unplaced
from backchannel.relay.schema import PAGE_BYTES, DiskFull, connect, failed, transaction
from backchannel.relay.tokens import mark_gone
from backchannel.wire.calls import OpenDrop
from backchannel.wire.frames import Cell
from backchannel.wire.ids import Admission, AppendId, DropId, Position
from backchannel.wire.refusals import Code, RelayRefused

ROWS_PER_INSERT: Final = 32  # one statement, so that the interpreter's lock is given up and taken once
FILLS_KEPT: Final = 50_000
MAX_PAGES: Final = 2**32 - 2  # SQLite's own bound

_TERMS = "key, id, admission, append, read, close, cell_size, ttl_seconds, idle_seconds, max_cells"
_BY_ADMISSION = f"SELECT {_TERMS} FROM drops WHERE admission = ?"  # noqa: S608
# The two parts of the view `held` by name, where SQLite would read all of it for an aggregate.
_PLACED, _UNPLACED = (
    "FROM place WHERE drop_key = key",
    "FROM cell WHERE seq > (SELECT seq FROM placed) AND drop_key = key",
)
_BY_ID = (
    f"SELECT {_TERMS}, max(last, coalesce((SELECT max(position) {_PLACED}), 0),"  # noqa: S608
    f" coalesce((SELECT max(position) {_UNPLACED}), 0)) FROM drops WHERE id = ?"
)
_COUNT = (
    f"SELECT last, (SELECT count(*) {_PLACED}) + (SELECT count(*) {_UNPLACED})"  # noqa: S608
    " FROM drops WHERE key = ? AND id NOT NULL"
)
_ADMITS = "SELECT 1 FROM admission WHERE digest = ? UNION ALL SELECT 1 FROM drops WHERE admission = ?"
_GRANT = "SELECT max_cells, max_bytes, max_ttl_seconds, max_idle_seconds FROM admission WHERE digest = ? AND expires_ms > ?"
_OPEN = (
    "INSERT INTO drops (id, admission, append, read, close, cell_size, ttl_seconds, idle_seconds, max_cells,"
    " last, lapses_ms) VALUES (?,?,?,?,?,?,?,?,?,0,?) RETURNING key"
)
_BODY = "(SELECT body FROM cell WHERE cell.seq = held.seq)"
_CELLS = (
    f"SELECT position, {_BODY} FROM (SELECT position, seq FROM held WHERE drop_key = ? AND position > ?"  # noqa: S608
    " ORDER BY position LIMIT ?) AS held ORDER BY position"
)
_INSERT = "INSERT INTO cell (seq, drop_key, position, append_id, expires_ms, body) VALUES "
_INSERTS = [_INSERT + ",".join(["(?,?,?,?,?,?)"] * rows) for rows in range(ROWS_PER_INSERT + 1)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cell to be appended."""

    terms: Terms
    append_id: AppendId
    cell: Cell


@dataclass(slots=True)
class Fill:
    """How full a drop is."""

    last: int
    cells: int
    expires_ms: int  # of its last cell; later ones never expire earlier, even if the clock goes back


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep removed; `more` if it stopped at its bound; `outside` if another process changed the database."""

    gone: tuple[DropId, ...]
    cells: int
    more: bool
    outside: bool


Answer = Position | RelayRefused


class Store:
    """The one writer of a relay's database; every method is one durable transaction or changes nothing."""

    def __init__(self, file: Path, *, max_bytes: int = 0, stride: int = STRIDE) -> None:
        """Open the database, making it if need be; `max_bytes` bounds the file, 0 leaves that to the disk.

        `stride`: of how many appended cells the entries in the index by drop are made at once.
        """
        self._stride = stride
        self._fills: dict[DropKey, Fill] = {}
        self._unplaced = Unplaced()
        self._version = 0
        self._outside = True
        self._truncate = True  # what an earlier run left in the log goes as well
        self._db = connect(file)
        self._db.execute(f"PRAGMA max_page_count={max_bytes // PAGE_BYTES or MAX_PAGES}")

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with transaction(self._db):
                (version,) = self._db.execute("PRAGMA data_version").fetchone()
                if version != self._version:  # a token command was here
                    self._version, self._outside = version, True
                    self._fills.clear()
                self._unplaced.learn(self._db)
                yield
        except BaseException:
            self._fills.clear()
            self._unplaced.forget()
            raise

    def open_drop(self, call: OpenDrop, now: int) -> Terms:
        """Open a drop and use up its admission, or find it as the same call opened it before (spec 3)."""
        admission = digest(Admission(call.admission))
        with self._transaction():
            row = self._db.execute(_BY_ADMISSION, (admission,)).fetchone()
            if row is not None:
                terms = Terms(*row)
                if same_opening(call, terms):
                    return terms
                raise RelayRefused(
                    Code.ADMISSION, "This admission has already opened another drop: use a fresh one."
                )
            granted = self._db.execute(_GRANT, (admission, now)).fetchone()
            if granted is None:
                raise unknown_admission()
            if self._db.execute("SELECT 1 FROM drops WHERE id = ?", (call.drop,)).fetchone():
                raise RelayRefused(Code.CONFLICT, "This drop id is in use: choose another at random.")
            terms = opened(call, Grant(*granted))
            self._db.execute("DELETE FROM admission WHERE digest = ?", (admission,))
            values = dataclasses.astuple(terms)[1:]
            (key,) = self._db.execute(_OPEN, (*values, ends_ms(now, terms.idle_seconds))).fetchone()
        return dataclasses.replace(terms, key=key)

    def close_drop(self, key: DropKey) -> None:
        """Take the drop away; `sweep` removes its cells."""
        with self._transaction():
            self._fills.pop(key, None)
            mark_gone(self._db, key)

    def append(self, batch: Sequence[Wanted], now: int) -> list[Answer]:
        """Store all cells in one commit; answer each with its position or why not. DiskFull: none was stored."""
        answers: list[Answer] = []
        with self._transaction():
            for start in range(0, len(batch), ROWS_PER_INSERT):
                chunk = batch[start : start + ROWS_PER_INSERT]
                try:
                    answers += self._insert(chunk, now)
                except sqlite3.IntegrityError:  # spec 2: an append id came again; sort it out one by one
                    self._fills.clear()
                    for wanted in chunk:
                        answers.append(self._found(wanted) or self._insert([wanted], now)[0])
            if len(self._unplaced) >= self._stride:
                self._unplaced.place(self._db)
        return answers

    def _insert(self, chunk: Sequence[Wanted], now: int) -> list[Answer]:
        answers: list[Answer] = []
        values: list[int | bytes | memoryview] = []
        rows: set[tuple[DropKey, AppendId]] = set()
        for wanted in chunk:
            terms = wanted.terms
            row = (terms.key, wanted.append_id)
            if row in rows or row in self._unplaced:
                raise sqlite3.IntegrityError
            fill = self._fills.get(terms.key) or self._count(terms.key)
            if fill is None:
                answers.append(RelayRefused(Code.GONE, "This drop was closed or has lapsed."))
                continue
            try:
                check_room(fill.cells, terms)
            except RelayRefused as refusal:
                answers.append(self._found(wanted) or refusal)
                continue
            fill.expires_ms = max(fill.expires_ms, ends_ms(now, terms.ttl_seconds))
            if fill.cells == 0:
                self._db.execute("UPDATE drops SET sweep_ms = ? WHERE key = ?", (fill.expires_ms, terms.key))
            fill.last += 1
            fill.cells += 1
            rows.add(row)
            self._unplaced.last += 1
            values += (
                self._unplaced.last,
                terms.key,
                fill.last,
                wanted.append_id,
                fill.expires_ms,
                wanted.cell,
            )
            answers.append(Position(fill.last))
        if rows:
            self._db.execute(_INSERTS[len(rows)], values)
            self._unplaced.add(rows)
        return answers

    def _found(self, wanted: Wanted) -> Answer | None:
        """Answer an append that was stored before."""
        row = self._db.execute(
            f"SELECT position, {_BODY} FROM held WHERE drop_key = ? AND append_id = ?",  # noqa: S608
            (wanted.terms.key, wanted.append_id),
        ).fetchone()
        if row is None:
            return None
        if row[1] != wanted.cell:
            return RelayRefused(Code.CONFLICT, "This append id was used before for another cell.")
        return Position(row[0])

    def _count(self, key: DropKey) -> Fill | None:
        """Count how full a drop is, with what this transaction added; None if the drop is gone."""
        row = self._db.execute(_COUNT, (key,)).fetchone()
        if row is None:
            return None
        newest = self._db.execute(sweep.NEWEST, (key,)).fetchone() or (0, 0)
        if len(self._fills) >= FILLS_KEPT:
            self._fills.clear()
        fill = self._fills[key] = Fill(max(row[0], newest[0]), row[1], newest[1])
        return fill

    def _place(self) -> None:
        """Make entries for what has none, unless the disk has no room; nothing depends on it but the speed of reading."""
        if self._unplaced:
            with suppress(DiskFull), self._transaction():
                self._unplaced.place(self._db)

    def sweep(self, now: int) -> Swept:
        """Remove some of what has had its time, for good; call again while there is more."""
        self._place()
        with self._transaction():
            gone = sweep.lapse(self._db, now)
            removed = sweep.remove_of_gone(self._db) or sweep.remove_expired(self._db, now)
        if removed and self._unplaced:
            self._unplaced.forget()
        for key in [key for key, _ in gone] + ([removed.key] if removed else []):
            self._fills.pop(key, None)
            self._truncate = True
        more = removed is not None or len(gone) == sweep.DROPS_AT_ONCE
        if self._truncate and not more:
            self._truncate = not sweep.truncate_log(self._db)
        outside, self._outside = self._outside, False
        return Swept(tuple(drop for _, drop in gone), removed.cells if removed else 0, more, outside)


class Reading:
    """A connection that only reads; it sees what is committed at the moment of each call."""

    def __init__(self, file: Path) -> None:
        self._db = connect(file)
        self._db.execute("PRAGMA query_only=ON")

    def close(self) -> None:
        self._db.close()

    def _rows(self, query: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise failed(error) from error

    def admits(self, admission: Digest) -> bool:
        """Whether an admission is there, used or not."""
        return bool(self._rows(_ADMITS, (admission, admission)))

    def drop(self, drop: DropId) -> tuple[Terms, Position] | None:
        """Give a drop's terms and its last position."""
        rows = self._rows(_BY_ID, (drop,))
        return (Terms(*rows[0][:-1]), Position(rows[0][-1])) if rows else None

    def cells(self, key: DropKey, after: Position, limit: int) -> list[tuple[Position, bytes]]:
        """Give at most `limit` cells that follow a position, in order."""
        return self._rows(_CELLS, (key, after, limit))
