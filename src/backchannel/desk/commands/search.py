"""Whether this desk holds a text: `desk search`, over every table of every file that the vault opens, and the folder itself."""

import argparse
import binascii
from collections.abc import Iterator

from backchannel.desk.commands.answer import Answer, Json, title
from backchannel.desk.desk import Desk
from backchannel.desk.sealed_db import SealedDb
from backchannel.desk.shown import one_line
from backchannel.errors import Refused
from backchannel.said import said

SHORTEST = 3  # characters
SHORTEST_ID = 8  # bytes of an id that is sought as bytes, too
EVENTS = "events"


def search(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    """Look everywhere: titles, names, texts, drafts, letters still on their way, keys and file names."""
    sought = " ".join(args.text)
    if len(sought) < SHORTEST:
        raise Refused(said("Search for at least {shortest} characters.", shortest=SHORTEST))
    found = [*_in_files(desk, sought), *_in_vault(desk, _forms(sought))]
    shown = one_line(sought)
    lines = [
        said("{each}", each=each["where"])
        + (
            said(", in the room “{each}”", each=one_line(str(each["room_title"])))
            if each["room_title"]
            else ""
        )
        for each in found
    ]
    heading = (
        said("“{shown}” stands in {count} places on this desk:", shown=shown, count=len(found))
        if found
        else said("This desk holds nothing with “{shown}”.", shown=shown)
    )
    return Answer([heading, *("  " + line for line in lines)], {"sought": sought, "found": found})


def _forms(sought: str) -> list[bytes]:
    """A text in the ways in which it may be kept; an id also as its bytes."""
    forms = [sought.encode().lower()]
    try:
        raw = binascii.unhexlify(sought)
    except (binascii.Error, ValueError):
        return forms
    return [*forms, raw] if len(raw) >= SHORTEST_ID else forms


def _in_files(desk: Desk, sought: str) -> Iterator[dict[str, Json]]:
    needle = sought.encode()
    for path in sorted(desk.vault.home.rglob("*")):
        name = path.relative_to(desk.vault.home).as_posix()
        if sought.casefold() in name.casefold():
            yield _hit(said("the name of the file {name}", name=name))
        if path.is_file() and needle in path.read_bytes():
            yield _hit(said("the bytes of the file {name}", name=name))


def _in_vault(desk: Desk, forms: list[bytes]) -> Iterator[dict[str, Json]]:
    for table, column, _ in _in_tables(desk.vault.master, forms):
        yield _hit(said("the vault's {table}, {column}", table=table, column=column))
    for room in desk.rooms():
        for table, column, key in _in_tables(room.db, forms):
            event = key.hex() if table == EVENTS and isinstance(key, bytes) else ""
            yield _hit(
                said("{table}, {column}", table=table, column=column), room.id.hex(), title(desk, room), event
            )


def _hit(where: str, room: str = "", room_title: str = "", event: str = "") -> dict[str, Json]:
    return {"where": where, "room": room, "room_title": room_title, "event": event}


def _in_tables(database: SealedDb, forms: list[bytes]) -> Iterator[tuple[str, str, object]]:
    """Give table, column and first value of each row that holds one of the forms."""
    for (table,) in database.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
        columns = [row[1] for row in database.all(f'PRAGMA table_info("{table}")')]
        named = columns.index("id") if "id" in columns else 0
        for row in database.all(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name the database gave
            for column, value in zip(columns, row, strict=True):
                held = value.encode() if isinstance(value, str) else value
                if isinstance(held, bytes) and any(form in held or form in held.lower() for form in forms):
                    yield table, column, row[named]
