"""First contact by a few words: CPace with key confirmation, as immutable states (docs/spec/pairing.md).

The newcomer is the initiator. `Initiator.start` gives a hello; `Responder.answer` a reply; `Initiator.finish` a
confirmation; `Responder.finish` ends it. Each state is a record the vault can keep with `wire.codec.encode`.

**The words are spent as soon as our share exists.** Whatever then fails, stays away or is restarted counts as one
failed guess: the desk saves that the words are spent *before* sending a share, never uses them again, and shows an
exchange that stays unfinished as a failed guess. Only `finish` returning keys is a success.
"""

import hmac
import secrets
from typing import Annotated, Literal, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from msgspec import Meta

from backchannel.crypto import cpace
from backchannel.crypto.hashing import derive, framed, keyed_digest
from backchannel.crypto.secret import Secret
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode

SID_BYTES = 16

_AD_INITIATOR = b"initiator"
_AD_RESPONDER = b"responder"
_NONCE_BYTES = 12
_WRONG = said(
    "The words do not match, or somebody is in between; these words are spent, so ask for new ones."
)

Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Bytes64 = Annotated[bytes, Meta(min_length=64, max_length=64)]
Sid = Annotated[bytes, Meta(min_length=SID_BYTES, max_length=SID_BYTES)]


class Hello(Record, frozen=True):
    """The initiator's share."""

    version: Literal[1]
    sid: Sid
    share: Bytes32


class Reply(Record, frozen=True):
    """The responder's share and its proof of having the same words."""

    version: Literal[1]
    share: Bytes32
    tag: Bytes32


class Confirmation(Record, frozen=True):
    """The initiator's proof of having the same words."""

    version: Literal[1]
    tag: Bytes32


class PairingKeys(Secret, Record, frozen=True):
    """What both sides hold afterwards; `exchange` (64 bytes, public) names this one exchange."""

    version: Literal[1]
    sending: Bytes32
    receiving: Bytes32
    exchange: Bytes64


class Initiator(Secret, Record, frozen=True):
    """A newcomer that has sent, or is about to send, its share: its words are spent."""

    version: Literal[1]
    sid: Sid
    scalar: Bytes32
    share: Bytes32

    @classmethod
    def start(cls, words: str, ci: bytes, sid: bytes | None = None) -> tuple[Self, bytes]:
        """Give the state and the hello for these words and this invitation; `sid` only for vectors."""
        sid = secrets.token_bytes(SID_BYTES) if sid is None else sid
        scalar, share = _share(words, ci, sid)
        return cls(1, sid, scalar, share), encode(Hello(1, sid, share))

    def finish(self, reply: bytes) -> tuple[PairingKeys, bytes]:
        """Give the keys and the confirmation to send, or raise Violation: the guess, ours or theirs, was wrong."""
        received = decode(reply, Reply)
        # spec 2.3: a reflected share is no answer
        if received.share == self.share:
            raise Violation(
                "Our own pairing share came back to us; somebody is in between, so ask for new words."
            )
        shared = cpace.meet(self.scalar, received.share)
        keys = _Derived(self.sid, shared, self.share, received.share)
        if not hmac.compare_digest(received.tag, keys.responder_tag):
            raise Violation(_WRONG)
        pair = PairingKeys(1, keys.to_responder, keys.to_initiator, keys.exchange)
        return pair, encode(Confirmation(1, keys.initiator_tag))


class Responder(Secret, Record, frozen=True):
    """A member that has sent, or is about to send, its share: its words are spent."""

    version: Literal[1]
    keys: PairingKeys
    awaited_tag: Bytes32

    @classmethod
    def answer(cls, words: str, ci: bytes, hello: bytes) -> tuple[Self, bytes]:
        """Give the state and the reply to a hello, or raise Violation (nothing was sent: the words are not spent)."""
        received = decode(hello, Hello)
        scalar, share = _share(words, ci, received.sid)
        if share == received.share:  # spec 2.3
            raise Violation(
                "Our own pairing share came back to us; somebody is in between, so ask for new words."
            )
        shared = cpace.meet(scalar, received.share)
        keys = _Derived(received.sid, shared, received.share, share)
        pair = PairingKeys(1, keys.to_initiator, keys.to_responder, keys.exchange)
        return cls(1, pair, keys.initiator_tag), encode(Reply(1, share, keys.responder_tag))

    def finish(self, confirmation: bytes) -> PairingKeys:
        """Give the keys once the initiator has proved its words, or raise Violation: a wrong guess."""
        if not hmac.compare_digest(decode(confirmation, Confirmation).tag, self.awaited_tag):
            raise Violation(_WRONG)
        return self.keys


class _Derived(Secret):
    """Tags and keys of an exchange, alike on both sides."""  # spec 3

    __slots__ = ("exchange", "initiator_tag", "responder_tag", "to_initiator", "to_responder")

    def __init__(self, sid: bytes, shared: bytes, initiator_share: bytes, responder_share: bytes) -> None:
        transcript = cpace.transcript_ir(initiator_share, _AD_INITIATOR, responder_share, _AD_RESPONDER)
        isk = cpace.session_key(sid, shared, transcript)
        confirm = derive(isk, "backchannel/pairing-confirm-key/1")
        self.exchange = cpace.session_id_output(transcript)
        self.initiator_tag = keyed_digest(confirm, "backchannel/pairing-confirm/1", b"initiator", transcript)
        self.responder_tag = keyed_digest(confirm, "backchannel/pairing-confirm/1", b"responder", transcript)
        self.to_responder = derive(isk, "backchannel/pairing-key/1", b"initiator to responder", self.exchange)
        self.to_initiator = derive(isk, "backchannel/pairing-key/1", b"responder to initiator", self.exchange)


def _share(words: str, ci: bytes, sid: bytes) -> tuple[bytes, bytes]:
    scalar = secrets.token_bytes(cpace.SCALAR_BYTES)
    return scalar, cpace.multiply(scalar, cpace.generator(words.encode(), ci, sid))


def seal_message(keys: PairingKeys, number: int, plaintext: bytes) -> bytes:
    """Encrypt our message of this number, from 0; only public keys may travel so, for this is not post-quantum."""
    # spec 4
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(keys.sending).encrypt(nonce, plaintext, _message_data(number))


def open_message(keys: PairingKeys, number: int, sealed: bytes) -> bytes:
    """Decrypt the other side's message of this number, or raise Violation."""
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return ChaCha20Poly1305(keys.receiving).decrypt(nonce, ciphertext, _message_data(number))
    except (InvalidTag, ValueError) as error:
        raise Violation("A message of this pairing does not open; ask for new words.") from error


def _message_data(number: int) -> bytes:
    return framed("backchannel/pairing-message/1", number.to_bytes(8, "big"))
