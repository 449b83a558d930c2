"""Draws how good proposed packages are for one's own side: a line from its walk-away to its best, and nothing of another side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 700  # of the drawing, in its own units
MARGIN = 24
BELOW = 60  # left of the walk-away, for what is below it
TOP, ROW = 40, 28
WHOLE = 1000  # thousandths from walk-away to best
LONGEST = 52  # letters of a label


@dataclass(frozen=True, slots=True)
class Dot:
    """One package: where it lies, and on which side of its dot its words, the options alone, stand."""

    number: int
    words: str
    told: str
    state: str
    percent: int | None  # of the way from walk-away to best; None below the walk-away
    x: float
    y: int
    before: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """The dots from top to bottom, and where walk-away and best are."""

    dots: tuple[Dot, ...]
    walk_away: float
    best: float
    height: int


def plotted(valued: Sequence[Mapping[str, Any]], *, rtl: bool = False) -> Plot | None:
    """Lay packages on a line as `package progress` values them; None if there are none."""
    if not valued:
        return None

    def place(thousandths: int) -> float:
        part = min(max(thousandths, 0), WHOLE) / WHOLE
        x = MARGIN + BELOW + part * (WIDTH - 2 * MARGIN - BELOW) if thousandths >= 0 else MARGIN + BELOW / 2
        return round(WIDTH - x if rtl else x, 1)

    dots = []
    for row, one in enumerate(valued):
        told = " · ".join(f"{issue}: {option}" for issue, option in one["package"].items())
        line = " ".join(" · ".join(one["package"].values()).split())
        words = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
        x, good = place(one["thousandths"]), one["thousandths"]
        percent = None if good < 0 else min(good, WHOLE) // 10
        dots.append(
            Dot(row + 1, words, told, one["state"], percent, x, TOP + row * ROW, before=x > WIDTH / 2)
        )
    return Plot(tuple(dots), place(0), place(WHOLE), TOP + len(dots) * ROW)
