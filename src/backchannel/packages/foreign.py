"""Issues and private preferences from files of other negotiation programs (docs/spec/packages.md 11)."""

import re
from dataclasses import dataclass
from fractions import Fraction

from backchannel.crypto.secret import Secret
from backchannel.errors import Refused
from backchannel.packages.agenda import Agenda, Issue, Option
from backchannel.packages.preferences import UNIT, Additive, Preferences
from backchannel.said import said

MAX_RANGE = 256  # values of an issue that a file gives as a range
_NUMBER = re.compile(r"\s*([+-]?(?:\d{1,18}(?:\.\d{0,40})?|\.\d{1,40}))(?:[eE]([+-]?\d{1,2}))?\s*", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Imported(Secret):
    """What one side's file says: the issues as it lists them, what packages are worth to it, its walk-away.

    Of a file that lists issues only, `preferences` is None.
    """

    agenda: Agenda
    preferences: Preferences | None
    walk_away: int

    def onto(self, agenda: Agenda) -> Preferences:
        """Give the preferences in the order of an agenda that was agreed; Refused if the file is about other issues."""
        if self.preferences is None:
            raise Refused("This file lists issues and no preferences; take the file of your own side.")
        wanted = [(issue.title, [option.text for option in issue.options]) for issue in agenda.issues]
        given = {issue.title: [option.text for option in issue.options] for issue in self.agenda.issues}
        if list(given.items()) == wanted:
            return self.preferences
        if {title: sorted(texts) for title, texts in wanted} != {
            title: sorted(texts) for title, texts in given.items()
        }:
            raise Refused("This file is not about the issues and options of the agenda; compare their words.")
        if not isinstance(self.preferences, Additive):
            raise Refused(
                "Wishes over ranges keep the order of the file; agree on an agenda in that order, or take the file's."
            )
        places = {title: place for place, title in enumerate(given)}
        return Additive(
            tuple(
                tuple(self.preferences.shares[places[title]][given[title].index(text)] for text in texts)
                for title, texts in wanted
            )
        )


def number(text: str) -> Fraction:
    """Read a decimal number exactly; Refused for anything else, so also for what is not finite."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise Refused(
            said("This file has {text} where a number must stand; mend the file.", text=repr(text[:40]))
        )
    return Fraction(found[1]) * Fraction(10) ** int(found[2] or 0)


def whole(share: Fraction) -> int:
    """Give a utility, 1 at most, as a worth."""
    if abs(share) > UNIT:
        raise Refused("This file has a utility far beyond the scale from 0 to 1; mend the file.")
    return round(UNIT * share)


def steps(low: Fraction, high: Fraction, step: Fraction) -> list[Fraction]:
    """Give the values of a range; Refused if it has none or too many."""
    if step <= 0 or low > high or (high - low) / step >= MAX_RANGE:
        raise Refused(
            said(
                "This file has a range of no or of more than {max_range} values; make its steps wider.",
                max_range=MAX_RANGE,
            )
        )
    return [low + step * place for place in range(int((high - low) / step) + 1)]


def written(value: Fraction) -> str:
    """Write a value of a range as people do."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def agenda_of(issues: dict[str, list[str]]) -> Agenda:
    """Make an agenda of titles and texts, of which a file may have spaces at the ends."""
    return Agenda.of(
        *(
            Issue(title.strip(), tuple(Option(text.strip()) for text in texts))
            for title, texts in issues.items()
        )
    )
