"""A package that was searched for: the same on all desks, inside everyone's walk-away, and no list on another's desk."""

from collections.abc import Mapping
from typing import Any

from backchannel.desk.package_answers import answered
from backchannel.packages.agenda import Agenda, Issue, Option
from backchannel.packages.preferences import Additive
from backchannel.plays.case import Expectation, PersonId
from backchannel.plays.looks import Evidence, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.stakes import answers, stage_of, texts, titled


def package_found(looks: Looks, wanted: Expectation) -> Finding:
    """Those desks show one package that all accept; no other betters it for all, and what was agreed in fact is acceptable to all."""
    stage = stage_of(looks.case, [issue for row in rows_of(looks, wanted) for issue in row.issues])
    if stage is None:
        raise NotSo("Those rows are about no issue of a stage.")
    evidence: list[Evidence] = []
    found: list[Mapping[str, str]] = []
    agendas: set[str] = set()
    for person in named(wanted):
        room, agenda = _agreed(looks, person)
        words = ("package", "progress", "--room", room, agenda)
        seen = looks.ask(person, *words)
        if seen["found"] is None:
            raise NotSo(f"The desk of {person} shows no package that all accept.")
        found.append(seen["found"])
        agendas.add(agenda)
        evidence.append(Evidence.of(person, words, agenda))
        evidence += _actual(looks, person, room, agenda, stage)
    if len(agendas) != 1 or any(each != found[0] for each in found):
        raise NotSo("Those desks do not show the same package.")
    _best_for_all(looks, wanted, stage, found[0])
    return so([*evidence, *_elsewhere(looks, wanted, agendas.pop())])


def _agreed(looks: Looks, person: PersonId) -> tuple[str, str]:
    """The room and the agenda that all its sides agreed to and this desk was told about."""
    for room in looks.shown(person):
        for one in looks.ask(person, "package", "show", "--room", room)["agendas"]:
            if one["status"] == "agreed" and one["preferences_kept"]:
                return room, str(one["id"])
    raise NotSo(
        f"The desk of {person} shows no agenda that all agreed to, or was not told what its side wants."
    )


def _actual(looks: Looks, person: PersonId, room: str, agenda: str, stage: str) -> list[Evidence]:
    """What was agreed in fact is not below this desk's walk-away, if it settled every issue of the stage."""
    chosen: list[str] = []
    for issue in looks.case.issues.values():
        option = looks.case.actual_outcome.get(issue.id)
        if issue.stage not in {stage, ""}:
            continue
        if option is None:
            return []
        chosen += ["--choose", f"{titled(issue)}={texts(issue)[option]}"]
    words = ("package", "explain", "--room", room, agenda, *chosen)
    if looks.ask(person, *words)["thousandths"] < 0:
        raise NotSo(f"What was agreed in fact is below the walk-away on the desk of {person}.")
    return [Evidence.of(person, words, agenda)]


def _best_for_all(looks: Looks, wanted: Expectation, stage: str, found: Mapping[str, str]) -> None:
    issues = [issue for issue in looks.case.issues.values() if issue.stage in {stage, ""}]
    agenda = Agenda(
        tuple(Issue(titled(issue), tuple(Option(text) for text in texts(issue).values())) for issue in issues)
    )
    space = agenda.space(secret=True)
    here = tuple(list(texts(issue).values()).index(found[titled(issue)]) for issue in issues)
    sides = [_wants(looks, person, stage, agenda) for person in named(wanted)]
    if any(side.worth(here) < 0 for side in sides):
        raise NotSo("The package is outside the walk-away of a side.")
    lists = [side.listed(space) for side in sides]
    worths = [side.worth(here) for side in sides]
    if any(all(a > b for a, b in zip(each, worths, strict=True)) for each in zip(*lists, strict=True)):
        raise NotSo("Another package is better for all.")


def _wants(looks: Looks, person: PersonId, stage: str, agenda: Agenda) -> Additive:
    return answered(agenda, answers(looks.case, stage, looks.case.people[person].party))


def _elsewhere(looks: Looks, wanted: Expectation, agenda: str) -> list[Evidence]:
    """No other desk that holds the agenda was told anybody's wants."""
    evidence = []
    for person in looks.seats:
        for room in looks.shown(person) if person not in wanted.people else ():
            words = ("package", "show", "--room", room)
            shown: list[Mapping[str, Any]] = looks.ask(person, *words)["agendas"]
            for one in shown:
                if one["id"] == agenda:
                    if one["preferences_kept"]:
                        raise NotSo(f"The desk of {person} holds what somebody wants.")
                    evidence.append(Evidence.of(person, words, agenda))
    return evidence
