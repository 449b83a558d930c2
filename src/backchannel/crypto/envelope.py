"""The envelope: one body for all readers, and for each reader a wrap that tells how to open it.

docs/spec/envelope.md. Sending: `seal_body`, then for each reader `encrypt_wrap_text` (steps the session: save it
before sending, and keep the Olm text until acknowledged) and `seal_wrap`; an `Envelope` of it all is encoded and cut
into cells. A resend seals the *same* Olm text again.

Opening takes three steps, because the middle one changes state:

1. `unseal_wrap` takes off X-Wing; pure.
2. `Session.decrypt` or, for a set-up, `Account.accept`; a Violation here leaves the state unchanged.
3. `read_wrap_text` checks what Olm authenticated against the envelope, and `open_body` gives the text; pure. If one of
   these raises, the author wrote nonsense but the session has stepped: the step is saved all the same.

The caller then recomputes the entry's id from the text and refuses it if it is not `WrapText.entry`: the cipher
of the body does not commit to its key, so only the id makes every reader see the same words.
"""

import hashlib
import secrets
from enum import IntEnum
from itertools import pairwise
from typing import Annotated, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from msgspec import Meta

from backchannel.crypto.hashing import framed
from backchannel.crypto.keys import KemKey, kem_open, kem_seal
from backchannel.crypto.secret import Secret
from backchannel.crypto.session import Session
from backchannel.errors import Refused, Violation
from backchannel.wire.codec import Record, decode, encode

MAX_READERS = 256
MAX_TEXT_BYTES = 7 * 1024 * 1024 - 4  # fits one envelope of 8 MiB with every reader's wrap

_SMALLEST_BUCKET = 1024
_LARGEST_DOUBLING = 64 * 1024
_LENGTH_BYTES = 4
_TAG_BYTES = 16
_CONTENT_KEY_BYTES = 32
_NONCE = bytes(12)
_BODY_TAG = b"backchannel/body/1"
_WRAP_TAG = "backchannel/wrap/1"

Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Ordinal = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class Mode(IntEnum):
    """How a wrap protects its Olm message."""

    SEALED = 0  # HPKE over Olm
    BARE = 1  # Olm alone, only for an entry of kind REOPEN, which carries public keys and no talk


class EntryKind(IntEnum):
    """What the body of an envelope is."""

    EVENT = 0  # salt ‖ event, for the log
    NOTE = 1  # between desks, not in the log
    REOPEN = 2  # a note saying: I cannot open what you sent, here is my present key, send again


class Wrap(Record, frozen=True):
    """One reader's way into the body."""

    reader: Bytes32
    n: Ordinal  # of this author's stream to this reader, from 1, without gaps
    kem_seq: Count  # which of the reader's X-Wing keys it is sealed to; 0 if bare
    mode: Mode
    sealed: Annotated[bytes, Meta(min_length=1, max_length=2048)]


class Envelope(Record, frozen=True):
    """What travels in the cells, readable to everyone with the room key; its content is not."""

    version: Literal[1]
    author: Bytes32
    counter: Ordinal  # of the author's envelopes in this room, never used twice
    mark: Annotated[bytes, Meta(min_length=16, max_length=16)]  # own_mark.py
    wraps: Annotated[tuple[Wrap, ...], Meta(min_length=1, max_length=MAX_READERS)]  # ascending by reader
    body: Annotated[bytes, Meta(min_length=1, max_length=7 * 1024 * 1024 + _TAG_BYTES)]

    def wrap_for(self, reader: bytes) -> Wrap | None:
        """Find a reader's wrap, or None if this envelope is not for it."""
        return next((wrap for wrap in self.wraps if wrap.reader == reader), None)


class WrapHeader(Record, frozen=True):
    """What the author says to this reader about the envelope, under Olm's authentication."""

    room: Bytes32
    author: Bytes32
    reader: Bytes32
    n: Ordinal
    ack: Count  # the highest n of the reader's stream to the author that the author has processed
    kem_seq: Count  # the newest X-Wing key of the reader that the author knew; a resend may use a newer one


class WrapText(Secret, Record, frozen=True):
    """The plaintext of a wrap, with the content key."""

    version: Literal[1]
    header: WrapHeader
    kind: EntryKind
    content_key: Bytes32
    entry: Bytes32  # id of the event or note; the caller recomputes it from the opened text
    body_hash: Bytes32


