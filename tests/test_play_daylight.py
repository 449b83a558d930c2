"""What a play seals is read off the desks and checked by a stranger, and is not held where it is not there."""

import asyncio

import pytest

from backchannel.plays.case_file import parse_case
from backchannel.plays.outcome import Outcome
from backchannel.plays.play import play
from made_up import QUAY


def played(text: str) -> Outcome:
    return asyncio.run(play(parse_case(text.encode(), "made-up.yaml"), raw=True))


def held(shown: Outcome) -> set[str]:
    return {feature for feature, finding in shown.must_show.items() if finding.held}


@pytest.fixture(scope="module")
def quay() -> Outcome:
    return played(QUAY)


def test_each_word_is_held_where_the_desks_show_it(quay: Outcome) -> None:
    assert held(quay) == {"later", "out"}
    assert not quay.played.skipped
    assert "row 3 sealed" in quay.must_show["not_later"].why


def test_no_word_is_held_without_what_it_rests_on() -> None:
    changed = QUAY
    for old, new in (
        ("by: south, from: south, to: north, terms: [dues.half]", "by: south, from: south, to: north, terms: [dues.hidden]"),
        ('expect: surfaced, "on": [2]', 'expect: surfaced, "on": [1]'),
    ):  # fmt: skip
        assert old in changed
        changed = changed.replace(old, new, 1)
    shown = played(changed)
    assert "was public before" in shown.must_show["later"].why
    assert "not public" in shown.must_show["out"].why
