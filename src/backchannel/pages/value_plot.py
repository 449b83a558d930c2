"""Draws how good proposed packages are for one's own side: a line from its walk-away to its best, and nothing of another side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backchannel.pages.timeline import placed

BELOW: Final = 0.14  # of the track lies before the walk-away, for what is below it
WHOLE: Final = 1000  # thousandths from walk-away to best


@dataclass(frozen=True, slots=True)
class Dot:
    """One package: its options by issue, and where it lies, in percent of the track from the left."""

    package: Mapping[str, str]
    state: str
    percent: int | None  # of the way from walk-away to best; None below the walk-away
    x: float


@dataclass(frozen=True, slots=True)
class Plot:
    """The dots from top to bottom, and where walk-away and best are."""

    dots: tuple[Dot, ...]
    walk_away: float
    best: float


def plotted(valued: Sequence[Mapping[str, Any]], *, rtl: bool = False) -> Plot | None:
    """Lay packages on a line as `package progress` values them; None if there are none."""
    if not valued:
        return None

    def place(thousandths: int) -> float:
        part = BELOW + (1 - BELOW) * min(thousandths, WHOLE) / WHOLE if thousandths >= 0 else BELOW / 2
        return placed(part, rtl=rtl)

    def percent(thousandths: int) -> int | None:
        return None if thousandths < 0 else min(thousandths, WHOLE) // 10

    dots = (
        Dot(one["package"], one["state"], percent(one["thousandths"]), place(one["thousandths"]))
        for one in valued
    )
    return Plot(tuple(dots), place(0), place(WHOLE))
