"""A long file under one fresh key, sealed piece by piece so that none can be altered, moved or cut off (docs/spec/vault.md 6)."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from backchannel.errors import Refused
from backchannel.said import said

MAX_PIECE = 16 << 20  # bytes of one piece's plaintext
_TAG = b"backchannel/sealed-file/1"
_LENGTH_BYTES = 4
_TAG_BYTES = 16
_DAMAGED = said("This back-up is damaged or cut off; use another copy of it.")


def write_pieces(file: BinaryIO, key: bytes, pieces: Iterable[bytes]) -> None:
    """Seal pieces one after the other under a 32-byte key that is used for this file alone; the last is marked."""
    aead = ChaCha20Poly1305(key)
    number = 0
    for piece in pieces:
        _write(file, aead, number, piece, last=False)
        number += 1
    _write(file, aead, number, b"", last=True)


def read_pieces(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """Open the pieces in their order; Refused at the first that is not as it was written, or if the end is missing."""
    aead = ChaCha20Poly1305(key)
    number = 0
    while True:
        head = file.read(_LENGTH_BYTES)
        length = int.from_bytes(head, "big")
        if len(head) != _LENGTH_BYTES or length > MAX_PIECE + _TAG_BYTES:
            raise Refused(_DAMAGED)
        sealed = file.read(length)
        if len(sealed) != length:
            raise Refused(_DAMAGED)
        for last in (False, True):
            try:
                piece = aead.decrypt(_nonce(number, last=last), sealed, _TAG)
            except InvalidTag:
                continue
            break
        else:
            raise Refused(_DAMAGED)
        if last:
            if piece or file.read(1):
                raise Refused(_DAMAGED)
            return
        yield piece
        number += 1


def _write(file: BinaryIO, aead: ChaCha20Poly1305, number: int, piece: bytes, *, last: bool) -> None:
    if len(piece) > MAX_PIECE:
        raise ValueError("a piece is at most 16 MiB")
    sealed = aead.encrypt(_nonce(number, last=last), piece, _TAG)
    file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