def body_hash(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def bucket(size: int) -> int:
    """Give the padded length for so many bytes: powers of two from 1 KiB to 64 KiB, then multiples of 64 KiB."""
    # spec 2.1
    if size > _LARGEST_DOUBLING:
        return -(-size // _LARGEST_DOUBLING) * _LARGEST_DOUBLING
    return max(_SMALLEST_BUCKET, 1 << (size - 1).bit_length())


def seal_body(plaintext: bytes) -> tuple[bytes, bytes]:
    """Encrypt a text once for all readers; gives the content key (32) and the body.

    The key is made here and nowhere else, so that none is ever used for two texts.
    """
    if len(plaintext) > MAX_TEXT_BYTES:
        raise Refused("This text is too large for one message (7 MiB at most); send it in parts.")
    content_key = secrets.token_bytes(_CONTENT_KEY_BYTES)
    framed_text = len(plaintext).to_bytes(_LENGTH_BYTES, "big") + plaintext
    padded = framed_text.ljust(bucket(len(framed_text)), b"\0")
    # spec 2.2: the key is fresh, so the nonce may be constant
    return content_key, ChaCha20Poly1305(content_key).encrypt(_NONCE, padded, _BODY_TAG)


def open_body(text: WrapText, body: bytes) -> bytes:
    """Decrypt a body with the content key of its wrap, or raise Violation."""
    try:
        padded = ChaCha20Poly1305(text.content_key).decrypt(_NONCE, body, _BODY_TAG)
    except InvalidTag as error:
        raise Violation("A message's body does not open with the key its author gave us.") from error
    end = _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES], "big")
    padding = padded[end:]
    # spec 2.1: one padding for each text
    if len(padded) != bucket(end) or padding != bytes(len(padding)):
        raise Violation("A message's body is not padded as the protocol says.")
    return padded[_LENGTH_BYTES:end]


def encrypt_wrap_text(session: Session, text: WrapText) -> bytes:
    """Encrypt a wrap's text for its reader; steps the session. Keep the result until acknowledged."""
    return session.encrypt(encode(text))


def seal_wrap(olm_text: bytes, header: WrapHeader, reader_public: bytes, kem_seq: int) -> Wrap:
    """Seal an Olm text to the reader's X-Wing key of this sequence number; resending seals the same text anew."""
    info = _wrap_info(header.room, header.author, header.reader, header.n, kem_seq)
    sealed = kem_seal(reader_public, olm_text, info)
    return Wrap(header.reader, header.n, kem_seq, Mode.SEALED, sealed)


def bare_wrap(olm_text: bytes, header: WrapHeader) -> Wrap:
    """Wrap an Olm text without X-Wing; readers refuse it for anything but an entry of kind REOPEN."""
    return Wrap(header.reader, header.n, 0, Mode.BARE, olm_text)


def parse_envelope(data: bytes) -> Envelope:
    """Read an envelope joined from its cells, or raise Violation."""
    envelope = decode(data, Envelope)
    readers = [wrap.reader for wrap in envelope.wraps]
    # spec 1: ascending, so one wrap a reader and one encoding for a set of wraps
    if any(one >= other for one, other in pairwise(readers)):
        raise Violation("An envelope's wraps are not in order of their readers.")
    if envelope.author in readers:
        raise Violation("An envelope is addressed to its own author.")
    return envelope


def unseal_wrap(wrap: Wrap, author: bytes, room: bytes, key: KemKey | None) -> bytes:
    """Take X-Wing off a wrap, giving the Olm text; `key` is ours with the number `wrap.kem_seq`, None if bare."""
    if wrap.mode is Mode.BARE:
        if wrap.kem_seq:
            raise Violation("A bare wrap names a key it does not use.")
        return wrap.sealed
    if key is None:
        raise Violation("A wrap is sealed to a key of ours that is gone; ask its author to send again.")
    return kem_open(key, wrap.sealed, _wrap_info(room, author, wrap.reader, wrap.n, wrap.kem_seq))


def read_wrap_text(plaintext: bytes, envelope: Envelope, wrap: Wrap, room: bytes) -> WrapText:
    """Check what Olm authenticated against the envelope it came in; the session has stepped even if this raises."""
    text = decode(plaintext, WrapText)
    header = text.header
    # spec 6.3: Olm binds no associated data, so every field is compared
    if header.room != room:
        raise Violation("A message was written for another room.")
    if header.author != envelope.author:
        raise Violation("A message was written by another author than its envelope says.")
    if header.reader != wrap.reader:
        raise Violation("A message was written for another reader.")
    if header.n != wrap.n:
        raise Violation("A message has another number than its envelope says.")
    if wrap.mode is Mode.SEALED and header.kem_seq > wrap.kem_seq:
        raise Violation("A message is sealed to an older key than its author knew.")
    if wrap.mode is Mode.BARE and text.kind is not EntryKind.REOPEN:
        raise Violation("A message came without the seal against quantum computers.")
    if text.body_hash != body_hash(envelope.body):
        raise Violation("A message's body is not the one its author wrapped.")
    return text


def _wrap_info(room: bytes, author: bytes, reader: bytes, n: int, kem_seq: int) -> bytes:
    # spec 5: a wrap lifted into another place does not open
    return framed(_WRAP_TAG, room, author, reader, n.to_bytes(8, "big"), kem_seq.to_bytes(8, "big"))
