"""Whether what a case must show is so on the kept desks: one reader for each word of `expect` that this version can show.

Every reader asks desks through ordinary commands (looks.py) and gives what it rests on. A word without a reader is not
held; nor is anything about a row that was not played.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from backchannel.channel.members import Role
from backchannel.plays.case import (
    Case,
    Expectation,
    Feature,
    PersonId,
    Row,
    RowNumber,
)
from backchannel.plays.looks import Evidence, Held, Looks, once
from backchannel.plays.plan import CROSSED, HELD_TEXT_NONE, usable
from backchannel.plays.tables import with_desk
from backchannel.plays.traces import person_name, rooms_of, traces

DAY_MS = 86_400_000
WITHDRAWN = "withdrawn"  # the status of a paper that was taken back


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether something is so, what shows it, and why it is not held if it is not."""

    held: bool
    evidence: tuple[Evidence, ...]
    why: str = ""

    def value(self) -> dict[str, object]:
        value: dict[str, object] = {"held": self.held, "evidence": [each.value() for each in self.evidence]}
        return value if self.held else {**value, "why": self.why}


Reader = Callable[[Looks, Expectation], Finding]


class _NotSo(Exception):
    """What keeps an expectation from being held, as a sentence."""


def feature_finding(looks: Looks, feature: Feature, skipped: Mapping[RowNumber, str]) -> Finding:
    """A feature is held if every one of its expectations is."""
    findings = [_finding(looks, wanted, skipped) for wanted in feature.expectations]
    return Finding(
        all(finding.held for finding in findings),
        once(each for finding in findings for each in finding.evidence),
        " ".join(finding.why for finding in findings if finding.why),
    )


def _finding(looks: Looks, wanted: Expectation, skipped: Mapping[RowNumber, str]) -> Finding:
    reader = READERS.get(wanted.expect)
    if reader is None:
        return Finding(False, (), f"This version cannot show “{wanted.expect}” yet.")
    for n in wanted.on:
        if n in skipped:
            return Finding(False, (), f"Row {n} was not played: {skipped[n]}.")
    try:
        return reader(looks, wanted)
    except _NotSo as reason:
        return Finding(False, (), str(reason))


def _held(evidence: Iterable[Evidence]) -> Finding:
    return Finding(True, once(evidence))


def _rows(looks: Looks, wanted: Expectation) -> list[Row]:
    if not wanted.on:
        raise _NotSo(f"“{wanted.expect}” names no rows.")
    return [looks.case.row(n) for n in wanted.on]


# -- who holds what -------------------------------------------------------------------------------------------


def absent_on_desks(looks: Looks, wanted: Expectation) -> Finding:
    """Those desks hold no trace of the rows, which other desks do hold."""
    evidence: list[Evidence] = []
    for row in _rows(looks, wanted):
        holders = [
            held
            for person in looks.seats
            for held in (*looks.of_row(person, row), *looks.stubs(person, row, WITHDRAWN))
        ]
        if not holders:
            raise _NotSo(f"No desk holds row {row.n}, so that its absence elsewhere shows nothing.")
        evidence.append(holders[0].evidence())
    for person in _named(wanted):
        found = traces(looks, person, rooms_of(_rows(looks, wanted)), _rows(looks, wanted))
        if found.hits:
            raise _NotSo(f"The desk of {person} holds a trace: {found.hits[0]}.")
        evidence += found.looked
    return _held(evidence)


def who_knew_when(looks: Looks, wanted: Expectation) -> Finding:
    """Each private row is on exactly the desks of those who said or heard it, each since when the others' receipts say."""
    evidence: list[Evidence] = []
    for row in _rows(looks, wanted):
        if row.said is None:
            raise _NotSo(f"Row {row.n} is public.")
        meant = _meant(looks.case, row)
        for person in _named(wanted):
            held = looks.of_row(person, row)
            if person not in meant:
                if held or looks.search(person, row.gist):
                    raise _NotSo(f"The desk of {person} holds row {row.n}, which was not for it.")
                evidence.append(looks.searched(person, row.gist))
                continue
            if not held:
                raise _NotSo(f"The desk of {person} does not hold row {row.n}.")
            _since_when(looks, held, row)
            evidence += [each.evidence() for each in held]
    return _held(evidence)


