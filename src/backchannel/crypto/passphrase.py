"""From a passphrase to the vault's key: Argon2id (RFC 9106), then an AEAD around a random key.

The vault's key is random and wrapped, so that a new passphrase need not rewrite every file.
"""

import secrets
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from backchannel.errors import Refused
from backchannel.wire.codec import Record

MEMORY_KIB = 256 * 1024
PASSES = 3
LANES = 4
SALT_BYTES = 16
KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG = b"backchannel/vault-key/1"
# OpenSSL runs the lanes in its own pool of threads, and two derivations at a time wait for each other for ever.
_ONE_AT_A_TIME = threading.Lock()


class Stretch(Record, frozen=True):
    """How a passphrase is stretched; kept beside what it opens. Zero passes mean a raw 32-byte key."""

    salt: bytes
    memory_kib: int
    passes: int
    lanes: int


def new_stretch(*, raw: bool = False) -> Stretch:
    salt = secrets.token_bytes(SALT_BYTES)
    return Stretch(salt, 0, 0, 0) if raw else Stretch(salt, MEMORY_KIB, PASSES, LANES)


def stretch(passphrase: bytes, by: Stretch) -> bytes:
    """Give 32 key bytes; about 0.7 s and 256 MiB by design; other threads run meanwhile, but one derivation at a time."""
    if by.passes == 0:
        if len(passphrase) != KEY_BYTES:
            raise Refused("This vault opens with a raw key of 32 bytes, not with a passphrase.")
        return passphrase
    kdf = Argon2id(
        salt=by.salt, length=KEY_BYTES, iterations=by.passes, lanes=by.lanes, memory_cost=by.memory_kib
    )
    with _ONE_AT_A_TIME:
        return kdf.derive(passphrase)


def wrap_key(stretched: bytes, key: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(stretched).encrypt(nonce, key, _TAG)


def unwrap_key(stretched: bytes, wrapped: bytes) -> bytes:
    """Give the wrapped key, or Refused if the passphrase is another."""
    try:
        return ChaCha20Poly1305(stretched).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _TAG)
    except (InvalidTag, ValueError) as error:
        raise Refused("The passphrase does not open this desk; try again.") from error
