"""Sealing: all sides in a room turn words into a text that anyone can check, and open its closed terms when the time has come."""

import json
from collections.abc import Mapping
from datetime import timedelta

from backchannel.plays import scenes
from backchannel.plays.case import Kind, PersonId, Row, RowNumber
from backchannel.plays.enact import oral, rooms
from backchannel.plays.enact.floor import EPOCH, Floor, Sealed
from backchannel.plays.enact.speaking import FEWEST, speakers, speaks, two_sides
from backchannel.plays.plan import usable
from backchannel.plays.tables import Table
from backchannel.plays.terms import deals

ROUNDS = 8  # in which all steps of an order are taken, or it does not go on
LONGEST_TITLE = 200
AUDIENCE = "everyone"


async def seal_together(floor: Floor, row: Row, table: Table) -> None:
    """A row that is a signing: its words in the open, or closed if it is the performance of an earlier text."""
    earlier = next((text for text in floor.sealed if text.table is table and text.row == row.answers), None)
    closed = [each for each in _said_before(floor, row, table) if _goes_in(floor, each, row)]
    words: dict[str, object]
    if earlier is None:
        named = f"{_listed(list(speakers(floor, table)))}, {_date(row)}"
        words = {"title": f"Agreed by {named}", "clauses": [row.gist]}
    else:
        words = {"title": f"Performance: {earlier.title}", "performance_of": [earlier.digest]}
        closed = [row, *closed]
    await _seal(floor, row, table, words, closed)


def _said_before(floor: Floor, row: Row, table: Table) -> list[Row]:
    return [floor.case.row(n) for n, where in floor.said_in.items() if where is table and n != row.n]


def _goes_in(floor: Floor, earlier: Row, row: Row) -> bool:
    """What is to be opened later and waits for this text; and every understanding on a term that it is about."""
    if any(earlier.n in text.closed for text in floor.sealed):
        return False
    if oral.is_understanding(floor, earlier):
        return oral.confirmed(floor, earlier) and bool(deals(earlier) & deals(row))
    return floor.plan.sealed_at.get(earlier.n) == row.n and not oral.is_oral(earlier)


async def surface(floor: Floor, row: Row) -> None:
    """Bring the text of a row into the open: all its sides agree to the very same terms, and then any of them publishes."""
    text = floor.sealed[-1]
    room = ("--room", text.table.id)
    first, *others = (floor.seat(person) for person in text.speakers)
    proposal = str(first.do("surface", "propose", *room, text.id, "--audience", AUDIENCE)["id"])
    await floor.settle()
    for seat in others:
        seat.do("surface", "agree", *room, proposal)
    await floor.settle(receipts=True)
    files = first.files("surface", "publish", *room, proposal, "--to", "file")
    data = files["text.json"]
    floor.keep(f"row-{row.n}-public.json", data)
    floor.keep(f"row-{row.n}-public.html", files["page.html"])
    floor.tell(scenes.Surfaced(row, text.title, floor.people(text.speakers), data))


async def publish(floor: Floor, row: Row, rows: list[Row], table: Table) -> None:
    """The public words of some rows, sealed by both sides when the last of them is issued."""
    named = f"{_listed(list(speakers(floor, table)))}, {_date(row)}"
    words: dict[str, object] = {
        "title": f"Made public by {named}",
        "clauses": [each.gist for each in rows if each.said is None],
    }
    closed = [each for each in _said_before(floor, row, table) if _goes_in(floor, each, row)]
    await _seal(floor, row, table, words, closed)


def waits(floor: Floor, row: Row) -> bool:
    """Whether a row that was said waits to be sealed, and can be: everybody who speaks for a side is on the line."""
    table = floor.said_in.get(row.n)
    return (
        table is not None
        and row.kind is not Kind.SIGNING
        and (oral.confirmed(floor, row) if oral.is_oral(row) else True)
        and not any(row.n in text.closed for text in floor.sealed)
        and not table.closed
        and two_sides(floor, table)
        and all(floor.seat(person).on_line for person in speakers(floor, table).values())
    )


async def when_said(floor: Floor, row: Row) -> None:
    """What is to be shown only later is sealed as soon as it was said, with all its words closed."""
    table = floor.said_in[row.n]
    await _seal(floor, row, table, {"title": f"On record since {_date(row)}"}, [row])


