"""X-Wing keys and sealing to them: the post-quantum outer layer of a wrap (docs/spec/keys.md).

The public hybrid key has no serialisation in the library, so it is made here: ML-KEM-768 (1184) ‖ X25519 (32).
"""

import hashlib
import secrets
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from backchannel.crypto.secret import Secret
from backchannel.errors import Violation
from backchannel.said import said

KEM_SEED_BYTES = 32
KEM_PUBLIC_BYTES = 1216
KEM_OVERHEAD_BYTES = 1136  # encapsulation 1120, tag 16

_MLKEM_PUBLIC_BYTES = 1184
_MLKEM_SEED_BYTES = 64
_X25519_BYTES = 32

# spec 3: the one suite; the official vectors cover exactly this X-Wing, KDF and AEAD together
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class KemKey(Secret):
    """One X-Wing key pair, held as its 32-byte seed; a member has one current key per room."""

    __slots__ = ("_private", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != KEM_SEED_BYTES:
            raise ValueError("an X-Wing seed has 32 bytes")
        # spec 1: draft-connolly-cfrg-xwing-kem, expandDecapsulationKey
        expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + _X25519_BYTES)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])
        self.seed = seed
        self._private = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(KEM_SEED_BYTES))


@lru_cache(maxsize=256)
def _public_key(public: bytes) -> MLKEM768X25519PublicKey:
    if len(public) != KEM_PUBLIC_BYTES:
        raise Violation(
            said(
                "A hybrid public key has {kem_public_bytes} bytes, this one {count}.",
                kem_public_bytes=KEM_PUBLIC_BYTES,
                count=len(public),
            )
        )
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES])
        x25519 = X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:])
    except ValueError as error:
        raise Violation("This hybrid public key is malformed; ask its owner to pair again.") from error
    return MLKEM768X25519PublicKey(mlkem, x25519)


def kem_seal(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Encrypt to an X-Wing public key by HPKE base mode: 1120 bytes of encapsulation ‖ ciphertext ‖ tag.

    Authenticates nobody. A malformed or low-order key raises Violation: `check_public` finds it before use.
    """
    try:
        return _SUITE.encrypt(plaintext, _public_key(public), info)
    except ValueError as error:
        raise Violation("Nothing can be sealed to this public key: its X25519 part has low order.") from error


def kem_open(key: KemKey, sealed: bytes, info: bytes) -> bytes:
    """Decrypt what `kem_seal` made for this key and this info, or raise Violation."""
    try:
        return _SUITE.decrypt(sealed, key._private, info)  # noqa: SLF001 - same module
    except (InvalidTag, ValueError) as error:
        raise Violation("This wrap does not open with our key.") from error


def check_public(public: bytes) -> None:
    """Accept an advertised key only if a test message can be sealed to it; raises Violation otherwise."""
    # spec 4: a low-order X25519 part would make every later sender fail, so it is found at the door
    kem_seal(public, b"", b"backchannel/kem-check/1")
