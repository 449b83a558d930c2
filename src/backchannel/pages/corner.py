"""A person's own corner: their notebook, which is no room and goes nowhere."""

from starlette.responses import Response

from backchannel.pages.doing import asked
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
