"""What a person answers about an agenda, written down as JSON for a desk to read (docs/packages.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

import msgspec

from backchannel.desk.packages import place_of
from backchannel.errors import Refused
from backchannel.packages.again import most_important, retold
from backchannel.packages.agenda import Agenda, Issue
from backchannel.packages.answers import Good, IssueAnswers, Weight, preferences
from backchannel.packages.preferences import Additive
from backchannel.said import said

LEVELS = 5

T = TypeVar("T")


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was said about one issue: options by their texts, levels from 1 to 5, and 0 for what does not matter."""

    best: str = ""
    worst: str = ""
    between: Mapping[str, int] = {}
    matters: int = 0
    never: tuple[str, ...] = ()


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was answered about one issue the second time: where within what the first answer covers, from 1 to 5; 0 is not asked."""

    between: Mapping[str, int] = {}
    matters: int = 0


def answered(agenda: Agenda, words: str) -> Additive:
    """Turn answers into preferences, or raise Refused; an issue of which nothing is said is all the same."""
    told = _read(agenda, words, Said)
    return preferences(agenda, [_of_issue(issue, told.get(issue.title, Said())) for issue in agenda.issues])


def refined(agenda: Agenda, before: Additive, words: str) -> Additive:
    """Make preferences finer by what was answered the second time, or raise Refused; what was not asked stays as it was."""
    told = _read(agenda, words, Again)
    answers = [
        one if one is None or issue.title not in told else _finer(issue, one, told[issue.title])
        for issue, one in zip(agenda.issues, retold(before), strict=True)
    ]
    return preferences(agenda, answers)


def told_before(agenda: Agenda, before: Additive) -> list[Said | None]:
    """Give what was answered about each issue, as `answered` reads it, or raise Refused; None of one that does not matter."""
    return [
        None
        if one is None
        else Said(
            issue.options[one.best].text,
            issue.options[one.worst].text,
            {issue.options[option].text: good + 1 for option, good in one.between},
            one.weight + 1,
            tuple(issue.options[option].text for option in sorted(one.never)),
        )
        for issue, one in zip(agenda.issues, retold(before), strict=True)
    ]


def to_ask_again(agenda: Agenda, before: Additive) -> dict[str, tuple[dict[str, int], int]]:
    """Give for each issue the first answers that can be asked again, from 1 to 5: of options by their texts, and of its weight or 0."""
    told = retold(before)
    asked = {}
    for place, (issue, one) in enumerate(zip(agenda.issues, told, strict=True)):
        if one is not None:
            between = {
                issue.options[option].text: good + 1
                for option, good in one.between
                if option not in one.never
            }
            asked[issue.title] = (between, 0 if place == most_important(told) else one.weight + 1)
    return asked


def _read(agenda: Agenda, words: str, kind: type[T]) -> dict[str, T]:
    try:
        told = msgspec.json.decode(words, type=dict[str, kind], strict=True)  # type: ignore[valid-type]
    except msgspec.MsgspecError as error:
        raise Refused(
            said("These answers cannot be read ({error}); write them as docs/packages.md shows.", error=error)
        ) from error
    unknown = told.keys() - {issue.title for issue in agenda.issues}
    if unknown:
        raise Refused(said("There is no issue “{unknown}” on this agenda.", unknown=min(unknown)))
    return told


def _check_levels(issue: Issue, levels: Iterable[int]) -> None:
    if not all(1 <= level <= LEVELS for level in levels):
        raise Refused(
            said(
                "Answers about “{issue_title}” are from 1 to {levels}.",
                issue_title=issue.title,
                levels=LEVELS,
            )
        )


def _finer(issue: Issue, one: IssueAnswers, told: Again) -> IssueAnswers:
    _check_levels(issue, [*told.between.values(), told.matters or 1])
    finer = tuple((place_of(issue, text), Good(level - 1)) for text, level in told.between.items())
    return replace(one, finer=finer, finer_weight=Good(told.matters - 1) if told.matters else None)


def _of_issue(issue: Issue, told: Said) -> IssueAnswers | None:
    if not told.matters and not told.never:
        return None
    levels = [*told.between.values(), told.matters or 1]
    _check_levels(issue, levels)
    return IssueAnswers(
        place_of(issue, told.best),
        place_of(issue, told.worst),
        tuple((place_of(issue, text), Good(level - 1)) for text, level in told.between.items()),
        Weight(levels[-1] - 1),
        frozenset(place_of(issue, text) for text in told.never),
    )
