"""Work on many options at once: libsodium lets go of the interpreter while it multiplies."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

_WORTHWHILE = 16  # options; below this, starting a thread costs more than it saves


class GivenUp(Exception):
    """Nobody wants this work any more."""


class Tally:
    """How many options a piece of work has dealt with, for whoever waits; `given_up` ends it at the next option."""

    __slots__ = ("count", "given_up")

    def __init__(self) -> None:
        self.count, self.given_up = 0, False

    def add_one(self) -> None:
        """Count an option, or raise GivenUp."""
        if self.given_up:
            raise GivenUp
        self.count += 1  # two threads may lose one between them: it is shown, and nothing rests on it


_TALLY: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def counted(tally: Tally) -> Iterator[None]:
    """Have everything that is spread in the block counted."""
    before = _TALLY.set(tally)
    try:
        yield
    finally:
        _TALLY.reset(before)


def default_threads() -> int:
    return os.cpu_count() or 1


def spread(work: Callable[[int], T], count: int, threads: int) -> list[T]:
    """Give the work's value for every number below `count`, in order; the first error of any is raised."""
    tally = _TALLY.get()

    def some(numbers: range) -> list[T]:
        values = []
        for number in numbers:
            if tally is not None:
                tally.add_one()
            values.append(work(number))
        return values

    if threads < 2 or count < _WORTHWHILE:  # noqa: PLR2004 - one thread is this one
        return some(range(count))
    share = -(-count // threads)
    parts = [range(start, min(start + share, count)) for start in range(0, count, share)]
    with ThreadPoolExecutor(len(parts)) as pool:
        return [value for part in pool.map(some, parts) for value in part]
