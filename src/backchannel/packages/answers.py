"""Preferences from few plain questions, each answered in one of five ways (docs/spec/packages.md 2.2).

For each issue: which option is best, which is worst, how good is each other one between these two, and how much does the
issue matter beside the one that matters most. That is never more questions than there are options and issues. Each answer
but best and worst can be asked again later, in the same five ways: where within what the first one covers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from backchannel.crypto.secret import Secret
from backchannel.errors import Refused
from backchannel.packages.agenda import Agenda
from backchannel.packages.preferences import Additive
from backchannel.said import said


class Good(IntEnum):
    """How good an option is between the worst and the best of its issue."""

    HARDLY_BETTER_THAN_THE_WORST = 0
    NEARER_THE_WORST = 1
    HALF_WAY = 2
    NEARER_THE_BEST = 3
    ALMOST_THE_BEST = 4


class Weight(IntEnum):
    """How much it matters whether an issue ends at its best or its worst, beside the issue that matters most."""

    HARDLY = 0
    A_THIRD = 1
    HALF = 2
    THREE_QUARTERS = 3
    AS_MUCH = 4


# The middle of what each answer covers; both ends are known exactly from the best and the worst.
GOOD = {level: Fraction(2 * level + 1, 10) for level in Good}
# Measured to serve best; what matters hardly still matters.
WEIGHT = {
    Weight.HARDLY: Fraction(1, 10),
    Weight.A_THIRD: Fraction(3, 10),
    Weight.HALF: Fraction(1, 2),
    Weight.THREE_QUARTERS: Fraction(3, 4),
    Weight.AS_MUCH: Fraction(1),
}


# What each answer covers, for whoever is asked again where within it; what matters as much as any is the last.
_COVERS = (Fraction(0), Fraction(1, 5), Fraction(2, 5), Fraction(5, 8), Fraction(7, 8), Fraction(1))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as a person reads it, about an option or, if that is None, about the whole issue."""

    issue: int
    option: int | None
    words: str


@dataclass(frozen=True, slots=True, repr=False)
class IssueAnswers(Secret):
    """What a person said about one issue; options in `never` are refused whatever else a package holds."""

    best: int
    worst: int
    between: tuple[tuple[int, Good], ...]  # every other option
    weight: Weight
    never: frozenset[int] = frozenset()
    finer: tuple[tuple[int, Good], ...] = ()  # where within what the answer about an option covers
    finer_weight: Good | None = None

    def score(self, option: int) -> Fraction:
        """Place an option between the worst and the best of its issue."""
        if option in {self.best, self.worst}:
            return Fraction(option == self.best)
        good, finer = dict(self.between)[option], dict(self.finer).get(option)
        # spec 2.2
        return GOOD[good] if finer is None else (good + GOOD[finer]) / len(GOOD)

    @property
    def matters(self) -> Fraction:
        """Weigh the issue beside the one that matters most."""
        if self.finer_weight is None:
            return WEIGHT[self.weight]
        low, high = _COVERS[self.weight : self.weight + 2]
        return low + (high - low) * GOOD[self.finer_weight]


def ends(agenda: Agenda, issue: int) -> list[Asked]:
    """Ask for the best and the worst option of an issue; of two, the other is the worst; of one there is no choice."""
    title, count = agenda.issues[issue].title, len(agenda.issues[issue].options)
    asked = [
        said("“{title}”: which of these is best for you?", title=title),
        said("“{title}”: which of these is worst for you?", title=title),
    ]
    return [Asked(issue, None, words) for words in asked[: count - 1]]


def middle(agenda: Agenda, issue: int, best: int, worst: int) -> list[Asked]:
    """Ask how good every other option is, and how much the issue matters; nothing of an issue with one option."""
    title, options = agenda.issues[issue].title, agenda.issues[issue].options
    if len(options) == 1:
        return []
    return [
        *(
            Asked(
                issue,
                place,
                said(
                    "“{title}”: between {options} and {options_2}, how good is {one}?",
                    title=title,
                    options=options[worst].text,
                    options_2=options[best].text,
                    one=one.text,
                ),
            )
            for place, one in enumerate(options)
            if place not in {best, worst}
        ),
        Asked(
            issue, None, said("How much does “{title}” matter, beside what matters most to you?", title=title)
        ),
    ]


def preferences(agenda: Agenda, answers: Sequence[IssueAnswers | None]) -> Additive:
    """Turn answers into preferences; None for an issue that is all the same to the person; Refused if any is missing."""
    if len(answers) != len(agenda.issues) or not any(answers):
        raise Refused("Every issue needs an answer, and one of them must matter; go on with the questions.")
    weights, scores = [], []
    for issue, told in zip(agenda.issues, answers, strict=True):
        count = len(issue.options)
        row: list[Fraction | None] = [Fraction(0)] * count
        weights.append(Fraction(0) if told is None else told.matters)
        if told is not None:
            named = [*{told.best, told.worst}, *(option for option, _ in told.between)]
            if sorted(named) != list(range(count)):
                raise Refused(
                    said(
                        "Each option of “{issue_title}” needs one answer; say what is missing.",
                        issue_title=issue.title,
                    )
                )
            row = [told.score(option) for option in range(count)]
            for option in told.never:
                row[option] = None
        scores.append(row)
    return Additive.of_weights(weights, scores)
