"""Our search on a domain, with a plain AND in the place of soundings: truthful, from few answers, or by hawks."""

import operator
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import prod

from backchannel.packages.agenda import Agenda, Issue, Option, Package
from backchannel.packages.answers import GOOD, WEIGHT, Good, IssueAnswers, preferences
from backchannel.packages.leak import Learnt
from backchannel.packages.preferences import LEVELS, Additive, Stance
from backchannel.packages.schedule import Schedule
from backchannel.packages.search import Found, search
from dealing.domains import Domain
from dealing.measures import gain
from one_table import Join, at_one_table, plain_and, sounded


@dataclass(frozen=True)
class Run:
    """What came of one search and what it took."""

    package: int | None
    soundings: int
    option_tests: int
    bits: float  # learnt by a side that answers truly, at most; mean of the sides
    bits_at_worst: float  # learnt by a side that said yes to everything; mean of the sides it looks at
    seconds: float  # of all sides together, without any cryptography


def run(domain: Domain, stances: list[Stance], seed: bytes, join: Join = plain_and) -> Run:
    """Search with stances that may differ from the sides' true ones; people judge by the true ones and their walk-aways."""
    began = time.perf_counter()
    schedule = Schedule.fitting(len(stances), domain.space.count, secret=True)
    copies = [search(domain.space, schedule, seed, me, stance) for me, stance in enumerate(stances)]
    judges = [partial(_lives_with, domain, me, stance) for me, stance in enumerate(stances)]
    met = at_one_table(copies, judges, join)
    seconds = time.perf_counter() - began
    own = [Learnt(me) for me in range(len(stances))]
    prying = [Learnt(me) for me in range(len(stances))]
    for soundings, joint in met.soundings:
        marks = [sounding.marks or [True] * len(sounding.questions) for sounding in soundings]
        for me in range(len(stances)):
            own[me].take(soundings[me], marks[me], joint)
            others = [mark for other, mark in enumerate(marks) if other != me]
            seen = [place for place, each in enumerate(zip(*others, strict=True)) if all(each)]
            prying[me].take(soundings[me], [True] * len(soundings[me].questions), seen)
    return Run(
        met.outcome.package if isinstance(met.outcome, Found) else None,
        len(met.soundings),
        met.option_tests,
        sum(learnt.bits for learnt in own) / len(own),
        sum(learnt.bits for learnt in prying) / len(prying),
        seconds,
    )


def seen_by_one(domain: Domain, stances: list[Stance]) -> list[int]:
    """Give the packages that look best, by the product of gains, to somebody who is shown what all sides told and looks at every package.

    No search can know more. People turn down what is below their true walk-away, here too.
    """
    told = [stance.preferences.listed(domain.space) for stance in stances]
    true = [side.listed(domain.space) for side in domain.sides]
    most, found = 0.0, []
    for number, (worths, truly) in enumerate(
        zip(zip(*told, strict=True), zip(*true, strict=True), strict=True)
    ):
        gains = [gain(stance, worth) for stance, worth in zip(stances, worths, strict=True)]
        if min(gains) < 0 or any(map(operator.lt, truly, domain.walk_aways)):
            continue
        product = prod(gains)
        if product > most or not found:
            most, found = product, [number]
        elif product == most:
            found.append(number)
    return found


def sounded_alike(domain: Domain, seed: bytes) -> tuple[bool, float]:
    """Search over real soundings and over a plain AND; gives whether every question and answer was the same, and seconds."""
    taken, seconds = [], 0.0
    for join in (plain_and, sounded):
        began = time.perf_counter()
        schedule = Schedule.fitting(len(domain.sides), domain.space.count, secret=True)
        stances = enumerate(domain.stances())
        met = at_one_table(
            [search(domain.space, schedule, seed, me, stance) for me, stance in stances], join=join
        )
        seconds = time.perf_counter() - began
        taken.append((met.outcome, [(asked[0].options(), list(yes)) for asked, yes in met.soundings]))
    return taken[0] == taken[1], seconds


def _lives_with(domain: Domain, side: int, stance: Stance, package: int) -> bool:
    chosen: Package = domain.space.package(package)
    inside = domain.sides[side].worth(chosen) >= domain.walk_aways[side]
    pretended = (
        stance.preferences is not domain.sides[side] or stance.preferences.worth(chosen) >= stance.walk_away
    )
    return inside and pretended


def from_answers(domain: Domain, *, finer: bool) -> list[Stance]:
    """Put each side's true preferences through the five-level questions, once or twice; the walk-away is a place from worst to best."""
    return [_answered(domain, side, finer=finer) for side in range(len(domain.sides))]


def _answered(domain: Domain, side: int, *, finer: bool) -> Stance:
    true = domain.sides[side]
    assert isinstance(true, Additive)
    most = max(max(row) - min(row) for row in true.shares)
    said = [_issue(row, most, finer=finer) for row in true.shares]
    agenda = Agenda(
        tuple(
            Issue(f"issue {place}", tuple(Option(f"option {option}") for option in range(len(row))))
            for place, row in enumerate(true.shares)
        )
    )
    if not any(said):
        return Stance.in_space(true, domain.walk_aways[side], domain.space)
    guessed = preferences(agenda, said)
    lowest, highest = (sum(end(row) for row in true.shares) for end in (min, max))
    place = max(Fraction(0), Fraction(domain.walk_aways[side] - lowest, highest - lowest))
    return Stance.in_space(guessed, round(place * guessed.best(domain.space)), domain.space)


def _issue(row: tuple[int, ...], most: int, *, finer: bool) -> IssueAnswers | None:
    low, high = min(row), max(row)
    if low == high:
        return None
    best, worst, weight = row.index(high), row.index(low), Fraction(high - low, most)
    places = {
        option: Fraction(share - low, high - low)
        for option, share in enumerate(row)
        if option not in {best, worst}
    }
    between = tuple(
        (option, min(GOOD, key=lambda good: abs(GOOD[good] - place))) for option, place in places.items()
    )
    once = IssueAnswers(best, worst, between, min(WEIGHT, key=lambda each: abs(WEIGHT[each] - weight)))
    if not finer:
        return once
    within = tuple(
        (option, min(Good, key=lambda good: abs((first + GOOD[good]) / len(GOOD) - places[option])))
        for option, first in between
    )
    # Nobody is asked again about what matters most: all else is measured by it.
    again = min(Good, key=lambda good: abs(replace(once, finer_weight=good).matters - weight))
    return replace(once, finer=within, finer_weight=None if weight == 1 else again)


def hawk(stance: Stance, level: int) -> Stance:
    """Pretend that nothing below a level is acceptable."""
    return Stance(
        stance.preferences, stance.walk_away + (stance.best - stance.walk_away) * level // LEVELS, stance.best
    )
