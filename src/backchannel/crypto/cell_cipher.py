"""Cells that look random to everyone outside the room (docs/spec/cells.md).

ChaCha20-Poly1305 under the room key of one epoch with random 96-bit nonces: below 2^-32 for a repeated nonce up
to 2^32 cells an epoch, some 35 TB of 8 KiB cells.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from backchannel.crypto.secret import Secret
from backchannel.wire.cells import CIPHER_BYTES

ROOM_KEY_BYTES = 32

_TAG = b"backchannel/cell/1"
_NONCE_BYTES = 12


class RoomKey(Secret):
    """The symmetric key of one epoch of one room, which turns its pieces into cells."""

    __slots__ = ("_aead", "raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != ROOM_KEY_BYTES:
            raise ValueError("a room key has 32 bytes")
        self.raw = raw
        self._aead = ChaCha20Poly1305(raw)

    @classmethod
    def generate(cls) -> "RoomKey":
        return cls(secrets.token_bytes(ROOM_KEY_BYTES))


def seal_cell(room_key: RoomKey, drop_id: bytes, plaintext: bytes) -> bytes:
    """Make a cell for this drop from a piece of `wire.cells.cut`; 28 bytes longer than the piece."""
    # spec 4: nonce 12 ‖ ciphertext ‖ tag 16
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + room_key._aead.encrypt(nonce, plaintext, _TAG + drop_id)  # noqa: SLF001 - same module


def open_cell(room_key: RoomKey, drop_id: bytes, cell: bytes) -> bytes | None:
    """Give the piece in a cell, or None if the cell is not of this room, epoch and drop.

    None is no error: on a shared drop most cells are somebody else's, and a dummy is random bytes.
    """
    if len(cell) < CIPHER_BYTES:
        return None
    try:
        return room_key._aead.decrypt(cell[:_NONCE_BYTES], cell[_NONCE_BYTES:], _TAG + drop_id)  # noqa: SLF001
    except InvalidTag:
        return None


def dummy_cell(cell_size: int) -> bytes:
    """Make a cell that carries nothing and that nobody outside the room tells from one that does."""
    return secrets.token_bytes(cell_size)
