"""What the pages say, in every language, from one catalogue (words.json); times as each language writes them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.dates import format_datetime, format_timedelta

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français", "ar": "العربية"}
RIGHT_TO_LEFT = frozenset({"ar"})
FIRST = "en"
MOMENT = "d MMM y, HH:mm zzz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Give every sentence by its name, in each language."""
    text = files("backchannel.pages").joinpath("words.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


class Words:
    """The catalogue in one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else FIRST
        self.direction = "rtl" if self.language in RIGHT_TO_LEFT else "ltr"
        self._locale = Locale.parse(self.language)

    def __call__(self, name: str, **values: object) -> str:
        """Give a sentence with its values filled in; they are escaped where they are shown, not here."""
        return catalogue()[name][self.language].format(**values)

    def moment(self, at_ms: int) -> str:
        """Write a time in this machine's zone, which is named; `at_ms` is in milliseconds since 1970."""
        try:
            local = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone()
        except (OverflowError, ValueError, OSError):
            return self("time.beyond")
        return format_datetime(local, MOMENT, tzinfo=local.tzinfo, locale=self._locale)

    def lasting(self, ms: int) -> str:
        """Write a length of time."""
        return format_timedelta(
            timedelta(milliseconds=abs(ms)), granularity="minute", threshold=2, locale=self._locale
        )

    def has(self, name: str) -> bool:
        return name in catalogue()

    def term(self, family: str, word: str) -> str:
        """Give a word of the protocol as people say it; one that is not in the catalogue as it came."""
        found = catalogue().get(f"{family}.{word}")
        return word if found is None else found[self.language]
