"""Go-betweens: people who share no room, and words that show who carries them and whose they are."""

from backchannel.channel.members import Role
from backchannel.plays.case import Case, Expectation, PersonId, Row
from backchannel.plays.looks import Evidence, Held, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.traces import person_name


def no_direct_room(looks: Looks, wanted: Expectation) -> Finding:
    """No room that was open at the rows seats all of them, and what reached one from another names its carrier."""
    people = named(wanted)
    names = {person_name(looks.case, person) for person in people}
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        for person in people:
            evidence.append(Evidence(person, looks.rooms_command()))
            for room in looks.shown(person):
                if names <= looks.seated_at(person, room, row.at_ms):
                    raise NotSo(f"At row {row.n} a room on the desk of {person} seats all of them.")
            for held in looks.of_row(person, row):
                if row.said is not None and (row.said.author or row.by) in set(people) - {person}:
                    _through_go_between(looks.case, held, row)
                evidence.append(held.evidence())
    if not any(
        held for row in rows_of(looks, wanted) for person in looks.seats for held in looks.of_row(person, row)
    ):
        raise NotSo("No desk holds any of the rows.")
    return so(evidence)


def _through_go_between(case: Case, held: Held, row: Row) -> None:
    """What one of them said has come to another by a go-between, and says in whose name."""
    carrier = next(
        (person for person in case.people.values() if person_name(case, person.id) == held.author), None
    )
    if carrier is None or carrier.role is not Role.GO_BETWEEN:
        raise NotSo(f"On the desk of {held.desk} row {row.n} comes from {held.author}, who is no go-between.")
    if held.item.get("carried") is None:
        raise NotSo(f"On the desk of {held.desk} row {row.n} does not say in whose name it is carried.")


def paraphrase_marked(looks: Looks, wanted: Expectation) -> Finding:
    """What was carried shows carrier and author apart, as the carrier's words, and whether the author confirmed them."""
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        brought = [held for person in named(wanted) for held in looks.of_row(person, row)]
        carried = [
            held
            for held in brought
            if not (row.said is not None and row.said.author is None and _own(looks, held, row))
        ]
        if not carried:
            raise NotSo(f"None of those desks has row {row.n} from a carrier.")
        for held in carried:
            mark = held.item.get("carried")
            if (
                mark is None
                or mark["manner"] != "paraphrase"
                or mark["author"] == held.author
                or "confirmed" not in mark
            ):
                raise NotSo(
                    f"On the desk of {held.desk} row {row.n} is not marked as a carrier's paraphrase."
                )
            evidence.append(held.evidence())
    return so(evidence)


def _own(looks: Looks, held: Held, row: Row) -> bool:
    """Whether an item is the row as its own author said it, before anybody carried it."""
    return held.item["at_ms"] == row.at_ms and held.author == person_name(looks.case, PersonId(row.by))
