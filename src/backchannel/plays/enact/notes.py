"""Public rows: a note on the record of every open room that they concern."""

from backchannel.plays import scenes
from backchannel.plays.case import Row
from backchannel.plays.enact.floor import Floor, written
from backchannel.plays.plan import noters
from backchannel.plays.terms import states

LONGEST_SOURCE = 200  # letters


async def note(floor: Floor, row: Row, at: Row | None = None) -> bool:
    """Put a public row on the record, when it happens or `at` a later row; False if no room is open in which it could be."""
    titles = []
    for room, person in noters(floor.case, row, None if at is None else at.n).items():
        table = floor.tables.main(room)
        if not table.id or table.closed:
            continue
        seat = floor.seat(person)
        answers = await floor.answers(row, table, seat)
        source = row.via or row.by
        answer = seat.do(
            *("note", "--room", table.id, "--source", source[:LONGEST_SOURCE], "--at", written(row.at_ms)),
            *(*answers, *states(row), "--", row.gist),
            now=row.at_ms if at is None else floor.stage.clock(),
        )
        table.events[row.n] = str(answer["id"])
        floor.noted_by[row.n, room] = person
        titles.append(table.title)
    if titles:
        floor.tell(scenes.Noted(row, tuple(titles)))
    return bool(titles)
