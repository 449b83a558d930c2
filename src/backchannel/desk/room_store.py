"""The file of one room: what is kept, table by table (docs/spec/vault.md 3). SQL and nothing else."""

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.desk.sealed_db import SealedDb

VERSION = 1
MOST_FORMS = 16  # whose acts are remembered

SCHEMA = """
CREATE TABLE state (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE events (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, salt BLOB, data BLOB NOT NULL, annex BLOB,
    direct INTEGER NOT NULL, received INTEGER NOT NULL, read INTEGER, erased TEXT);
CREATE TABLE peers (
    member BLOB PRIMARY KEY, session BLOB, sent INTEGER NOT NULL, taken INTEGER NOT NULL,
    acked INTEGER NOT NULL, kem_seq INTEGER NOT NULL, kem_public BLOB NOT NULL, kem_used INTEGER NOT NULL,
    epoch INTEGER NOT NULL, heads BLOB NOT NULL, failures INTEGER NOT NULL, failed_at INTEGER NOT NULL,
    one_time_keys_used INTEGER NOT NULL);
CREATE TABLE kem_keys (seq INTEGER PRIMARY KEY, seed BLOB NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE TABLE letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT, about BLOB NOT NULL, content_key BLOB NOT NULL, body BLOB NOT NULL,
    kind INTEGER NOT NULL);
CREATE TABLE wraps (
    letter INTEGER NOT NULL, reader BLOB NOT NULL, n INTEGER, olm BLOB,
    PRIMARY KEY (letter, reader));
CREATE INDEX wraps_by_reader ON wraps (reader, n);
CREATE TABLE transports (
    epoch INTEGER NOT NULL, event BLOB PRIMARY KEY, value BLOB NOT NULL, cursor INTEGER NOT NULL,
    closed INTEGER NOT NULL);
CREATE TABLE held (
    author BLOB NOT NULL, n INTEGER NOT NULL, envelope BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (author, n, envelope));
CREATE TABLE receipts (
    member BLOB NOT NULL, event BLOB NOT NULL, received INTEGER, read INTEGER, PRIMARY KEY (member, event));
CREATE TABLE outgoing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, relay TEXT NOT NULL, pin BLOB NOT NULL, act TEXT NOT NULL,
    drop_id BLOB NOT NULL, value BLOB NOT NULL);
CREATE TABLE comparisons (
    member BLOB PRIMARY KEY, state TEXT NOT NULL, value BLOB NOT NULL, at INTEGER NOT NULL);
"""


def state(db: SealedDb, name: str) -> bytes | None:
    row = db.one("SELECT value FROM state WHERE name = ?", name)
    return None if row is None else bytes(row[0])


def set_state(db: SealedDb, name: str, value: bytes) -> None:
    db.run("INSERT OR REPLACE INTO state VALUES (?,?)", name, value)


def drop_state(db: SealedDb, name: str) -> None:
    db.run("DELETE FROM state WHERE name = ?", name)


def event_ids(joined: bytes) -> list[EventId]:
    return [EventId(joined[start : start + ID_BYTES]) for start in range(0, len(joined), ID_BYTES)]


def note_form(db: SealedDb, form: str) -> None:
    """Note, in the transaction under way, that it belongs to the act of a form (spec pages 5.6)."""
    noted = [*(each for each in noted_forms(db) if each != form), form]
    set_state(db, "forms", "\n".join(noted[-MOST_FORMS:]).encode())


def noted_forms(db: SealedDb) -> list[str]:
    return (state(db, "forms") or b"").decode().split()
