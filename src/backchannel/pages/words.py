"""What the pages say, in every language, from one catalogue (words.json); times as each language writes them."""

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from backchannel.desk.shown import visible
from backchannel.languages import END, FIRST, ISOLATE, LANGUAGES, RIGHT_TO_LEFT, in_language
from backchannel.pages.named import COMMAND, OPTION, names, options

MOMENTS: Mapping[str, str] = {
    "en": "d MMM y, HH:mm 'UTC'xxx",
    "fr": "d MMM y, HH:mm 'UTC'xxx",
    "ar": "d MMM y، HH:mm 'UTC'xxx",
}  # a zone has other letters in each language, and its distance from UTC the same in all
AT_UTC = "+00:00"  # goes without saying
NAMED, NAMED_END = '<span class="named">', "</span>"  # what a covered screen covers
MINUTE_MS = 60_000
DAYS_COUNTED = range(2, 60)
TOGETHER = "\u00a0"  # a space at which no line ends
SIZES = (("mb", 1_000_000), ("kb", 1_000), ("bytes", 1))
DAY, DATE, HOUR = "EEEE d MMMM y", "d MMM y", "HH:mm"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Give every sentence by its name, in each language."""
    text = files("backchannel.pages").joinpath("words.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


@lru_cache(maxsize=8192)
def _moment(minute: int, form: str, language: str, *_zone: object) -> str | None:
    """Write the time of a minute since 1970 in this machine's zone; None if it is beyond what a calendar has."""
    try:
        local = (_EPOCH + timedelta(minutes=minute)).astimezone()
    except (OverflowError, ValueError, OSError):
        return None
    return format_datetime(local, form, tzinfo=local.tzinfo, locale=language).removesuffix(AT_UTC)


class Words:
    """The catalogue in one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else FIRST
        self.direction = "rtl" if self.language in RIGHT_TO_LEFT else "ltr"
        self._locale = Locale.parse(self.language)

    @property
    def languages(self) -> list[str]:
        """Name every language, this one first: for what others are to read."""
        return list(dict.fromkeys((self.language, *LANGUAGES)))

    def __call__(self, name: str, **values: object) -> str:
        """Give a sentence with its values filled in; they are escaped where they are shown, not here."""
        return catalogue()[name][self.language].format(**values)

    def plainly(self, text: str) -> str:
        """Say in this language what a command answered; a command that it names is called as the pages call it."""
        return in_language(visible(text), self.language, isolated=True, typed=self._untyped)

    def _untyped(self, form: str) -> str:
        """Name a page, a form or a field where a sentence of ours tells what to type."""

        def named(typed: re.Match[str]) -> str:
            name = {**names(), **options()}.get(typed[1])
            return typed[0] if name is None else self("app.quoted", words=self(name))

        return OPTION.sub(named, COMMAND.sub(named, form))

    def naming(self, name: str, **values: object) -> Markup:
        """Give a sentence with others' words filled in: every character visible, each in its own direction."""
        apart = {key: Markup("<bdi>{}</bdi>").format(visible(str(value))) for key, value in values.items()}
        return escape(catalogue()[name][self.language]).format(**apart)

    def told(self, text: object) -> Markup:
        """Say in this language what a command answered; what others wrote in it is made visible and stands apart."""
        said = str(escape(self.plainly(str(text))))
        return Markup(said.replace(ISOLATE, NAMED + ISOLATE).replace(END, END + NAMED_END))  # noqa: S704 - escaped, and ours

    def moment(self, at_ms: int) -> str:
        """Write a time in this machine's zone, which is named; `at_ms` is in milliseconds since 1970."""
        return self._written(at_ms, MOMENTS[self.language])

    def day(self, at_ms: int) -> str:
        """Write the day of a time in this machine's zone."""
        return self._written(at_ms, DAY)

    def date(self, at_ms: int) -> str:
        """Write a day in short."""
        return self._written(at_ms, DATE)

    def hour(self, at_ms: int) -> str:
        """Write hour and minute of a time whose day and zone stand beside it."""
        return self._written(at_ms, HOUR)

    def _written(self, at_ms: int, form: str) -> str:
        return _moment(at_ms // MINUTE_MS, form, self.language, time.tzname, time.timezone) or self(
            "time.beyond"
        )

    def lasting(self, ms: int) -> str:
        """Write a length of time, by the day up to two months, since weeks would be too coarse to count on."""
        span = max(timedelta(milliseconds=abs(ms)), timedelta(minutes=1))
        days = round(span / timedelta(days=1))
        if days in DAYS_COUNTED:
            return format_timedelta(
                timedelta(days=days), granularity="day", threshold=DAYS_COUNTED.stop, locale=self._locale
            )
        return format_timedelta(span, granularity="minute", threshold=2, locale=self._locale)

    def size(self, count: int) -> str:
        """Write how long a file is; `count` is in bytes."""
        unit, divisor = next((one for one in SIZES if count >= one[1]), SIZES[-1])
        return self(f"size.{unit}", count=format_decimal(round(count / divisor, 1), locale=self._locale))

    def audience(self, said: Mapping[str, Any]) -> str:
        """Say who can read a room, from the parts of `readable`."""
        parts = said.get("readable")
        if parts is None:
            return str(said.get("audience", ""))
        sides = [(visible(one["side"]), one["people"]) for one in parts["sides"]]
        if parts["go_betweens"]:
            sides.append((self("role.go-between"), parts["go_betweens"]))
        return self(
            "audience.line",
            kind=self.term("sort", parts["kind"]),
            people=parts["people"],
            sides=self("audience.comma").join(f"{_isolated(name)}{TOGETHER}{count}" for name, count in sides),
        )

    def state(self, said: Mapping[str, Any]) -> str:
        """Say why nothing can be said in a room."""
        word = f"state.{said['state_word']}"
        return self(word) if self.has(word) else visible(str(said["state"]))

    def has(self, name: str) -> bool:
        return name in catalogue()

    def term(self, family: str, word: str) -> str:
        """Give a word of the protocol as people say it; one that is not in the catalogue as it came."""
        found = catalogue().get(f"{family}.{word}")
        return word if found is None else found[self.language]


@cache
def spoken(language: str) -> Words:
    """Give the catalogue in a language, or in the first where there is none in that."""
    return Words(language) if language in LANGUAGES else spoken(FIRST)


def _isolated(name: str) -> str:
    return f"{ISOLATE}{name}{END}"
