"""What was promised and done on one line of time: where each mark stands, for a drawing that needs no script."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, MARGIN, ROW, TOP = 700, 24, 26, 34
LONGEST = 46  # letters beside a mark


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a time, in milliseconds since 1970, with the word on how it stands."""

    at: int
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mark at its place; `before` if its words stand to the left of it."""

    mark: Mark
    x: float
    y: float
    words: str
    before: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The whole drawing: its marks in the order of time, where now is, and how high it is."""

    marks: tuple[Drawn, ...]
    now: float
    now_ms: int
    height: int


def drawn(marks: Sequence[Mark], now: int, *, rtl: bool = False) -> Line | None:
    """Place marks between the first and the last time, now among them; None where there is nothing to draw."""
    if not marks:
        return None
    ordered = sorted(marks, key=lambda mark: mark.at)
    first, last = min(ordered[0].at, now), max(ordered[-1].at, now)

    def place(at: int) -> float:
        part = (at - first) / max(1, last - first)
        return round(MARGIN + (1 - part if rtl else part) * (WIDTH - 2 * MARGIN), 1)

    placed = []
    for row, mark in enumerate(ordered):
        line = " ".join(mark.words.split())
        words = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
        x = place(mark.at)
        placed.append(Drawn(mark, x, TOP + row * ROW, words, before=x > WIDTH / 2))
    return Line(tuple(placed), place(now), now, TOP + len(placed) * ROW + 6)
