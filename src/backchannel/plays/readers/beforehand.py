"""What stands before a word is said: that everybody named has consented, and what a go-between has at stake."""

from backchannel.channel.members import Role
from backchannel.plays.case import Expectation, PersonId, Row
from backchannel.plays.looks import Evidence, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.traces import person_name


def consent_required(looks: Looks, wanted: Expectation) -> Finding:
    """Every desk that has a row shows that each of those people had consented before; its speaker's desk refused it until then."""
    named(wanted)
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        if row.said is None:
            raise NotSo(f"Row {row.n} is public.")
        blocked = [
            Evidence.of(person, words, after=row.n)
            for (n, person, words), answer in looks.glimpses.items()
            if n == row.n and person == row.by and answer.get("error")
        ]
        if not blocked:
            raise NotSo(f"The desk of {row.by} did not wait before row {row.n}.")
        holders = {person for person in looks.seats if looks.of_row(person, row)}
        if not holders >= set(wanted.people):
            raise NotSo(f"Not every one of those desks holds row {row.n}.")
        evidence += blocked
        for person in sorted(holders):
            evidence += _consented(looks, person, wanted, row)
    return so(evidence)


def _consented(looks: Looks, person: PersonId, wanted: Expectation, row: Row) -> list[Evidence]:
    names = {person_name(looks.case, each) for each in wanted.people}
    evidence = []
    for held in looks.of_row(person, row):
        words = ("consent", "show", "--room", held.room)
        given = [
            one
            for one in looks.ask(person, *words)["asked"]
            if one["status"] == "given"
            and not one["early"]
            and {each["name"] for each in one["given"]} >= names
            and max(each["at_ms"] for each in one["given"]) <= held.item["at_ms"]
        ]
        if not given:
            raise NotSo(f"The desk of {person} does not show that all had consented before row {row.n}.")
        evidence += [Evidence.of(person, words, *(one["id"] for one in given)), held.evidence()]
    return evidence


def interest_declared(looks: Looks, wanted: Expectation) -> Finding:
    """Every desk that has a row shows the role of each named go-between in that room and what they have at stake."""
    evidence: list[Evidence] = []
    rows = [row for row in rows_of(looks, wanted) if row.said is not None]
    between = [person for person in named(wanted) if looks.case.people[person].role is Role.GO_BETWEEN]
    if not rows or len(between) < len(wanted.people):
        raise NotSo("Those people do not go between.")
    for person in between:
        shown = 0
        for row in rows:
            for desk in looks.seats:
                for held in looks.of_row(desk, row):
                    found = _shown(looks, desk, held.room, person)
                    if (
                        held.author == person_name(looks.case, person)
                        and held.is_item
                        and not held.item["interest"]
                    ):
                        raise NotSo(
                            f"On the desk of {desk} row {row.n} stands without what {person} has at stake."
                        )
                    shown += found is not None
                    evidence += [] if found is None else [found, held.evidence()]
        if not shown:
            raise NotSo(f"No desk that has these rows shows what {person} has at stake.")
    return so(evidence)


def _shown(looks: Looks, desk: PersonId, room: str, person: PersonId) -> Evidence | None:
    """What a desk shows of somebody's stake in a room; None if they do not sit there."""
    words = ("interest", "show", "--room", room)
    for one in looks.ask(desk, *words)["interests"]:
        if one["name"] == person_name(looks.case, person):
            if not one["interest"] or one["role"] != Role.GO_BETWEEN:
                raise NotSo(f"On the desk of {desk} {person} has declared nothing.")
            return Evidence.of(desk, words, one["event"])
    return None
