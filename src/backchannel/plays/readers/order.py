"""Order and answers: letters that crossed, what was never answered, and a line that goes on after a silence."""

from itertools import pairwise

from backchannel.plays.case import Expectation
from backchannel.plays.looks import Evidence, Held, Looks
from backchannel.plays.readers.finding import DAY_MS, Finding, NotSo, named, rows_of, so


def crossed(looks: Looks, wanted: Expectation) -> Finding:
    """Two rows were sent without sight of each other: marked so where both stand, apart where only one is held."""
    if len(wanted.on) < 2:  # noqa: PLR2004 - it takes two to cross
        raise NotSo("“crossed” names fewer than two rows.")
    first, second = looks.case.row(wanted.on[0]), looks.case.row(wanted.on[-1])
    evidence: list[Evidence] = []
    marked = 0
    for person in named(wanted):
        before, after = looks.of_row(person, first), looks.of_row(person, second)
        if not before and not after:
            raise NotSo(f"The desk of {person} holds neither row {first.n} nor row {second.n}.")
        evidence += [each.evidence() for each in (*before, *after)]
        if not before or not after:
            missing = first if after else second
            evidence.append(looks.searched(person, missing.gist))
        for one in before:
            for other in after:
                if one.room == other.room:
                    _crossed_pair(one, other)
                    marked += 1
    if not marked:
        raise NotSo(f"No one of those desks has rows {first.n} and {second.n} on one record.")
    return so(evidence)


def _crossed_pair(one: Held, other: Held) -> None:
    """The record marks both, and the times of sending, receiving and reading show it."""
    for marked, across in ((one, other), (other, one)):
        if across.is_item and across.label not in marked.item["crossed"]:
            raise NotSo(f"On the desk of {one.desk} the two rows are not marked as crossed.")
    if not one.is_item and not other.is_item:
        raise NotSo(f"On the desk of {one.desk} neither row is an item that could be marked.")
    for own, theirs in ((one, other), (other, one)):
        if not theirs.item["mine"] and (theirs.item["received_ms"] is None or _read_ms(theirs, own) is None):
            raise NotSo(f"The desk of {one.desk} does not show when the other row was received and read.")
        if own.item["mine"]:
            seen = [each for each in own.item["receipts"] if each["name"] == theirs.author]
            if not seen or seen[0]["received_ms"] is None or _their_read_ms(own, theirs.author) is None:
                raise NotSo(
                    f"The desk of {one.desk} does not show when {theirs.author} received and read the other row."
                )
            if seen[0]["received_ms"] < theirs.item["at_ms"]:
                raise NotSo(f"{theirs.author} had received the one row before sending the other.")


def _read_ms(theirs: Held, own: Held) -> int | None:
    """When this desk's person read what came: by the item's own mark, or by confirming what has no text."""
    if theirs.is_item:
        read: int | None = theirs.item["read_ms"]
        return read
    return _their_read_ms(theirs, own.author)


def _their_read_ms(held: Held, reader: str) -> int | None:
    if held.is_item:
        return next((each["read_ms"] for each in held.item["receipts"] if each["name"] == reader), None)
    return next((each["at_ms"] for each in held.item.get("confirmed", ()) if each["by"] == reader), None)


def unanswered(looks: Looks, wanted: Expectation) -> Finding:
    """Wherever the rows stand they show as unanswered, and longer so when one looks a day later."""
    people = wanted.people or tuple(looks.seats)
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        holders = [held for person in people for held in looks.of_row(person, row) if held.is_item]
        if not holders:
            raise NotSo(f"No desk holds row {row.n} as something that waits for an answer.")
        for held in holders:
            age = held.item["unanswered_ms"]
            if held.item["answered_by"] or age is None:
                raise NotSo(f"Row {row.n} does not show as unanswered on the desk of {held.desk}.")
            if looks.again(held, DAY_MS)["unanswered_ms"] != age + DAY_MS:
                raise NotSo(f"The age of row {row.n} does not grow on the desk of {held.desk}.")
            evidence.append(held.evidence())
    return so(evidence)


def dormant_days(looks: Looks, wanted: Expectation) -> Finding:
    """The rows stand on one record with days of silence shown before the later ones, and nobody's record differs."""
    rows = rows_of(looks, wanted)
    evidence: list[Evidence] = []
    silences = 0
    for earlier, later in pairwise(rows):
        for person in named(wanted):
            before = {held.room for held in looks.of_row(person, earlier)}
            for held in looks.of_row(person, later):
                if held.room in before:
                    silences += int(held.item.get("silence_ms") or 0) >= DAY_MS
                    _goes_on(looks, held)
                    evidence.append(held.evidence())
    for row in rows:
        if not any(looks.of_row(person, row) for person in named(wanted)):
            raise NotSo(f"None of those desks holds row {row.n}.")
    if not silences:
        raise NotSo("None of those desks shows days of silence between the rows.")
    return so(evidence)


def _goes_on(looks: Looks, held: Held) -> None:
    """The record is one: no fork, nothing missing, and the same for everyone who is in the room."""
    shown = looks.shown(held.desk)[held.room]
    if (
        shown["forks"]
        or shown["waiting"]
        or (shown["state"] == "open" and shown["same_on"] != len(shown["people"]))
    ):
        raise NotSo(f"The desk of {held.desk} does not show that its record is whole.")
