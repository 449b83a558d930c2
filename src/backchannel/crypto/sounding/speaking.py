"""What one side states when its turn comes; the only code that uses its secrets (docs/spec/sounding.md 4 to 8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from backchannel.crypto.sounding import limits
from backchannel.crypto.sounding.group import ELEMENT_BYTES, Random
from backchannel.crypto.sounding.inputs import (
    Opening,
    Prepared,
    answered,
    committed,
    inputs_body,
    prepare,
    prepare_again,
)
from backchannel.crypto.sounding.kept import Kept
from backchannel.crypto.sounding.message import Round, Slot
from backchannel.crypto.sounding.params import Kind, Params
from backchannel.crypto.sounding.same_log import multiples_body
from backchannel.crypto.sounding.transcript import Transcript
from backchannel.errors import Refused

_OPENING_BYTES = 2 * ELEMENT_BYTES


@dataclass(frozen=True, slots=True)
class Means:
    """Where randomness comes from, on how many threads to multiply, and what time it is (ms since 1970; None: no deadline counts)."""

    random: Random
    threads: int
    now: int | None = None


def openings_of(kept: bytes) -> list[Opening]:
    """Read openings as they are kept: a ‖ v for each option."""
    cut = [kept[at : at + _OPENING_BYTES] for at in range(0, len(kept), _OPENING_BYTES)]
    return [Opening(one[:ELEMENT_BYTES], one[ELEMENT_BYTES:]) for one in cut]


def prepared_for(kept: Kept, transcript: Transcript, means: Means) -> list[Prepared]:
    """Compute, once all keys are there, whatever does not depend on the answers."""
    joint, bases = transcript.keys.joint, transcript.bases
    if kept.parent is None:
        return prepare(joint, bases, means.random, means.threads)
    return prepare_again(joint, bases, openings_of(kept.openings), means.random, means.threads)


def inputs_bodies(kept: Kept, transcript: Transcript, prepared: list[Prepared]) -> tuple[list[bytes], bytes]:
    """Give the inputs of every chunk, and the openings to keep for a re-run."""
    if kept.parent is None:
        commitments, openings = answered(prepared, [bool(mark) for mark in kept.marks])
    else:
        # spec 11: the same commitments, so that nobody can answer otherwise the second time
        commitments = [point for body in kept.parent.bodies[kept.index] for point in committed(body)[0]]
        openings = openings_of(kept.openings)
    bodies = []
    for chunk in range(kept.params.chunks):
        options = kept.params.in_chunk(chunk)
        part = slice(options.start, options.stop)
        place = transcript.place(Slot(kept.index, Round.INPUTS, chunk))
        values = [one.v for one in openings[part]]
        bodies.append(inputs_body(place, prepared[part], commitments[part], values))
    return bodies, b"".join(one.a + one.v for one in openings)


def limit_body(kept: Kept, transcript: Transcript, round_: Round, means: Means) -> bytes:
    """Give the vector of a poster or the choice of a chooser."""
    keys, marks = transcript.keys, [bool(mark) for mark in kept.marks]
    accepted = accepted_count(kept.params, kept.index, marks)
    if round_ is Round.INPUTS:
        return limits.vector_body(keys, kept.index, len(marks), accepted, means.random, means.threads)
    posted_name, vector = transcript.posted_name, transcript.vector
    return limits.choice_body(keys, posted_name, vector, accepted, means.random, means.threads)


def share_body(kept: Kept, transcript: Transcript, slot: Slot, means: Means) -> bytes:
    """Give this side's share of a chunk, a batch or the order."""
    context, points = transcript.share_context(slot), transcript.share_points(slot.round, slot.chunk)
    return multiples_body("share", context, kept.part, points, means.random, means.threads)


def accepted_count(params: Params, index: int, marks: Sequence[bool]) -> int:
    """Count the options a side accepts, from its own end of the list, or raise Refused if they are not in one run."""
    from_its_end = list(marks) if index == params.poster else list(marks)[::-1]
    accepted = sum(map(bool, from_its_end))
    if params.kind is Kind.THRESHOLD and not all(from_its_end[:accepted]):
        raise Refused(
            "Here a limit is asked: accept every option from your own end of the list up to it, and none beyond."
        )
    return accepted
