"""The layout inside a cell: envelopes cut into pieces of one size, and joined again (docs/spec/cells.md).

This is the plaintext of a cell; crypto.cell_cipher makes it look random.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from struct import Struct
from typing import Self

from backchannel.errors import Refused, Violation
from backchannel.said import said

DEFAULT_CELL_SIZE = 8192  # one of frames.CELL_SIZES

ENVELOPE_ID_BYTES = 16
MAX_ENVELOPE_BYTES = 8 * 1024 * 1024

CIPHER_BYTES = 28  # nonce 12, tag 16: what the cipher adds to a piece to make a cell

MAX_UNFINISHED = 64
MAX_UNFINISHED_BYTES = 4 * MAX_ENVELOPE_BYTES
_FINISHED_REMEMBERED = 1024

_HEADER = Struct(">16sHHI")  # spec 2: envelope id, index, count, length of the whole envelope


def capacity(cell_size: int) -> int:
    """Give how many bytes of an envelope one cell of this size carries."""
    return cell_size - CIPHER_BYTES - _HEADER.size


def cut(envelope: bytes, cell_size: int, envelope_id: bytes) -> list[bytes]:
    """Cut an envelope of 1 byte to 8 MiB into equally long piece plaintexts for cells of this size.

    `envelope_id` is 16 fresh random bytes, new each time the envelope is sent.
    """
    if not 1 <= len(envelope) <= MAX_ENVELOPE_BYTES:
        raise Refused("This message is too large for the line (8 MiB at most); send it in smaller parts.")
    room = capacity(cell_size)
    count = -(-len(envelope) // room)
    pieces = []
    for index in range(count):
        data = envelope[index * room : (index + 1) * room]
        pieces.append(_HEADER.pack(envelope_id, index, count, len(envelope)) + data.ljust(room, b"\0"))
    return pieces


@dataclass(frozen=True, slots=True)
class Piece:
    """One cell's share of an envelope."""

    envelope_id: bytes
    index: int
    count: int
    length: int
    data: bytes

    @classmethod
    def parse(cls, plaintext: bytes) -> Self:
        """Read the plaintext of a cell, whose length fixes how much data a piece carries."""
        room = len(plaintext) - _HEADER.size
        if room < 1:
            raise Violation("A cell is too short to carry anything.")
        envelope_id, index, count, length = _HEADER.unpack_from(plaintext)
        if not 1 <= length <= MAX_ENVELOPE_BYTES:
            raise Violation(
                said("A cell announces a message of {length} bytes; 1 to 8 MiB is allowed.", length=length)
            )
        # spec 3: count follows from length, index is below it, and what is not data is zero
        if count != -(-length // room):
            raise Violation(
                said(
                    "A cell announces {count} pieces where {length} bytes need another number.",
                    count=count,
                    length=length,
                )
            )
        if index >= count:
            raise Violation(said("A cell claims to be piece {index} of {count}.", index=index, count=count))
        size = min(room, length - index * room)
        start = _HEADER.size
        padding = plaintext[start + size :]
        if padding != bytes(len(padding)):
            raise Violation("A cell's padding is not zero.")
        return cls(envelope_id, index, count, length, plaintext[start : start + size])


@dataclass(slots=True)
class _Unfinished:
    count: int
    length: int
    first_position: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    held_bytes: int = 0


class Reassembly:
    """Pieces of one drop in any order become envelopes; a Violation leaves the state unchanged.

    At most 64 unfinished envelopes and 32 MiB of their pieces are held; beyond that the envelope begun longest
    ago is forgotten and its sender is asked again, as for any other gap. Somebody inside the room can spoil an
    envelope by racing a false piece under its id; that too is a gap, and the resend has another id.
    """

    def __init__(self) -> None:
        self._unfinished: OrderedDict[bytes, _Unfinished] = OrderedDict()
        self._finished: OrderedDict[bytes, None] = OrderedDict()
        self._held_bytes = 0

    @property
    def held_bytes(self) -> int:
        return self._held_bytes

    @property
    def unfinished(self) -> int:
        return len(self._unfinished)

    @property
    def first_unfinished(self) -> int | None:
        """Give the lowest position a desk must read again after a restart, or None if nothing is unfinished."""
        return min((begun.first_position for begun in self._unfinished.values()), default=None)

    def add(self, piece: Piece, position: int) -> bytes | None:
        """Add a piece read at this position of the drop; give the envelope if it completes one.

        A piece already held, or of a recently completed envelope, changes nothing.
        """
        if piece.envelope_id in self._finished:
            return None
        begun = self._unfinished.get(piece.envelope_id)
        if begun is None:
            begun = _Unfinished(piece.count, piece.length, position)
        elif (begun.count, begun.length) != (piece.count, piece.length):
            raise Violation("Two cells of one message disagree about its length.")
        held = begun.pieces.get(piece.index)
        if held is not None:
            if held != piece.data:
                raise Violation("Two cells claim to be the same piece of one message.")
            return None
        begun.first_position = min(begun.first_position, position)
        begun.pieces[piece.index] = piece.data
        begun.held_bytes += len(piece.data)
        self._held_bytes += len(piece.data)
        self._unfinished[piece.envelope_id] = begun
        if len(begun.pieces) == begun.count:
            self._forget(piece.envelope_id)
            self._finished[piece.envelope_id] = None
            if len(self._finished) > _FINISHED_REMEMBERED:
                self._finished.popitem(last=False)
            return b"".join(begun.pieces[index] for index in range(begun.count))
        while len(self._unfinished) > MAX_UNFINISHED or self._held_bytes > MAX_UNFINISHED_BYTES:
            self._forget(next(iter(self._unfinished)))
        return None

    def give_up(self, position: int) -> None:
        """Forget the envelopes begun at or before a position; what comes of them later is a gap."""
        for envelope_id in [
            eid for eid, begun in self._unfinished.items() if begun.first_position <= position
        ]:
            self._forget(envelope_id)

    def _forget(self, envelope_id: bytes) -> None:
        self._held_bytes -= self._unfinished.pop(envelope_id).held_bytes
