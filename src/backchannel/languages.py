"""Sentences in the languages people chose, from one catalogue: `words/*.json` beside this file (docs/languages.md)."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from backchannel.errors import Refused
from backchannel.said import Joined, Said, Value, plain, said

Form: TypeAlias = "str | Mapping[str, str]"

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français", "ar": "العربية"}
WORDS = Path(__file__).parent / "words"
RIGHT_TO_LEFT = frozenset({"ar"})
FIRST = "en"
OPTION, VARIABLE = "--language", "BACKCHANNEL_LANGUAGE"
SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")  # in the order in which a system means them
ISOLATE, END = "\u2068", "\u2069"  # so that a name in another script turns nothing beside it

_TYPED = re.compile(r"`[^`]+`|(?<![\w-])--[a-z][a-z-]*")  # what is typed as it stands, whatever the language

# In Arabic a date that begins after a letter would be shown with its day first, and typed so.
_EXAMPLE = re.compile(
    rf"{_TYPED.pattern}|\d{{4}}-\d\d-\d\d(?:T[\d:]+Z?| \d\d:\d\d)?|\+\d\d:\d\d|\d(?:,\d+)+-\d+"
)


@cache
def catalogue() -> Mapping[str, Mapping[str, Form]]:
    """Give every sentence by its English template: a text for each language, or one for each form of a number."""
    found: dict[str, dict[str, Form]] = {}
    for file in sorted(WORDS.glob("*.json")):
        found |= json.loads(file.read_text(encoding="utf-8"))
    return found


def in_language(
    text: str, language: str, *, isolated: bool = False, typed: Callable[[str], str] | None = None
) -> str:
    """Say a sentence in a language; a text that none of ours made stays as it is. `isolated`: names stand apart in any language.

    `typed` says otherwise what our sentences tell a person to type, for who has no terminal; what others wrote is left alone.
    """
    if language == FIRST and not isolated and typed is None:
        return plain(text)
    return _Tongue(language, isolated or language in RIGHT_TO_LEFT, typed).whole(text)


class _Tongue:
    def __init__(self, language: str, isolated: bool, typed: Callable[[str], str] | None = None) -> None:
        self.language = language
        self.isolated = isolated
        self.typed = typed

    def whole(self, text: str) -> str:
        return self.inner(text) if isinstance(text, Said) else self.template(text, {})

    def inner(self, value: Value) -> str:
        if isinstance(value, Joined):
            return self.template(value.template, {}).join(map(self.inner, value.parts))
        if isinstance(value, Said):
            found = self.template(value.template, value.values)
            return (
                found.format(**{k: self.inner(v) for k, v in value.values.items()}) if value.values else found
            )
        if isinstance(value, int):
            return str(value)
        text = plain(value)
        return self.apart(text) if any(map(str.isalnum, text)) else self.template(text, {})

    def template(self, english: str, values: Mapping[str, Value]) -> str:
        """Give a template in this language, by the form its number asks for; in English where there is none."""
        form = catalogue().get(english, {}).get(self.language)
        if form is None:  # a sentence without its full stop may be one that goes on
            whole = catalogue().get(f"{english}.", {}).get(self.language)
            form = whole.removesuffix(".") if isinstance(whole, str) else english
        if not isinstance(form, str):
            form = form.get(plural(self.language, values.get(form["by"])), form["other"])
        if self.typed is not None and _TYPED.search(form) and {english, f"{english}."} & catalogue().keys():
            form = self.typed(form)
        if self.language in RIGHT_TO_LEFT:
            form = _EXAMPLE.sub(lambda typed: f"{ISOLATE}{typed[0]}{END}", form)
        return plain(form)

    def apart(self, text: str) -> str:
        """Keep a name from turning what stands beside it."""
        if not self.isolated or text.startswith(ISOLATE) or not any(map(str.isalpha, text)):
            return text
        return f"{ISOLATE}{text}{END}"


def plural(language: str, number: object) -> str:
    """Name the form of a noun after a number, as Unicode's plural rules name it."""
    if not isinstance(number, int):
        return "other"
    if language != "ar":
        return "one" if number == 1 or (language == "fr" and number == 0) else "other"
    if number in {0, 1, 2}:
        return ("zero", "one", "two")[number]
    rest = number % 100
    return "few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other"  # noqa: PLR2004 - CLDR's limits


# -- which language -------------------------------------------------------------------------------------------


def chosen(arguments: Iterable[str], environment: Mapping[str, str]) -> tuple[str, list[str]]:
    """Give the language asked for, and the arguments without it: the option, else its variable, else the system's, else English."""
    rest, asked, left = [], environment.get(VARIABLE, ""), list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            rest += [word, *left]
            break
        if word == OPTION and left:
            asked = left.pop(0)
        elif word.startswith(f"{OPTION}="):
            asked = word.removeprefix(f"{OPTION}=")
        else:
            rest.append(word)
    if asked and asked not in LANGUAGES:
        raise Refused(
            said(
                "There is no language “{asked}” here; choose one of {known}.",
                asked=asked,
                known=", ".join(LANGUAGES),
            )
        )
    system = next((environment[name] for name in SYSTEM if environment.get(name)), "")[:2]
    return asked or (system if system in LANGUAGES else FIRST), rest


def copied(word: str) -> str:
    """Give a word that may have been copied from a sentence, without the marks that kept it apart there."""
    return word.strip(ISOLATE + END)


_terminal = [FIRST]


def speak(language: str) -> None:
    """Have everything this process says on its terminal said in a language."""
    _terminal[0] = language


def of_terminal() -> str:
    """Give the language that this process speaks on its terminal."""
    return _terminal[0]


def on_terminal(text: str) -> str:
    """Say a sentence in the terminal's language."""
    return in_language(text, _terminal[0])
