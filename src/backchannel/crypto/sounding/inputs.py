"""Round two: each side's answers, hidden, with a proof that they are well made (docs/spec/sounding.md 5).

Yes is C = aG, no is C = aG + rH with a random r; beside either stands E = aM. Both forms are computed for every option
before it is known which is wanted, so the time tells nothing of the answers.
"""

from dataclasses import dataclass

from backchannel.crypto.secret import Secret
from backchannel.crypto.sounding.group import (
    ELEMENT_BYTES,
    Point,
    Random,
    Scalar,
    add,
    challenge,
    check_scalar,
    elements,
    multiply,
    name,
    on_generator,
    plus,
    random_scalars,
    scalar_total,
    subtract,
    times,
    total,
    weighted_sum,
    weights,
)
from backchannel.crypto.sounding.threads import spread
from backchannel.errors import Violation

OPTION_BYTES = 4 * ELEMENT_BYTES
ZERO = bytes(ELEMENT_BYTES)


class Opening(Secret):
    """What opens one commitment: C = aG + vH."""

    __slots__ = ("a", "v")

    def __init__(self, a: Scalar, v: Scalar) -> None:
        self.a, self.v = a, v


class Prepared(Secret):
    """Everything about one option that does not depend on the answer to it."""

    __slots__ = ("a", "blind", "mask_a", "mask_v", "masked", "no", "r", "yes")

    def __init__(self, a: Scalar, r: Scalar, masks: tuple[Scalar, Scalar], points: tuple[Point, ...]) -> None:
        self.a, self.r = a, r
        self.mask_a, self.mask_v = masks
        self.yes, self.no, self.blind, self.masked = points


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk of inputs stands: under which keys, whose, which."""

    keys_name: bytes
    joint: Point
    index: int
    chunk: int

    def statement(self, pairs: list[bytes]) -> bytes:
        return name(
            "inputs-statement",
            self.keys_name,
            bytes([self.index]),
            self.chunk.to_bytes(4),
            self.joint,
            *pairs,
        )


def prepare(joint: Point, bases: list[Point], random: Random, threads: int) -> list[Prepared]:
    """Compute both forms of every option's commitment, and the masks of its proof."""
    drawn = random_scalars(4 * len(bases), random)

    def one(at: int) -> Prepared:
        a, r, mask_a, mask_v = drawn[4 * at : 4 * at + 4]
        yes = on_generator(a)
        no = add(yes, multiply(r, bases[at]))
        masked = add(on_generator(mask_a), multiply(mask_v, bases[at]))
        return Prepared(a, r, (mask_a, mask_v), (yes, no, multiply(a, joint), masked))

    return spread(one, len(bases), threads)


def prepare_again(
    joint: Point, bases: list[Point], openings: list[Opening], random: Random, threads: int
) -> list[Prepared]:
    """Compute the proof of inputs that were committed to before, under other keys."""
    drawn = random_scalars(2 * len(bases), random)

    def one(at: int) -> Prepared:
        opening, (mask_a, mask_v) = openings[at], drawn[2 * at : 2 * at + 2]
        masked = add(on_generator(mask_a), multiply(mask_v, bases[at]))
        return Prepared(
            opening.a, opening.v, (mask_a, mask_v), (ZERO, ZERO, multiply(opening.a, joint), masked)
        )

    return spread(one, len(bases), threads)


def inputs_body(
    place: Place, prepared: list[Prepared], commitments: list[Point], values: list[Scalar]
) -> bytes:
    """Give e ‖ (C ‖ E ‖ s₁ ‖ s₂)* for the options of one chunk; `values` are the v of the commitments."""
    pairs = [
        part
        for commitment, one in zip(commitments, prepared, strict=True)
        for part in (commitment, one.blind)
    ]
    statement = place.statement(pairs)
    shares = weights(statement, len(prepared))
    # spec 5: all E at once; the weights are fixed by what they weigh
    joined = scalar_total(times(weight, one.mask_a) for weight, one in zip(shares, prepared, strict=True))
    proof = challenge("inputs", statement, *(one.masked for one in prepared), multiply(joined, place.joint))
    parts = [proof]
    for commitment, one, value in zip(commitments, prepared, values, strict=True):
        answers = plus(one.mask_a, times(proof, one.a)), plus(one.mask_v, times(proof, value))
        parts += [commitment, one.blind, *answers]
    return b"".join(parts)


def answered(prepared: list[Prepared], marks: list[bool]) -> tuple[list[Point], list[Opening]]:
    """Choose the form of each commitment that says what was marked."""
    chosen = zip(prepared, marks, strict=True)
    forms = [((one.no, one.r), (one.yes, ZERO))[mark] for one, mark in chosen]
    openings = [Opening(one.a, value) for one, (_, value) in zip(prepared, forms, strict=True)]
    return [point for point, _ in forms], openings


def committed(body: bytes) -> tuple[list[Point], list[Point]]:
    """Give C and E of every option of a chunk that was checked."""
    parts = elements(body)[1:]
    return parts[0::4], parts[1::4]


def check_inputs(place: Place, bases: list[Point], body: bytes, threads: int) -> None:
    """Check a chunk of inputs, or raise Violation."""
    if len(body) != ELEMENT_BYTES + len(bases) * OPTION_BYTES:
        raise Violation("The inputs of a side have another length.")
    proof, *parts = elements(body)
    commitments, blinds, answers_a, answers_v = parts[0::4], parts[1::4], parts[2::4], parts[3::4]
    for scalar in (*answers_a, *answers_v):
        check_scalar(scalar)
    statement = place.statement([part for pair in zip(commitments, blinds, strict=True) for part in pair])
    shares = weights(statement, len(bases))

    def one(at: int) -> tuple[Point, Point]:
        opened = add(on_generator(answers_a[at]), multiply(answers_v[at], bases[at]))
        return subtract(opened, multiply(proof, commitments[at])), multiply(shares[at], blinds[at])

    done = spread(one, len(bases), threads)
    joined = weighted_sum(shares, answers_a)
    blind = multiply(proof, total(weighted for _, weighted in done))
    last = subtract(multiply(joined, place.joint), blind)
    if challenge("inputs", statement, *(masked for masked, _ in done), last) != proof:
        raise Violation("A side does not show that its inputs are well made.")
