"""What a person answers about an agenda, written down as JSON for a desk to read (docs/packages.md)."""

from collections.abc import Mapping

import msgspec

from backchannel.desk.packages import place_of
from backchannel.errors import Refused
from backchannel.packages.agenda import Agenda, Issue
from backchannel.packages.answers import Good, IssueAnswers, Weight, preferences
from backchannel.packages.preferences import Additive
from backchannel.said import said

LEVELS = 5


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was said about one issue: options by their texts, levels from 1 to 5, and 0 for what does not matter."""

    best: str = ""
    worst: str = ""
    between: Mapping[str, int] = {}
    matters: int = 0
    never: tuple[str, ...] = ()


def answered(agenda: Agenda, words: str) -> Additive:
    """Turn answers into preferences, or raise Refused; an issue of which nothing is said is all the same."""
    try:
        told = msgspec.json.decode(words, type=dict[str, Said], strict=True)
    except msgspec.MsgspecError as error:
        raise Refused(
            said("These answers cannot be read ({error}); write them as docs/packages.md shows.", error=error)
        ) from error
    unknown = told.keys() - {issue.title for issue in agenda.issues}
    if unknown:
        raise Refused(said("There is no issue “{unknown}” on this agenda.", unknown=min(unknown)))
    return preferences(agenda, [_of_issue(issue, told.get(issue.title, Said())) for issue in agenda.issues])


def _of_issue(issue: Issue, told: Said) -> IssueAnswers | None:
    if not told.matters and not told.never:
        return None
    levels = [*told.between.values(), told.matters or 1]
    if not all(1 <= level <= LEVELS for level in levels):
        raise Refused(
            said(
                "Answers about “{issue_title}” are from 1 to {levels}.",
                issue_title=issue.title,
                levels=LEVELS,
            )
        )
    return IssueAnswers(
        place_of(issue, told.best),
        place_of(issue, told.worst),
        tuple((place_of(issue, text), Good(level - 1)) for text, level in told.between.items()),
        Weight(levels[-1] - 1),
        frozenset(place_of(issue, text) for text in told.never),
    )
