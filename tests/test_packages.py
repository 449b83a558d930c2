"""Agendas, private preferences and what is drawn in public."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.errors import Refused
from backchannel.packages.again import most_important, retold
from backchannel.packages.agenda import Agenda, Issue, Option, Space
from backchannel.packages.answers import GOOD, WEIGHT, Good, IssueAnswers, Weight, ends, middle, preferences
from backchannel.packages.drawing import drawn, drawn_one
from backchannel.packages.fairness import explained, view
from backchannel.packages.preferences import NEVER, UNIT, Additive, Interdependent, Stance, Wish

SPACES = st.lists(st.integers(1, 4), min_size=1, max_size=5).map(
    lambda counts: Space(tuple(tuple(range(count)) for count in counts))
)
HARBOUR = Agenda.of(
    Issue("Dues", (Option("shared"), Option("north keeps them"), Option("south keeps them"))),
    Issue("Dredging", (Option("none"), Option("half, unannounced", secret=True), Option("all"))),
    Issue("Flag", (Option("of both"),)),
)


@given(SPACES, st.integers(0, 10**6))
def test_every_package_has_one_number_and_every_number_one_package(space: Space, pick: int) -> None:
    number = pick % space.count
    assert space.number(space.package(number)) == number
    assert len({space.package(one) for one in range(space.count)}) == space.count


@given(SPACES, st.integers(0, 10**6), st.integers(1, 3))
def test_near_packages_are_all_that_differ_in_few_issues(space: Space, pick: int, radius: int) -> None:
    here = space.package(pick % space.count)
    differing = [
        number
        for number in range(space.count)
        if 0 < sum(a != b for a, b in zip(here, space.package(number), strict=True)) <= radius
    ]
    assert space.near(space.number(here), radius) == differing
    assert space.near_count(radius) == len(differing)


def test_options_that_must_stay_off_the_public_text_are_open_only_when_allowed() -> None:
    assert HARBOUR.space(secret=True).count == 9
    public = HARBOUR.space(secret=False)
    assert public.open == ((0, 1, 2), (0, 2), (0,))
    with pytest.raises(ValueError, match="not in tuple"):
        public.number((0, 1, 0))
    assert HARBOUR.words((0, 2, 0)) == (("Dues", "shared"), ("Dredging", "all"), ("Flag", "of both"))


@pytest.mark.parametrize(
    "issues",
    [
        (),
        (Issue("Dues", ()),),
        (Issue("", (Option("a"),)),),
        (Issue("Dues", (Option("a"), Option("a"))),),
        (Issue("Dues", (Option("a"),)), Issue("Dues", (Option("b"),))),
        (Issue("Dues", tuple(Option(str(one)) for one in range(257))),),
    ],
)
def test_an_agenda_that_is_not_plain_is_refused_in_one_sentence(issues: tuple[Issue, ...]) -> None:
    with pytest.raises(Refused, match=r"^[^.]+\.$"):
        Agenda.of(*issues)


def test_an_agenda_of_more_packages_than_can_be_drawn_evenly_is_refused() -> None:
    with pytest.raises(Refused, match="too many packages"):
        Space(((0, 1, 2, 3),) * 49)


def test_an_agenda_whose_packages_have_too_many_beside_them_is_refused_before_any_is_listed() -> None:
    assert Space((tuple(range(100)),) * 5).near_count(2) <= 100_000
    for wide in (((tuple(range(256)),) * 12), ((tuple(range(120)),) * 5)):
        with pytest.raises(Refused, match="too many packages"):
            Space(wide)


@given(SPACES, st.data())
def test_the_list_of_worths_says_the_same_as_package_by_package(space: Space, data: st.DataObject) -> None:
    share = st.integers(-5, 50)
    shares = tuple(tuple(data.draw(share) for _ in options) for options in space.open)
    additive = Additive(shares)
    one_by_one = [additive.worth(space.package(number)) for number in range(space.count)]
    assert additive.listed(space) == one_by_one
    assert additive.best(space) == max(one_by_one)


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(-2000, 2000), st.integers(0, 1000))
def test_a_level_is_reached_exactly_from_its_part_of_the_way_on(
    walk_away: int, best: int, worth: int, level: int
) -> None:
    stance = Stance(Additive(((0,),)), walk_away, best)
    way = Fraction(level, 1000) * (best - walk_away)
    assert stance.reaches(worth, level) == (worth >= walk_away and worth - walk_away >= way)


def test_full_weights_make_the_best_package_worth_one_unit() -> None:
    weights = [Fraction(3), Fraction(1)]
    additive = Additive.of_weights(weights, [[Fraction(1), Fraction(0)], [Fraction(1, 2), None]])
    assert additive.shares == ((UNIT * 3 // 4, 0), (UNIT // 8, NEVER))
    with pytest.raises(Refused, match="correct the weights"):
        Additive.of_weights([Fraction(0)], [[Fraction(1)]])
    with pytest.raises(Refused, match="correct the weights"):
        Additive.of_weights([Fraction(1), Fraction(-1)], [[Fraction(1)], [Fraction(1)]])


def test_interdependent_preferences_are_worth_the_wishes_that_hold_and_no_more_than_their_cap() -> None:
    wishes = (Wish(5, ((0, 1, 2), (1, 0, 0))), Wish(3, ((1, 0, 1),)), Wish(4, ()))
    interdependent = Interdependent(wishes, 10)
    assert interdependent.worth((1, 0)) == 10
    assert interdependent.worth((0, 1)) == 7
    assert interdependent.worth((2, 2)) == 4
    space = Space(((0, 1, 2), (0, 1, 2)))
    assert interdependent.best(space) == max(interdependent.listed(space)) == 10


def test_the_best_of_interdependent_preferences_is_looked_for_where_no_list_can_be_made() -> None:
    space = Space((tuple(range(10)),) * 20)
    wishes = tuple(Wish(10, ((issue, 3, 6),)) for issue in range(20))
    assert Interdependent(wishes, 1000).best(space) == 200


def test_few_plain_questions_are_never_more_than_options_and_issues() -> None:
    for place, issue in enumerate(HARBOUR.issues):
        asked = [*ends(HARBOUR, place), *middle(HARBOUR, place, 0, len(issue.options) - 1)]
        assert len(asked) <= len(issue.options) + 1
        assert len({question.words for question in asked}) == len(asked)
    assert ends(HARBOUR, 2) == middle(HARBOUR, 2, 0, 0) == []


def test_answers_in_five_levels_become_shares_in_their_order() -> None:
    said = [
        IssueAnswers(1, 2, ((0, Good.NEARER_THE_BEST),), Weight.AS_MUCH),
        IssueAnswers(0, 2, ((1, Good.HARDLY_BETTER_THAN_THE_WORST),), Weight.A_THIRD, frozenset({2})),
        None,
    ]
    dues, dredging, flag = preferences(HARBOUR, said).shares
    assert dues[1] > dues[0] > dues[2] == 0
    assert dredging[0] > dredging[1] > 0 > dredging[2] == NEVER
    assert flag == (0,)
    assert abs(dues[0] / dues[1] - float(GOOD[Good.NEARER_THE_BEST])) < 1e-6
    assert abs(dredging[0] / dues[1] - float(WEIGHT[Weight.A_THIRD])) < 1e-6


def test_what_is_asked_again_lies_within_what_the_first_answer_covers_and_keeps_all_in_order() -> None:
    def told(good: Good, weight: Weight, again: Good | None) -> IssueAnswers:
        return IssueAnswers(
            1, 2, ((0, good),), weight, finer=((0, again),) if again is not None else (), finer_weight=again
        )

    levels = [(first, again) for first in range(len(Good)) for again in Good]
    scores = [told(Good(first), Weight.HALF, again).score(0) for first, again in levels]
    weights = [told(Good.HALF_WAY, Weight(first), again).matters for first, again in levels]
    for found in (scores, weights):
        assert found == sorted(set(found))
        assert 0 < found[0] < found[-1] < 1
    for (first, _), score, weight in zip(levels, scores, weights, strict=True):
        once = told(Good(first), Weight(first), None)
        assert abs(once.score(0) - score) < Fraction(1, 10)
        assert min(WEIGHT, key=lambda each: abs(WEIGHT[each] - weight)) == first
    finer = preferences(HARBOUR, [told(Good.HALF_WAY, Weight.HALF, Good.ALMOST_THE_BEST), None, None])
    assert finer.shares[0] == (round(UNIT * Fraction(58, 100)), UNIT, 0)


@given(st.data())
def test_few_answers_are_read_back_out_of_what_was_made_of_them(data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(2, 5), min_size=1, max_size=6))
    agenda = Agenda.of(
        *(
            Issue(f"issue {at}", tuple(Option(str(one)) for one in range(count)))
            for at, count in enumerate(counts)
        )
    )
    answers: list[IssueAnswers | None] = []
    for count in counts:
        best, worst, *others = data.draw(st.permutations(range(count)))
        between = tuple((option, data.draw(st.sampled_from(Good))) for option in sorted(others))
        never = data.draw(st.sets(st.sampled_from([worst, *others]), max_size=1))
        weight = data.draw(st.sampled_from(Weight))
        answers.append(IssueAnswers(best, worst, between, weight, frozenset(never)))
    if len(answers) > 1:
        answers[data.draw(st.integers(0, len(answers) - 1))] = None
    made = preferences(agenda, answers)
    told = retold(made)
    assert preferences(agenda, told) == made
    assert [one is None for one in told] == [one is None for one in answers]
    first = told[most_important(told)]
    assert first is not None
    assert first.weight == max(one.weight for one in told if one is not None)


def test_what_came_otherwise_is_not_taken_for_few_answers() -> None:
    for shares in (((10, 0), (9, 0)), ((100, 33, 0),), ((100, 100),), ((0, 0),)):
        with pytest.raises(Refused, match="finer than a few answers already"):
            retold(Additive(shares))


@pytest.mark.parametrize(
    "said",
    [
        [],
        [None, None, None],
        [IssueAnswers(0, 1, (), Weight.HALF), None, None],
        [IssueAnswers(0, 1, ((1, Good.HALF_WAY),), Weight.HALF), None, None],
    ],
)
def test_an_answer_that_is_missing_is_named(said: list[IssueAnswers | None]) -> None:
    with pytest.raises(Refused, match=r"go on with the questions|say what is missing"):
        preferences(HARBOUR, said)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 10**12), st.integers(0, 50))
def test_drawn_numbers_are_different_within_bounds_and_the_same_on_every_desk(
    seed: bytes, count: int, wanted: int
) -> None:
    found = drawn(seed, "test", count, wanted)
    assert found == sorted(set(found)) == drawn(seed, "test", count, wanted)
    assert len(found) == min(count, wanted)
    assert all(0 <= number < count for number in found)


def test_draws_for_another_purpose_or_by_another_seed_differ() -> None:
    ways = [(bytes(32), "a"), (bytes(32), "b"), (b"\1" * 32, "a")]
    assert len({tuple(drawn(seed, purpose, 10**9, 5)) for seed, purpose in ways}) == 3
    assert {drawn_one(bytes(32), str(turn), [7, 8, 9]) for turn in range(50)} == {7, 8, 9}


def test_a_package_is_explained_in_the_sides_own_terms_with_most_at_stake_first() -> None:
    additive = Additive(((5, 60, 0), (0, 20, 40), (0,)))
    space = HARBOUR.space(secret=True)
    stance = Stance.in_space(additive, 50, space)
    verdict, *issues = explained(HARBOUR, space, stance, (1, 1, 0))
    assert view(space, stance, (1, 1, 0)).thousandths == 600
    assert "60 % of the way" in verdict
    assert "11 % of all packages" in verdict
    assert [line.split("”")[0] for line in issues] == ["“Dues", "“Dredging", "“Flag"]
    assert "your best" in issues[0]
    assert "instead of all, which gives up 20 %" in issues[1]
    assert "below your walk-away" in explained(HARBOUR, space, stance, (2, 2, 0))[0]
    never = Stance.in_space(Additive(((NEVER, 1, 1), (0, 0, 0), (0,))), 0, space)
    assert "never accept" in " ".join(explained(HARBOUR, space, never, (0, 0, 0)))
    wishes = Stance.in_space(Interdependent((Wish(1, ()), Wish(1, ((0, 1, 1),))), 2), 0, space)
    assert "1 of your 2 wishes" in explained(HARBOUR, space, wishes, (0, 0, 0))[1]
