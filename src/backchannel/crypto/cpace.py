"""CPace over X25519 with SHA-512, as in draft-irtf-cfrg-cpace: the arithmetic; pairing.py is the protocol.

Checked against the draft's vectors with every mandatory abort. The map to the curve works on Python integers and is
not constant in time: whoever can time it on the same machine may learn about the words. X25519 itself is the library's.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from backchannel.errors import Violation

SHARE_BYTES = 32
SCALAR_BYTES = 32

_DSI = b"CPace255"
_ISK_DSI = b"CPace255_ISK"
_SID_OUTPUT_DSI = b"CPaceSidOutput"
_SHA512_BLOCK_BYTES = 128
_P = 2**255 - 19
_A = 486662


def _with_length(data: bytes) -> bytes:
    length, prefix = len(data), bytearray()
    while True:
        prefix.append((length & 0x7F) | (0x80 if length > 0x7F else 0))  # noqa: PLR2004 - LEB128
        length >>= 7
        if not length:
            return bytes(prefix) + data


def lv_cat(*parts: bytes) -> bytes:
    """Concatenate parts, each preceded by its length in LEB128."""
    return b"".join(map(_with_length, parts))


def generator_string(words: bytes, ci: bytes, sid: bytes) -> bytes:
    """Give the string that is hashed to the generator; the words fill SHA-512's first block with padding."""
    used = 1 + len(_with_length(words)) + len(_with_length(_DSI))
    return lv_cat(_DSI, words, bytes(max(0, _SHA512_BLOCK_BYTES - used)), ci, sid)


def _elligator2(u: int) -> int:
    v = -_A * pow(1 + 2 * u * u, -1, _P) % _P
    square = pow(v * (v * v + _A * v + 1) % _P, (_P - 1) // 2, _P) == 1
    return v if square else (-v - _A) % _P


def generator(words: bytes, ci: bytes, sid: bytes) -> bytes:
    """Map words, channel identifier and session id to a point of X25519 (32 bytes)."""
    hashed = hashlib.sha512(generator_string(words, ci, sid)).digest()[:SHARE_BYTES]
    u = int.from_bytes(hashed, "little") & (2**255 - 1)
    return _elligator2(u).to_bytes(SHARE_BYTES, "little")


def multiply(scalar: bytes, point: bytes) -> bytes:
    """Give X25519(scalar, point), or raise Violation for the mandatory abort: a point of low order."""
    try:
        return X25519PrivateKey.from_private_bytes(scalar).exchange(X25519PublicKey.from_public_bytes(point))
    except ValueError as error:
        raise Violation("The other side's pairing share is not a proper point; ask for new words.") from error


def meet(scalar: bytes, share: bytes) -> bytes:
    """Multiply the other side's share, refused also if it is not in the one encoding X25519 gives (below p).

    Stricter than the draft, which lets a conforming X25519 ignore the top bit: an honest share never needs it.
    """
    if int.from_bytes(share, "little") >= _P:
        raise Violation("The other side's pairing share is not a proper point; ask for new words.")
    return multiply(scalar, share)


def transcript_ir(share_a: bytes, ad_a: bytes, share_b: bytes, ad_b: bytes) -> bytes:
    """Give the transcript in initiator/responder order."""
    return lv_cat(share_a, ad_a) + lv_cat(share_b, ad_b)


def session_key(sid: bytes, shared_point: bytes, transcript: bytes) -> bytes:
    """Give the intermediate session key ISK (64 bytes)."""
    return hashlib.sha512(lv_cat(_ISK_DSI, sid, shared_point) + transcript).digest()


def session_id_output(transcript: bytes) -> bytes:
    """Give the public value that names this exchange (64 bytes)."""
    return hashlib.sha512(_SID_OUTPUT_DSI + transcript).digest()
