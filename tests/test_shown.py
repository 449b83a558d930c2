"""Whatever others wrote, what is shown of it cannot move, hide or forge anything on a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.desk.commands.promises import shortened
from backchannel.desk.shown import alike, lines, one_line, warnings

ISOLATES = "\u2068\u2069"
JOINERS = "\u200c\u200d"

wild = st.text(
    st.characters() | st.sampled_from("\x1b\x9b\r\n\x00\x07\u202e\u2066\u200f\u200d\ufeff\u3164\u0301אب")
)


@given(wild)
def test_nothing_that_controls_a_terminal_or_hides_is_left(text: str) -> None:
    shown = one_line(text)
    inner = shown[1:-1] if shown[:1] == ISOLATES[0] else shown
    for char in inner:
        assert char in JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(wild)
def test_a_text_has_as_many_lines_as_it_is_shown_with_and_none_breaks(text: str) -> None:
    shown = lines(text)
    assert len(shown) == text.replace("\r\n", "\n").count("\n") + 1
    assert all(len(line.splitlines()) <= 1 for line in shown)


@given(wild)
def test_a_direction_that_is_opened_is_closed_on_the_same_line(text: str) -> None:
    for line in lines(text):
        assert line.count(ISOLATES[0]) == line.count(ISOLATES[1]) <= 1


def test_an_escape_sequence_is_seen_and_named() -> None:
    assert one_line("\x1b[2J\x1b[31mred") == "[U+001B][2J[U+001B][31mred"
    assert warnings("\x1b[2J") == ["it holds invisible or control characters; they are shown as [U+…]"]


def test_turned_writing_is_seen_and_named() -> None:
    assert one_line("photo\u202egpj.exe") == "photo[U+202E]gpj.exe"
    assert "direction" in warnings("photo\u202egpj.exe")[0]


@pytest.mark.parametrize(
    "honest",
    [
        "Zoë Müller",
        "Анна Каренина",
        "می‌خواهم",
        "क्षत्रिय",
        "한국어",
        "日本語",
        "👩‍👩‍👧 together",
        "x² + y² = 4",
        "naïve\n\tcafé",
    ],
)
def test_honest_writing_of_any_language_is_left_alone_and_unflagged(honest: str) -> None:
    assert warnings(honest) == []
    shown = "".join(lines(honest)).strip(ISOLATES)
    assert "[U+" not in shown


@pytest.mark.parametrize("word", ["раypal", "Bоris", "Αnna", "KGВ"])  # noqa: RUF001
def test_a_word_of_two_alphabets_is_named(word: str) -> None:
    assert "two alphabets" in warnings(f"from {word} today")[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "Аnna"),  # noqa: RUF001
        ("Boris", "Bоris"),  # noqa: RUF001
        ("Carl", "CarI"),
        ("Zoe", "Zoë"),
        ("Moore", "M00re"),
        ("Burns", "Bums"),
    ],
)
def test_names_that_look_alike_are_found(one: str, other: str) -> None:
    assert alike(["Somebody else", one, other]) == [tuple(sorted((one, other)))]


def test_one_name_of_two_people_is_not_two_names() -> None:
    assert alike(["Anna", "Anna", "Boris"]) == []


def test_what_a_list_has_of_a_text_is_the_text_as_it_was_written_and_not_as_a_terminal_shows_it() -> None:
    assert shortened("هدنة من ثلاثين يوماً\nتتيح لنا أن نتنفس.") == "هدنة من ثلاثين يوماً تتيح لنا أن نتنفس."
    assert shortened("a" * 500) == "a" * (len(shortened("a" * 500)) - 1) + "…"
