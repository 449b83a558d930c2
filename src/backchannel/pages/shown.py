"""Words of other people on a page: every character visible, every name and text in its own direction."""

import json
from contextvars import ContextVar
from dataclasses import asdict

from markupsafe import Markup, escape

from backchannel.desk.shown import visible
from backchannel.languages import FIRST
from backchannel.pages.words import spoken
from backchannel.said import Said, Shown

language = ContextVar("language", default=FIRST)  # of the page that is being written

MOST_LETTERS, MOST_LINES = 2_000, 40  # of one text among others

FIRST_STRONG, END = "\u2068", "\u2069"


def name(text: object) -> Markup:
    """Show a name or title: isolated, so that no direction of writing turns what stands beside it."""
    return Markup("<bdi>{}</bdi>").format(line(text))


def line(text: object) -> str:
    """Show a text where nothing can be marked up, such as in a choice of a form."""
    if isinstance(text, Said):
        return spoken(language.get()).plainly(text)
    return text if isinstance(text, Shown) else visible(str(text).replace("\n", " "))


def plain_json(value: object) -> str:
    """Write a value as JSON in which every hidden or controlling character is an escape, so that it can be looked at."""
    text = json.dumps(value, ensure_ascii=False, default=asdict)
    hidden = {ord(char): json.dumps(char)[1:-1] for char in set(text) if visible(char) != char}
    text = text.translate(hidden)
    return text if visible(text) == text else json.dumps(value, default=asdict)  # marks heaped upon a letter


def folded(text: str) -> str | None:
    """Give the beginning of a text that is too long to stand beside others; None for one that is not."""
    lines = text.split("\n", MOST_LINES + 1)
    if len(text) <= MOST_LETTERS and len(lines) <= MOST_LINES:
        return None
    return "\n".join(lines[:MOST_LINES])[:MOST_LETTERS]


def isolated(text: object) -> str:
    """Show a text where nothing can be marked up, in its own direction and turning nothing beside it."""
    return f"{FIRST_STRONG}{line(text)}{END}"


def words(text: object) -> Markup:
    """Show a text as paragraphs, each in the direction of its own first letter."""
    parts = [part.strip("\n") for part in str(text).replace("\r\n", "\n").split("\n\n")]
    shown = [Markup('<p dir="auto">{}</p>').format(_lines(part)) for part in parts if part]
    return Markup("\n").join(shown)


def _lines(part: str) -> Markup:
    return Markup("<br>\n").join(escape(visible(line)) for line in part.split("\n"))
