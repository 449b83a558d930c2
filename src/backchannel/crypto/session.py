"""The pairwise deniable session: Olm by vodozemac, for one member in one room (docs/spec/envelope.md 3).

Olm's message authentication code has 8 bytes, so an insider's forging is possible with 2^-64 a try and online
only: the desk counts Violations per author. An account here never signs anything, and its Ed25519 half is never
looked at: a signature of any kind would be transferable proof.
"""

from typing import Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from vodozemac import (
    Account as OlmAccount,
)
from vodozemac import (
    AnyOlmMessage,
    Curve25519PublicKey,
    DecodeException,
    KeyException,
    OlmDecryptionException,
    PickleException,
    SessionCreationException,
)
from vodozemac import (
    Session as OlmSession,
)

from backchannel.crypto.secret import Secret
from backchannel.errors import Refused, Violation
from backchannel.said import said

OLM_KEY_BYTES = 32
PICKLE_KEY_BYTES = 32
MAX_ONE_TIME_KEYS = 1000  # vodozemac keeps 5,000 secrets and silently drops the oldest beyond


class Session(Secret):
    """One Olm session with one other member; every call may change it, so save it before sending.

    Olm keeps 5 receiving chains and 40 skipped message keys: messages must be decrypted nearly in order.
    """

    __slots__ = ("_olm",)

    def __init__(self, olm: OlmSession) -> None:
        self._olm = olm

    @property
    def session_id(self) -> str:
        return self._olm.session_id

    def encrypt(self, plaintext: bytes) -> bytes:
        """Encrypt the next message: a type byte (0 set-up, 1 ordinary) ‖ the Olm message."""
        kind, message = self._olm.encrypt(plaintext).to_parts()
        return bytes([kind]) + message

    def decrypt(self, message: bytes) -> bytes:
        """Decrypt a message of `encrypt`, or raise Violation with the session unchanged; works once a message."""
        parsed = _parse(message)
        try:
            return self._olm.decrypt(parsed)
        except OlmDecryptionException as error:
            raise Violation(
                "A message does not open in this session: altered, repeated or out of order."
            ) from error

    def matches(self, setup: bytes) -> bool:
        """Tell whether a set-up message belongs to this session, as every message does until the first answer.

        If not, the author restarts on another one-time key: `Account.accept`.
        """
        message = _parse(setup).to_pre_key()
        return message is not None and self._olm.session_matches(message)

    def pickle(self, key: bytes) -> bytes:
        """Serialise under a 32-byte key; the same state gives the same bytes, so it belongs only in the vault."""
        return self._olm.pickle(key).encode("ascii")

    @classmethod
    def restore(cls, pickled: bytes, key: bytes) -> Self:
        try:
            return cls(OlmSession.from_pickle(pickled.decode("ascii"), key))
        except (PickleException, UnicodeDecodeError) as error:
            raise Refused(
                "A session in the vault cannot be read; restore a back-up and pair again."
            ) from error


class Account(Secret):
    """The long-term half of Olm for one member in one room: an identity key and one-time keys.

    Fresh for every room, so that two rooms cannot be linked by a key.
    """

    __slots__ = ("_olm",)

    def __init__(self, olm: OlmAccount) -> None:
        self._olm = olm

    @classmethod
    def create(cls, one_time_keys: int) -> Self:
        """Make an account with this many one-time keys: one per existing member, plus spares for restarts."""
        account = cls(OlmAccount())
        account.add_one_time_keys(one_time_keys)
        return account

    def add_one_time_keys(self, count: int) -> None:
        if not 0 <= count <= MAX_ONE_TIME_KEYS - len(self._olm.one_time_keys):
            raise Refused(
                said(
                    "A member holds at most {max_one_time_keys} one-time keys.",
                    max_one_time_keys=MAX_ONE_TIME_KEYS,
                )
            )
        self._olm.generate_one_time_keys(count)

    @property
    def identity(self) -> bytes:
        """Give the 32-byte Curve25519 identity key."""
        return self._olm.curve25519_key.to_bytes()

    @property
    def one_time_keys(self) -> tuple[bytes, ...]:
        """Give the 32-byte public one-time keys that no session has used, sorted."""
        return tuple(sorted(key.to_bytes() for key in self._olm.one_time_keys.values()))

    def open_to(self, peer_identity: bytes, peer_one_time_key: bytes) -> Session:
        """Open a session to a member from its identity key and the one-time key assigned to us."""
        try:
            olm = self._olm.create_outbound_session(_key(peer_identity), _key(peer_one_time_key))
        except SessionCreationException as error:
            raise Violation("This member's keys have low order; no session can be opened to them.") from error
        return Session(olm)

    def accept(self, peer_identity: bytes, message: bytes) -> tuple[Session, bytes]:
        """Accept the session a member opened to us; gives it and the plaintext of its first message.

        Uses up the one-time key: a second set-up on it is a Violation, as is a message by another identity, and
        the account is then unchanged.
        """
        setup = _parse(message).to_pre_key()
        if setup is None:
            raise Violation("An ordinary message came where a session was to be set up.")
        try:
            olm, plaintext = self._olm.create_inbound_session(_key(peer_identity), setup)
        except SessionCreationException as error:
            raise Violation(
                "A session set-up is refused: another identity, or a one-time key used before."
            ) from error
        return Session(olm), plaintext

    def pickle(self, key: bytes) -> bytes:
        """Serialise under a 32-byte key; deterministic, so it belongs only in the vault."""
        return self._olm.pickle(key).encode("ascii")

    @classmethod
    def restore(cls, pickled: bytes, key: bytes) -> Self:
        try:
            return cls(OlmAccount.from_pickle(pickled.decode("ascii"), key))
        except (PickleException, UnicodeDecodeError) as error:
            raise Refused(
                "An account in the vault cannot be read; restore a back-up and pair again."
            ) from error


def check_olm_key(public: bytes) -> None:
    """Accept a member's identity or one-time key only if a session can be opened to it; raises Violation otherwise."""
    # A low-order key in a credential would make every sender to that member fail, so it is found at the door.
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise Violation(
            "This Olm key has low order or a wrong length; no session can be opened to it."
        ) from error


def is_setup(message: bytes) -> bool:
    """Tell whether a message of `Session.encrypt` sets a session up (type 0)."""
    return message[:1] == b"\x00"


def _parse(message: bytes) -> AnyOlmMessage:
    """Read type byte ‖ Olm message, only in its one encoding."""
    if not message:
        raise Violation("An empty message came where an Olm message was expected.")
    try:
        parsed = AnyOlmMessage.from_parts(message[0], message[1:])
    except (DecodeException, KeyException) as error:
        raise Violation("These bytes are not an Olm message.") from error
    # spec 3.2: Olm authenticates its re-encoding, so another spelling of the same message must not pass
    if parsed.to_parts()[1] != message[1:]:
        raise Violation("An Olm message is not in its canonical encoding.")
    return parsed


def _key(raw: bytes) -> Curve25519PublicKey:
    try:
        return Curve25519PublicKey.from_bytes(raw)
    except (KeyException, ValueError) as error:
        raise Violation("An Olm public key has 32 bytes.") from error
