"""What pledges and oral understandings have in common: whom they bind, until when, and what ends them (docs/spec/moves/understanding.md)."""

from enum import StrEnum

from backchannel.channel.event import ID_BYTES
from backchannel.channel.likeness import plain
from backchannel.errors import Violation

MAX_SIDES = 16
MAX_SIDE = 100  # characters, as a sealed text has it


class Lapse(StrEnum):
    """What becomes of a promise when somebody makes it public."""

    AT_ONCE = "at-once"
    ELECTION = "election"
    NEVER = "never"


LAPSES = frozenset(Lapse)


def check_sides(sides: tuple[str, ...], *, least: int) -> None:
    """Accept the sides of a promise only if each is named once and as it reads, or raise Violation."""
    named = all(0 < len(side) <= MAX_SIDE and plain(side) for side in sides)
    if not named or not least <= len(sides) <= MAX_SIDES or len(set(sides)) != len(sides):
        raise Violation(f"This names fewer than {least} sides, more than {MAX_SIDES}, or one twice.")


def check_ids(*ids: bytes) -> None:
    """Accept what names other events only if each has the length of an id, or raise Violation."""
    if any(len(eid) != ID_BYTES for eid in ids):
        raise Violation("This names something that is not on any record.")
