"""A sounding of limits: two sides learn whether theirs meet on one list, and nothing more (docs/spec/sounding.md 8).

The poster encrypts a one for the last option that it accepts and zeros for all others, and proves that it is so. The
chooser re-randomises one of the sums over a tail of that list, and proves that it is one of them. What both then open is the
one bit.
"""

from itertools import accumulate

from backchannel.crypto.secret import Secret
from backchannel.crypto.sounding.group import (
    ELEMENT_BYTES,
    IDENTITY,
    Point,
    Random,
    Scalar,
    add,
    challenge,
    check_point,
    check_scalar,
    elements,
    minus,
    multiply,
    on_generator,
    plus,
    random_scalars,
    scalar_total,
    subtract,
    times,
    total,
)
from backchannel.crypto.sounding.keys import JointKeys
from backchannel.crypto.sounding.threads import spread
from backchannel.errors import Violation

Pair = tuple[Point, Point]  # of an encryption: aG, and aM plus what is encrypted
NOTHING: Pair = (IDENTITY, IDENTITY)


def _sum(one: Pair, other: Pair) -> Pair:
    return add(one[0], other[0]), add(one[1], other[1])


def _difference(one: Pair, other: Pair) -> Pair:
    return subtract(one[0], other[0]), subtract(one[1], other[1])


def _mask(keys: JointKeys, answer: Scalar, proof: Scalar, pair: Pair) -> Pair:
    """Give the commitment that an answer and a challenge stand for: that the pair is one multiple of (G, M)."""
    return (
        subtract(on_generator(answer), multiply(proof, pair[0])),
        subtract(multiply(answer, keys.joint), multiply(proof, pair[1])),
    )


def _flat(pairs: list[Pair]) -> list[bytes]:
    return [point for pair in pairs for point in pair]


def _pairs(points: list[bytes]) -> list[Pair]:
    return list(zip(points[0::2], points[1::2], strict=True))


def _tails(vector: list[Pair]) -> list[Pair]:
    """Give for each option the sum from it to the end, and last the sum of nothing."""
    return list(accumulate(reversed(vector), _sum, initial=NOTHING))[::-1]


def _branches(keys: JointKeys, pair: Pair) -> tuple[Pair, Pair]:
    """Give what must be a multiple of (G, M) if the pair encrypts zero, and what if it encrypts one."""
    return pair, (pair[0], subtract(pair[1], keys.unit))


class _Bit(Secret):
    """A proof under way that one pair encrypts zero or one: the true branch is masked, the other made up."""

    __slots__ = ("_answer", "_bit", "_false_proof", "_mask", "_secret", "masks")

    def __init__(self, keys: JointKeys, secret: Scalar, bit: int, pair: Pair, drawn: list[Scalar]) -> None:
        self._secret, self._bit = secret, bit
        self._mask, self._false_proof, self._answer = drawn
        true = on_generator(self._mask), multiply(self._mask, keys.joint)
        made_up = _mask(keys, self._answer, self._false_proof, _branches(keys, pair)[1 - bit])
        self.masks = [*made_up, *true] if bit else [*true, *made_up]

    def answers(self, proof: Scalar) -> list[Scalar]:
        """Give e₀ ‖ s₀ ‖ s₁; e₁ is what is missing to the challenge."""
        true_proof = minus(proof, self._false_proof)
        true_answer = plus(self._mask, times(true_proof, self._secret))
        if self._bit:
            return [self._false_proof, self._answer, true_answer]
        return [true_proof, true_answer, self._answer]


def vector_body(
    keys: JointKeys, index: int, count: int, accepted: int, random: Random, threads: int
) -> bytes:
    """Give e ‖ (U ‖ W)* ‖ (e₀ ‖ s₀ ‖ s₁)* for a poster that accepts so many options, from the first on."""
    secrets = random_scalars(count, random)
    drawn = random_scalars(3 * (count + 1), random)
    unit = keys.unit

    def encrypted(at: int) -> Pair:
        # spec 8: both forms, so that the time does not tell where the one is
        zero = multiply(secrets[at], keys.joint)
        return on_generator(secrets[at]), (zero, add(zero, unit))[at + 1 == accepted]

    vector = spread(encrypted, count, threads)
    pairs = [*vector, _tails(vector)[0]]
    openings = [*secrets, scalar_total(secrets)]
    bits = [int(at + 1 == accepted) for at in range(count)] + [int(accepted > 0)]
    proofs = spread(
        lambda at: _Bit(keys, openings[at], bits[at], pairs[at], drawn[3 * at : 3 * at + 3]),
        count + 1,
        threads,
    )
    masks = [point for one in proofs for point in one.masks]
    proof = challenge("vector", keys.name, bytes([index]), keys.joint, *_flat(vector), *masks)
    return b"".join([proof, *_flat(vector), *(answer for one in proofs for answer in one.answers(proof))])


