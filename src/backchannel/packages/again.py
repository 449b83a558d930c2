"""Five-level answers read back out of what was made of them, so that a person can be asked again (docs/spec/packages.md 2.2).

A desk keeps what options are worth and not what was typed; whatever did not come from such answers is told apart and left alone.
"""

from collections.abc import Mapping
from enum import IntEnum
from fractions import Fraction
from typing import TypeVar

from backchannel.errors import Refused
from backchannel.packages.answers import GOOD, WEIGHT, Good, IssueAnswers, Weight
from backchannel.packages.preferences import NEVER, Additive
from backchannel.said import said

Level = TypeVar("Level", bound=IntEnum)

OTHERWISE = said(
    "What this desk was told is finer than a few answers already; to tell it anew use `backchannel desk package prefer`."
)

_NEAR = Fraction(1, 10_000)  # what rounding to whole worths can have moved


def retold(preferences: Additive) -> tuple[IssueAnswers | None, ...]:
    """Give the answers that preferences were made of; those of a weight of nought are None; or raise Refused if they were made otherwise or are finer already."""
    tops = [max(row) for row in preferences.shares]
    if max(tops) <= 0:
        raise Refused(OTHERWISE)
    for scale in sorted(WEIGHT.values(), reverse=True):
        weights = [_level(WEIGHT, scale * max(top, 0) / max(tops)) for top in tops]
        if all(weight is not None or top <= 0 for top, weight in zip(tops, weights, strict=True)):
            return tuple(
                None if weight is None or top <= 0 else _row(row, top, weight)
                for row, top, weight in zip(preferences.shares, tops, weights, strict=True)
            )
    raise Refused(OTHERWISE)


def _row(row: tuple[int, ...], top: int, weight: Weight) -> IssueAnswers:
    best = row.index(top)
    rest = [option for option in range(len(row)) if option != best]
    worst = next((option for low in (0, NEVER) for option in rest if row[option] == low), None)
    never = frozenset(option for option, share in enumerate(row) if share == NEVER)
    between = []
    for option in rest:
        if option == worst:
            continue
        # how good an option is that nobody may choose is no longer known, and makes no difference
        good = Good.HALF_WAY if option in never else _level(GOOD, Fraction(row[option], top))
        if good is None:
            raise Refused(OTHERWISE)
        between.append((option, good))
    if worst is None:
        raise Refused(OTHERWISE)
    return IssueAnswers(best, worst, tuple(between), weight, never)


def _level(levels: Mapping[Level, Fraction], place: Fraction) -> Level | None:
    return next((level for level, middle in levels.items() if abs(middle - place) < _NEAR), None)


def most_important(told: tuple[IssueAnswers | None, ...]) -> int:
    """Give the issue by which all others are weighed: the first of those that matter most; it is not asked about again."""
    weights = [-1 if one is None else int(one.weight) for one in told]
    return weights.index(max(weights))
