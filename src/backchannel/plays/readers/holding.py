"""Who holds what: rows that stand on the right desks, that others have no trace of, and texts that nobody has any more."""

from backchannel.plays.case import Expectation, PersonId, Row
from backchannel.plays.looks import Evidence, Held, Looks
from backchannel.plays.plan import meant
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.traces import person_name, rooms_of, traces

TAKEN_BACK = frozenset({"withdrawn", "handed-back"})  # the status of a paper whose text is gone


def absent_on_desks(looks: Looks, wanted: Expectation) -> Finding:
    """Those desks hold no trace of the rows, which other desks do hold."""
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        holders = [
            held
            for person in looks.seats
            for held in (*looks.of_row(person, row), *looks.stubs(person, row, TAKEN_BACK))
        ]
        if not holders:
            raise NotSo(f"No desk holds row {row.n}, so that its absence elsewhere shows nothing.")
        evidence.append(holders[0].evidence())
    for person in named(wanted):
        found = traces(looks, person, rooms_of(rows_of(looks, wanted)), rows_of(looks, wanted))
        if found.hits:
            raise NotSo(f"The desk of {person} holds a trace: {found.hits[0]}.")
        evidence += found.looked
    return so(evidence)


def who_knew_when(looks: Looks, wanted: Expectation) -> Finding:
    """Each private row is on exactly the desks of those who said or heard it, each since when the others' receipts say."""
    evidence: list[Evidence] = []
    private = [row for row in rows_of(looks, wanted) if row.said is not None]
    if not private:
        raise NotSo(f"Row {wanted.on[0]} is public.")
    for row in private:
        knowing = meant(looks.case, row)
        for person in named(wanted):
            held = looks.of_row(person, row)
            if person not in knowing:
                if held or looks.search(person, row.gist):
                    raise NotSo(f"The desk of {person} holds row {row.n}, which was not for it.")
                evidence.append(looks.searched(person, row.gist))
                continue
            if not held:
                raise NotSo(f"The desk of {person} does not hold row {row.n}.")
            _since_when(looks, held, row)
            evidence += [each.evidence() for each in held]
        evidence += _listed(looks, row)
    return so(evidence)


def _listed(looks: Looks, row: Row) -> list[Evidence]:
    """Its speaker's desk shows who may know a row, and that those who hold it are just these."""
    speaker = PersonId(row.by)
    listed = sorted(person_name(looks.case, person) for person in meant(looks.case, row))
    evidence: list[Evidence] = []
    for held in looks.of_row(speaker, row):
        if held.item["kind"] == "standby" or not held.item["mine"]:
            continue  # a text that is lodged says itself with whom
        terms = looks.ask(speaker, "need-to-know", "show", "--room", held.room)["terms"]
        found = [term for term in terms if term["id"] == held.id]
        if not found or sorted(found[0]["people"]) != listed:
            raise NotSo(f"The desk of {speaker} shows no list of who may know row {row.n}, or another.")
        if found[0]["outside"] or not {holder["name"] for holder in found[0]["holders"]} <= set(listed):
            raise NotSo(f"By the desk of {speaker} somebody else holds row {row.n}.")
        evidence.append(Evidence.of(speaker, ("need-to-know", "show", "--room", held.room), held.id))
    return evidence


def _since_when(looks: Looks, held: list[Held], row: Row) -> None:
    """Every desk that holds an item says of it what the speaker's own desk has in its receipts."""
    for mine in held:
        if mine.item["mine"]:
            continue
        received = mine.item["received_ms"]
        if received is None or received < mine.item["at_ms"]:
            raise NotSo(f"The desk of {mine.desk} does not show since when it holds row {row.n}.")
        name = person_name(looks.case, mine.desk)
        for speaker in looks.seats:
            for theirs in looks.of_row(speaker, row):
                if theirs.id == mine.id and theirs.item["mine"]:
                    told = [each["received_ms"] for each in theirs.item["receipts"] if each["name"] == name]
                    if told != [received]:
                        raise NotSo(
                            f"The desks of {speaker} and {mine.desk} differ on when row {row.n} came."
                        )


def held_text_none(looks: Looks, wanted: Expectation) -> Finding:
    """Those desks have no text of the rows: only that it was confirmed or handed back, by whom and when."""
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        shown = 0
        for person in named(wanted):
            if looks.search(person, row.gist):
                raise NotSo(f"The desk of {person} holds the text of row {row.n}.")
            evidence.append(looks.searched(person, row.gist))
            left = looks.stubs(person, row, TAKEN_BACK) + [
                held for held in looks.of_row(person, row) if _confirmed(held)
            ]
            evidence += [each.evidence() for each in left]
            shown += bool(left)
        if not shown:
            raise NotSo(
                f"None of those desks shows that row {row.n} was confirmed, or shown and handed back."
            )
    return so(evidence)


def _confirmed(held: Held) -> bool:
    """Whether all sides of an understanding have said yes, each with a name and a time."""
    return held.item.get("confirmed_ms") is not None and held.text is None
