"""A person's own corner: their notebook, which is no room and goes nowhere, and a look for words in all that the desk holds."""

from typing import Any

from starlette.responses import Response

from backchannel.desk.clock import clock
from backchannel.desk.commands.answer import own_title
from backchannel.desk.desk import Desk
from backchannel.errors import BackchannelError
from backchannel.moves.paper import standing
from backchannel.pages.doing import asked
from backchannel.pages.house import Value
from backchannel.pages.page import Asking, Page


async def notebook(asking: Asking) -> Page | Response:
    """Own notes, the newest first; with `?find=` those with these words, with `?room=` those about a room."""
    sought = asking.request.query_params.get("find", "").strip()
    rid = asking.request.query_params.get("room", "")
    words = ["search", "--no-sync", "--", sought] if sought else ["show", "--no-sync", f"--room={rid}"]
    notes = (await asking.house.do(["notebook", *words])).value["notes"]
    given = {"about_room": rid} if rid else None
    ask = await asked(asking, "notebook-write", "", {}, given)
    return Page("notebook", {"notes": notes[::-1], "sought": sought, "about": rid, "ask": ask})


async def search(_asking: Asking) -> Page | Response:
    """Ask what to look for."""
    return _looked_for("", [], [], "")


async def searched(asking: Asking) -> Page | Response:
    """Say where in this desk some words stand; what is sought is in no address, which a browser would remember."""
    sought = str((await asking.request.form()).get("text", "")).strip()
    try:
        found = (await asking.house.do(["search", "--no-sync", "--", sought])).value["found"]
    except BackchannelError as error:
        return _looked_for(sought, [], [], str(error))
    items = _items(asking.house.desk, {(one["room"], one["event"]) for one in found if one["event"]})
    known = {one["id"] for one in items}
    return _looked_for(sought, items, [one for one in found if one["event"] not in known], "")


def _looked_for(sought: str, items: list[dict[str, Any]], elsewhere: list[Value], error: str) -> Page:
    value = {"sought": sought, "items": items, "elsewhere": elsewhere, "error": error}
    return Page("search", value, 422 if error else 200)


def _items(desk: Desk, events: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """Give those events that are items of a talk, the newest first, as a person knows them."""
    found: list[dict[str, Any]] = []
    for rid in {room for room, _ in events}:
        room = desk.find_room(rid)
        title = own_title(desk, room)
        found += [
            {
                "id": item.entry.id.hex(),
                "room": rid,
                "room_title": title,
                "label": item.label,
                "by": room.name(item.entry.author),
                "at_ms": item.entry.event.at,
                "text": item.body.text if item.body is not None else None,
            }
            for item in (standing(room.log, clock()) if room.seated else ())
            if (rid, item.entry.id.hex()) in events
        ]
    return sorted(found, key=lambda one: -one["at_ms"])