def _since_when(looks: Looks, held: list[Held], row: Row) -> None:
    """Every desk that holds an item says of it what the speaker's own desk has in its receipts."""
    for mine in held:
        if mine.item["mine"]:
            continue
        received = mine.item["received_ms"]
        if received is None or received < mine.item["at_ms"]:
            raise _NotSo(f"The desk of {mine.desk} does not show since when it holds row {row.n}.")
        name = person_name(looks.case, mine.desk)
        for speaker in looks.seats:
            for theirs in looks.of_row(speaker, row):
                if theirs.id == mine.id and theirs.item["mine"]:
                    told = [each["received_ms"] for each in theirs.item["receipts"] if each["name"] == name]
                    if told != [received]:
                        raise _NotSo(
                            f"The desks of {speaker} and {mine.desk} differ on when row {row.n} came."
                        )


def _meant(case: Case, row: Row) -> set[PersonId]:
    said = row.said
    assert said is not None, "a private row"
    meant = {PersonId(row.by), *with_desk(case, said.to_people)}
    return meant if said.onward is None else meant | set(usable(case, case.rooms[said.onward], row.n))


def held_text_none(looks: Looks, wanted: Expectation) -> Finding:
    """Those desks have no text of the rows: only that one was shown, by whom and when, and that it was taken back."""
    evidence: list[Evidence] = []
    for row in _rows(looks, wanted):
        shown = 0
        for person in _named(wanted):
            if looks.search(person, row.gist):
                raise _NotSo(f"The desk of {person} holds the text of row {row.n}.")
            evidence.append(looks.searched(person, row.gist))
            stubs = looks.stubs(person, row, WITHDRAWN)
            evidence += [each.evidence() for each in stubs]
            shown += bool(stubs)
        if not shown:
            raise _NotSo(f"None of those desks shows that row {row.n} was shown and handed back.")
    return _held(evidence)


# -- order and answers ----------------------------------------------------------------------------------------


def crossed(looks: Looks, wanted: Expectation) -> Finding:
    """Two rows were sent without sight of each other: marked so where both stand, apart where only one is held."""
    if len(wanted.on) < 2:  # noqa: PLR2004 - it takes two to cross
        raise _NotSo("“crossed” names fewer than two rows.")
    first, second = looks.case.row(wanted.on[0]), looks.case.row(wanted.on[-1])
    evidence: list[Evidence] = []
    marked = 0
    for person in _named(wanted):
        before, after = looks.of_row(person, first), looks.of_row(person, second)
        if not before and not after:
            raise _NotSo(f"The desk of {person} holds neither row {first.n} nor row {second.n}.")
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
        raise _NotSo(f"No one of those desks has rows {first.n} and {second.n} on one record.")
    return _held(evidence)


def _crossed_pair(one: Held, other: Held) -> None:
    """The record marks both, and the times of sending, receiving and reading show it."""
    if other.label not in one.item["crossed"] or one.label not in other.item["crossed"]:
        raise _NotSo(f"On the desk of {one.desk} {one.label} and {other.label} are not marked as crossed.")
    for item in (one, other):
        if not item.item["mine"] and (item.item["received_ms"] is None or item.item["read_ms"] is None):
            raise _NotSo(f"The desk of {one.desk} does not show when {item.label} was received and read.")
    for own, theirs in ((one, other), (other, one)):
        if own.item["mine"]:
            seen = [each for each in own.item["receipts"] if each["name"] == theirs.author]
            if not seen or seen[0]["received_ms"] is None or seen[0]["read_ms"] is None:
                raise _NotSo(
                    f"The desk of {one.desk} does not show when {theirs.author} received and read {own.label}."
                )
            if seen[0]["received_ms"] < theirs.item["at_ms"]:
                raise _NotSo(f"{theirs.author} had received {own.label} before sending {theirs.label}.")


def unanswered(looks: Looks, wanted: Expectation) -> Finding:
    """Wherever the rows stand they show as unanswered, and longer so when one looks a day later."""
    people = wanted.people or tuple(looks.seats)
    evidence: list[Evidence] = []
    for row in _rows(looks, wanted):
        holders = [held for person in people for held in looks.of_row(person, row)]
        if not holders:
            raise _NotSo(f"No desk holds row {row.n}.")
        for held in holders:
            age = held.item["unanswered_ms"]
            if held.item["answered_by"] or age is None:
                raise _NotSo(f"Row {row.n} does not show as unanswered on the desk of {held.desk}.")
            if looks.again(held, DAY_MS)["unanswered_ms"] != age + DAY_MS:
                raise _NotSo(f"The age of row {row.n} does not grow on the desk of {held.desk}.")
            evidence.append(held.evidence())
    return _held(evidence)


