"""What a play seals is read off the desks and checked by a stranger, and is not held where it is not there."""

import asyncio
import re
from pathlib import Path

import pytest

from backchannel.errors import Refused
from backchannel.plays.case_file import parse_case
from backchannel.plays.clock import PlayClock
from backchannel.plays.narrator import Narrator
from backchannel.plays.outcome import Outcome
from backchannel.plays.page import WIDTH
from backchannel.plays.play import play
from backchannel.plays.runner import Runner
from backchannel.plays.scenes import Refusal
from backchannel.plays.stage import Stage
from made_up import QUAY, QUAY_HELD


def played(text: str) -> Outcome:
    return asyncio.run(play(parse_case(text.encode(), "made-up.yaml"), raw=True))


def held(shown: Outcome) -> set[str]:
    return {feature for feature, finding in shown.must_show.items() if finding.held}


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def quay(told: list[str]) -> Outcome:
    case = parse_case(QUAY.encode(), "made-up.yaml")
    return asyncio.run(play(case, narrator=Narrator(case, told.append), raw=True))


def test_each_word_is_held_where_the_desks_show_it_and_not_where_they_do_not(quay: Outcome) -> None:
    assert {feature: finding.why for feature, finding in quay.must_show.items() if finding.why} == {
        "not_later": "Not every one of those desks holds row 9 sealed.",
        "not_wordless": "None of those desks shows that row 6 was confirmed, or shown and handed back.",
        "not_pressed": "The desk of boris shows none of the clocks.",
        "not_lodged": "None of those desks holds a text that waits for a signal.",
        "not_done": "On the desk of boris what was promised at row 2 has not turned to kept.",
        "not_only_asked": "On the desk of anna row 1 counts as an offer.",
        "not_lapsed": "On the desk of anna row 11 has not lapsed.",
        "not_claimed": "On the desk of anna row 10 is not the claim of one of those people.",
        "not_upgraded": "On the desk of anna row 1 counts as a side's word.",
        "not_rests": "On the desk of anna the demand of row 12 does not stand as parked.",
        "not_all_seal": "Those desks do not hold one sealed text of these words.",
        "not_silent": "The link on the desk of anna shows no difference in what the rows state.",
        "not_there": "There is no row 99 in this case.",
        "not_named": "“crossed” names no rows.",
        "not_differ": "No link on the desk of boris lays these rows side by side.",
    }
    assert held(quay) == QUAY_HELD
    assert not quay.played.skipped
    assert all(finding.evidence for finding in quay.must_show.values() if finding.held)


def test_what_comes_into_the_open_is_told_as_a_stranger_is_told_it(quay: Outcome, told: list[str]) -> None:
    assert not quay.played.skipped
    assert max(map(len, told)) <= WIDTH
    chapters = [line.partition(". ")[2] for line in told if re.match(r"  \d+\. ", line)]
    assert chapters == [
        *("The first approach", "Time, and on whom it presses", "From talk to a text that anyone can check"),
        *("Letters that cross", "Two channels side by side", "Asked so that a no stays hidden"),
        "What was closed is opened",
        *("What if it had come out?", "A forgery, and why there can be one", "What the relay saw"),
        "What the desks show, now that it is over",
    ]
    text = " ".join(" ".join(told).replace("│", " ").split())
    for said in (
        "SEALED by Northtown and Southtown: every side's signature holds.",
        "Of this no desk keeps a word.",
        "Boris Southern confirms what was said on 2 March 1931",
        "Opened: understanding-row-2, an oral understanding of Northtown and Southtown",
        "Opened: term-row-14, closed when the text was sealed: The mole is gone.",
        "lapsed by the choice of Northtown",
    ):
        assert said in text
    assert "a desk refused" not in text


def test_no_word_is_held_without_the_field_it_rests_on() -> None:
    changed = QUAY
    for old, new in (
        ("by: south, from: south, to: north, terms: [dues.half]", "by: north, from: north, to: south, terms: [dues.hidden]"),
        ("register: oral, terms: [deal.mole]", "register: talk, terms: [deal.mole]"),
        ("felt_by: [south]", "felt_by: [north]"),
        ('n: 4, at: "1931-03-03T10:00", kind: draft-text', 'n: 4, at: "1931-03-03T10:00", kind: message'),
        ('"on": [5, 8]', '"on": [4, 8]'),
        ('expect: surfaced, "on": [3]', 'expect: surfaced, "on": [2]'),
        ("kind: deed, vis: public, room: public, by: north, from: north, to: south, answers: 11", "kind: leak, vis: leaked, room: public, by: north, from: north, to: south, terms: [deal.lamps]"),
        ('from: north, to: south, terms: [deal.mole], gist: "Work', 'from: north, to: south, gist: "Work'),
        ("by: boris, mandate: exploratory", "by: boris, mandate: authorised"),
        ('expect: contradiction-flagged, "on": [1, 3], people: [anna]', 'expect: contradiction-flagged, "on": [4, 5], people: [anna]'),
        ('expect: who-knew-when, "on": [1, 2, 5, 11], people: [anna, boris, carl]', 'expect: who-knew-when, "on": [6, 10], people: [anna, carl, boris]'),
        ('"on": [8], people: [anna, boris]', '"on": [8], people: [anna, carl]'),
    ):  # fmt: skip
        assert old in changed
        changed = changed.replace(old, new, 1)
    shown = played(changed)
    assert held(shown) == {"knew", "not_lapsed", "claimed", "rests"}
    assert "was public before" in shown.must_show["later"].why
    assert "holds the text of row 2" in shown.must_show["wordless"].why
    assert "boris shows none" in shown.must_show["pressed"].why


async def _refuses() -> None:
    raise Refused("This desk would rather not.")


def test_what_a_desk_refuses_beside_a_row_is_told_and_ends_nothing(tmp_path: Path) -> None:
    case = parse_case(QUAY.encode(), "made-up.yaml")
    told: list[object] = []
    stage = Stage(tmp_path, PlayClock(0), "", 0)
    runner = Runner(case, stage, told.append)
    asyncio.run(runner.attempt(case.timeline[0], _refuses))
    assert told == [Refusal(case.timeline[0], "This desk would rather not.")]
