"""A person's own corner: their notebook, which is no room and goes nowhere, and a look for words in all that the desk holds."""

from typing import Any

from starlette.responses import Response

from backchannel.errors import BackchannelError
from backchannel.pages.doing import asked
from backchannel.pages.house import Value
from backchannel.pages.page import Asking, Page


async def notebook(asking: Asking) -> Page | Response:
    """Own notes, the newest first; with `?room=` those about a room."""
    rid = asking.request.query_params.get("room", "")
    return await _notes(asking, ["show", "--no-sync", f"--room={rid}"], "", rid)


async def noted(asking: Asking) -> Page | Response:
    """Own notes that hold some words."""
    sought = str((await asking.request.form()).get("find", "")).strip()
    words = ["search", "--no-sync", "--", sought] if sought else ["show", "--no-sync"]
    return await _notes(asking, words, sought, "")


async def _notes(asking: Asking, words: list[str], sought: str, rid: str) -> Page:
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
    said = await _said(asking, {(one["room"], one["event"]) for one in found if one["event"]})
    known = {one["id"] for one in said}
    elsewhere = {(one["room"], one["where"]): one for one in found if one["event"] not in known}
    return _looked_for(sought, said, list(elsewhere.values()), "")


def _looked_for(sought: str, said: list[dict[str, Any]], elsewhere: list[Value], error: str) -> Page:
    value = {"sought": sought, "said": said, "elsewhere": elsewhere, "error": error}
    return Page("search", value, 422 if error else 200)


async def _said(asking: Asking, events: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """Give what of it was said in a room, as its record shows it, the newest first."""
    found = []
    for rid in {room for room, _ in events}:
        shown = await asking.look("show", f"--room={rid}")
        record = (*shown.get("items", ()), *shown.get("events", ()))
        found += [
            {**one, "room": rid, "room_title": shown["title"]} for one in record if (rid, one["id"]) in events
        ]
    return sorted(found, key=lambda one: -int(one["at_ms"]))
