"""What each side of a case would accept, as the search for packages takes it (docs/spec/case.md)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backchannel.packages.agenda import Agenda, Issue, Option, Package
from backchannel.packages.preferences import Additive
from backchannel.plays.case import Case, PartyId
from backchannel.plays.case import Issue as CaseIssue


@dataclass(frozen=True, slots=True)
class Stakes:
    """The issues of one stage of a case, and every side's orderings with their walk-aways."""

    issues: tuple[str, ...]  # ids, in the order of the agenda
    agenda: Agenda
    sides: Mapping[PartyId, Additive]

    def actual(self, outcome: Mapping[str, str | None], case: Case) -> Package | None:
        """Give what was agreed in fact as a package; None if an issue of the stage was left open."""
        places = []
        for issue in self.issues:
            option = outcome.get(issue)
            if option is None:
                return None
            places.append(case.issues[issue].option_ids().index(option))
        return tuple(places)


def stakes(case: Case, stage: str) -> Stakes:
    """Read the stakes of one stage; a side without an ordering on an issue takes any option of it.

    An issue that names no stage belongs to every one.
    """
    chosen = [issue for issue in case.issues.values() if issue.stage in {stage, ""}]
    parties = list(dict.fromkeys(party for issue in chosen for party in issue.preferences))
    agenda = Agenda.of(
        *(
            Issue(issue.id, tuple(Option(option.id, option.secret) for option in issue.options))
            for issue in chosen
        )
    )
    sides = {}
    for party in parties:
        orders, lasts = [], []
        for issue in chosen:
            places = {option: place for place, option in enumerate(issue.option_ids())}
            last = issue.walkaway_after.get(party)
            orders.append([places[option] for option in issue.preferences.get(party, ())])
            lasts.append(None if last is None else places[last])
        sides[party] = Additive.of_orders([len(issue.options) for issue in chosen], orders, lasts)
    return Stakes(tuple(issue.id for issue in chosen), agenda, sides)


LEVELS = 5  # of an answer
_CLEAN = str.maketrans(
    {"|": "/", ":": ",", "=": "-", "[": "(", "]": ")"}
)  # what has a meaning where a person types an agenda


def stage_of(case: Case, issues: Iterable[str]) -> str | None:
    """Give the stage that most of some issues belong to; None if they belong to none that has an oracle."""
    named = [case.issues[issue].stage for issue in issues]
    stages = [oracle.stage for oracle in case.oracles if oracle.stage in named or "" in named]
    return max(stages, key=named.count, default=None)


def titled(issue: CaseIssue) -> str:
    return _plain(issue.title)


def texts(issue: CaseIssue) -> dict[str, str]:
    """Give what each option of an issue is called on a desk, by its id."""
    return {option.id: _plain(option.text) for option in issue.options}


def spoken(issue: CaseIssue) -> str:
    """Write an issue as a person types it."""
    named = texts(issue)
    marks = {option.id: " [secret]" if option.secret else "" for option in issue.options}
    return f"{titled(issue)}: {' | '.join(named[option] + marks[option] for option in named)}"


def answers(case: Case, stage: str, party: PartyId) -> str:
    """Write what a side would answer its desk, by its orderings and where it walks away."""
    said = {}
    for issue in case.issues.values():
        order = issue.preferences.get(party, ())
        if issue.stage not in {stage, ""} or len(order) < len(issue.options) or len(order) < 2:  # noqa: PLR2004
            continue
        named, last = texts(issue), issue.walkaway_after.get(party)
        between = {named[option]: _level(rank, len(order)) for rank, option in enumerate(order)}
        for end in (order[0], order[-1]):
            del between[named[end]]
        said[titled(issue)] = {
            "best": named[order[0]],
            "worst": named[order[-1]],
            "between": between,
            "matters": LEVELS,  # a case orders options, not issues
            "never": [] if last is None else [named[option] for option in order[order.index(last) + 1 :]],
        }
    return json.dumps(said)


def _level(rank: int, count: int) -> int:
    """Place an option of an ordering among five answers, 5 almost the best."""
    return min(LEVELS, 1 + LEVELS * (count - 1 - rank) // (count - 1))


def _plain(text: str) -> str:
    return " ".join(text.translate(_CLEAN).split())[:300]
