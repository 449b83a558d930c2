"""What a case asks of its players, read off its fields alone: who speaks where, who is kept off the line, what is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.plays.case import (
    Case,
    Expectation,
    Kind,
    PersonId,
    Room,
    RoomId,
    Row,
    RowNumber,
)
from backchannel.plays.course import LATE, Course, course
from backchannel.plays.course import WORDS as COURSE
from backchannel.plays.questions import JOINT_YES, Question, question
from backchannel.plays.tables import cannot_say, with_desk
from backchannel.plays.terms import deals

CROSSED = "crossed"
HELD_TEXT_NONE = "held-text-none"
OPENED_LATER = "opened-later"
SURFACED = "surfaced"
RELEASED_ON_SIGNAL = "released-on-signal"
DEADLINE_SHOWN = "deadline-shown"
PERFORMED = "performed"
CONTRADICTION_FLAGGED = "contradiction-flagged"
WHO_KNEW_WHEN = "who-knew-when"
LAPSED_IF_PUBLISHED = "lapsed-if-published"
PACKAGE_FOUND = "package-found"
ASSERTED_NOT_PROVED = "asserted-not-proved"
MANDATE_UPGRADED = "mandate-upgraded"
PARKED = "parked"
SEALED_BY_ALL = "sealed-by-all"
FEWEST = 2  # people with desks, below which a room is not opened


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens beside the saying of each row."""

    off_line: Mapping[RowNumber, frozenset[PersonId]]  # from before this row on
    on_line: Mapping[RowNumber, frozenset[PersonId]]  # after this row
    handed_back: Mapping[RowNumber, RowNumber]  # draft: the row that answers it
    sealed_at: Mapping[RowNumber, RowNumber]  # row that is opened later: the row with which it is sealed
    opened_at: Mapping[
        RowNumber, RowNumber | None
    ]  # the same: the public row that opens it, None for the end
    surfaced: Mapping[RowNumber, Expectation]  # last row of public words that are to go out as one text
    lodged: Mapping[RowNumber, PersonId]  # standby text: who holds it
    released: Mapping[RowNumber, RowNumber]  # row at which one is released: its own
    read_as_kept: frozenset[RowNumber]  # deeds that the other side reads as kept
    linked: Mapping[RowNumber, tuple[Expectation, ...]]  # last of rows that are laid side by side
    searched: Mapping[RowNumber, Expectation]  # first private row after which people search for a package
    course: Course  # what pledges, lines, challenges and names ask
    joint: Mapping[RowNumber, Question]  # rows that ask so that only a yes of all shows
    known_to: frozenset[RowNumber]  # rows that only those who said or heard them may know
    claimed: frozenset[RowNumber]  # rows before which their speaker says on what authority
    parked: Mapping[RowNumber, tuple[Expectation, ...]]  # rows at which a demand is on record, or rests
    sealed_by_all: Mapping[RowNumber, Expectation]  # public row whose words these people seal
    clocks: Mapping[
        RowNumber, Mapping[str, frozenset[PersonId]]
    ]  # row from which clocks matter: who asks for them


def plan(case: Case) -> Plan:
    off: dict[RowNumber, frozenset[PersonId]] = {}
    on: dict[RowNumber, frozenset[PersonId]] = {}
    for first, second in crossings(case):
        away = kept_away(case, case.row(first), case.row(second))
        off[first] = off.get(first, frozenset()) | away
        on[second] = on.get(second, frozenset()) | away
    opened = {
        row.n: wanted.on[-1] if case.row(wanted.on[-1]).said is None else None
        for wanted in wanteds(case, OPENED_LATER)
        for row in map(case.row, wanted.on)
        if row.said is not None
    }
    surfaced = {wanted.on[-1]: wanted for wanted in wanteds(case, SURFACED)}
    lodged = _lodged(case)
    return Plan(
        off_line=off,
        on_line=on,
        handed_back=_handed_back(case),
        sealed_at={n: _sealed_at(case, case.row(n)) for n in opened},
        opened_at=opened,
        surfaced=surfaced,
        lodged={n: holder for n, (holder, _) in lodged.items()},
        released={at: n for n, (_, at) in lodged.items() if at is not None},
        read_as_kept=frozenset(
            [n for wanted in wanteds(case, PERFORMED) for n in wanted.on]
            + [wanted.on[-1] for wanted in wanteds(case, LATE)]
        ),
        linked=_linked(case),
        searched={
            next(n for n in wanted.on if case.row(n).said is not None): wanted
            for wanted in wanteds(case, PACKAGE_FOUND)
            if any(case.row(n).said is not None for n in wanted.on)
        },
        course=course(case, {word: wanteds(case, word) for word in COURSE}),
        joint={
            found.row.n: found
            for wanted in wanteds(case, JOINT_YES)
            if (found := question(case, wanted)) is not None and not cannot_say(case, found.row)
        },
        known_to=frozenset(
            n
            for wanted in wanteds(case, WHO_KNEW_WHEN)
            for n in wanted.on
            if case.row(n).said is not None and not cannot_say(case, case.row(n))
        ),
        claimed=frozenset(
            n
            for word in (ASSERTED_NOT_PROVED, MANDATE_UPGRADED)
            for wanted in wanteds(case, word)
            for n in wanted.on
        ),
        parked=_by_row(wanteds(case, PARKED)),
        sealed_by_all={
            wanted.on[-1]: wanted
            for wanted in wanteds(case, SEALED_BY_ALL)
            if case.row(wanted.on[-1]).said is None
        },
        clocks=_clocks(case),
    )


