"""A search for a package among people of a case: each desk is told its own side's orderings, and nobody else's."""

from backchannel.plays.case import Expectation, PersonId
from backchannel.plays.enact.floor import Floor
from backchannel.plays.enact.speaking import speaks
from backchannel.plays.seat import Seat
from backchannel.plays.stakes import answers, spoken, stage_of
from backchannel.plays.tables import Table

MOST_PROPOSALS = 8
FEWEST = 2


async def search(floor: Floor, wanted: Expectation) -> None:
    """The people put the issues of their stage on the table, agree, tell their desks, search, and accept what they can live with."""
    case = floor.case
    table = next((floor.said_in[n] for n in wanted.on if n in floor.said_in), None)
    stage = stage_of(case, [issue for n in wanted.on for issue in case.row(n).issues])
    if table is None or table.closed or stage is None:
        return
    people = _people(floor, wanted, table)
    if len(people) < FEWEST:
        return
    first, *others = (floor.seat(person) for person in people.values())
    issues = [issue for issue in case.issues.values() if issue.stage in {stage, ""}]
    words = [word for issue in issues for word in ("--issue", spoken(issue))]
    words += [word for side in people for word in ("--with", side)]
    put = first.do("package", "propose", "--room", table.id, "--secret", *words)
    about = ("--room", table.id, str(put["agenda"]))
    await floor.settle()
    for seat in others:
        seat.do("package", "agree", *about)
    await floor.settle()
    for seat in (first, *others):
        told = answers(case, stage, seat.person.party)
        seat.do("package", "prefer", *about, "--answers", "-", words_told=told)
        seat.do("package", "search", *about)
    await _decide(floor, (first, *others), about)


async def _decide(floor: Floor, seats: tuple[Seat, ...], about: tuple[str, ...]) -> None:
    """Let the desks go on, and have people accept what is proposed: it is inside what they said they could live with."""
    for _ in range(MOST_PROPOSALS):
        await floor.stage.until(
            lambda: all(_asked_or_over(seat, about) for seat in seats), "a package was found"
        )
        asked = [seat for seat in seats if seat.do("package", "progress", *about)["proposal"] is not None]
        if not asked:
            break
        for seat in asked:
            seat.do("package", "accept", *about)
    await floor.settle()


def _asked_or_over(seat: Seat, about: tuple[str, ...]) -> bool:
    seen = seat.do("package", "progress", *about)
    return seen["proposal"] is not None or bool(seen["over"])


def _people(floor: Floor, wanted: Expectation, table: Table) -> dict[str, PersonId]:
    """Of each side the first of the named people who sits there, may speak for it and has orderings."""
    found: dict[str, PersonId] = {}
    ordered = {party for issue in floor.case.issues.values() for party in issue.preferences}
    for person in wanted.people:
        if person in table.seated and speaks(floor, person) and floor.case.people[person].party in ordered:
            found.setdefault(floor.side(person), person)
    return found
