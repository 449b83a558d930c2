"""Lines cut to a terminal's width here and not by the terminal, so that nothing others wrote reaches the first column."""

import re
import unicodedata
from collections.abc import Iterator

NARROWEST = 40  # columns below which a terminal is left to itself

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_LEADING = re.compile(r" *(?:│ ?)?")
_TO_COPY = "backchannel:"  # an address is one word and is copied whole


def wrapped(line: str, width: int) -> Iterator[str]:
    """Cut a line into rows of at most `width` columns; those after the first stand under its text, further in."""
    if width < NARROWEST or columns(line) <= width or line.startswith(_TO_COPY):
        yield line
        return
    leading = _LEADING.match(line)
    assert leading is not None
    margin = leading[0] if "│" in leading[0] else leading[0] + "  "
    rest, first = line[leading.end() :], True
    while rest:
        before = leading[0] if first else margin
        cut = _cut(rest, width - columns(before))
        yield before + rest[:cut].rstrip(" ")
        rest, first = rest[cut:].lstrip(" "), False


def columns(text: str) -> int:
    """Count the columns a text takes on a terminal."""
    return sum(_columns_of(char) for char in _STYLE.sub("", text))


def _columns_of(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _cut(text: str, width: int) -> int:
    """Give how many characters fit, at a space if there is one not too far back."""
    taken, place, space = 0, 0, 0
    while place < len(text):
        style = _STYLE.match(text, place)
        if style is not None:
            place = style.end()
            continue
        taken += _columns_of(text[place])
        if taken > width:
            return space if space > place // 2 else max(place, 1)
        if text[place] == " ":
            space = place + 1
        place += 1
    return place
