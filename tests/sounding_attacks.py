"""Every attack on a sounding, by name: who is at the table, what a liar does, and how it must end.

Tests run them on honest sides; make_sounding_vectors.py writes down what was said.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from backchannel.crypto.sounding import limits
from backchannel.crypto.sounding.group import (
    IDENTITY,
    ORDER,
    add,
    base,
    challenge,
    elements,
    multiply,
    on_generator,
    plus,
    random_scalars,
    scalar_total,
    subtract,
    times,
    total,
)
from backchannel.crypto.sounding.inputs import Prepared, inputs_body, prepare
from backchannel.crypto.sounding.kept import How
from backchannel.crypto.sounding.keys import keys_body
from backchannel.crypto.sounding.message import Message, Round, Slot, session_public
from backchannel.crypto.sounding.params import Kind
from backchannel.crypto.sounding.same_log import multiples_body
from backchannel.wire.codec import encode
from sounders import Hand, Table, Twist, params, secrets_of, stream

LIAR = 1
RANDOM = stream("attack")
FIELD = 2**255 - 19


@dataclass(frozen=True)
class Attack:
    """A table with a liar at place 1 (or none), and how every honest side's sounding ends."""

    twists: dict[int, Twist]
    how: How
    blamed: int | None = None
    sides: int = 2
    options: int = 2
    kind: Kind = Kind.ALL
    marks: tuple[tuple[bool, ...], ...] | None = None
    joint: tuple[int, ...] | None = None
    poster: int = 0

    def table(self) -> Table:
        what = params(
            self.sides, self.options, self.kind, int(self.kind in {Kind.FIRST, Kind.DRAWN}), self.poster
        )
        marks = self.marks or ((True,) * self.options,) * self.sides
        return Table.of(what, marks, self.twists)


def scalar(number: int) -> bytes:
    return (number % ORDER).to_bytes(32, "little")


def bodies(round_: Round, change: Callable[[Hand, Message], bytes]) -> dict[int, Twist]:
    """Lie in one round only: another body, soundly signed."""

    def twist(hand: Hand, message: Message) -> Iterable[bytes]:
        yield hand.sign(message, body=change(hand, message) if message.round is round_ else message.body)

    return {LIAR: twist}


def adopted(round_: Round, change: Callable[[Hand, Message], bytes]) -> Twist:
    """Lie in one round, and go on from the lie by the rules."""

    def twist(hand: Hand, message: Message) -> Iterable[bytes]:
        if message.round is round_:
            yield hand.adopt(hand.sign(message, body=change(hand, message)))
        else:
            yield hand.sign(message)

    return twist


def element(round_: Round, at: int, value: bytes | Callable[[bytes], bytes]) -> dict[int, Twist]:
    """Put something else at one place of a body."""

    def change(_: Hand, message: Message) -> bytes:
        parts = elements(message.body)
        parts[at] = value(parts[at]) if callable(value) else value
        return b"".join(parts)

    return bodies(round_, change)