def _lodged(case: Case) -> dict[RowNumber, tuple[PersonId, RowNumber | None]]:
    """Private drafts that are released on a signal: who of the named people holds each, and at which row it comes out."""
    found: dict[RowNumber, tuple[PersonId, RowNumber | None]] = {}
    for wanted in wanteds(case, RELEASED_ON_SIGNAL):
        for row in map(case.row, wanted.on):
            if row.said is None or row.kind is not Kind.DRAFT_TEXT:
                continue
            holders = [person for person in wanted.people if person in with_desk(case, row.said.to_people)]
            if holders:
                later = next((n for n in wanted.on if n > row.n), None)
                found.setdefault(row.n, (holders[0], later))
    return found


def _linked(case: Case) -> dict[RowNumber, tuple[Expectation, ...]]:
    found: dict[RowNumber, tuple[Expectation, ...]] = {}
    for wanted in wanteds(case, CONTRADICTION_FLAGGED):
        found[wanted.on[-1]] = (*found.get(wanted.on[-1], ()), wanted)
    return found


def _by_row(expectations: list[Expectation]) -> dict[RowNumber, tuple[Expectation, ...]]:
    rows = {n for wanted in expectations for n in wanted.on}
    return {n: tuple(wanted for wanted in expectations if n in wanted.on) for n in rows}


def meant(case: Case, row: Row) -> set[PersonId]:
    """Who says or hears a private row at a desk, where it is said and where it is carried on."""
    said = row.said
    assert said is not None, "a private row"
    people = {PersonId(row.by), *with_desk(case, said.to_people)}
    return people if said.onward is None else people | set(usable(case, case.rooms[said.onward], row.n))


def _clocks(case: Case) -> dict[RowNumber, dict[str, frozenset[PersonId]]]:
    """Clocks matter from the first row about which a case asks for them, else from the last private row before them."""
    found: dict[RowNumber, dict[str, frozenset[PersonId]]] = {}
    for clock in case.clocks.values():
        asked = [wanted for wanted in wanteds(case, DEADLINE_SHOWN) if clock.id in wanted.clocks]
        rows = [wanted.on[0] for wanted in asked] or [
            row.n for row in case.timeline if row.said is not None and row.at_ms < clock.at_ms
        ][-1:]
        if rows:
            people = frozenset(person for wanted in asked for person in wanted.people)
            found.setdefault(min(rows), {})[clock.id] = people
    return found


def wanteds(case: Case, word: str) -> list[Expectation]:
    """Every expectation of a case with one word about rows that are there."""
    return [
        wanted
        for feature in case.features
        for wanted in feature.expectations
        if wanted.expect == word and wanted.on and not case.missing(wanted)
    ]


def _sealed_at(case: Case, row: Row) -> RowNumber:
    """A later signing in the same room about the same secret term seals a row; else it is sealed when said."""
    assert row.said is not None, "a private row"
    if row.kind is not Kind.SIGNING:
        for later in case.timeline:
            same_room = later.said is not None and later.said.room == row.said.room
            if later.n > row.n and later.kind is Kind.SIGNING and same_room and deals(later) & deals(row):
                return later.n
    return row.n


def crossings(case: Case) -> list[tuple[RowNumber, RowNumber]]:
    """The pairs of rows that a case expects to cross: being sent without sight of each other is what crossing is."""
    return [(wanted.on[0], wanted.on[-1]) for wanted in wanteds(case, CROSSED) if len(wanted.on) > 1]


def kept_away(case: Case, first: Row, second: Row) -> frozenset[PersonId]:
    """Who says the second row where the first is said, and must not have seen it."""
    before, after = speakers(case, first), speakers(case, second)
    return frozenset(after[room] for room in before if room in after and after[room] != before[room])


def speakers(case: Case, row: Row) -> dict[RoomId, PersonId]:
    """Who puts a row on the record of which rooms."""
    if row.said is None:
        return noters(case, row)
    if cannot_say(case, row):
        return {}
    found = {row.said.room: PersonId(row.by)}
    if row.said.onward is not None and row.said.bearer is not None:
        found[row.said.onward] = row.said.bearer
    return found


def noters(case: Case, row: Row, at: RowNumber | None = None) -> dict[RoomId, PersonId]:
    """Who notes a public row in each room that is open at it, or `at` a later one.

    It is the person who acted, else one of the party it comes from, else one of the party it goes to; a room without
    any of these takes no note of it, unless no room has any: what all the world knows, anybody can note.
    """
    n = row.n if at is None else at
    found: dict[RoomId, PersonId] = {}
    for room in case.rooms.values():
        present = usable(case, room, n)
        ranked = [
            (rank, place, person)
            for place, person in enumerate(present)
            if (rank := _closeness(case, row, person)) is not None
        ]
        if ranked:
            found[room.id] = min(ranked)[2]
    return found or {room.id: people[0] for room in case.rooms.values() if (people := usable(case, room, n))}


def usable(case: Case, room: Room, n: RowNumber) -> tuple[PersonId, ...]:
    """Those with desks who are in an open room at a row; nobody where they are too few to need a room."""
    present = with_desk(case, room.present(n))
    return present if len(present) >= FEWEST else ()


def _closeness(case: Case, row: Row, person: PersonId) -> int | None:
    party = case.people[person].party
    of_a_side = party in case.parties
    close = (person == row.by, of_a_side and party == row.from_party, of_a_side and party == row.to_party)
    return close.index(True) if any(close) else None


def _handed_back(case: Case) -> dict[RowNumber, RowNumber]:
    """Drafts that are handed back: a later row answers them, and the case expects that nobody holds their text."""
    listed = {n for wanted in wanteds(case, HELD_TEXT_NONE) for n in wanted.on}
    found: dict[RowNumber, RowNumber] = {}
    for row in case.timeline:
        answered = row.answers
        if answered is not None and answered in listed and case.row(answered).kind is Kind.DRAFT_TEXT:
            found.setdefault(answered, row.n)
    return found