def dormant_days(looks: Looks, wanted: Expectation) -> Finding:
    """The rows stand on one record with days of silence shown before the later ones, and nobody's record differs."""
    rows = _rows(looks, wanted)
    evidence: list[Evidence] = []
    silences = 0
    for earlier, later in pairwise(rows):
        for person in _named(wanted):
            before = {held.room for held in looks.of_row(person, earlier)}
            for held in looks.of_row(person, later):
                if held.room in before:
                    silences += int(held.item["silence_ms"] or 0) >= DAY_MS
                    _goes_on(looks, held)
                    evidence.append(held.evidence())
    for row in rows:
        if not any(looks.of_row(person, row) for person in _named(wanted)):
            raise _NotSo(f"None of those desks holds row {row.n}.")
    if not silences:
        raise _NotSo("None of those desks shows days of silence between the rows.")
    return _held(evidence)


def _goes_on(looks: Looks, held: Held) -> None:
    """The record is one: no fork, nothing missing, and the same for everyone who is in the room."""
    shown = looks.shown(held.desk)[held.room]
    if (
        shown["forks"]
        or shown["waiting"]
        or (shown["state"] == "open" and shown["same_on"] != len(shown["people"]))
    ):
        raise _NotSo(f"The desk of {held.desk} does not show that its record is whole.")


# -- go-betweens ----------------------------------------------------------------------------------------------


def no_direct_room(looks: Looks, wanted: Expectation) -> Finding:
    """No room that was open at the rows seats all of them, and what reached one from another names its carrier."""
    people = _named(wanted)
    names = {person_name(looks.case, person) for person in people}
    evidence: list[Evidence] = []
    for row in _rows(looks, wanted):
        for person in people:
            evidence.append(Evidence(person, looks.rooms_command()))
            for room in looks.shown(person):
                if names <= looks.seated_at(person, room, row.at_ms):
                    raise _NotSo(f"At row {row.n} a room on the desk of {person} seats all of them.")
            for held in looks.of_row(person, row):
                if row.said is not None and (row.said.author or row.by) in set(people) - {person}:
                    _through_go_between(looks.case, held, row)
                evidence.append(held.evidence())
    if not any(
        held for row in _rows(looks, wanted) for person in looks.seats for held in looks.of_row(person, row)
    ):
        raise _NotSo("No desk holds any of the rows.")
    return _held(evidence)


def _through_go_between(case: Case, held: Held, row: Row) -> None:
    """What one of them said has come to another by a go-between, and says in whose name."""
    carrier = next(
        (person for person in case.people.values() if person_name(case, person.id) == held.author), None
    )
    if carrier is None or carrier.role is not Role.GO_BETWEEN:
        raise _NotSo(
            f"On the desk of {held.desk} row {row.n} comes from {held.author}, who is no go-between."
        )
    if held.item["carried"] is None:
        raise _NotSo(f"On the desk of {held.desk} row {row.n} does not say in whose name it is carried.")


def paraphrase_marked(looks: Looks, wanted: Expectation) -> Finding:
    """What was carried shows carrier and author apart, as the carrier's words, and whether the author confirmed them."""
    evidence: list[Evidence] = []
    for row in _rows(looks, wanted):
        brought = [held for person in _named(wanted) for held in looks.of_row(person, row)]
        carried = [
            held
            for held in brought
            if not (row.said is not None and row.said.author is None and _own(looks, held, row))
        ]
        if not carried:
            raise _NotSo(f"None of those desks has row {row.n} from a carrier.")
        for held in carried:
            mark = held.item["carried"]
            if (
                mark is None
                or mark["manner"] != "paraphrase"
                or mark["author"] == held.author
                or "confirmed" not in mark
            ):
                raise _NotSo(
                    f"On the desk of {held.desk} row {row.n} is not marked as a carrier's paraphrase."
                )
            evidence.append(held.evidence())
    return _held(evidence)


def _own(looks: Looks, held: Held, row: Row) -> bool:
    """Whether an item is the row as its own author said it, before anybody carried it."""
    return held.item["at_ms"] == row.at_ms and held.author == person_name(looks.case, PersonId(row.by))


def _named(wanted: Expectation) -> tuple[PersonId, ...]:
    if not wanted.people:
        raise _NotSo(f"“{wanted.expect}” names nobody whose desk could be asked.")
    return wanted.people


READERS: Mapping[str, Reader] = {
    "absent-on-desks": absent_on_desks,
    "who-knew-when": who_knew_when,
    HELD_TEXT_NONE: held_text_none,
    CROSSED: crossed,
    "unanswered": unanswered,
    "dormant-days": dormant_days,
    "no-direct-room": no_direct_room,
    "paraphrase-marked": paraphrase_marked,
}
