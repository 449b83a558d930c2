"""The clock of a play: it keeps the historical dates and stands still where the next row must not be overtaken."""

import time
from collections.abc import Callable
from pathlib import Path

Monotonic = Callable[[], int]  # milliseconds that only grow


def monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class PlayClock:
    """Runs on from the moment it was set to, but never past `until`; all in milliseconds since 1970."""

    def __init__(self, start_ms: int, monotonic: Monotonic = monotonic_ms) -> None:
        self._monotonic = monotonic
        self._set_at = monotonic()
        self._from_ms = start_ms
        self._until_ms = start_ms

    def __call__(self) -> int:
        return min(self._from_ms + self._monotonic() - self._set_at, self._until_ms)

    def go(self, to_ms: int, until_ms: int) -> None:
        """Jump to a moment and run on to another at most; never backwards."""
        now = self()
        self._from_ms = max(now, to_ms)
        self._until_ms = max(self._from_ms, until_ms)
        self._set_at = self._monotonic()

    def keep(self, file: Path, machine_ms: int) -> None:
        """Write how far this clock is from the machine's, so that kept desks go on in their own time."""
        file.write_text(f"{self() - machine_ms}\n", encoding="ascii")
