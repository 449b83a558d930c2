"""Promises: deeds in a ledger, pledges as the other side sees them, words that count as nobody's offer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backchannel.errors import BackchannelError
from backchannel.plays.case import Expectation, Kind, PersonId, Row
from backchannel.plays.looks import Evidence, Held, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so

BINDS_NOBODY = frozenset({"exploratory", "not-stated"})  # mandates as they are shown
PROMISES = frozenset({"understanding-offer", "pledge"})
LIVE = frozenset(
    {"confirmed", "binding", "due"}
)  # the status of a promise that binds and is still to be kept
SECOND_MS = 1000


def performed(looks: Looks, wanted: Expectation) -> Finding:
    """Deeds stand with their date and the other side's reading, and the promises among the rows have turned to kept."""
    rows = rows_of(looks, wanted)
    if not any(row.kind is Kind.DEED for row in rows):
        raise NotSo("None of the rows is a deed.")
    evidence: list[Evidence] = []
    for person in named(wanted):
        done: set[str] = set()
        for row in rows:
            if row.kind is not Kind.DEED:
                continue
            deeds = _deeds(looks, person, row)
            if not any(_read_as_kept(deed) for deed in deeds):
                raise NotSo(
                    f"On the desk of {person} no deed of row {row.n} stands that the other side calls kept."
                )
            done |= {deed.id for deed in deeds}
            evidence += [deed.evidence() for deed in deeds]
        for row in rows:
            if row.kind is not Kind.DEED:
                evidence.append(_turned(looks, person, row, done).evidence())
    return so(evidence)


def _deeds(looks: Looks, person: PersonId, row: Row) -> list[Held]:
    """The deeds of a desk's ledger that are a row, at its date."""
    return [
        held
        for held in looks.others(person)
        if held.item["kind"] == "deed"
        and held.text == row.gist
        and held.item["happened_ms"] // SECOND_MS == row.at_ms // SECOND_MS
    ]


def _read_as_kept(deed: Held) -> bool:
    return any(
        reading["reading"] == "kept" and reading["side"] != deed.item["side"]
        for reading in deed.item["readings"]
    )


def _turned(looks: Looks, person: PersonId, row: Row, done: set[str]) -> Held:
    """The promise of a row, which one of those deeds has turned to kept in the eyes of another side."""
    for held in looks.of_row(person, row):
        item = held.item
        if item["kind"] in PROMISES and item["status"] == "kept" and done & set(item["deeds"]):
            return held
    raise NotSo(f"On the desk of {person} what was promised at row {row.n} has not turned to kept.")


def lapsed_if_published(looks: Looks, wanted: Expectation) -> Finding:
    """A promise was live until its publication was reported, and then lapsed on those desks by its own rule.

    Where no row of the list publishes anything, that was tried in a second play, before anything was performed.
    """
    tried = looks.what_ifs.get(wanted)
    asked = looks if tried is None else tried.after
    evidence: list[Evidence] = []
    rows = [row for row in rows_of(looks, wanted) if row.said is not None]
    for person in named(wanted):
        for row in rows:
            promises = [held for held in asked.of_row(person, row) if held.item["kind"] in PROMISES]
            if not promises:
                raise NotSo(f"The desk of {person} has no promise of row {row.n} that could lapse.")
            for held in promises:
                _lapsed(held, row)
                evidence.append(replace(held.evidence(), play=asked.play))
        if tried is not None:
            _live(tried.before.get(person, []), person)
    if tried is not None and not tried.publisher_refused:
        raise NotSo("The side that published could end the promise itself.")
    return so(evidence)


def _lapsed(held: Held, row: Row) -> None:
    """It was reported public and ended after that, by itself or by the choice of a side that did not publish."""
    ended, reports = held.item["lapsed"], held.item["published"]
    if not reports or ended is None or held.item["status"] != "lapsed":
        raise NotSo(f"On the desk of {held.desk} row {row.n} has not lapsed.")
    if ended["at_ms"] < min(report["reported_ms"] for report in reports):
        raise NotSo(f"On the desk of {held.desk} row {row.n} lapsed before it was reported public.")
    if ended["why"] == "election" and ended["by_side"] in {report["by_side"] for report in reports}:
        raise NotSo(f"On the desk of {held.desk} row {row.n} was ended by the side that published it.")


def _live(before: list[Held], person: PersonId) -> None:
    dead = any(held.item["published"] or held.item["status"] not in LIVE for held in before)
    if not before or dead:
        raise NotSo(f"On the desk of {person} it was not live before it was published.")


def not_an_offer(looks: Looks, wanted: Expectation) -> Finding:
    """The rows show a mandate that binds nobody, count as no side's offer, and nobody who heard them can accept them."""
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        holders = [held for person in looks.seats for held in looks.of_row(person, row) if held.is_item]
        mine = [held for held in holders if held.desk in named(wanted)]
        if not mine:
            raise NotSo(f"None of those desks holds row {row.n}.")
        for held in holders:
            if held.item.get("mandate") not in BINDS_NOBODY or held.item["offer"]["counts"]:
                raise NotSo(f"On the desk of {held.desk} row {row.n} counts as an offer.")
            if held.item["accepted_by"] or not _refused(looks, held):
                raise NotSo(f"On the desk of {held.desk} row {row.n} can be accepted.")
            evidence.append(held.evidence())
    return so(evidence)


def _refused(looks: Looks, held: Held) -> bool:
    """Whether a desk refuses to accept an item; its person tries."""
    try:
        looks.seats[held.desk].do("accept", "--room", held.room, held.id, now=looks.now)
    except BackchannelError:
        return True
    return False


def contradiction_flagged(looks: Looks, wanted: Expectation) -> Finding:
    """A private link lays the rows side by side and marks where they differ; no other desk has any of it."""
    rows = rows_of(looks, wanted)
    evidence: list[Evidence] = []
    for person in named(wanted):
        ids = [{held.id for held in looks.of_row(person, row)} for row in rows]
        links = [
            link
            for link in looks.ask(person, "link", "show")["links"]
            if all(any(item["id"] in each for item in link["items"]) for each in ids)
        ]
        if not links:
            raise NotSo(f"No link on the desk of {person} lays these rows side by side.")
        if not any(link["differences"] and _all_state(link) for link in links):
            raise NotSo(f"The link on the desk of {person} shows no difference in what the rows state.")
        for other in looks.seats:
            if other != person and looks.search(other, links[0]["id"]):
                raise NotSo(f"The desk of {other} knows of the link on the desk of {person}.")
        events = (item["id"] for link in links for item in link["items"])
        evidence.append(Evidence.of(person, ("link", "show"), *events))
    return so(evidence)


def _all_state(link: Mapping[str, Any]) -> bool:
    """Whether each item of a link states something: silence contradicts nothing."""
    return all(item["terms"] for item in link["items"])
