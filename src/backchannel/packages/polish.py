"""Moves that are worse for nobody, and improvements of what is settled (docs/spec/packages.md 6.4 and 7)."""

from collections.abc import Collection, Generator
from collections.abc import Set as AbstractSet

from backchannel.packages.drawing import drawn, drawn_one
from backchannel.packages.schedule import Schedule
from backchannel.packages.soundings import Better, NotWorse, Question, Sounding, Stage, Worths

_LEAST_RADIUS = 2


def surroundings(worths: Worths, schedule: Schedule, seed: bytes, package: int) -> list[int]:
    """Give the packages that differ from one in few issues: two, or more while they are not too many."""
    space = worths.space
    radius = _LEAST_RADIUS
    while radius < len(space.open) and space.near_count(radius + 1) <= schedule.near:
        radius += 1
    beside = space.near(package, radius)
    places = drawn(seed, f"around {package}", len(beside), schedule.near)
    return [beside[place] for place in places]


def polished(
    worths: Worths,
    schedule: Schedule,
    seed: bytes,
    package: int,
    among: list[int] | None,
    without: AbstractSet[int],
) -> Generator[Sounding, Collection[int], int]:
    """Move to what is better for some side and worse for none, until there is no such package.

    It looks among `among`, or if that is None around the package.
    """
    while True:
        beside = surroundings(worths, schedule, seed, package) if among is None else among
        questions = [
            Question(one, NotWorse(package)) for one in beside if one != package and one not in without
        ]
        if not questions:
            return package
        yes = yield worths.sounding(Stage.POLISH, questions)
        good = [questions[place].package for place in sorted(yes)]
        if not good:
            return package
        for side in range(schedule.sides):
            questions = [Question(one, Better(package, side)) for one in good]
            yes = yield worths.sounding(Stage.POLISH, questions)
            if yes:
                package = drawn_one(seed, f"polish {package}", [good[place] for place in sorted(yes)])
                break
        else:
            return package  # all of them are worth the same to every side


def improved(
    worths: Worths, schedule: Schedule, seed: bytes, settled: int
) -> Generator[Sounding, Collection[int], int]:
    """Look for packages strictly better for all sides than the one settled, until there is none; gives the last."""
    whole = worths.space.count <= schedule.listed
    while True:
        beside = list(range(worths.space.count)) if whole else surroundings(worths, schedule, seed, settled)
        questions = [Question(one, Better(settled, None)) for one in beside if one != settled]
        if not questions:
            return settled
        yes = yield worths.sounding(Stage.IMPROVEMENT, questions)
        if not yes:
            return settled
        settled = drawn_one(
            seed, f"improvement {settled}", [questions[place].package for place in sorted(yes)]
        )
