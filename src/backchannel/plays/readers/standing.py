"""Standing: on whose word somebody speaks, what a side demands and lets rest, and texts that everybody named has sealed."""

from backchannel.plays.case import Expectation, PersonId, Row
from backchannel.plays.looks import Evidence, Held, Looks
from backchannel.plays.readers.finding import Finding, NotSo, named, rows_of, so
from backchannel.plays.readers.sealed import Copy, ask_stranger, copies_of, saved
from backchannel.plays.traces import person_name

PROVED = frozenset({"principal", "vouched"})  # the basis of what counts as a side's word
OPEN_WORDS = frozenset({"exploratory", "not-stated"})


def asserted_not_proved(looks: Looks, wanted: Expectation) -> Finding:
    """Whoever heard the rows sees whose claim it is, that it rests on nobody else's word, and that nobody checked it."""
    evidence: list[Evidence] = []
    names = {person_name(looks.case, person) for person in named(wanted)}
    for row in rows_of(looks, wanted):
        holders = [
            held
            for person in looks.seats
            for held in looks.of_row(person, row)
            if held.is_item and not held.item["mine"]
        ]
        if not holders:
            raise NotSo(f"No desk holds row {row.n} as somebody else's claim.")
        for held in holders:
            carried = held.item["carried"]
            if (held.author if carried is None else carried["author"]) not in names:
                raise NotSo(
                    f"On the desk of {held.desk} row {row.n} is not the claim of one of those people."
                )
            if held.item["mandate_basis"] in PROVED:
                raise NotSo(f"On the desk of {held.desk} the authority of row {row.n} counts as proved.")
            if carried is None:
                _claims(looks, held, row)
            evidence.append(held.evidence())
    return so(evidence)


def _claims(looks: Looks, held: Held, row: Row) -> None:
    """The desk shows a claim of its author in that room, on their own word alone."""
    shown = looks.ask(held.desk, "mandate", "show", "--room", held.room)["mandates"]
    own = [each for each in shown if each["who"] == held.author]
    if not own and held.item["mandate_basis"] != "asserted":
        raise NotSo(f"The desk of {held.desk} shows no claim by the one who said row {row.n}.")
    if not all(each["asserted"] and each["verified"] is None for each in own):
        raise NotSo(f"On the desk of {held.desk} somebody vouches for the one who said row {row.n}.")


def mandate_upgraded(looks: Looks, wanted: Expectation) -> Finding:
    """A dated claim of authority stands on each of those desks since the last row; the earlier rows bind nobody still."""
    *earlier, last = rows_of(looks, wanted)
    evidence: list[Evidence] = []
    for person in named(wanted):
        rooms = {held.room for held in looks.of_row(person, last)}
        dated = [
            each
            for room in rooms
            for each in looks.ask(person, "mandate", "show", "--room", room)["mandates"]
            if each["level"] == "authorised" and each["from_ms"] == last.at_ms
        ]
        if not dated:
            raise NotSo(f"The desk of {person} shows no authority that begins with row {last.n}.")
        evidence += [Evidence.of(person, ("mandate", "show", "--room", room)) for room in rooms]
        for row in earlier:
            for held in looks.of_row(person, row):
                if held.is_item and (held.item["mandate"] not in OPEN_WORDS or held.item["offer"]["counts"]):
                    raise NotSo(f"On the desk of {person} row {row.n} counts as a side's word.")
                evidence.append(held.evidence())
    return so(evidence)


def parked(looks: Looks, wanted: Expectation) -> Finding:
    """The demand stands word for word, let rest by both sides and not conceded, while the other rows went on."""
    demand, *others = rows_of(looks, wanted)
    evidence: list[Evidence] = []
    for person in named(wanted):
        found = [
            (room, each)
            for room, shown in looks.shown(person).items()
            if any(event["kind"].startswith("precondition") for event in shown["events"])
            for each in looks.ask(person, "precondition", "show", "--room", room)["preconditions"]
            if each["wording"] == demand.gist
        ]
        resting = [
            (room, each)
            for room, each in found
            if each["status"] == "parked" and len({by["side"] for by in each["parked_by"]}) > 1
        ]
        if not resting:
            raise NotSo(f"On the desk of {person} the demand of row {demand.n} does not stand as parked.")
        evidence += [
            Evidence.of(person, ("precondition", "show", "--room", room), each["id"])
            for room, each in resting
        ]
    for row in others:
        if not any(looks.of_row(person, row) for person in looks.seats):
            raise NotSo(f"No desk holds row {row.n}, which was to go on.")
    return so(evidence)


def sealed_by_all(looks: Looks, wanted: Expectation) -> Finding:
    """Each of those people sealed the same text by an act of their own with a date, and a stranger finds it whole."""
    words = rows_of(looks, wanted)[-1].gist
    copies = [copy for person in named(wanted) for copy in copies_of(looks, person)]
    ask_stranger(looks, copies)
    copies = [copy for copy in copies if words in looks.told[copy.closed].get("clauses", ())]
    if len({looks.told[copy.closed]["text"] for copy in copies}) != 1:
        raise NotSo("Those desks do not hold one sealed text of these words.")
    for person in named(wanted):
        own = [copy for copy in copies if copy.desk == person and _anchored(looks, person, copy)]
        if not own:
            raise NotSo(f"{person} has not sealed these words by an act of their own.")
        if len(looks.told[own[0].closed]["sides"]) < len(named(wanted)):
            raise NotSo("Fewer sides than these people stand under the text.")
    return so(map(saved, copies))


def _anchored(looks: Looks, person: PersonId, copy: Copy) -> bool:
    return any(
        event["kind"] == "seal-anchor" and event["author_name"] == person_name(looks.case, person)
        for event in looks.shown(person)[copy.room]["events"]
    )