def check_vector(keys: JointKeys, index: int, count: int, body: bytes, threads: int) -> list[Pair]:
    """Read and check a poster's vector, or raise Violation; gives its encryptions."""
    if len(body) != (1 + 2 * count + 3 * (count + 1)) * ELEMENT_BYTES:
        raise Violation("The limit of a side has another length.")
    proof, *rest = elements(body)
    vector, answers = _pairs(rest[: 2 * count]), rest[2 * count :]
    for scalar in answers:
        check_scalar(scalar)
    for point in rest[: 2 * count]:
        check_point(point)
    pairs = [*vector, _tails(vector)[0]]

    def masks(at: int) -> list[Point]:
        zero_proof, zero_answer, one_answer = answers[3 * at : 3 * at + 3]
        zero, one = _branches(keys, pairs[at])
        return [
            *_mask(keys, zero_answer, zero_proof, zero),
            *_mask(keys, one_answer, minus(proof, zero_proof), one),
        ]

    done = [point for masked in spread(masks, count + 1, threads) for point in masked]
    if challenge("vector", keys.name, bytes([index]), keys.joint, *rest[: 2 * count], *done) != proof:
        raise Violation("A side does not show that its limit is one limit.")
    return vector


def posted(body: bytes, count: int) -> list[Pair]:
    """Give the encryptions of a vector that was checked."""
    return _pairs(elements(body)[1 : 1 + 2 * count])


def choice_body(
    keys: JointKeys, posted_name: bytes, vector: list[Pair], accepted: int, random: Random, threads: int
) -> bytes:
    """Give U ‖ W ‖ (e ‖ s)* for a chooser that accepts so many options, from the last backwards."""
    tails = _tails(vector)
    true = len(vector) - accepted
    secret, mask = random_scalars(2, random)
    drawn = random_scalars(2 * len(tails), random)
    chosen = _sum(tails[true], (on_generator(secret), multiply(secret, keys.joint)))

    def made_up(at: int) -> Pair:
        # spec 8: the true branch is made up too and then replaced, so that the time does not tell which it is
        return _mask(keys, drawn[2 * at + 1], drawn[2 * at], _difference(chosen, tails[at]))

    masks = spread(made_up, len(tails), threads)
    masks[true] = (on_generator(mask), multiply(mask, keys.joint))
    proof = challenge("choice", posted_name, keys.joint, *chosen, *_flat(masks))
    others = scalar_total(drawn[2 * at] for at in range(len(tails)) if at != true)
    drawn[2 * true] = minus(proof, others)
    drawn[2 * true + 1] = plus(mask, times(drawn[2 * true], secret))
    return b"".join([*chosen, *drawn])


def check_choice(keys: JointKeys, posted_name: bytes, vector: list[Pair], body: bytes, threads: int) -> Pair:
    """Read and check a chooser's sum, or raise Violation; gives the encryption that both open."""
    tails = _tails(vector)
    if len(body) != (2 + 2 * len(tails)) * ELEMENT_BYTES:
        raise Violation("The choice of a side has another length.")
    first, second, *answers = elements(body)
    for point in (first, second):
        check_point(point)
    for scalar in answers:
        check_scalar(scalar)
    masks = spread(
        lambda at: _mask(keys, answers[2 * at + 1], answers[2 * at], _difference((first, second), tails[at])),
        len(tails),
        threads,
    )
    if challenge("choice", posted_name, keys.joint, first, second, *_flat(masks)) != scalar_total(
        answers[0::2]
    ):
        raise Violation("A side does not show that its choice is among what was posted.")
    return first, second


def chosen_pair(body: bytes) -> Pair:
    """Give the encryption of a choice that was checked."""
    first, second = elements(body)[:2]
    return first, second


def opened_bit(keys: JointKeys, chosen: Pair, shares: list[Point]) -> bool:
    """Give the bit that both sides' shares of the chosen sum open, or raise Violation if it is neither."""
    inside = subtract(chosen[1], total(shares))
    if inside == IDENTITY:
        return False
    if inside == keys.unit:
        return True
    raise Violation("What the two limits open to is neither yes nor no.")
