"""What is meant for outside: lines that were agreed, and what was brought in the name of somebody who never said it."""

from backchannel.errors import BackchannelError
from backchannel.plays.case import Expectation, PersonId, Row, Visibility
from backchannel.plays.enact.proof import denial
from backchannel.plays.looks import Evidence, Held, Looks
from backchannel.plays.plan import meant
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.traces import person_name


def lines_agreed(looks: Looks, wanted: Expectation) -> Finding:
    """An agreed line is on each of those desks and on no desk outside its room; a leak shows beside it as an alarm."""
    rows = rows_of(looks, wanted)
    agreed = [row for row in rows if row.said is not None]
    if not agreed:
        raise NotSo("None of the rows is said in private, where a line could be agreed.")
    evidence: list[Evidence] = []
    for person in named(wanted):
        lines = [line for row in agreed for line in _lines(looks, person, row)]
        if not lines:
            raise NotSo(f"The desk of {person} has no line that all sides agreed to.")
        evidence += lines
    for row in agreed:
        inside = {person for person in looks.seats if _lines(looks, person, row)} | meant(looks.case, row)
        for person in looks.seats.keys() - inside:
            if looks.search(person, row.gist):
                raise NotSo(f"The desk of {person} has the line of row {row.n}, which is not for it.")
            evidence.append(looks.searched(person, row.gist))
    return so([*evidence, *_flagged(looks, wanted, rows)])


def _lines(looks: Looks, person: PersonId, row: Row) -> list[Evidence]:
    found = []
    for room, shown in looks.shown(person).items():
        if any(event["kind"] == "leak-line" for event in shown["events"]):
            words = ("leak", "show", "--room", room)
            found += [
                Evidence.of(person, words, line["id"])
                for line in looks.ask(person, *words)["lines"]
                if line["text"] == row.gist and line["status"] == "agreed" and line["purpose"]
            ]
    return found


def _flagged(looks: Looks, wanted: Expectation, rows: list[Row]) -> list[Evidence]:
    """Every leaked row has raised an alarm on each of those desks; where none leaked, a second play lets one out."""
    spilled = [row for row in rows if row.vis is Visibility.LEAKED]
    tried = looks.leaked.get(wanted)
    if not spilled and tried is None:
        raise NotSo("Whether a leak shows beside the line was not tried.")
    where = looks if tried is None else tried
    evidence = []
    for person in named(wanted):
        alarms = [
            (room, alarm)
            for room, shown in where.shown(person).items()
            if any(event["kind"] == "leak" for event in shown["events"])
            for alarm in where.ask(person, "leak", "show", "--room", room)["leaks"]
        ]
        late = max((row.at_ms for row in spilled), default=looks.case.timeline[0].at_ms)
        if not any(alarm["at_ms"] >= late for _, alarm in alarms):
            raise NotSo(f"The desk of {person} shows no alarm after what leaked.")
        evidence += [
            Evidence.of(person, ("leak", "show", "--room", room), alarm["id"], play=where.play)
            for room, alarm in alarms
        ]
    return evidence


def author_refused(looks: Looks, wanted: Expectation) -> Finding:
    """What was brought in somebody's name is nobody's word but the bearer's; the person it names has never said it, and says so."""
    evidence: list[Evidence] = []
    for row in rows_of(looks, wanted):
        author = None if row.said is None else row.said.author
        if author is None:
            raise NotSo(f"Row {row.n} is in nobody's name but that of who says it.")
        holders = [held for person in looks.seats for held in looks.of_row(person, row) if held.is_item]
        if not any(not held.item["mine"] for held in holders):
            raise NotSo(f"No desk was brought row {row.n}.")
        for held in holders:
            _not_theirs(looks, held, row, author)
            evidence.append(held.evidence())
        for person in named(wanted):
            if person not in meant(looks.case, row):
                if looks.search(person, row.gist):
                    raise NotSo(f"The desk of {person} holds the words of row {row.n}.")
                evidence.append(looks.searched(person, row.gist))
        if author in named(wanted):
            evidence += _denied(looks, author, row)
    return so(evidence)


def _not_theirs(looks: Looks, held: Held, row: Row, author: PersonId) -> None:
    mark = held.item["carried"]
    if mark is None or mark["author"] != person_name(looks.case, author) or mark.get("confirmed"):
        raise NotSo(f"On the desk of {held.desk} row {row.n} does not show as brought and unconfirmed.")
    if held.item["offer"]["counts"] or held.author != person_name(looks.case, PersonId(row.by)):
        raise NotSo(
            f"On the desk of {held.desk} row {row.n} counts as the word of somebody else than its bearer."
        )
    if not held.item["mine"]:
        try:
            looks.seats[held.desk].do("accept", "--room", held.room, held.id, now=looks.now)
        except BackchannelError:
            return
        raise NotSo(f"On the desk of {held.desk} row {row.n} can be accepted.")


def _denied(looks: Looks, author: PersonId, row: Row) -> list[Evidence]:
    """What its named author says on record of it, as those who hear it have it."""
    words = denial(person_name(looks.case, PersonId(row.by)), row)
    heard = [
        held
        for person in looks.seats
        for held in looks.items(person)
        if held.text == words
        and held.author == person_name(looks.case, author)
        and held.item["carried"] is None
    ]
    if not any(held.desk != author for held in heard):
        raise NotSo(f"Nobody's record has it from {author} that row {row.n} is not theirs.")
    return [held.evidence() for held in heard]


def mandate_checked(looks: Looks, wanted: Expectation) -> Finding:
    """Each of those desks shows a challenge, the act that answered it, and that, how and when the asking side has seen it."""
    rows = rows_of(looks, wanted)
    asked, act = rows[0], rows[-1]
    if asked.n == act.n:
        raise NotSo("“mandate-checked” names no row that would answer the challenge.")
    evidence: list[Evidence] = []
    for person in named(wanted):
        checked = [
            (room, each)
            for room, shown in looks.shown(person).items()
            if any(event["kind"] == "mandate-checked" for event in shown["events"])
            for each in looks.ask(person, "mandate", "show", "--room", room)["challenges"]
            if each["text"] == asked.gist and each["answers"] and each["checked"]
        ]
        if not any(
            step["how"] and step["item"] and step["at_ms"] >= act.at_ms
            for _, each in checked
            for step in each["checked"]
        ):
            raise NotSo(f"The desk of {person} shows no authority that was checked by what row {act.n} is.")
        for room, each in checked:
            mandates = looks.ask(person, "mandate", "show", "--room", room)["mandates"]
            own = [one for one in mandates if one["who"] == each["to"]]
            if own and not any(one["checks"] for one in own):
                raise NotSo(f"On the desk of {person} the mandate of {each['to']} does not show as checked.")
            evidence.append(Evidence.of(person, ("mandate", "show", "--room", room), each["id"]))
    return so(evidence)
