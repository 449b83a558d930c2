"""What moves name: sides, and other events of the room."""

from backchannel.channel.event import ID_BYTES
from backchannel.channel.likeness import plain
from backchannel.errors import Violation

MAX_SIDES = 16
MAX_SIDE = 100  # characters, as a sealed text has it


def check_sides(sides: tuple[str, ...], *, least: int) -> None:
    """Accept the sides that are named only if each is named once and as it reads, or raise Violation."""
    named = all(0 < len(side) <= MAX_SIDE and plain(side) for side in sides)
    if not named or not least <= len(sides) <= MAX_SIDES or len(set(sides)) != len(sides):
        raise Violation(
            "This names too few sides or too many, one twice, or one that does not show as it reads."
        )


def check_ids(*ids: bytes) -> None:
    """Accept what names other events only if each has the length of an id, or raise Violation."""
    if any(len(eid) != ID_BYTES for eid in ids):
        raise Violation("This names something that is not on any record.")
