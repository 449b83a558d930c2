"""Admissions as the operator sees them: issued, listed, revoked, also while the relay runs."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from backchannel.errors import Refused
from backchannel.relay.drops import Digest, Grant
from backchannel.relay.schema import transaction


@dataclass(frozen=True, slots=True)
class Listed:
    """An admission in the operator's list; of a used one the grant is what its drop was opened with."""

    digest: Digest
    grant: Grant
    expires_ms: int  # 0 once used
    used: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """What the database holds, all together."""

    drops: int
    cells: int
    cell_bytes: int
    unused_admissions: int


def issue(db: sqlite3.Connection, digests: Sequence[Digest], grant: Grant, expires_ms: int) -> None:
    limits = (grant.max_cells, grant.max_bytes, grant.max_ttl_seconds, grant.max_idle_seconds, expires_ms)
    with transaction(db):
        db.executemany("INSERT INTO admission VALUES (?,?,?,?,?,?)", [(one, *limits) for one in digests])


def revoke(db: sqlite3.Connection, admission: Digest, *, and_close: bool) -> None:
    """Make an unused admission worthless; one that has opened a drop only together with that drop."""
    with transaction(db):
        if db.execute("DELETE FROM admission WHERE digest = ?", (admission,)).rowcount:
            return
        row = db.execute("SELECT key FROM drops WHERE admission = ?", (admission,)).fetchone()
        if row is None:
            raise Refused("No admission on this relay answers to this token: see them with relay token list.")
        if not and_close:
            raise Refused(
                "This admission has already opened a drop: add --and-close to remove the drop and its cells."
            )
        mark_gone(db, row[0])


def mark_gone(db: sqlite3.Connection, key: int) -> None:
    """Take a drop away; the next sweep removes its cells."""
    db.execute("UPDATE drops SET id = NULL, admission = NULL, lapses_ms = 0 WHERE key = ?", (key,))


def find(db: sqlite3.Connection, start: str) -> Digest:
    """Give the only admission whose hash starts with these hexadecimal digits."""
    found = [one.digest for one in listed(db) if start and one.digest.hex().startswith(start.lower())]
    if not found:
        raise Refused(f"No admission has a hash that starts with {start}: see them with relay token list.")
    if len(found) > 1:
        raise Refused(
            f"{len(found)} admissions have a hash that starts with {start}: give more of its letters."
        )
    return found[0]


def listed(db: sqlite3.Connection) -> list[Listed]:
    unused = db.execute("SELECT * FROM admission ORDER BY expires_ms, digest").fetchall()
    used = db.execute(
        "SELECT admission, max_cells, max_cells * cell_size, ttl_seconds, idle_seconds FROM drops"
        " WHERE id NOT NULL ORDER BY admission"
    ).fetchall()
    return [Listed(row[0], Grant(*row[1:5]), row[5], used=False) for row in unused] + [
        Listed(row[0], Grant(*row[1:5]), 0, used=True) for row in used
    ]


def totals(db: sqlite3.Connection) -> Totals:
    (drops,) = db.execute("SELECT count(*) FROM drops WHERE id NOT NULL").fetchone()
    cells, cell_bytes = db.execute(
        "SELECT count(*), coalesce(sum(cell_size), 0) FROM held JOIN drops ON drops.key = held.drop_key"
    ).fetchone()
    (unused,) = db.execute("SELECT count(*) FROM admission").fetchone()
    return Totals(drops, cells, cell_bytes, unused)


def counters_key(db: sqlite3.Connection) -> str:
    """Give the key that shows the counters to the operator (spec 3)."""
    (key,) = db.execute("SELECT value FROM meta WHERE name = 'counters_key'").fetchone()
    return bytes(key).hex()
