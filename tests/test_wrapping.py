"""What is too long for a terminal is cut before it gets there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.desk.shown import one_line
from backchannel.desk.wrapping import columns, wrapped

WIDTH = 40


def test_a_text_stays_behind_its_bar() -> None:
    rows = list(wrapped("  │ " + "word " * 30, WIDTH))
    assert len(rows) > 3
    assert all(row.startswith("  │ ") and columns(row) <= WIDTH for row in rows)


def test_a_line_made_to_break_where_it_looks_like_a_heading_stays_further_in() -> None:
    hostile = "    " + "x" * 35 + " #99  formal · Boris (B), principal · says: authorised"
    rows = list(wrapped(hostile, WIDTH))
    assert all(row.startswith("    ") for row in rows)


@given(st.text(), st.sampled_from(["", "  ", "  │ ", "- "]))
def test_no_row_is_too_wide_and_no_letter_is_lost(text: str, before: str) -> None:
    line = before + one_line(text)
    rows = list(wrapped(line, WIDTH))
    assert all(columns(row) <= WIDTH for row in rows) or len(rows) == 1
    bare = {ord(char): None for char in " │"}
    assert "".join(rows).translate(bare) == line.translate(bare)


def test_colour_takes_no_room_and_an_address_is_left_whole() -> None:
    assert columns("\x1b[1mbold\x1b[0m") == 4
    assert list(wrapped("backchannel:1:" + "a" * 200, WIDTH)) == ["backchannel:1:" + "a" * 200]


@pytest.mark.parametrize(("text", "wide"), [("日本", 4), ("e\u0301", 1), ("abc", 3), ("می\u200cخ", 3)])
def test_columns_are_those_of_a_terminal(text: str, wide: int) -> None:
    assert columns(text) == wide
