"""What was agreed by word of mouth: an understanding of which no desk keeps a word, confirmed by the other side."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from backchannel.errors import Refused
from backchannel.moves.paper import Mandate
from backchannel.plays import scenes
from backchannel.plays.case import PersonId, Register, Row
from backchannel.plays.enact import papers
from backchannel.plays.enact.floor import EPOCH, Floor
from backchannel.plays.enact.speaking import speakers, speaks
from backchannel.plays.terms import deals

LONGEST_SUBJECT = 200  # letters


def is_oral(row: Row) -> bool:
    return row.said is not None and row.said.register is Register.ORAL


def is_understanding(floor: Floor, row: Row) -> bool:
    """Whether a row that was played is an understanding on the desks, and not only talk that is gone."""
    return row.n in floor.understandings


async def speak(floor: Floor, row: Row) -> None:
    """Say something by word of mouth: between people who speak for sides an understanding, else talk that soon is gone."""
    said = row.said
    assert said is not None, "a private row"
    table = await papers.place(floor, row)
    seat = floor.seat(PersonId(row.by))
    others = [side for side in speakers(floor, table) if side != floor.side(seat.id)]
    if not speaks(floor, seat.id) or not others or said.carry is not None:
        await papers.say(floor, row)
        return
    given = await floor.answers(row, table, seat)
    more = ("--replaces", given[1]) if given and row.answers in floor.plan.handed_back else ()
    lapse = "election" if any(floor.case.secret_terms[_id(term)].lapses for term in deals(row)) else "never"
    offer = ("understanding", "offer", "--room", table.id, "--lapse", lapse, *more, "--with", *others)
    try:
        answer = seat.do(*offer, "--subject", _titles(floor, row), now=row.at_ms)
    except Refused:  # the titles repeat what was written in this room
        answer = seat.do(*offer, "--subject", _date(row), now=row.at_ms)
    table.events[row.n] = floor.understandings[row.n] = floor.promises[row.n] = str(answer["id"])
    hearers = tuple(floor.case.people[each] for each in table.in_order() if each != seat.id)
    floor.tell(scenes.Spoken(row, table.title, seat.person, hearers, str(answer["subject"])))
    if row.terms and said.mandate is Mandate.AUTHORISED:
        floor.unconfirmed[row.n] = table


async def confirm(floor: Floor) -> None:
    """Whoever speaks for another side confirms what was promised with authority, once it has come to them."""
    for n, table in tuple(floor.unconfirmed.items()):
        row = floor.case.row(n)
        asked = [
            each for side, each in speakers(floor, table).items() if side != floor.side(PersonId(row.by))
        ]
        if table.closed or not all(floor.seat(person).on_line for person in asked):
            continue
        yes = ("understanding", "confirm") if n in floor.understandings else ("pledge", "acknowledge")
        for person in asked:
            floor.seat(person).do(*yes, "--room", table.id, floor.promises[n])
        del floor.unconfirmed[n]
        await floor.settle()
        floor.tell(scenes.Confirmed(row, table.title, floor.people(asked)))


def confirmed(floor: Floor, row: Row) -> bool:
    return (
        is_understanding(floor, row)
        and row.n not in floor.unconfirmed
        and _value(floor, row)["confirmed_ms"] is not None
    )


def record(floor: Floor, row: Row) -> Mapping[str, Any]:
    """What a sealed text keeps of an understanding."""
    table, seat = floor.said_in[row.n], floor.seat(PersonId(row.by))
    value = seat.do("understanding", "record", "--room", table.id, floor.understandings[row.n])
    return {key: value[key] for key in ("confirmed", "lapse", "sides", "subject")}


def _value(floor: Floor, row: Row) -> Mapping[str, Any]:
    table, seat = floor.said_in[row.n], floor.seat(PersonId(row.by))
    shown = seat.do("understanding", "show", "--room", table.id, floor.understandings[row.n])
    (value,) = shown["understandings"]
    return dict(value)


def _titles(floor: Floor, row: Row) -> str:
    """What it is about, by the titles of its issues."""
    titles = " · ".join(floor.case.issues[issue].title for issue in row.issues)
    return titles[:LONGEST_SUBJECT].strip() or _date(row)


def _date(row: Row) -> str:
    return f"What was said on {EPOCH + timedelta(milliseconds=row.at_ms):%-d %B %Y}"


def _id(term: str) -> str:
    return term.partition(".")[2]
