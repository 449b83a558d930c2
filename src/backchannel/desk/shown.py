"""Words of other people, made safe to show on a terminal: nothing they wrote can move, hide or forge what is seen."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations

from backchannel.channel.likeness import skeleton
from backchannel.said import Shown, harmless, said

_JOINERS = "\u200c\u200d"  # part of words in Persian and in Indian scripts, and of emoji
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs without a glyph
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 4  # combining marks on one letter; no orthography needs more
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH"})


def one_line(text: str) -> str:
    """Show a name or title: one line, every hidden or controlling character visible as [U+202E]."""
    if text.isascii() and text.isprintable():
        return text
    return harmless(text, lambda part: Shown(_isolated("".join(_shown(part.replace("\r\n", "\n"))))))


def lines(text: str) -> list[str]:
    """Show a text line by line; the caller puts something before each, so that no line passes for a heading."""
    return [one_line(line) for line in text.replace("\r\n", "\n").split("\n")]


def visible(text: str) -> str:
    """Make every hidden or controlling character of one line visible, for a screen that isolates directions itself."""
    if text.isascii() and text.isprintable():
        return text
    return harmless(text, lambda part: Shown("".join(_shown(part))))


def _shown(text: str) -> Iterable[str]:
    """Give a text in pieces: what is plain as it is, each other character as it is to be shown."""
    odd = "".join(char for char in set(text) if _odd(char))
    at, marks = 0, 0
    for found in re.finditer(f"[{re.escape(odd)}]", text) if odd else ():
        place, char = found.start(), found[0]
        if place > at:
            yield text[at:place]
            marks = 0
        at = place + 1
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if char == "\t" or category == "Zs":
            yield " "
        elif char in _JOINERS and _joins(text, place):
            yield char
        elif category in _HIDDEN or char in _BLANK_LETTERS or marks > _MOST_MARKS:
            yield f"[U+{ord(char):04X}]"
        else:
            yield char
    yield text[at:]


@lru_cache(maxsize=4096)
def _odd(char: str) -> bool:
    category = unicodedata.category(char)
    return char != " " and (
        category in _HIDDEN or category in _MARKS or category == "Zs" or char in _BLANK_LETTERS
    )


def _joins(text: str, place: int) -> bool:
    return 0 < place < len(text) - 1 and not text[place - 1].isascii() and not text[place + 1].isascii()


def _isolated(text: str) -> str:
    """Keep a right-to-left name or line from turning round what stands beside it."""
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in set(text)):
        return f"{_ISOLATE}{text}{_END_ISOLATE}"
    return text


def warnings(text: str) -> list[str]:
    """Say what in a text is not as it seems."""
    found: list[str] = []
    if text.isascii() and text.isprintable():
        return found
    hidden = {char for char in set(text) if char not in "\n\r\t" and len("".join(_shown(char))) > 1} - set(
        _JOINERS
    )
    if hidden & _BIDI:
        found.append(said("it holds characters that turn the direction of writing; they are shown as [U+…]"))
    if hidden - _BIDI:
        found.append(said("it holds invisible or control characters; they are shown as [U+…]"))
    mixed = next((word for word in dict.fromkeys(re.findall(r"\w+", text)) if _mixes(word)), None)
    if mixed is not None:
        found.append(
            said("“{mixed}” mixes letters of two alphabets that look alike", mixed=one_line(mixed)[:40])
        )
    return found


def _mixes(word: str) -> bool:
    if word.isascii():
        return False
    alphabets = {unicodedata.name(char, "").split(" ")[0] for char in word if char.isalpha()}
    return len(alphabets & _ALPHABETS) > 1


def likeness(name: str) -> str:
    """Reduce a name to what an eye in a hurry keeps of it: more than what tells members apart."""
    letters = "".join(char for char in skeleton(name) if char.isalnum() or char == "|")
    return letters.replace("i", "l").replace("|", "l").replace("vv", "w")


def alike(names: Iterable[str]) -> list[tuple[str, str]]:
    """Give the pairs of different names that look the same."""
    return [
        (one, other) for one, other in combinations(sorted(set(names)), 2) if likeness(one) == likeness(other)
    ]
