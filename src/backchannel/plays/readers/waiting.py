"""What waits: deadlines that press on somebody, and texts that come out only on a signal."""

from backchannel.errors import BackchannelError
from backchannel.plays.case import Clock, Expectation, PersonId, Row
from backchannel.plays.looks import Evidence, Held, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so

HOUR_MS = 3_600_000


def deadline_shown(looks: Looks, wanted: Expectation) -> Finding:
    """The clocks run down on those desks that feel them, and whoever received a row sees how long it was on its way."""
    if not wanted.clocks:
        raise NotSo(f"“{wanted.expect}” names no clock.")
    rows = rows_of(looks, wanted)
    evidence: list[Evidence] = []
    minding: set[PersonId] = set()
    for clock in (looks.case.clocks[name] for name in wanted.clocks):
        shown = [person for person in named(wanted) if _runs_down(looks, person, clock, rows[0])]
        if not shown:
            raise NotSo(f"None of those desks shows the time left on {clock.id}.")
        minding |= set(shown)
        evidence += [Evidence.of(person, ("clock", "show")) for person in shown]
    for person in named(wanted):
        if person not in minding:
            raise NotSo(f"The desk of {person} shows none of the clocks.")
    for row in rows:
        received = [
            held for person in looks.seats for held in looks.of_row(person, row) if not held.item["mine"]
        ]
        if not received or not all(_delay(held) for held in received):
            raise NotSo(f"No desk shows how long row {row.n} was on its way.")
        evidence += [held.evidence() for held in received]
    return so(evidence)


def _runs_down(looks: Looks, person: PersonId, clock: Clock, row: Row) -> bool:
    """Whether a desk shows how much time is left at a row, and an hour less an hour later."""
    left = [_left(looks, person, clock, row.at_ms + after) for after in (0, HOUR_MS)]
    return left == [clock.at_ms - row.at_ms, clock.at_ms - row.at_ms - HOUR_MS]


def _left(looks: Looks, person: PersonId, clock: Clock, now: int) -> int | None:
    """The time left on a clock, as the desk of somebody shows it at a moment."""
    for shown in looks.seats[person].do("clock", "show", now=now)["clocks"]:
        if shown["what"] == clock.what and shown["at_ms"] // 1000 == clock.at_ms // 1000:
            return int(shown["left_ms"])
    return None


def _delay(held: Held) -> bool:
    received = held.item["received_ms"]
    return received is not None and held.item.get("delay_ms", received - held.item["at_ms"]) >= 0


def released_on_signal(looks: Looks, wanted: Expectation) -> Finding:
    """The text stays with those desks and whoever lodged it until the signal, and if there is none for good."""
    rows = rows_of(looks, wanted)
    lodged = [(row, held) for row in rows for person in named(wanted) for held in _held(looks, person, row)]
    if not lodged:
        raise NotSo("None of those desks holds a text that waits for a signal.")
    evidence: list[Evidence] = []
    for row, held in lodged:
        later = next((each for each in rows if each.n > row.n), None)
        if later is None:
            _never_out(looks, row, held)
        elif held.item["released_ms"] is None or held.item["signalled_ms"] > held.item["released_ms"]:
            raise NotSo(f"The text of row {row.n} was not released after its signal.")
        elif held.item["signalled_ms"] < rows[rows.index(later) - 1].at_ms:
            raise NotSo(f"The text of row {row.n} was released before row {later.n}.")
        evidence.append(held.evidence())
        for person in looks.seats:
            if not _held(looks, person, row) and not _lodger(looks, person, row):
                if looks.search(person, row.gist):
                    raise NotSo(f"The desk of {person} holds the text of row {row.n}.")
                evidence.append(looks.searched(person, row.gist))
    return so(evidence)


def _never_out(looks: Looks, row: Row, held: Held) -> None:
    """Nothing was released; and the holder who tries is told to wait for the signal."""
    if held.item["status"] != "lodged":
        raise NotSo(f"The text of row {row.n} is {held.item['status']}, though no row releases it.")
    try:
        looks.seats[held.desk].do("standby", "release", "--room", held.room, held.id, now=looks.now)
    except BackchannelError:
        return
    raise NotSo(f"The desk of {held.desk} releases the text of row {row.n} without a signal.")


def _held(looks: Looks, person: PersonId, row: Row) -> list[Held]:
    return [
        held for held in looks.of_row(person, row) if held.item["kind"] == "standby" and held.item["held"]
    ]


def _lodger(looks: Looks, person: PersonId, row: Row) -> bool:
    return any(held.item["mine"] for held in looks.of_row(person, row))
