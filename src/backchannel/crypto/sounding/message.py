"""What sides of a sounding send each other, each signed by a key that lives as long as the sounding.

docs/spec/sounding.md 3. Such a key is drawn by its side for one sounding, is nobody's in the eyes of anyone outside the
room, and signs only so that sides can show each other who broke the rules (docs/decisions/0023-soundings.md).
"""

from enum import IntEnum
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta
from nacl import bindings as sodium
from nacl.exceptions import BadSignatureError

from backchannel.crypto.hashing import framed
from backchannel.crypto.sounding.params import CHUNK, MAX_OPTIONS, MAX_SIDES, Bytes32
from backchannel.errors import Violation
from backchannel.wire.codec import Record, decode

_SIGNATURE_BYTES = 64
_MAX_BODY_BYTES = 32 * (1 + 5 * CHUNK + 8)  # the longest, the vector of a sounding of limits


class Round(IntEnum):
    """What a message states."""

    KEYS = 1
    AGREEMENT = 2
    INPUTS = 3
    CHOICE = 4
    ORDER = 5
    SHARES = 6


class Slot(NamedTuple):
    """The place of a message: each is filled once."""

    sender: int
    round: Round
    chunk: int


class Message(Record, frozen=True):
    """One side's word in one round; `prev` names what its sender had before it."""

    version: Literal[1]
    sid: Bytes32
    round: Round
    chunk: Annotated[int, Meta(ge=0, lt=MAX_OPTIONS)]
    sender: Annotated[int, Meta(ge=0, lt=MAX_SIDES)]
    prev: Bytes32
    body: Annotated[bytes, Meta(max_length=_MAX_BODY_BYTES)]
    session_signature: Annotated[bytes, Meta(min_length=_SIGNATURE_BYTES, max_length=_SIGNATURE_BYTES)]

    @property
    def slot(self) -> Slot:
        return Slot(self.sender, self.round, self.chunk)

    @property
    def statement(self) -> bytes:
        """All of it but the signature."""
        parts = (
            self.sid,
            bytes([self.round]),
            self.chunk.to_bytes(4),
            bytes([self.sender]),
            self.prev,
            self.body,
        )
        return framed("backchannel/sounding-message/1", *parts)

    def check_signature(self, session_key: bytes) -> None:
        """Accept what this session key (32 bytes) signed, or raise Violation."""
        try:
            sodium.crypto_sign_open(self.session_signature + self.statement, session_key)
        except BadSignatureError as error:
            raise Violation("A message of a sounding is not by the side that it names.") from error


def parse_message(data: bytes) -> Message:
    """Read a message, or raise Violation; its signature is not checked here."""
    return decode(data, Message)


def session_public(seed: bytes) -> bytes:
    return sodium.crypto_sign_seed_keypair(seed)[0]


def written(sid: bytes, slot: Slot, prev: bytes, body: bytes, session_seed: bytes) -> Message:
    """Give a message, signed; the same words give the same bytes."""
    unsigned = Message(1, sid, slot.round, slot.chunk, slot.sender, prev, body, bytes(_SIGNATURE_BYTES))
    secret = sodium.crypto_sign_seed_keypair(session_seed)[1]
    signature = sodium.crypto_sign(unsigned.statement, secret)[:_SIGNATURE_BYTES]
    return Message(1, sid, slot.round, slot.chunk, slot.sender, prev, body, signature)