async def _seal(floor: Floor, row: Row, table: Table, words: dict[str, object], closed: list[Row]) -> None:
    """Take every step of the order, each at the desk of who speaks for a side."""
    sides = speakers(floor, table)
    names: dict[RowNumber, str] = {}
    terms: dict[str, str] = {}
    records: dict[str, object] = {}
    for each in closed:
        label = f"row-{each.n}"
        if oral.is_understanding(floor, each):
            records[label] = oral.record(floor, each)
            names[each.n] = f"understanding-{label}"
        else:
            terms[label] = each.gist
            names[each.n] = f"term-{label}"
    file = {
        **words,
        "title": str(words["title"])[:LONGEST_TITLE],
        "dated": f"{EPOCH + timedelta(milliseconds=row.at_ms):%Y-%m-%dT%H:%M:%SZ}",
        "sides": list(sides),
        "terms": terms,
        "understandings": records,
    }
    people = tuple(sides.values())
    drafter, *others = (floor.seat(person) for person in people)
    room = ("--room", table.id)
    now = row.at_ms if row.kind is Kind.SIGNING and row.said is not None else None
    draft = drafter.do("seal", "draft", *room, "words.json", words_told=json.dumps(file), now=now)
    drafted = str(draft["draft"])
    if now is not None:
        table.events[row.n] = drafted
    await floor.settle()
    for seat in others:
        seat.do("seal", "key", *room, drafted)
    await floor.settle()
    text = str(drafter.do("seal", "freeze", *room, drafted)["text"])
    await floor.settle(receipts=True)
    state = await _in_order(floor, room, text, people)
    made = Sealed(table, row.n, str(file["title"]), text, str(state["text"]), names, people)
    floor.sealed.append(made)
    data = drafter.file("seal", "save", *room, text, "--to", "file")
    floor.keep(f"row-{row.n}.json", data)
    floor.tell(scenes.Sealed(row, table.title, made.title, floor.people(people), bool(names), data))


async def _in_order(
    floor: Floor, room: tuple[str, ...], text: str, people: tuple[PersonId, ...]
) -> Mapping[str, object]:
    """Let each side do what is its turn, as `seal show` tells it, until all have anchored."""
    acts = {"agree": ("agree",), "sign": ("go",), "hold": ("go",), "anchor": ("anchor", "--yes")}
    state: Mapping[str, object] = {}
    for _ in range(ROUNDS):
        for person in people:
            seat = floor.seat(person)
            (state,) = seat.do("seal", "show", *room, text)["texts"]
            if (step := state["next"]) is not None:
                verb, *more = acts[str(step)]
                seat.do("seal", verb, *room, text, *more)
        if state["complete"]:
            break
        await floor.settle()
    return state


def opening(floor: Floor, row: Row | None) -> None:
    """Open what a public row discloses, or at the end what is left to be opened: any side may, from its own copy."""
    opened: dict[str, list[bytes]] = {}
    for text in floor.sealed:
        names = [name for n, name in text.closed.items() if _opens(floor, n, row)]
        if names:
            words = [word for name in names for word in ("--open", name)]
            seat = floor.seat(_opener(floor, text, row))
            data = seat.file("seal", "save", "--room", text.table.id, text.id, *words, "--to", "file")
            floor.keep(f"row-{text.row}-opened.json", data)
            opened.setdefault(text.table.id, []).append(data)
    for table in floor.tables.opened():
        if table.id in opened:
            text = next(text for text in floor.sealed if text.table is table)
            by = floor.case.people[_opener(floor, text, row)]
            sealers = floor.people(text.speakers)
            floor.tell(scenes.Opening(table.title, by, sealers, tuple(opened[table.id])))


def _opener(floor: Floor, text: Sealed, row: Row | None) -> PersonId:
    """Who opens: a sealer of the party that a public row comes from, or else the first."""
    own = [each for each in text.speakers if row and floor.case.people[each].party == row.from_party]
    return own[0] if own else text.speakers[0]


def _opens(floor: Floor, n: RowNumber, row: Row | None) -> bool:
    if n in floor.plan.opened_at:
        return floor.plan.opened_at[n] == (None if row is None else row.n)
    return row is not None and row.kind is Kind.DISCLOSURE and bool(deals(row) & deals(floor.case.row(n)))


def room_for(floor: Floor, row: Row, people: tuple[PersonId, ...]) -> Table | None:
    """The open room in which speakers of both parties of a public row sit: with most of some people, and fewest others."""
    parties = {row.from_party, row.to_party}
    fitting = [
        table
        for table in floor.tables.opened()
        if not table.closed
        and two_sides(floor, table)
        and parties <= {floor.case.people[person].party for person in speakers(floor, table).values()}
    ]
    return min(
        fitting,
        key=lambda table: (-len(table.seated.keys() & set(people)), len(table.seated)),
        default=None,
    )


def _listed(sides: list[str]) -> str:
    return f"{', '.join(sides[:-1])} and {sides[-1]}"


def room_of(floor: Floor, people: tuple[PersonId, ...]) -> Table | None:
    """An open room in which each of some people speaks for a side of their own; None if there is none."""
    fitting = (
        table
        for table in floor.tables.opened()
        if not table.closed
        and two_sides(floor, table)
        and set(people) <= set(speakers(floor, table).values())
    )
    return next(fitting, None)


async def room_to_sign(floor: Floor, row: Row, people: tuple[PersonId, ...]) -> Table | None:
    """A room opened for people to seal what they share no room for; None if they do not each speak for a side of their own."""
    case = floor.case
    parties = {case.people[person].party for person in people}
    able = all(case.people[person].desk and speaks(floor, person) for person in people)
    of = next(
        (room.id for room in case.rooms.values() if set(people) & set(usable(case, room, row.n))),
        None,
    )
    if not able or not FEWEST <= len(people) == len(parties) or of is None:
        return None
    table = floor.tables.signing(of)
    rooms.open_room(floor, table, people[0])
    await rooms.let_in(floor, table, people)
    return table


def _date(row: Row) -> str:
    return f"{EPOCH + timedelta(milliseconds=row.at_ms):%-d %B %Y}"
