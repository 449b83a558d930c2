"""What was promised and done on one line of time: where each mark stands, for a drawing that needs no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

EDGE: Final = 3.0  # percent of the width between the end of a track and the first or last mark on it


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a time, in milliseconds since 1970, with the word on how it stands."""

    at: int
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mark and its place, in percent of the track from the left."""

    mark: Mark
    x: float


@dataclass(frozen=True, slots=True)
class Line:
    """The whole drawing: its marks in the order of time, where now is, and the times at which it begins and ends."""

    marks: tuple[Drawn, ...]
    now: float
    now_ms: int
    first_ms: int
    last_ms: int


def drawn(marks: Sequence[Mark], now: int, *, rtl: bool = False) -> Line | None:
    """Place marks between the first and the last time, now among them; None where there is nothing to draw."""
    if not marks:
        return None
    ordered = sorted(marks, key=lambda mark: mark.at)
    first, last = min(ordered[0].at, now), max(ordered[-1].at, now)

    def place(at: int) -> float:
        return placed((at - first) / max(1, last - first), rtl=rtl)

    return Line(tuple(Drawn(mark, place(mark.at)) for mark in ordered), place(now), now, first, last)


def placed(part: float, *, rtl: bool) -> float:
    """Turn a part of the whole, 0 to 1, into percent of a track from the left, its edges left free."""
    return round(EDGE + (1 - part if rtl else part) * (100 - 2 * EDGE), 2)
