"""One hash and one key derivation, each with a versioned domain tag (docs/spec/hashing.md)."""

import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DIGEST_BYTES = 32

_LENGTH_BYTES = 8


def framed(tag: str, *parts: bytes) -> bytes:
    """Join a tag and parts so that no two lists of parts give the same bytes."""
    # spec 1: every length precedes its bytes, so no boundary can be moved
    named = tag.encode("ascii")
    pieces = [len(named).to_bytes(_LENGTH_BYTES, "big"), named]
    for part in parts:
        pieces.append(len(part).to_bytes(_LENGTH_BYTES, "big"))
        pieces.append(part)
    return b"".join(pieces)


def digest(tag: str, *parts: bytes) -> bytes:
    """Give the 32-byte SHA-256 of a domain tag and its parts, e.g. `digest("backchannel/event/1", …)`."""
    return hashlib.sha256(framed(tag, *parts)).digest()


def keyed_digest(key: bytes, tag: str, *parts: bytes) -> bytes:
    """Give the 32-byte HMAC-SHA256 of a domain tag and its parts under a secret key."""
    return hmac.digest(key, framed(tag, *parts), "sha256")


def derive(secret: bytes, tag: str, *parts: bytes, length: int = DIGEST_BYTES) -> bytes:
    """Derive key bytes by HKDF-SHA256 (RFC 5869) with an empty salt and the framed tag and parts as info.

    `length` is in bytes and at most 8,160.
    """
    info = framed(tag, *parts)
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)
