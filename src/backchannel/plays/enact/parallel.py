"""What one side keeps for itself: who may know what, and its parallel channels side by side."""

from backchannel.plays import scenes
from backchannel.plays.case import Expectation, PersonId, Row
from backchannel.plays.enact.floor import Floor
from backchannel.plays.plan import meant
from backchannel.plays.tables import Table


def limit(floor: Floor, row: Row) -> None:
    """Who said a row says who may know it, where the case expects that only they ever do."""
    if row.n not in floor.plan.known_to or row.n not in floor.said_in or row.n in floor.plan.lodged:
        return
    names = [floor.case.people[person].name for person in sorted(meant(floor.case, row))]
    said = row.said
    for table in floor.tables.opened():
        onward = said is not None and table.of == said.onward and table is not floor.said_in[row.n]
        speaker = said.bearer if said is not None and onward else PersonId(row.by)
        if row.n in table.events and speaker is not None and not table.closed:
            event = table.events[row.n]
            floor.seat(speaker).do("need-to-know", "set", "--room", table.id, event, "--only", *names)


def link(floor: Floor, wanted: Expectation) -> None:
    """Lay rows side by side at the desks of those who sit in several channels; each in a room of its own if there is one."""
    for person in wanted.people:
        places: list[tuple[Table, str]] = []
        for n in wanted.on:
            tables = [
                table for table in floor.tables.opened() if n in table.events and person in table.were_seated
            ]
            tables.sort(key=lambda table: any(table is used for used, _ in places))
            if tables:
                places.append((tables[0], tables[0].events[n]))
        if len(places) == len(wanted.on):
            items = [f"{event}@{table.id}" for table, event in places]
            floor.seat(person).do("link", "add", "--title", f"Rows {_listed(wanted)}", "--", *items)
            floor.tell(scenes.Linked(tuple(map(floor.case.row, wanted.on)), floor.case.people[person]))


def _listed(wanted: Expectation) -> str:
    return " and ".join(map(str, wanted.on))