def with_order_two(point: bytes) -> bytes:
    """Give a point plus the one of order two, (0, -1)."""
    number = int.from_bytes(point, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    return ((FIELD - y) | (1 - sign) << 255).to_bytes(32, "little")


def off_curve(_: bytes) -> bytes:
    return (2).to_bytes(32, "little")


SMALL = bytes(32)  # y = 0: a point of order four
NOT_CANONICAL = (FIELD + 1).to_bytes(32, "little")  # y = 1 written as p + 1


def above_order(one: bytes) -> bytes:
    return (int.from_bytes(one, "little") + ORDER).to_bytes(32, "little")


# ---- keys


def _keys_with(hand: Hand, public: bytes, proof: bytes) -> bytes:
    return public + session_public(secrets_of(hand.table.seed, hand.index)[1]) + proof


def _rogue(hand: Hand, message: Message) -> bytes:
    """State what makes the joint key one that the liar knows: X less the victim's."""
    victim = hand.table.said(0, Round.KEYS).body[:32]
    return _keys_with(hand, subtract(message.body[:32], victim), message.body[64:])


def _copied_key(hand: Hand, _: Message) -> bytes:
    victim = hand.table.said(0, Round.KEYS).body
    return _keys_with(hand, victim[:32], victim[64:])


def _known_key(hand: Hand, message: Message) -> bytes:
    """Two sides that have one secret: the proof is sound."""
    part, _ = secrets_of(hand.table.seed, 0)
    return keys_body(message.sid, hand.index, part, secrets_of(hand.table.seed, hand.index)[1], RANDOM)


def _replayed_key(hand: Hand, message: Message) -> bytes:
    """State the keys of another sounding, proof and all."""
    other = msgspec.structs.replace(hand.table.params, nonce=b"o" * 32)
    part, session = secrets_of(hand.table.seed, hand.index)
    return keys_body(other.sid, hand.index, part, session, RANDOM)


def _two_keys(hand: Hand, message: Message) -> Iterable[tuple[bytes, set[int]]]:
    """Show two honest sides two keys."""
    if message.round is not Round.KEYS:
        return
    part, _ = secrets_of("other", hand.index)
    body = keys_body(message.sid, hand.index, part, secrets_of(hand.table.seed, hand.index)[1], RANDOM)
    yield hand.sign(message), {0}
    yield hand.sign(message, body=body), {2}


def _copied_session(hand: Hand, message: Message) -> bytes:
    """Name the victim's session key as one's own; nobody but the victim could sign that."""
    return message.body[:32] + hand.table.said(0, Round.KEYS).body[32:64] + message.body[64:]


def _mixed_session(hand: Hand, message: Message) -> Iterable[bytes]:
    """Name a session key off the subgroup, by which other software might see another signature."""
    if message.round is not Round.KEYS:
        return
    part, seed = secrets_of(hand.table.seed, hand.index)
    wide = hashlib.sha512(seed).digest()[:32]
    clamped = bytes([wide[0] & 248, *wide[1:31], wide[31] & 63 | 64])
    secret = (int.from_bytes(clamped, "little") % ORDER).to_bytes(32, "little")
    mixed = with_order_two(on_generator(secret))
    (proof_mask,) = random_scalars(1, RANDOM)
    public = on_generator(part)
    proof = challenge("keys", message.sid, bytes([hand.index]), public, mixed, on_generator(proof_mask))
    body = public + mixed + proof + plus(proof_mask, times(proof, part))
    unsigned = msgspec.structs.replace(message, body=body)
    while True:  # half of all masks give a challenge that the point of order two does not show in
        (mask,) = random_scalars(1, RANDOM)
        point = on_generator(mask)
        number = int.from_bytes(hashlib.sha512(point + mixed + unsigned.statement).digest(), "little") % ORDER
        if number % 2 == 0:
            answer = plus(mask, times(number.to_bytes(32, "little"), secret))
            yield encode(msgspec.structs.replace(unsigned, session_signature=point + answer))
            return


# ---- inputs


def _prepared(hand: Hand) -> list[Prepared]:
    """Give fresh inputs of the liar, as a liar may change them."""
    transcript = hand.party.transcript
    return prepare(transcript.keys.joint, transcript.bases, RANDOM, 1)


def _inputs(hand: Hand, made: list[Prepared], commitments: list[bytes], values: list[bytes]) -> bytes:
    return inputs_body(
        hand.party.transcript.place(Slot(hand.index, Round.INPUTS, 0)), made, commitments, values
    )


def _blind_plus_base(hand: Hand, _: Message) -> bytes:
    """E + zH: the commitment says yes, and the sums will never agree: a no that nobody can pin on anyone."""
    made = _prepared(hand)
    made[0].blind = add(made[0].blind, multiply(scalar(7), hand.party.transcript.bases[0]))
    return _inputs(hand, made, [one.yes for one in made], [bytes(32)] * len(made))


def _blinds_that_cancel(hand: Hand, _: Message) -> bytes:
    """E + X for one option and E - X for another: right in sum, wrong in each."""
    made = _prepared(hand)
    made[0].blind = add(made[0].blind, hand.party.transcript.bases[0])
    made[1].blind = subtract(made[1].blind, hand.party.transcript.bases[0])
    return _inputs(hand, made, [one.yes for one in made], [bytes(32)] * len(made))


def _unknown_commitment(hand: Hand, _: Message) -> bytes:
    made = _prepared(hand)
    commitments = [add(made[0].yes, base("elsewhere")), *(one.yes for one in made[1:])]
    return _inputs(hand, made, commitments, [bytes(32)] * len(made))


def _copied_inputs(hand: Hand, _: Message) -> bytes:
    return hand.table.said(0, Round.INPUTS).body


def _negated_inputs(hand: Hand, _: Message) -> bytes:
    """Answer the exact opposite of the victim's commitments, so that all its refusals cancel."""
    proof, *parts = elements(hand.table.said(0, Round.INPUTS).body)
    for at in range(0, len(parts), 4):
        parts[at : at + 2] = [subtract(IDENTITY, point) for point in parts[at : at + 2]]
        parts[at + 2 : at + 4] = [times(scalar(-1), one) for one in parts[at + 2 : at + 4]]
    return b"".join([proof, *parts])


def _swapped(_: Hand, message: Message) -> bytes:
    proof, body = message.body[:32], message.body[32:]
    return proof + body[128:256] + body[:128]


def _two_inputs(shown: dict[int, set[int]]) -> dict[int, Twist]:
    def twist(hand: Hand, message: Message) -> Iterable[tuple[bytes, set[int]]]:
        everyone = set(hand.table.sides)
        if message.round is not Round.INPUTS:
            yield hand.sign(message), everyone
            return
        made = _prepared(hand)
        other = _inputs(hand, made, [one.no for one in made], [one.r for one in made])
        yield hand.sign(message), shown[0]
        yield hand.sign(message, body=other), shown[1]

    return {LIAR: twist}


def _other_keys_answered(hand: Hand, message: Message) -> Iterable[bytes]:
    yield hand.sign(message, prev=b"x" * 32) if message.round is Round.INPUTS else hand.sign(message)


# ---- shares


def _public_no(hand: Hand, message: Message) -> bytes:
    """A public no and a private yes: a share that spoils the sum, under the proof of the true one."""
    parts = elements(message.body)
    parts[2] = add(parts[2], on_generator(scalar(9)))
    return b"".join(parts)


def _share_by_another_key(hand: Hand, message: Message) -> bytes:
    transcript = hand.party.transcript
    context = transcript.share_context(message.slot)
    points = transcript.share_points(message.round, message.chunk)
    return multiples_body("share", context, random_scalars(1, RANDOM)[0], points, RANDOM, 1)


def _silent_in(round_: Round) -> dict[int, Twist]:
    def twist(hand: Hand, message: Message) -> Iterable[bytes]:
        if message.round is not round_:
            yield hand.sign(message)

    return {LIAR: twist}


def _other_inputs_shared(hand: Hand, message: Message) -> Iterable[bytes]:
    yield hand.sign(message, prev=b"x" * 32) if message.round is Round.SHARES else hand.sign(message)


def _wrong_session(hand: Hand, message: Message) -> Iterable[bytes]:
    """Sign with another key than the one that was stated."""
    data = hand.sign(message)
    yield data if message.round is Round.KEYS else data[:-1] + bytes([data[-1] ^ 1])


# ---- agreement


def _two_agreements(hand: Hand, message: Message) -> Iterable[tuple[bytes, set[int]]]:
    if message.round is Round.AGREEMENT:
        yield hand.sign(message), {0}
        yield hand.sign(message, prev=b"x" * 32), {2}
    else:
        yield hand.sign(message), {0, 2}


def _says_more(_: Hand, __: Message) -> bytes:
    return b"but"


# ---- limits


def _vector(hand: Hand, ones: list[int]) -> bytes:
    """Post what each option encrypts; every proof that can hold does, and the others are made as if it did."""
    keys, random = hand.party.transcript.keys, stream("vector")
    count = len(ones)
    secrets = random_scalars(count, random)
    vector = []
    for secret, number in zip(secrets, ones, strict=True):
        zero = multiply(secret, keys.joint)
        lifted = [keys.unit] * number
        vector.append((on_generator(secret), total([zero, *lifted])))
    pairs = [*vector, limits._tails(vector)[0]]
    bits = [*(min(number, 1) for number in ones), min(sum(ones), 1)]
    proofs = [
        limits._Bit(keys, secret, bit, pair, random_scalars(3, random))
        for secret, bit, pair in zip([*secrets, scalar_total(secrets)], bits, pairs, strict=True)
    ]
    masks = [point for one in proofs for point in one.masks]
    flat = [point for pair in vector for point in pair]
    proof = challenge("vector", keys.name, bytes([hand.index]), keys.joint, *flat, *masks)
    return b"".join([proof, *flat, *(answer for one in proofs for answer in one.answers(proof))])


def _foreign_choice(hand: Hand, message: Message) -> bytes:
    """Choose what was never posted: an encryption of one by oneself."""
    keys = hand.party.transcript.keys
    (secret,) = random_scalars(1, RANDOM)
    own = on_generator(secret) + add(multiply(secret, keys.joint), keys.unit)
    return own + message.body[64:]


ATTACKS: dict[str, Attack] = {
    "nobody-lies": Attack({}, How.RESULT, marks=((True, True), (False, True)), joint=(1,)),
    "nobody-lies-of-three": Attack({}, How.RESULT, sides=3, joint=(0, 1)),
    "nobody-lies-first": Attack(
        {}, How.RESULT, kind=Kind.FIRST, marks=((True, False), (True, True)), joint=(0,)
    ),
    "nobody-lies-drawn": Attack({}, How.RESULT, kind=Kind.DRAWN, joint=(1,)),
    "nobody-lies-drawn-refused": Attack(
        {}, How.RESULT, kind=Kind.DRAWN, marks=((False, False), (True, True)), joint=()
    ),
    "nobody-lies-limits": Attack({}, How.RESULT, kind=Kind.THRESHOLD, joint=()),
    "rogue-key": Attack(bodies(Round.KEYS, _rogue), How.BROKEN, LIAR),
    "copied-key": Attack(bodies(Round.KEYS, _copied_key), How.BROKEN, LIAR),
    "shared-secret": Attack(bodies(Round.KEYS, _known_key), How.DISAGREED),
    "replayed-key": Attack(bodies(Round.KEYS, _replayed_key), How.BROKEN, LIAR),
    "identity-key": Attack(element(Round.KEYS, 0, IDENTITY), How.BROKEN, LIAR),
    "small-order-key": Attack(element(Round.KEYS, 0, SMALL), How.BROKEN, LIAR),
    "not-canonical-key": Attack(element(Round.KEYS, 0, NOT_CANONICAL), How.BROKEN, LIAR),
    "key-plus-order-two": Attack(element(Round.KEYS, 0, with_order_two), How.BROKEN, LIAR),
    "key-off-the-curve": Attack(element(Round.KEYS, 0, off_curve), How.BROKEN, LIAR),
    "key-proof-of-zero": Attack(element(Round.KEYS, 3, bytes(32)), How.BROKEN, LIAR),
    "key-proof-above-the-order": Attack(element(Round.KEYS, 3, above_order), How.BROKEN, LIAR),
    "key-challenge-above-the-order": Attack(element(Round.KEYS, 2, above_order), How.BROKEN, LIAR),
    "session-key-plus-order-two": Attack({LIAR: _mixed_session}, How.BROKEN, LIAR),
    "equivocated-keys": Attack({LIAR: _two_keys}, How.DISAGREED, sides=3),
    "agreement-with-words": Attack(bodies(Round.AGREEMENT, _says_more), How.BROKEN, LIAR, sides=3),
    "inputs-under-other-keys": Attack({LIAR: _other_keys_answered}, How.BROKEN, LIAR, sides=3),
    "inputs-under-other-keys-of-two": Attack({LIAR: _other_keys_answered}, How.DISAGREED),
    "blind-plus-base": Attack(bodies(Round.INPUTS, _blind_plus_base), How.BROKEN, LIAR),
    "blinds-that-cancel": Attack(bodies(Round.INPUTS, _blinds_that_cancel), How.BROKEN, LIAR),
    "unknown-commitment": Attack(bodies(Round.INPUTS, _unknown_commitment), How.BROKEN, LIAR),
    "copied-victim": Attack(bodies(Round.INPUTS, _copied_inputs), How.BROKEN, LIAR),
    "negated-victim": Attack(bodies(Round.INPUTS, _negated_inputs), How.BROKEN, LIAR),
    "swapped-options": Attack(bodies(Round.INPUTS, _swapped), How.BROKEN, LIAR),
    "inputs-cut-off": Attack(bodies(Round.INPUTS, lambda _, message: message.body[:-32]), How.BROKEN, LIAR),
    "commitment-plus-order-two": Attack(element(Round.INPUTS, 1, with_order_two), How.BROKEN, LIAR),
    "blind-of-identity": Attack(element(Round.INPUTS, 2, IDENTITY), How.BROKEN, LIAR),
    "inputs-answer-above-the-order": Attack(element(Round.INPUTS, 4, above_order), How.BROKEN, LIAR),
    "inputs-challenge-above-the-order": Attack(element(Round.INPUTS, 0, above_order), How.BROKEN, LIAR),
    "equivocated-inputs-shown-to-all": Attack(_two_inputs({0: {0, 2}, 1: {0, 2}}), How.BROKEN, LIAR, sides=3),
    "equivocated-inputs": Attack(_two_inputs({0: {0}, 1: {2}}), How.DISAGREED, sides=3),
    "public-no-private-yes": Attack(bodies(Round.SHARES, _public_no), How.BROKEN, LIAR),
    "share-by-another-key": Attack(bodies(Round.SHARES, _share_by_another_key), How.BROKEN, LIAR),
    "share-cut-off": Attack(bodies(Round.SHARES, lambda _, message: message.body[:-32]), How.BROKEN, LIAR),
    "share-of-identity": Attack(element(Round.SHARES, 2, IDENTITY), How.BROKEN, LIAR),
    "share-plus-order-two": Attack(element(Round.SHARES, 2, with_order_two), How.BROKEN, LIAR),
    "share-answer-above-the-order": Attack(element(Round.SHARES, 1, above_order), How.BROKEN, LIAR),
    "share-challenge-above-the-order": Attack(element(Round.SHARES, 0, above_order), How.BROKEN, LIAR),
    "share-for-other-inputs": Attack({LIAR: _other_inputs_shared}, How.DISAGREED),
    "order-by-another-key": Attack(
        bodies(Round.ORDER, _share_by_another_key), How.BROKEN, LIAR, kind=Kind.FIRST
    ),
    "drawn-order-by-another-key": Attack(
        bodies(Round.ORDER, _share_by_another_key), How.BROKEN, LIAR, kind=Kind.DRAWN
    ),
    "drawn-share-by-another-key": Attack(
        bodies(Round.SHARES, _share_by_another_key), How.BROKEN, LIAR, kind=Kind.DRAWN
    ),
    "batch-by-another-key": Attack(
        bodies(Round.SHARES, _share_by_another_key), How.BROKEN, LIAR, kind=Kind.FIRST
    ),
    "limit-share-by-another-key": Attack(
        bodies(Round.SHARES, _share_by_another_key), How.BROKEN, LIAR, kind=Kind.THRESHOLD
    ),
    "vector-of-two-ones": Attack(
        bodies(Round.INPUTS, lambda hand, _: _vector(hand, [1, 1])),
        How.BROKEN,
        LIAR,
        kind=Kind.THRESHOLD,
        poster=1,
    ),
    "vector-of-a-two": Attack(
        bodies(Round.INPUTS, lambda hand, _: _vector(hand, [0, 2])),
        How.BROKEN,
        LIAR,
        kind=Kind.THRESHOLD,
        poster=1,
    ),
    "vector-made-by-hand": Attack(
        {LIAR: adopted(Round.INPUTS, lambda hand, _: _vector(hand, [0, 1]))},
        How.RESULT,
        kind=Kind.THRESHOLD,
        poster=1,
        joint=(),
    ),
    "vector-cut-off": Attack(
        bodies(Round.INPUTS, lambda _, message: message.body[:-32]),
        How.BROKEN,
        LIAR,
        kind=Kind.THRESHOLD,
        poster=1,
    ),
    "vector-answer-above-the-order": Attack(
        element(Round.INPUTS, 6, above_order), How.BROKEN, LIAR, kind=Kind.THRESHOLD, poster=1
    ),
    "vector-of-identity": Attack(
        element(Round.INPUTS, 1, IDENTITY), How.BROKEN, LIAR, kind=Kind.THRESHOLD, poster=1
    ),
    "vector-off-the-curve": Attack(
        element(Round.INPUTS, 1, off_curve), How.BROKEN, LIAR, kind=Kind.THRESHOLD, poster=1
    ),
    "choice-off-the-curve": Attack(
        element(Round.CHOICE, 0, off_curve), How.BROKEN, LIAR, kind=Kind.THRESHOLD
    ),
    "vector-plus-order-two": Attack(
        element(Round.INPUTS, 2, with_order_two), How.BROKEN, LIAR, kind=Kind.THRESHOLD, poster=1
    ),
    "foreign-choice": Attack(bodies(Round.CHOICE, _foreign_choice), How.BROKEN, LIAR, kind=Kind.THRESHOLD),
    "choice-cut-off": Attack(
        bodies(Round.CHOICE, lambda _, message: message.body[:-64]), How.BROKEN, LIAR, kind=Kind.THRESHOLD
    ),
    "choice-of-identity": Attack(element(Round.CHOICE, 0, IDENTITY), How.BROKEN, LIAR, kind=Kind.THRESHOLD),
    "choice-answer-above-the-order": Attack(
        element(Round.CHOICE, 3, above_order), How.BROKEN, LIAR, kind=Kind.THRESHOLD
    ),
}
SILENT = {
    "silent-in-keys": Attack(_silent_in(Round.KEYS), How.ABSENT),
    "silent-in-inputs": Attack(_silent_in(Round.INPUTS), How.ABSENT),
    "silent-in-shares": Attack(_silent_in(Round.SHARES), How.ABSENT),
    "signed-by-another": Attack({LIAR: _wrong_session}, How.ABSENT),
    "copied-session": Attack(bodies(Round.KEYS, _copied_session), How.ABSENT),
}
EQUIVOCATED_AGREEMENT = Attack({LIAR: _two_agreements}, How.ABSENT, sides=3)
