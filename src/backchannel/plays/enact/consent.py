"""Before some rows: everybody named consents, or nothing is put on record; and who goes between says what they have at stake."""

from backchannel.channel.members import Role
from backchannel.errors import Blocked
from backchannel.plays.case import NO_PARTY, Expectation, PersonId, Row
from backchannel.plays.enact.floor import Floor, written

LONGEST_SUBJECT = 2_000


async def ask_first(floor: Floor, row: Row) -> None:
    """Whoever speaks asks the named people who sit there; their desk refuses to speak before all have consented."""
    if row.said is None:
        return
    for wanted in floor.plan.course.consents.get(row.n, ()):
        table = floor.tables.main(row.said.room)
        asked = wanted.people
        seat = floor.seat(PersonId(row.by))
        if not asked or not {seat.id, *asked} <= table.seated.keys():
            continue
        names = [floor.case.people[person].name for person in asked]
        subject = _titles(floor, row) or table.title
        put = seat.do(
            *("consent", "ask", "--room", table.id, "--of", *names),
            *("--", subject[:LONGEST_SUBJECT]),
        )
        await floor.settle()
        report = ("deed", "report", "--room", table.id, "--at", written(floor.stage.clock()), "--", row.gist)
        try:
            seat.do(*report)
        except Blocked as blocked:
            floor.played.glimpses[row.n, seat.id, report] = {"error": str(blocked)}
        for person in asked:
            floor.seat(person).do("consent", "give", "--room", table.id, str(put["id"]))
        await floor.settle()


def declare_first(floor: Floor, row: Row) -> None:
    """Each named go-between who sits where a row is said has declared there what they have at stake."""
    for wanted in floor.plan.course.interests.get(row.n, ()):
        for table in floor.tables.opened():
            if row.said is None or table.closed or table.of not in {row.said.room, row.said.onward}:
                continue
            for person in wanted.people:
                between = floor.case.people[person].role is Role.GO_BETWEEN
                if between and person in table.seated and (person, table.id) not in floor.declared:
                    floor.declared.add((person, table.id))
                    words = ("interest", "declare", "--room", table.id, "--", _stake(floor, wanted, person))
                    floor.seat(person).do(*words)


def _stake(floor: Floor, wanted: Expectation, person: PersonId) -> str:
    """What somebody has at stake, as far as the case has it: whose they are, and what these rows are about."""
    party = floor.case.people[person].party
    if party == NO_PARTY:
        return "I belong to no side and have nothing of my own at stake."
    issues = dict.fromkeys(issue for n in wanted.on for issue in floor.case.row(n).issues)
    titles = " · ".join(floor.case.issues[issue].title for issue in issues)
    about = f"what is at stake for it here: {titles}" if titles else "which has a stake of its own here"
    return f"I belong to {floor.party_side(party)}; {about}."


def _titles(floor: Floor, row: Row) -> str:
    return " · ".join(floor.case.issues[issue].title for issue in row.issues)
