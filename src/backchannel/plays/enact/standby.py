"""Texts lodged with a third person: released on a signal, as that person's own, or never."""

from backchannel.plays import scenes
from backchannel.plays.case import PersonId, Row
from backchannel.plays.enact import papers
from backchannel.plays.enact.floor import Floor

PAIR = 2  # people, who are lodger and holder


async def lodge(floor: Floor, row: Row, holder: PersonId) -> None:
    table = await papers.place(floor, row)
    seat, person = floor.seat(PersonId(row.by)), floor.case.people[holder]
    known = ("--readers-know",) if len(table.seated) > PAIR else ()
    answer = seat.do(
        *("standby", "lodge", "--room", table.id, "--with", person.name, "--as", floor.side(holder), *known),
        *("--signal", f"A word from {seat.person.name}", "--", row.gist),
        now=row.at_ms,
    )
    table.events[row.n] = str(answer["id"])
    floor.tell(scenes.Lodged(row, table.title, seat.person, person))


async def release(floor: Floor, lodged: Row, holder: PersonId) -> None:
    """The lodger gives the signal, and the holder takes the text up."""
    table = floor.said_in[lodged.n]
    floor.seat(PersonId(lodged.by)).do("standby", "signal", "--room", table.id, table.events[lodged.n])
    await floor.settle()
    floor.seat(holder).do("standby", "release", "--room", table.id, table.events[lodged.n])
    await floor.settle()
    floor.tell(scenes.Released(lodged, floor.case.people[holder]))
