"""What leaves the desk on paper, and why talk on paper proves nothing: sheets to print, and a talk that was never held."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from backchannel.desk.clock import clock
from backchannel.errors import BackchannelError, Refused
from backchannel.pages.house import Value
from backchannel.pages.page import Asking, Page
from backchannel.said import said

TALK: Final = "talk"
MOST_COPIES: Final = 999
MOST_FORGED: Final = 20  # lines of one forged talk


async def sheet(asking: Asking) -> Page | Response:
    """A sheet to print: the talk, or one text, with who may read it, which copy it is, and what it is worth."""
    rid, query = asking.request.path_params["room"], asking.request.query_params
    what, closed = query.get("what", TALK), bool(query.get("closed"))
    header = await asking.look("room", f"--room={rid}")
    texts = _texts(await asking.look("seal", "show", f"--room={rid}"))
    text = next((one for one in texts if one["id"].startswith(what)), None) if what != TALK else None
    if what != TALK and text is None:
        raise Refused(said("There is no such text in this room; choose one of those that are listed."))
    talk = await asking.look("show", f"--room={rid}") if text is None else {}
    return Page(
        "sheet",
        {
            "header": header,
            "room": rid,
            "what": TALK if text is None else text["id"],
            "copy": _copy(query.get("copy", "1")),
            "closed": closed,
            "texts": [{"id": one["id"], "title": one["title"]} for one in texts],
            "text": text,
            "items": [one for one in talk.get("items", []) if one["text"] is not None],
            "at_ms": clock(),
        },
    )


def _texts(seal: Value) -> list[dict[str, Any]]:
    """Give every text of a room, whether it is sealed, frozen or only drafted."""
    drafted = [{**one, "stands": "drafted"} for one in seal["drafts"] if not one["texts"]]
    frozen = [{**one, "stands": "sealed" if one["complete"] else "frozen"} for one in seal["texts"]]
    return [*drafted, *frozen]


def _copy(written: str) -> int:
    if not written.isdecimal() or not 0 < int(written[:4]) <= MOST_COPIES:
        raise Refused(said("A copy has a number from 1 to {most}; type one of them.", most=MOST_COPIES))
    return int(written)


async def forge(asking: Asking) -> Page | Response:
    """What to forge, and why it can be done."""
    return await _forging(asking, "", {}, "")


async def forged(asking: Asking) -> Page | Response:
    """Make a talk that was never held, by the code that reads real ones; nothing of it is sent or kept."""
    form = await asking.request.form()
    wanted = str(form.get("lines", "")).replace("\r\n", "\n")
    lines = [line.strip() for line in wanted.split("\n") if line.strip()]
    if not 0 < len(lines) <= MOST_FORGED:
        error = said("Write one to {most} lines, each as a name, a colon and words.", most=MOST_FORGED)
        return await _forging(asking, wanted, {}, error)
    try:
        rid = asking.request.path_params["room"]
        made = await asking.house.do(["forge", f"--room={rid}", "--no-sync", "--", *lines])
    except BackchannelError as error:
        return await _forging(asking, wanted, {}, str(error))
    return await _forging(asking, wanted, made.value, "")


async def _forging(asking: Asking, wanted: str, made: Mapping[str, Any], error: str) -> Page:
    rid = asking.request.path_params["room"]
    header = await asking.look("room", f"--room={rid}")
    value = {"header": header, "room": rid, "wanted": wanted, "items": made.get("forged", []), "error": error}
    return Page("forge", value, 422 if error else 200)
