"""Members who do not keep to the protocol, and thieves who have every key: what the tests of attacks share."""

from pathlib import Path

from backchannel.channel.event import Event
from backchannel.crypto.cell_cipher import open_cell
from backchannel.crypto.envelope import parse_envelope
from backchannel.desk.room import Room
from backchannel.moves.paper import Attachment, Paper
from backchannel.wire.cells import Piece
from backchannel.wire.codec import encode

from desks import Seat, Stage, in_talks, record as rows  # isort: skip
from test_vault import pages

CANARY = "the seventh island is for sale"


def three(folder: Path) -> tuple[Stage, Seat, Seat, Seat]:
    stage = in_talks(folder, "Anna", "Boris", "Carl")
    anna, boris, carl = stage.seats.values()
    return stage, anna, boris, carl


def paper(text: str, attachments: tuple[Attachment, ...] = ()) -> Paper:
    return Paper(
        "talk", "not-stated", "not-stated", "for-you-only", text, None, (), None, attachments, (), None, False
    )


def event_of(room: Room, text: str, **other: object) -> Event:
    """Write an event as this member could, honestly or not."""
    seating = room.seating
    fields: dict[str, object] = {
        "version": 1, "room": room.id, "author": room.me, "seq": room.log.next_seq(room.me),
        "prev": room.log.last_by(room.me), "epoch": seating.epoch.number, "parents": room.log.head_refs(),
        "audience": seating.audience_hash(), "number": room.log.highest() + 1, "at": 0, "kind": "paper",
        "body": encode(paper(text)),
    }  # fmt: skip
    return Event(**(fields | other))  # type: ignore[arg-type]


def common(one: Room, other: Room) -> bool:
    """Whether two desks' records are equal from the epoch on that both have."""
    start = max(one.log.first_epoch, other.log.first_epoch)
    told = [[row for row in rows(room) if room.entry(row[0]).event.epoch >= start] for room in (one, other)]
    return told[0] == told[1]


def whole_file(room: Room) -> bytes:
    """Everything a thief with every key finds in a room's file and write-ahead log."""
    row = room_key(room)
    return pages(room.db.path, row)


def room_key(room: Room) -> bytes:
    return room_keys[room.id, room.db.path.parent]


room_keys: dict[tuple[bytes, Path], bytes] = {}


def learn_keys(stage: Stage) -> None:
    for seat in stage.seats.values():
        for rid, key in seat.desk.vault.master.all("SELECT id, key FROM rooms"):
            room_keys[rid, seat.home / "rooms"] = key


def author_of(room: Room, cell: bytes) -> bytes:
    piece = open_cell(room.way().key, room.way().transport.drop, cell)
    assert piece is not None
    return parse_envelope(Piece.parse(piece).data).author
