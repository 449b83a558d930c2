import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.contacts.safety_words import (
    check_commitment,
    check_heard,
    commit,
    halves,
    invitation_words,
    new_nonce,
    parse_words,
    six_words,
    word_list,
)
from backchannel.errors import Refused, Violation

ROSTER, ONE, TWO = b"r" * 32, b"1" * 32, b"2" * 32


def test_the_list_tells_words_apart_by_four_letters() -> None:
    assert len({word[:4] for word in word_list()}) == 1024


def test_drawn_words_are_three_of_the_list_and_differ() -> None:
    drawn = {invitation_words() for _ in range(20)}
    assert len(drawn) == 20
    assert all(parse_words(words, 3) == words for words in drawn)


@pytest.mark.parametrize(
    "typed",
    [
        "academic acid acne",
        "  ACADEMIC-acid, Acne\n",
        "acad acid acne",
        "academix acid acne",
        "acad\u2013acid\u00a0acne.",
    ],
)
def test_words_are_read_as_people_type_them(typed: str) -> None:
    assert parse_words(typed, 3) == "academic acid acne"


@pytest.mark.parametrize("word", word_list()[::37])
def test_a_slip_after_the_fourth_letter_is_forgiven(word: str) -> None:
    assert parse_words(word[:4] + "x", 1) == word


def test_an_unknown_word_is_named_with_the_nearest_one() -> None:
    with pytest.raises(Refused, match=r"“acdemic” is not one .* did you mean “academic”"):
        parse_words("acdemic acid acne", 3)
    with pytest.raises(Refused, match=r"“qqqq” .* check it with the person"):
        parse_words("qqqq acid acne", 3)


def test_too_few_words_are_counted() -> None:
    with pytest.raises(Refused, match="type 3 words; there are 2 here"):
        parse_words("academic acid", 3)


@given(st.text(max_size=60))
def test_any_text_gives_words_or_a_refusal(typed: str) -> None:
    try:
        words = parse_words(typed, 3)
    except Refused:
        return
    assert all(word in word_list() for word in words.split())


def test_six_words_are_a_vector() -> None:
    assert six_words(ROSTER, ONE, TWO) == "freshman install enjoy cultural forget suitable"


def test_another_roster_or_nonce_gives_other_words() -> None:
    same = six_words(ROSTER, ONE, TWO)
    assert (
        len({same, six_words(b"s" * 32, ONE, TWO), six_words(ROSTER, TWO, ONE), six_words(ROSTER, ONE, ONE)})
        == 4
    )


def test_substituted_newcomer_key_is_heard_because_the_halves_differ() -> None:
    """Somebody in between shows each desk another roster and cannot make both halves agree."""
    to_ann, to_ben = six_words(b"a" * 32, ONE, TWO), six_words(b"b" * 32, ONE, TWO)
    ann_shows, ann_awaits = halves(to_ann)
    ben_awaits, ben_shows = halves(to_ben)
    with pytest.raises(Violation, match="somebody is between"):
        check_heard(ann_awaits, ben_shows)
    with pytest.raises(Violation, match="somebody is between"):
        check_heard(ben_awaits, ann_shows)


def test_each_person_types_what_the_other_reads_out() -> None:
    first, last = halves(six_words(ROSTER, ONE, TWO))
    check_heard(last, last.upper().replace(" ", ", "))
    check_heard(first, first)
    assert set(first.split()) != set(last.split())
    with pytest.raises(Refused, match="not one of the words"):
        check_heard(last, "qqqq " + last)


def test_a_side_that_changes_its_nonce_after_seeing_the_others_is_caught() -> None:
    promised = new_nonce()
    commitment = commit(ROSTER, promised)
    check_commitment(commitment, ROSTER, promised)
    for roster, nonce in ((ROSTER, new_nonce()), (b"s" * 32, promised), (ROSTER, promised + b"\0")):
        with pytest.raises(Violation, match="not what was promised"):
            check_commitment(commitment, roster, nonce)


def test_the_word_list_is_not_read_before_it_is_needed() -> None:
    code = "import sys, backchannel.contacts.safety_words; print('shamir_mnemonic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={"PYTHONPATH": "src"},
    )
    assert done.stdout.strip() == "False"
