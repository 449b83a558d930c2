"""Packages of negotiations of the past: what secrecy made possible, stage by stage."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from backchannel.packages.agenda import Agenda
from backchannel.packages.preferences import Additive, Stance
from backchannel.packages.schedule import Schedule
from backchannel.packages.search import Found, Outcome, search
from backchannel.plays.case import Case
from backchannel.plays.case_file import load_case, shipped
from backchannel.plays.stakes import Stakes, stakes
from one_table import at_one_table

SEED = bytes(32)


def stages(case: Case) -> Iterator[tuple[Stakes, tuple[str, ...], tuple[str, ...]]]:
    for oracle in case.oracles:
        yield stakes(case, oracle.stage), oracle.blocking_if_all_public, oracle.blocking_if_secret_allowed


def found(at_stake: Stakes, *, secret: bool) -> Outcome:
    space = at_stake.agenda.space(secret=secret)
    schedule = Schedule(len(at_stake.sides), secret)
    copies = [
        search(space, schedule, SEED, me, Stance.in_space(additive, 0, space))
        for me, additive in enumerate(at_stake.sides.values())
    ]
    return at_one_table(copies).outcome


def blocking(at_stake: Stakes, *, secret: bool) -> tuple[str, ...]:
    """Name the issues on which the sides find no option, each searched for by itself."""
    return tuple(
        name
        for place, name in enumerate(at_stake.issues)
        if not isinstance(found(alone(at_stake, place), secret=secret), Found)
    )


def alone(at_stake: Stakes, place: int) -> Stakes:
    sides = {party: Additive((side.shares[place],)) for party, side in at_stake.sides.items()}
    return Stakes((at_stake.issues[place],), Agenda((at_stake.agenda.issues[place],)), sides)


def check(case: Case) -> None:
    for at_stake, public, secret in stages(case):
        assert set(blocking(at_stake, secret=False)) == set(public)
        assert set(blocking(at_stake, secret=True)) == set(secret)
        assert isinstance(found(at_stake, secret=False), Found) == (not public)
        assert isinstance(found(at_stake, secret=True), Found) == (not secret)
        actual = at_stake.actual(case.actual_outcome, case)
        if actual is not None:
            assert all(side.worth(actual) >= 0 for side in at_stake.sides.values())


@pytest.mark.parametrize("name", sorted(shipped()))
def test_in_shipped_cases_a_package_exists_exactly_where_the_oracle_says_so(name: str) -> None:
    case = load_case(name)
    assert case.oracles
    check(case)


def test_in_outside_cases_a_package_exists_exactly_where_the_oracle_says_so(outside_cases: Path) -> None:
    files = sorted(outside_cases.glob("*.yaml"))
    assert files
    for file in files:
        check(load_case(str(file)))


def test_a_side_that_will_not_live_with_the_secret_option_leaves_no_package() -> None:
    case = load_case(min(shipped()))
    at_stake, public, _ = next(stages(case))
    assert public
    blocked = case.issues[public[0]]
    party = next(iter(at_stake.sides))
    walkaway = {**blocked.walkaway_after, party: blocked.preferences[party][0]}
    harder = dataclasses.replace(blocked, walkaway_after=walkaway)
    stricter = dataclasses.replace(case, issues={**case.issues, harder.id: harder})
    assert not isinstance(found(stakes(stricter, blocked.stage), secret=True), Found)


def test_an_outcome_that_left_an_issue_open_is_no_package() -> None:
    case = load_case(min(shipped()))
    at_stake = stakes(case, case.oracles[0].stage)
    outcome = dict(case.actual_outcome)
    assert at_stake.actual(outcome, case) is not None
    assert at_stake.actual({**outcome, at_stake.issues[0]: None}, case) is None
