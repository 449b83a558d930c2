"""What fell due: pledges that were late or broken as the other side sees it, and authority that has run out."""

from backchannel.errors import OutOfMandate
from backchannel.plays.case import Clock, Expectation, PersonId, Row
from backchannel.plays.looks import Evidence, Held, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.traces import person_name

PLEDGE = "pledge"
SECOND_MS, MINUTE_MS = 1_000, 60_000
LEAST_LATE, LEAST_BROKEN = 3, 2  # rows


def late(looks: Looks, wanted: Expectation) -> Finding:
    """A pledge showed as overdue when its time had come, and shows as kept late, with the true date of the act."""
    rows = rows_of(looks, wanted)
    if len(rows) < LEAST_LATE:
        raise NotSo("“late” names fewer than three rows.")
    pledged, due, act = rows[0], rows[1], rows[-1]
    evidence: list[Evidence] = []
    for person in named(wanted):
        held = _pledge(looks, person, pledged)
        words = ("pledge", "show", "--room", held.room)
        then = looks.glimpses.get((due.n, person, words), {}).get("pledges", ())
        if not any(each["id"] == held.id and each["status"] == "overdue" for each in then):
            raise NotSo(f"The desk of {person} raised no alarm at row {due.n}.")
        kept = held.item["kept_at_ms"]
        if held.item["status"] != "late" or kept is None or kept // SECOND_MS != act.at_ms // SECOND_MS:
            raise NotSo(f"On the desk of {person} row {pledged.n} is not kept late, at row {act.n}.")
        evidence += [Evidence.of(person, words, held.id, after=due.n), held.evidence()]
    return so(evidence)


def broken(looks: Looks, wanted: Expectation) -> Finding:
    """A pledge is broken in the eyes of a side to which it was made, and what was to follow it is blocked."""
    rows = rows_of(looks, wanted)
    if len(rows) < LEAST_BROKEN:
        raise NotSo("“broken” names fewer than two rows.")
    pledged, end = rows[:2]
    evidence: list[Evidence] = []
    for person in named(wanted):
        held = _pledge(looks, person, pledged)
        if held.item["status"] != "broken" or held.item["status_as"] == held.item["by_side"]:
            raise NotSo(f"On the desk of {person} row {pledged.n} is not broken as another side sees it.")
        shown = looks.shown(person)[held.room]["events"]
        said = [event for event in shown if event["kind"] == "promise-broken"]
        if not any(event["at_ms"] >= end.at_ms for event in said):
            raise NotSo(f"On the desk of {person} row {pledged.n} did not turn to broken at row {end.n}.")
        after = [
            each
            for each in looks.ask(person, "pledge", "show", "--room", held.room)["pledges"]
            if held.id in each["after"]
        ]
        if not all(each["blocked"] for each in after):
            raise NotSo(f"On the desk of {person} what was to follow row {pledged.n} is not blocked.")
        events = (event["id"] for event in said)
        evidence += [held.evidence(), Evidence.of(person, ("show", "--room", held.room), *events)]
        evidence += [
            Evidence.of(person, ("pledge", "show", "--room", held.room), each["id"]) for each in after
        ]
    return so(evidence)


def _pledge(looks: Looks, person: PersonId, row: Row) -> Held:
    for held in looks.of_row(person, row):
        if held.item["kind"] == PLEDGE:
            return held
    raise NotSo(f"The desk of {person} has no pledge of row {row.n}.")


def expired(looks: Looks, wanted: Expectation) -> Finding:
    """Authority ends with its clock, on every desk that shows it, and its holder's desk refuses what would rest on it."""
    if not wanted.clocks:
        raise NotSo(f"“{wanted.expect}” names no clock.")
    clock = looks.case.clocks[wanted.clocks[0]]
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        if row.said is None:
            raise NotSo(f"Row {row.n} is public.")
        shown = [each for person in looks.seats for each in _ends(looks, person, row, clock)]
        for person in named(wanted):
            if person not in {each.desk for each in shown}:
                raise NotSo(
                    f"The desk of {person} shows no authority of row {row.n} that ends with {clock.id}."
                )
        rooms = {room for room, _ in _mandates(looks, PersonId(row.by), row, clock)}
        if not all(_refused(looks, PersonId(row.by), room, clock) for room in rooms):
            raise NotSo(f"The desk of {row.by} still speaks with authority after {clock.id}.")
        evidence += shown
    return so(evidence)


def _mandates(looks: Looks, person: PersonId, row: Row, clock: Clock) -> list[tuple[str, str]]:
    """The mandates of a row's speaker that end with a clock, as a desk shows them: room and id."""
    name = person_name(looks.case, PersonId(row.by))
    return [
        (room, each["id"])
        for room, shown in looks.shown(person).items()
        if any(event["kind"] == "mandate" for event in shown["events"])
        for each in looks.ask(person, "mandate", "show", "--room", room)["mandates"]
        if each["who"] == name
        and each["until_ms"] is not None
        and each["until_ms"] // SECOND_MS == clock.at_ms // SECOND_MS
    ]


def _ends(looks: Looks, person: PersonId, row: Row, clock: Clock) -> list[Evidence]:
    """Standing at the row and expired after the clock, on one desk."""
    evidence = []
    for room, mandate in _mandates(looks, person, row, clock):
        words = ("mandate", "show", "--room", room)
        for at, status in ((row.at_ms, "standing"), (clock.at_ms + MINUTE_MS, "expired")):
            shown = looks.seats[person].do(*words, now=at)["mandates"]
            if not any(each["id"] == mandate and each["status"] == status for each in shown):
                raise NotSo(
                    f"On the desk of {person} the authority of row {row.n} does not end with {clock.id}."
                )
        evidence.append(Evidence.of(person, words, mandate))
    return evidence


def _refused(looks: Looks, person: PersonId, room: str, clock: Clock) -> bool:
    """Whether a desk refuses its person a word with authority after the clock; its person tries."""
    pledge = ("pledge", "make", "--room", room, "--", "After the time has run out.")
    try:
        looks.seats[person].do(*pledge, now=clock.at_ms + MINUTE_MS)
    except OutOfMandate:
        return True
    return False
