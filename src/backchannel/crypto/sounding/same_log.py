"""A proof that points are all the same multiple of theirs as a public key is of the generator (Chaum and Pedersen)."""

from backchannel.crypto.sounding.group import (
    ELEMENT_BYTES,
    Point,
    Random,
    Scalar,
    challenge,
    check_scalar,
    elements,
    multiply,
    on_generator,
    plus,
    random_scalars,
    subtract,
    times,
)
from backchannel.crypto.sounding.threads import spread
from backchannel.errors import Violation


def multiples_body(
    tag: str, context: bytes, key: Scalar, points: list[Point], random: Random, threads: int
) -> bytes:
    """Give e ‖ s ‖ the key's multiple of each point; `context` is 32 bytes or more of one length for the tag."""
    (mask,) = random_scalars(1, random)
    done = spread(lambda at: (multiply(key, points[at]), multiply(mask, points[at])), len(points), threads)
    multiples, masks = [one for one, _ in done], [one for _, one in done]
    public = on_generator(key)
    proof = challenge(tag, context, public, *points, *multiples, on_generator(mask), *masks)
    return b"".join([proof, plus(mask, times(proof, key)), *multiples])


def check_multiples(
    tag: str, context: bytes, public: Point, points: list[Point], body: bytes, threads: int
) -> list[Point]:
    """Read and check what `multiples_body` gave, or raise Violation; gives the multiples."""
    if len(body) != (2 + len(points)) * ELEMENT_BYTES:
        raise Violation("A share of a sounding has another length.")
    proof, answer, *multiples = elements(body)
    check_scalar(answer)

    def mask(at: int) -> Point:
        return subtract(multiply(answer, points[at]), multiply(proof, multiples[at]))

    masks = spread(mask, len(points), threads)
    first = subtract(on_generator(answer), multiply(proof, public))
    if challenge(tag, context, public, *points, *multiples, first, *masks) != proof:
        raise Violation("A share of a sounding is not made with its side's key.")
    return multiples
