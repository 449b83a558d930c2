"""The prime-order subgroup of edwards25519, and hashing to its points and scalars (docs/spec/sounding.md 1).

A point is its 32 bytes, a scalar its 32 bytes in little-endian order, below the order. libsodium multiplies in
constant time and refuses a point that is off the subgroup, small or not canonical, every time it multiplies one.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache, reduce

from nacl import bindings as sodium
from nacl.exceptions import RuntimeError as SodiumError

from backchannel.crypto.hashing import digest, framed
from backchannel.errors import Unavailable, Violation

ORDER = 2**252 + 27742317777372353535851937790883648493
IDENTITY = (1).to_bytes(32, "little")
ELEMENT_BYTES = 32  # of a point and of a scalar
WEIGHT_BYTES = 16  # spec 1: a false statement passes a weighted sum with probability 2^-128

Point = bytes
Scalar = bytes
Random = Callable[[int], bytes]

_WIDE_BYTES = 64
_GENERATOR = sodium.crypto_scalarmult_ed25519_base_noclamp((1).to_bytes(32, "little"))
_FIELD = 2**255 - 19
add: Callable[[Point, Point], Point] = sodium.crypto_core_ed25519_add
subtract: Callable[[Point, Point], Point] = sodium.crypto_core_ed25519_sub
plus: Callable[[Scalar, Scalar], Scalar] = sodium.crypto_core_ed25519_scalar_add
minus: Callable[[Scalar, Scalar], Scalar] = sodium.crypto_core_ed25519_scalar_sub
times: Callable[[Scalar, Scalar], Scalar] = sodium.crypto_core_ed25519_scalar_mul
on_generator: Callable[[Scalar], Point] = sodium.crypto_scalarmult_ed25519_base_noclamp


def multiply(scalar: Scalar, point: Point) -> Point:
    """Give the multiple of a point, or raise Violation: no point of the subgroup, or a scalar of zero."""
    try:
        return sodium.crypto_scalarmult_ed25519_noclamp(scalar, point)
    except SodiumError as error:
        raise Violation("A sounding's message holds what is no point of the group.") from error


def check_point(point: Point) -> None:
    """Accept a point that is not going to be multiplied, or raise Violation; the identity is none."""
    if not sodium.crypto_core_ed25519_is_valid_point(point):
        raise Violation("A sounding's message holds what is no point of the group.")


def check_scalar(scalar: Scalar) -> None:
    """Accept a scalar from 1 to below the order, or raise Violation."""
    # spec 1: libsodium would reduce a larger one, and one number would have several spellings
    if not 0 < int.from_bytes(scalar, "little") < ORDER:
        raise Violation("A sounding's message holds a number outside its range.")


def total(points: Iterable[Point]) -> Point:
    """Give the sum of one point or more that are known to be of the group."""
    return reduce(add, points)


def scalar_total(scalars: Iterable[Scalar]) -> Scalar:
    return reduce(plus, scalars, bytes(ELEMENT_BYTES))


def weighted_sum(shares: Iterable[Scalar], values: Iterable[Scalar]) -> Scalar:
    """Give the sum of scalars that everyone may see, each times a weight: Python's numbers do not hide what they are."""
    number = sum(
        int.from_bytes(share, "little") * int.from_bytes(value, "little")
        for share, value in zip(shares, values, strict=True)
    )
    return (number % ORDER).to_bytes(ELEMENT_BYTES, "little")


def random_scalars(count: int, random: Random) -> list[Scalar]:
    """Draw so many scalars, each uniform but for 2^-259."""
    drawn = random(count * _WIDE_BYTES)
    return [
        sodium.crypto_core_ed25519_scalar_reduce(drawn[at : at + _WIDE_BYTES])
        for at in range(0, len(drawn), _WIDE_BYTES)
    ]


def _wide(tag: str, *parts: bytes) -> bytes:
    return hashlib.sha512(framed(f"backchannel/sounding-{tag}/1", *parts)).digest()


def name(tag: str, *parts: bytes) -> bytes:
    """Give the 32 bytes by which a sounding, a set of keys or a set of inputs is named."""
    return digest(f"backchannel/sounding-{tag}/1", *parts)


def challenge(tag: str, *parts: bytes) -> Scalar:
    """Hash to a scalar."""
    return sodium.crypto_core_ed25519_scalar_reduce(_wide(tag, *parts))


def base(tag: str, *parts: bytes) -> Point:
    """Hash to a point of which nobody knows the logarithm."""
    wide = _wide(tag, *parts)
    half = len(wide) // 2
    # spec 1: two maps and their sum, so that every point is reached alike
    return add(
        sodium.crypto_core_ed25519_from_uniform(wide[:half]),
        sodium.crypto_core_ed25519_from_uniform(wide[half:]),
    )


def weights(statement: bytes, count: int) -> list[Scalar]:
    """Give so many scalars of 128 bits that a statement fixes."""
    stream = hashlib.shake_256(framed("backchannel/sounding-weights/1", statement)).digest(
        count * WEIGHT_BYTES
    )
    return [
        stream[at : at + WEIGHT_BYTES].ljust(ELEMENT_BYTES, b"\0")
        for at in range(0, len(stream), WEIGHT_BYTES)
    ]


def elements(body: bytes) -> list[bytes]:
    """Cut a body into its 32-byte elements."""
    return [body[at : at + ELEMENT_BYTES] for at in range(0, len(body), ELEMENT_BYTES)]


@cache
def check_library() -> None:
    """Refuse a libsodium of before 30 December 2025, which takes a point plus the point of order two for sound."""
    # spec 1: CVE-2025-69277; the sum of the generator and (0, -1) is (-x, -y)
    number = int.from_bytes(_GENERATOR, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    mixed = (_FIELD - y | (1 - sign) << 255).to_bytes(ELEMENT_BYTES, "little")
    if sodium.crypto_core_ed25519_is_valid_point(mixed):
        raise Unavailable(
            "The cryptographic library on this machine misjudges points; install PyNaCl 1.6.2 or newer."
        )
