"""A re-run of a sounding that lacks somebody's last word, among the others and on the same answers (docs/spec/sounding.md 11)."""

import msgspec

from backchannel.crypto.sounding.kept import Ended, How
from backchannel.crypto.sounding.message import Round, Slot
from backchannel.crypto.sounding.params import Kind, Params
from backchannel.crypto.sounding.transcript import PAIR, Parent, Transcript
from backchannel.errors import Refused
from backchannel.wire.codec import encode


def may_repeat(params: Params, ended: Ended | None) -> bool:
    """Whether a sounding that ended so can be repeated at all."""
    return (
        ended is not None
        and ended.how in (How.ABSENT, How.BROKEN)
        and ended.round is Round.SHARES
        and params.kind is Kind.ALL
        and not params.parent
        and len(params.sides) - len(ended.sides) >= PAIR
    )


def repeated_params(
    transcript: Transcript, ended: Ended | None, head: bytes, nonce: bytes, deadlines: tuple[int, int, int]
) -> Params:
    """Give the parameters of a re-run among the sides that did speak, or raise Refused."""
    params = transcript.params
    if not may_repeat(params, ended):
        raise Refused("Only a sounding that lacks somebody's last word can be repeated among the others.")
    assert ended is not None
    return msgspec.structs.replace(
        params,
        sides=tuple(side for at, side in enumerate(params.sides) if at not in ended.sides),
        head=head,
        nonce=nonce,
        deadlines=deadlines,
        parent=transcript.inputs_name,
    )


def parent_of(transcript: Transcript, params: Params) -> Parent:
    """Give what a re-run with these parameters repeats of a sounding."""
    numbers = [transcript.params.sides.index(side) for side in params.sides]
    messages = [
        [transcript.held[Slot(number, Round.INPUTS, chunk)] for chunk in range(params.chunks)]
        for number in numbers
    ]
    return Parent(
        transcript.keys.name,
        tuple(tuple(encode(message) for message in side) for side in messages),
        tuple(tuple(message.body for message in side) for side in messages),
    )
