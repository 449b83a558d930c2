"""Round one: a fresh key of each side, with a proof that the side knows it (docs/spec/sounding.md 4)."""

from dataclasses import dataclass
from functools import cached_property

from backchannel.crypto.sounding.group import (
    ELEMENT_BYTES,
    Point,
    Random,
    Scalar,
    base,
    challenge,
    check_point,
    check_scalar,
    elements,
    multiply,
    name,
    on_generator,
    plus,
    random_scalars,
    subtract,
    times,
    total,
)
from backchannel.crypto.sounding.message import session_public
from backchannel.errors import Violation

KEYS_BYTES = 4 * ELEMENT_BYTES


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """What a side is known by in one sounding: its part of the joint key, and who signs its messages."""

    part: Point
    session: bytes


def keys_body(sid: bytes, index: int, part: Scalar, session_seed: bytes, random: Random) -> bytes:
    """Give M ‖ S ‖ e ‖ s."""
    public, session = on_generator(part), session_public(session_seed)
    (mask,) = random_scalars(1, random)
    proof = challenge("keys", sid, bytes([index]), public, session, on_generator(mask))
    return public + session + proof + plus(mask, times(proof, part))


def check_keys(sid: bytes, index: int, body: bytes) -> PublicKeys:
    """Read a side's keys and check that it knows its part, or raise Violation."""
    if len(body) != KEYS_BYTES:
        raise Violation("The keys of a side have another length.")
    part, session, proof, answer = elements(body)
    check_point(session)
    check_scalar(answer)  # the challenge is compared with a hash and so has one spelling
    # spec 4: sid and index are in the hash, so a proof copied from another side or another sounding fails
    mask = subtract(on_generator(answer), multiply(proof, part))
    if challenge("keys", sid, bytes([index]), part, session, mask) != proof:
        raise Violation("A side does not show that it knows its key.")
    return PublicKeys(part, session)


@dataclass(frozen=True)
class JointKeys:
    """The keys of all sides; `name` is what all must agree on before anybody commits to an input."""

    name: bytes
    sides: tuple[PublicKeys, ...]
    joint: Point

    @cached_property
    def unit(self) -> Point:
        """What stands for one in a sounding of limits; no other needs it."""
        return base("unit", self.name)


def joined(sid: bytes, bodies: list[bytes]) -> JointKeys:
    """Join the keys of all sides, in the sides' order; their proofs were checked."""
    sides = tuple(PublicKeys(*elements(body)[:2]) for body in bodies)
    keys_name = name("keys", sid, *bodies)
    return JointKeys(keys_name, sides, total(side.part for side in sides))
