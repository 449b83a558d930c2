"""Work on many options at once: libsodium lets go of the interpreter while it multiplies."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_WORTHWHILE = 16  # options; below this, starting a thread costs more than it saves


def default_threads() -> int:
    return os.cpu_count() or 1


def spread(work: Callable[[int], T], count: int, threads: int) -> list[T]:
    """Give the work's value for every number below `count`, in order; the first error of any is raised."""
    if threads < 2 or count < _WORTHWHILE:  # noqa: PLR2004 - one thread is this one
        return [work(number) for number in range(count)]
    share = -(-count // threads)
    parts = [range(start, min(start + share, count)) for start in range(0, count, share)]
    with ThreadPoolExecutor(len(parts)) as pool:
        done = pool.map(lambda part: [work(number) for number in part], parts)
        return [value for part in done for value in part]
