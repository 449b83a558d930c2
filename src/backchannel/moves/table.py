"""Every move that this version knows: the records of its events and how they are read."""

from collections.abc import Callable, Mapping

from backchannel.errors import Violation
from backchannel.moves import (
    accept,
    clock,
    consent,
    deed,
    impasse,
    interest,
    leak,
    mandate,
    need_to_know,
    package,
    paper,
    pledge,
    precondition,
    publication,
    ratification,
    script,
    seal,
    sounding,
    standby,
    sunset,
    surface,
    understanding,
)
from backchannel.wire.codec import Record

MOVES = (
    accept,
    clock,
    consent,
    deed,
    impasse,
    interest,
    leak,
    mandate,
    need_to_know,
    package,
    paper,
    pledge,
    precondition,
    publication,
    ratification,
    script,
    seal,
    sounding,
    standby,
    sunset,
    surface,
    understanding,
)

KINDS: Mapping[str, type[Record]] = {kind: record for move in MOVES for kind, record in move.KINDS.items()}

_PARSERS: Mapping[str, Callable[[str, bytes], Record]] = {
    kind: move.parse for move in MOVES for kind in move.KINDS
}


def parse(kind: str, data: bytes) -> Record:
    """Read the body of an event of any move, or raise Violation."""
    if kind not in _PARSERS:
        raise Violation("This is of a kind that this version does not know.")
    return _PARSERS[kind](kind, data)
