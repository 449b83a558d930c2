"""What was agreed ad referendum and not ratified: it binds nobody, what answered it has lapsed, and no later word changes that."""

from collections.abc import Mapping
from typing import Any

from backchannel.errors import BackchannelError
from backchannel.plays.case import Expectation, PersonId, Row
from backchannel.plays.enact.ratification import LONGEST, ratifier, without_words
from backchannel.plays.looks import Evidence, Looks
from backchannel.plays.readers import due
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.tables import shown_name, side_of

FEWEST = 2  # rows: what was agreed, and that it was not ratified


def not_ratified(looks: Looks, wanted: Expectation) -> Finding:
    """A desk shows the first row as not ratified since the second, or has nothing of it; nowhere is it anybody's word."""
    rows = rows_of(looks, wanted)
    if len(rows) < FEWEST:
        raise NotSo(f"“{wanted.expect}” names fewer than two rows.")
    agreed, end = rows[:2]
    evidence: list[Evidence] = []
    told = 0
    for person in named(wanted):
        failed = _failed(looks, person, agreed, end)
        told += bool(failed)
        if failed:
            evidence += failed
        elif looks.of_row(person, agreed) or looks.search(person, agreed.gist):
            raise NotSo(f"The desk of {person} does not show row {agreed.n} as not ratified.")
        else:
            evidence.append(looks.searched(person, agreed.gist))
    if not told:
        raise NotSo(f"None of those desks shows row {agreed.n} as not ratified.")
    own = looks.case.parties[ratifier(looks.case, end)]
    for held in (held for person in looks.seats for held in looks.of_row(person, agreed) if held.is_item):
        offered = held.item["offer"]["counts"] and held.item["offer"]["side"] == shown_name(own.name)
        if offered or held.item["accepted_by"]:
            raise NotSo(f"On the desk of {held.desk} row {agreed.n} is the word of a side.")
        evidence.append(held.evidence())
    return so(evidence)


def _referenda(looks: Looks, person: PersonId, agreed: Row) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (room, one)
        for room, shown in looks.shown(person).items()
        if any(event["kind"] == "ratify-ask" for event in shown["events"])
        for one in looks.ask(person, "ratify", "show", "--room", room)["referenda"]
        if one["subject"] in {agreed.gist[:LONGEST].strip(), without_words(agreed)}
    ]


def _failed(looks: Looks, person: PersonId, agreed: Row, end: Row) -> list[Evidence]:
    """Where a desk shows it as not ratified since a row; what answered it in the knowledge of that has lapsed there."""
    evidence = []
    for room, one in _referenda(looks, person, agreed):
        if one["status"] != "not-ratified" or one["decided_ms"] < end.at_ms:
            continue
        pledges = looks.ask(person, "pledge", "show", "--room", room)["pledges"]
        resting = [each for each in pledges if one["on"] in each["answers"] and each["at_ms"] > one["at_ms"]]
        if any(each["status"] != "lapsed" for each in resting):
            raise NotSo(f"On the desk of {person} what answers row {agreed.n} has not lapsed.")
        evidence.append(Evidence.of(person, ("ratify", "show", "--room", room), one["id"]))
    return evidence


def expired(looks: Looks, wanted: Expectation) -> Finding:
    """Authority ends with a clock; without one, the first row ended with the second, and a later word on it is refused."""
    if wanted.clocks:
        return due.expired(looks, wanted)
    rows = rows_of(looks, wanted)
    if len(rows) < FEWEST:
        raise NotSo(f"“{wanted.expect}” names neither a clock nor the row that ends it.")
    agreed, end = rows[:2]
    evidence: list[Evidence] = []
    for person in named(wanted):
        failed = _failed(looks, person, agreed, end)
        if not failed:
            raise NotSo(f"The desk of {person} does not show row {agreed.n} as ended by row {end.n}.")
        evidence += failed
    side = ratifier(looks.case, end)
    for person in looks.seats:
        if looks.case.people[person].party == side:
            for room, one in _referenda(looks, person, agreed):
                if one["side"] == side_of(looks.case.people[person], looks.case.parties):
                    _refused(looks, person, room, one["id"], agreed)
    return so(evidence)


def _refused(looks: Looks, person: PersonId, room: str, referendum: str, agreed: Row) -> None:
    try:
        words = ("ratify", "result", "--room", room, "ratified", referendum)
        looks.seats[person].do(*words, now=looks.now)
    except BackchannelError:
        return
    raise NotSo(f"The desk of {person} can still bring row {agreed.n} back.")
