"""Removing what has had its time, for good, in transactions short enough for appends to pass in between."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from backchannel.relay.drops import SECOND_MS, DropKey
from backchannel.relay.schema import failed
from backchannel.relay.tokens import mark_gone
from backchannel.wire.ids import DropId

CELLS_AT_ONCE: Final = 500
DROPS_AT_ONCE: Final = 100

_EXPIRES = "(SELECT expires_ms FROM cell WHERE cell.seq = held.seq)"
NEWEST = f"SELECT position, {_EXPIRES} FROM held WHERE drop_key = ? ORDER BY position DESC LIMIT 1"  # noqa: S608
_OLDEST = f"SELECT position, {_EXPIRES} FROM held WHERE drop_key = ? ORDER BY position LIMIT 1"  # noqa: S608
_EXPIRED = f"SELECT position, seq FROM held WHERE drop_key = ? AND {_EXPIRES} <= ? ORDER BY position LIMIT ?"  # noqa: S608
_FOREVER: Final = 2**63 - 1  # every cell expires before


@dataclass(frozen=True, slots=True)
class Removed:
    """How many cells of which drop."""

    key: DropKey
    cells: int


def lapse(db: sqlite3.Connection, now: int) -> list[tuple[DropKey, DropId]]:
    """Take away drops that have been idle for their time and admissions nobody used; give the drops."""
    db.execute("DELETE FROM admission WHERE expires_ms <= ?", (now,))
    gone: list[tuple[DropKey, DropId]] = []
    for key, drop, lapses_ms, ttl_seconds, idle_seconds in db.execute(
        "SELECT key, id, lapses_ms, ttl_seconds, idle_seconds FROM drops WHERE lapses_ms <= ? AND id NOT NULL LIMIT ?",
        (now, DROPS_AT_ONCE),
    ).fetchall():
        later = _lapses_ms(db, key, lapses_ms, idle_seconds - ttl_seconds)
        if later <= now:
            mark_gone(db, key)
            gone.append((key, drop))
        else:
            db.execute("UPDATE drops SET lapses_ms = ? WHERE key = ?", (later, key))
    return gone


def _lapses_ms(db: sqlite3.Connection, key: int, at_least: int, after_last_cell_seconds: int) -> int:
    """When a drop lapses, counting from its newest cell; what the drop's row says does not know of recent ones."""
    newest = db.execute(NEWEST, (key,)).fetchone()
    return at_least if newest is None else max(at_least, newest[1] + after_last_cell_seconds * SECOND_MS)


def remove_of_gone(db: sqlite3.Connection) -> Removed | None:
    """Remove cells of one drop that was taken away, then its row; None when there is no such drop."""
    row = db.execute("SELECT key FROM drops WHERE id IS NULL LIMIT 1").fetchone()
    if row is None:
        return None
    removed = _remove(db, row[0], _FOREVER)
    if removed < CELLS_AT_ONCE:
        db.execute("DELETE FROM drops WHERE key = ?", row)
    return Removed(row[0], removed)


def remove_expired(db: sqlite3.Connection, now: int) -> Removed | None:
    """Remove expired cells of one drop; None when no drop has any."""
    row = db.execute(
        "SELECT key, last, lapses_ms, ttl_seconds, idle_seconds FROM drops WHERE sweep_ms <= ? LIMIT 1",
        (now,),
    ).fetchone()
    if row is None:
        return None
    key, last, lapses_ms, ttl_seconds, idle_seconds = row
    newest = db.execute(NEWEST, (key,)).fetchone()
    lapses_ms = _lapses_ms(db, key, lapses_ms, idle_seconds - ttl_seconds)
    removed = _remove(db, key, now)
    _, oldest_ms = db.execute(_OLDEST, (key,)).fetchone() or (None, None)
    db.execute(
        "UPDATE drops SET last = ?, lapses_ms = ?, sweep_ms = ? WHERE key = ?",
        (last if newest is None else max(last, newest[0]), lapses_ms, oldest_ms, key),
    )
    return Removed(key, removed)


def _remove(db: sqlite3.Connection, key: int, now: int) -> int:
    expired = db.execute(_EXPIRED, (key, now, CELLS_AT_ONCE)).fetchall()
    db.executemany("DELETE FROM cell WHERE seq = ?", [(seq,) for _, seq in expired])
    db.executemany(
        "DELETE FROM place WHERE drop_key = ? AND position = ?", [(key, one) for one, _ in expired]
    )
    return len(expired)


def truncate_log(db: sqlite3.Connection) -> bool:
    """Empty the write-ahead log, which still holds removed cells; False if a reader was in the way."""
    try:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as error:
        raise failed(error) from error
    return not busy
