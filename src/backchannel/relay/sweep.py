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

_NEWEST = "SELECT position, expires_ms FROM cell WHERE drop_key = ? ORDER BY position DESC LIMIT 1"
_EXPIRED = "SELECT seq FROM cell WHERE drop_key = ? AND expires_ms <= ? ORDER BY position LIMIT ?"
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
    newest = db.execute(_NEWEST, (key,)).fetchone()
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
    newest = db.execute(_NEWEST, (key,)).fetchone()
    lapses_ms = _lapses_ms(db, key, lapses_ms, idle_seconds - ttl_seconds)
    removed = _remove(db, key, now)
    db.execute(
        "UPDATE drops SET last = ?, lapses_ms = ?, sweep_ms ="
        " (SELECT expires_ms FROM cell WHERE drop_key = key ORDER BY position LIMIT 1) WHERE key = ?",
        (last if newest is None else max(last, newest[0]), lapses_ms, key),
    )
    return Removed(key, removed)


def _remove(db: sqlite3.Connection, key: int, now: int) -> int:
    return db.execute(f"DELETE FROM cell WHERE seq IN ({_EXPIRED})", (key, now, CELLS_AT_ONCE)).rowcount  # noqa: S608


def truncate_log(db: sqlite3.Connection) -> bool:
    """Empty the write-ahead log, which still holds removed cells; False if a reader was in the way."""
    try:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as error:
        raise failed(error) from error
    return not busy
