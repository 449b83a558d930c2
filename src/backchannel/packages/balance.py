"""Which of the packages that all sides reach is worth most to all of them together (docs/spec/packages.md 6.3)."""

from collections.abc import Collection, Generator

from backchannel.packages.preferences import LEVELS
from backchannel.packages.schedule import Schedule
from backchannel.packages.soundings import Level, Question, Sounding, Stage, Worths

_TWO = 2
_LEAST_RUNG = 25
_FINE = 10  # parts of a step, with three and more sides

Balancing = Generator[Sounding, Collection[int], list[int]]


def balanced(worths: Worths, schedule: Schedule, common: list[int], level: int) -> Balancing:
    """Narrow packages that all sides reach to those that balance best; asks only about these packages."""
    if len(common) == 1 or level == LEVELS:
        return common
    if schedule.sides == _TWO and _TWO * len(common) <= schedule.near:
        return (yield from _by_product(worths, schedule, common, level))
    return (yield from _by_least(worths, schedule, common, level))


def ladder(level: int) -> list[int]:
    """Give levels from 1,000 down to `level`, each a fiftieth below the one before, rounded down."""
    rungs = [LEVELS]
    while (lower := rungs[-1] * 49 // 50) > max(level, _LEAST_RUNG):
        rungs.append(lower)
    return [*rungs, level]


def _by_product(worths: Worths, schedule: Schedule, common: list[int], level: int) -> Balancing:
    """Find, by halving, the lowest sum of two rungs at which a package is left: the highest product of gains.

    Rungs fall by a constant ratio, so that pairs of rungs of one sum have about one product (spec 6.3).
    """
    rungs = ladder(level)
    while len(rungs) > _TWO and len(rungs) * len(common) > schedule.near:
        rungs = [*rungs[:-1:2], rungs[-1]]
    last = len(rungs) - 1
    none_at, some_at = -1, 2 * last
    while some_at - none_at > 1 and len(common) > 1:
        total = (none_at + some_at) // 2
        pairs = [
            (rungs[one], rungs[total - one]) for one in range(max(0, total - last), min(total, last) + 1)
        ]
        questions = [Question(package, Level(pair)) for package in common for pair in pairs]
        yes = yield worths.sounding(Stage.BALANCE, questions)
        left = sorted({questions[place].package for place in yes})
        if left:
            common, some_at = left, total
        else:
            none_at = total
    return common


def _by_least(worths: Worths, schedule: Schedule, common: list[int], level: int) -> Balancing:
    """Find, by halving, the highest level between two steps that all sides still reach."""
    step = LEVELS // schedule.steps
    some_at, none_at = 0, _FINE
    while none_at - some_at > 1 and len(common) > 1:
        middle = (none_at + some_at) // 2
        bar = Level((level + step * middle // _FINE,) * schedule.sides)
        yes = yield worths.sounding(Stage.BALANCE, [Question(package, bar) for package in common])
        if yes:
            common, some_at = [common[place] for place in sorted(yes)], middle
        else:
            none_at = middle
    return common
