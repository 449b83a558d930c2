"""The search for a package: copies in step, nothing worse than a walk-away, no dominated outcome, no tell-tale."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.crypto.hashing import digest
from backchannel.errors import Violation
from backchannel.packages.agenda import Agenda, Issue, Option, Space
from backchannel.packages.balance import ladder
from backchannel.packages.drawing import drawn, drawn_one
from backchannel.packages.leak import Learnt
from backchannel.packages.polish import improved
from backchannel.packages.preferences import LEVELS, NEVER, Additive, Interdependent, Stance, Wish
from backchannel.packages.schedule import Schedule
from backchannel.packages.search import NO_BETTER, NO_DEAL, Found, NoDeal, Outcome, better, search
from backchannel.packages.soundings import Sounding, Stage, Worths
from backchannel.wire.codec import decode, encode
from one_table import Judge, Met, at_one_table, plain_and, sounded

SEED = bytes(range(32))


@st.composite
def disputes(draw: st.DrawFn, most_sides: int = 4) -> tuple[Space, list[Stance]]:
    """Make a small agenda, and for each of some sides shares (some never to be accepted) and a walk-away."""
    counts = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    space = Space(tuple(tuple(range(count)) for count in counts))
    share = st.one_of(st.integers(0, 100), st.just(NEVER))
    stances = []
    for _ in range(draw(st.integers(2, most_sides))):
        additive = Additive(tuple(tuple(draw(share) for _ in options) for options in space.open))
        stances.append(Stance.in_space(additive, draw(st.integers(0, 150)), space))
    return space, stances


def run(
    space: Space,
    stances: Sequence[Stance],
    schedule: Schedule | None = None,
    judges: Sequence[Judge] | None = None,
) -> Met[Outcome]:
    schedule = schedule or Schedule(len(stances), True)
    copies = [search(space, schedule, SEED, me, stance) for me, stance in enumerate(stances)]
    return at_one_table(copies, judges)


def gains(space: Space, stances: Sequence[Stance], number: int) -> tuple[int, ...]:
    package = space.package(number)
    return tuple(stance.preferences.worth(package) - stance.walk_away for stance in stances)


@given(disputes())
def test_a_deal_is_found_exactly_where_one_exists_and_none_is_better_for_somebody_and_worse_for_nobody(
    dispute: tuple[Space, list[Stance]],
) -> None:
    space, stances = dispute
    outcome = run(space, stances).outcome
    possible = [gains(space, stances, number) for number in range(space.count)]
    if not isinstance(outcome, Found):
        assert not any(min(each) >= 0 for each in possible)
        return
    found = possible[outcome.package]
    assert min(found) >= 0
    assert not any(
        each != found and all(a >= b for a, b in zip(each, found, strict=True)) for each in possible
    )


@given(disputes(most_sides=3))
def test_the_side_that_gains_least_gains_all_but_a_step_of_what_it_could(
    dispute: tuple[Space, list[Stance]],
) -> None:
    space, stances = dispute
    outcome = run(space, stances).outcome
    if isinstance(outcome, Found):
        least = [
            min(
                stance.thousandths(stance.walk_away + gain)
                for stance, gain in zip(stances, gains(space, stances, one), strict=True)
            )
            for one in range(space.count)
        ]
        assert least[outcome.package] > max(least) - LEVELS // 20 - 1


@given(disputes(), st.data())
def test_what_is_asked_depends_on_the_joint_yeses_alone(
    dispute: tuple[Space, list[Stance]], data: st.DataObject
) -> None:
    space, stances = dispute
    met = run(space, stances)
    other = Additive(tuple(tuple(data.draw(st.integers(0, 9)) for _ in options) for options in space.open))
    copy = search(space, Schedule(len(stances), True), SEED, 0, Stance.in_space(other, 3, space))
    asked = next(copy)
    for turn, (sounding, yes) in enumerate(met.soundings, 1):
        assert list(asked.questions) == list(sounding[0].questions)
        if turn < len(met.soundings):
            asked = copy.send(yes)


@given(disputes())
def test_every_mark_of_ours_is_about_a_package_inside_our_walk_away(
    dispute: tuple[Space, list[Stance]],
) -> None:
    space, stances = dispute
    for soundings, _ in run(space, stances).soundings:
        for stance, sounding in zip(stances, soundings, strict=True):
            for question, mark in zip(sounding.questions, sounding.marks or (), strict=False):
                if mark:
                    assert stance.preferences.worth(space.package(question.package)) >= stance.walk_away


def one_issue(*shares: Sequence[int], walk_away: int = 0) -> tuple[Space, list[Stance]]:
    space = Space((tuple(range(len(shares[0]))),))
    return space, [Stance.in_space(Additive((tuple(row),)), walk_away, space) for row in shares]


def test_over_real_soundings_a_search_takes_the_same_steps_to_the_same_package() -> None:
    space = Space(((0, 1, 2), (0, 1)))
    shares = (((10, 0, 10), (80, 40)), ((20, 80, 20), (30, 10)))
    stances = [Stance.in_space(Additive(each), 20, space) for each in shares]
    taken = []
    for join in (plain_and, sounded):
        copies = [search(space, Schedule(2, True), SEED, me, stance) for me, stance in enumerate(stances)]
        met = at_one_table(copies, join=join)
        taken.append((met.outcome, [(asked[0].options(), list(yes)) for asked, yes in met.soundings]))
    assert taken[0] == taken[1]
    assert isinstance(taken[0][0], Found)


def test_no_deal_says_the_same_and_asks_the_same_whoever_refused() -> None:
    seen = []
    for refusing in range(3):
        shares = [[3, 2, 1]] * 3
        shares[refusing] = [NEVER] * 3
        met = run(*one_issue(*shares))
        assert met.outcome == NoDeal(NO_DEAL)
        seen.append([sounding[0].options() for sounding, _ in met.soundings])
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == 21  # every step down to the walk-aways, and nothing after


def test_no_sounding_is_held_where_no_package_can_be_made() -> None:
    agenda = Agenda.of(Issue("Missiles", (Option("out, unannounced", secret=True),)))
    met = run(agenda.space(secret=False), [Stance(Additive(((1,),)), 0, 1)] * 2)
    assert met.outcome == NoDeal()
    assert met.soundings == []


def test_a_package_that_people_turn_down_is_not_proposed_again_and_the_next_best_is() -> None:
    space, stances = one_issue([100, 60, 30, 0], [100, 60, 30, 0])
    proposed: list[int] = []

    def picky(number: int) -> bool:
        proposed.append(number)
        return number == 2

    met = run(space, stances, judges=[picky, lambda _: True])
    assert met.outcome == Found(2)
    assert proposed == [0, 1, 2]
    assert all(
        sounding[0].marks is None for sounding, _ in met.soundings if sounding[0].stage is Stage.PROPOSAL
    )


def test_people_who_turn_everything_down_end_the_search_with_the_same_sentence() -> None:
    space, stances = one_issue(list(range(30)), list(range(30)))
    met = run(space, stances, judges=[lambda _: True, lambda _: False])
    assert met.outcome == NoDeal(NO_DEAL)
    assert (
        sum(sounding[0].stage is Stage.PROPOSAL for sounding, _ in met.soundings)
        == Schedule(2, True).proposals
    )


def test_a_search_taken_up_again_after_a_crash_asks_what_it_would_have_asked() -> None:
    space, stances = one_issue([100, 70, 0, 20], [0, 70, 100, 30])
    met = run(space, stances)
    again = search(space, Schedule(2, True), SEED, 1, stances[1])
    next(again)
    for (_, yes), (after, _) in zip(met.soundings, met.soundings[1:], strict=False):
        assert list(again.send(yes).questions) == list(after[1].questions)


def wide() -> tuple[Space, list[Stance]]:
    """Make 59,049 packages over ten issues, of which two sides like different ones."""
    space = Space((tuple(range(3)),) * 10)
    one = Additive(tuple((0, 10 * place + 5, 17 * place + 9) for place in range(10)))
    other = Additive(tuple((100 - 7 * place, 60, 0) for place in range(10)))
    return space, [Stance.in_space(side, 100, space) for side in (one, other)]


def test_above_ten_thousand_packages_a_public_sample_leads_to_one_that_none_nearby_betters() -> None:
    space, stances = wide()
    met = run(space, stances)
    assert isinstance(met.outcome, Found)
    here = gains(space, stances, met.outcome.package)
    assert min(here) >= 0
    for near in space.near(met.outcome.package, 2):
        beside = gains(space, stances, near)
        assert beside == here or any(a < b for a, b in zip(beside, here, strict=True))
    assert met.option_tests < space.count
    stages = [sounding[0].stage for sounding, _ in met.soundings]
    assert stages == sorted(stages, key=list(Stage).index)
    product = [
        math.prod(gains(space, stances, one))
        for one in range(0, space.count, 7)
        if min(gains(space, stances, one)) >= 0
    ]
    assert math.prod(here) > 0.95 * max(product)


def test_a_common_ground_too_small_for_the_first_sample_is_looked_for_in_a_second() -> None:
    space, _ = wide()
    wish = Interdependent((Wish(1, ((0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0), (5, 0, 0))),), 1)
    schedule = Schedule(2, True, listed=100, sample=10, second_sample=2_000)
    met = run(space, [Stance(wish, 1, 1)] * 2, schedule)
    assert isinstance(met.outcome, Found)
    assert [len(sounding[0].questions) for sounding, _ in met.soundings].index(2_000) == 21


def test_interdependent_preferences_over_more_packages_than_can_be_listed_still_meet() -> None:
    space = Space((tuple(range(10)),) * 12)
    one = Interdependent(tuple(Wish(10, ((issue, 4, 9), (issue + 1, 0, 6))) for issue in range(11)), 1000)
    other = Interdependent(tuple(Wish(10, ((issue, 0, 5),)) for issue in range(12)), 1000)
    schedule = Schedule(2, True, sample=100, near=100)
    outcome = run(space, [Stance(one, 20, 110), Stance(other, 20, 120)], schedule).outcome
    assert isinstance(outcome, Found)
    assert min(one.worth(space.package(outcome.package)), other.worth(space.package(outcome.package))) >= 50


def test_an_improvement_is_strictly_better_for_every_side_or_there_is_none() -> None:
    space, stances = one_issue([10, 40, 90, 70], [10, 40, 5, 70])
    for settled, best in ((0, 3), (1, 3), (2, 2), (3, 3)):
        copies = [
            improved(Worths(space, stance, me), Schedule(2, True), SEED, settled)
            for me, stance in enumerate(stances)
        ]
        assert at_one_table(copies).outcome == best


def test_people_have_the_last_word_on_what_is_better_for_all() -> None:
    space, stances = one_issue([10, 40, 90, 70], [10, 40, 5, 70])

    def after(settled: int, *judges: Judge) -> Outcome:
        copies = [
            better(space, Schedule(2, True), SEED, me, stance, settled) for me, stance in enumerate(stances)
        ]
        return at_one_table(copies, judges).outcome

    assert after(0, lambda _: True, lambda _: True) == Found(3)
    assert after(0, lambda _: True, lambda _: False) == NoDeal(NO_BETTER)
    assert after(3, lambda _: True, lambda _: True) == NoDeal(NO_BETTER)


@pytest.mark.parametrize("level", [0, 24, 25, 26, 500, 950, 1000])
def test_a_ladder_falls_by_a_fiftieth_from_the_top_to_its_level(level: int) -> None:
    rungs = ladder(level)
    assert rungs[0] == LEVELS
    assert rungs[-1] == level
    assert rungs == sorted(rungs, reverse=True)
    assert all(lower == upper * 49 // 50 for upper, lower in pairwise(rungs[:-1]))


def test_a_schedule_that_cannot_be_followed_is_refused_and_each_change_changes_its_digest() -> None:
    agenda = Agenda.of(Issue("Dues", (Option("a"), Option("b"))))
    for sides, steps, listed in (
        (1, 20, 1),
        (10, 20, 1),
        (2, 0, 1),
        (2, 7, 1),
        (2, 125, 1),
        (2, 20, 0),
        (2, 20, 10_001),
    ):
        with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
            Schedule(sides, True, steps, listed)
    with pytest.raises(Violation):
        decode(b"\x98\x0a" + encode(Schedule(2, True))[2:], Schedule)  # ten sides
    schedules = [Schedule(2, True), Schedule(3, True), Schedule(2, False), Schedule(2, True, 10)]
    assert len({schedule.digest(agenda) for schedule in schedules}) == 4


@pytest.mark.parametrize(("options", "asked"), [(70, 4_900 * 21), (100, 10_000 * 11)])
def test_a_search_of_all_packages_that_finds_nothing_asks_each_of_them_no_more_than_the_steps_that_fit_their_number(
    options: int, asked: int
) -> None:
    space = Space((tuple(range(options)),) * 2)
    rising = tuple(range(options))
    falling = rising[::-1]
    best = 2 * (options - 1)
    stances = [Stance(Additive((row, row)), best, best) for row in (rising, falling)]
    met = run(space, stances, Schedule.fitting(2, space.count, secret=True))
    assert met.outcome == NoDeal()
    assert met.option_tests == asked <= 110_000
    assert Schedule.fitting(2, 10_001, secret=True) == Schedule(2, True)


def test_no_sounding_lists_a_question_twice_or_more_than_ten_thousand() -> None:
    flat = one_issue([1] * 200, [1] * 199 + [2])
    many = Space((tuple(range(100)),) * 2), [Stance(Additive(((1,) * 100, (1,) * 100)), 0, 3)] * 2
    for space, stances in (wide(), flat, many):
        for soundings, _ in run(space, stances).soundings:
            texts = soundings[0].options()
            assert len(set(texts)) == len(texts) <= 10_000


def test_what_a_side_learns_is_counted_once_and_only_where_it_said_yes() -> None:
    space, stances = one_issue([100, 80, 0], [0, 80, 100])
    met = run(space, stances)
    mine = Learnt(0)
    for soundings, yes in met.soundings:
        marks = soundings[0].marks
        mine.take(soundings[0], [True] if marks is None else marks, yes)
    # Option 0, ours at every level: the other's no at 1000, 950, … 800 is five answers, six intervals; its yes to option 1
    # at 800 and to the proposal are a bit each; at option 2 we said no and learnt nothing.
    assert mine.bits == math.log2(6) + 1 + 1
    again = Learnt(0)
    sounding = Sounding(Stage.DESCENT, met.soundings[0][0][0].questions, ())
    for _ in range(2):
        again.take(sounding, [True] * 3, [0])
    assert again.bits == 3


SPEC = Path(__file__).parent.parent / "docs" / "spec" / "packages.md"
TABLE = Agenda.of(
    Issue("Dues", (Option("shared"), Option("north"), Option("south"))),
    Issue("Dredging", (Option("none"), Option("half", secret=True), Option("all"))),
)
FIRST = (Schedule(2, True), (((10, 0, 10), (80, 80, 40)), 10), (((20, 80, 20), (30, 30, 10)), 40))
SECOND = (
    Schedule(2, True, listed=4, sample=3, second_sample=5, near=3),
    (((40, 10, 50), (80, 60, 80)), 50),
    (((30, 40, 40), (90, 70, 80)), 30),
)


def test_the_vectors_of_the_spec_hold() -> None:
    stated = SPEC.read_text("utf-8")
    zero = bytes(32)
    assert f"| {', '.join(map(str, drawn(zero, 'sample', 10**6, 5)))} |" in stated
    assert f"| one of 7, 8, 9 for `choice 0` | {drawn_one(zero, 'choice 0', [7, 8, 9])} |" in stated
    assert f"`{TABLE.digest().hex()}`" in stated
    assert f"`{FIRST[0].digest(TABLE).hex()}`" in stated
    traces = re.findall(r"^\| ([a-z]+) \| (\d+) \| `([0-9a-f]{16})` \| ([^|]+) \|$", stated, re.MULTILINE)
    taken = []
    for schedule, *sides in (FIRST, SECOND):
        space = TABLE.space(secret=True)
        stances = [Stance.in_space(Additive(shares), walk_away, space) for shares, walk_away in sides]
        met = at_one_table([search(space, schedule, zero, me, stance) for me, stance in enumerate(stances)])
        taken += [
            (
                str(asked[0].stage),
                str(len(asked[0].questions)),
                digest("backchannel/vector/1", *(text.encode() for text in asked[0].options())).hex()[:16],
                ", ".join(map(str, yes)) or "none",
            )
            for asked, yes in met.soundings
        ]
        assert isinstance(met.outcome, Found)
        assert f"Found: package {met.outcome.package}." in stated
    assert traces == taken
