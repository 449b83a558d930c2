"""What each side of a case would accept, as the search for packages takes it (docs/spec/case.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.packages.agenda import Agenda, Issue, Option, Package
from backchannel.packages.preferences import Additive
from backchannel.plays.case import Case, PartyId


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
