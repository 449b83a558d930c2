"""What each page shows: the answers of commands, put together for a screen."""

from typing import Any

from starlette.responses import Response

from backchannel.errors import BackchannelError, Refused
from backchannel.pages import drafts, table, uploads
from backchannel.pages.doing import asked
from backchannel.pages.house import Value
from backchannel.pages.page import Asking, Page, undone
from backchannel.pages.rows import ACTS
from backchannel.pages.table import in_short

MOST_SHOWN = 40  # items of the talk on one page
RECORD = frozenset({"items", "events", "order", "open", "earlier", "later"})  # of what `show` gives

MOST_BACKUP_BYTES = 256 << 20


async def front(asking: Asking) -> Page | Response:
    """Today, once the desk is open; before that its door."""
    if not asking.house.exists:
        return Page("new", {"error": ""})
    if not asking.house.unlocked:
        return Page("locked", {"error": ""})
    status = await asking.look("status")
    return Page(
        "today",
        {
            "status": status,
            "open_first": sorted(status["rooms"], key=_closed),
            "shown_on": table.SHOWN_ON,
            "begun": drafts.begun(asking.house.desk, ACTS),
            "name": asking.house.desk.name,
            "relays": await asking.look("relay", "list"),
        },
    )


async def make(asking: Asking) -> Page | Response:
    form = await asking.request.form()
    passphrase, again = str(form.get("passphrase", "")), str(form.get("again", ""))
    try:
        if passphrase != again:
            raise Refused("The two passphrases are not the same; please type them again.")
        await asking.house.make(passphrase, str(form.get("name", "")).strip())
    except BackchannelError as error:
        return Page("new", {"error": str(error)}, 422)
    return asking.go("/")


async def restored(asking: Asking) -> Page | Response:
    """Make the desk from a back-up, opened by the back-up's passphrase."""
    form = await asking.request.form()
    try:
        data = await uploads.brought(form, "backup", MOST_BACKUP_BYTES)
        await asking.house.restore(data, str(form.get("passphrase", "")))
    except BackchannelError as error:
        return Page("new", {"error": str(error)}, 422)
    return asking.go("/")


async def unlock(asking: Asking) -> Page | Response:
    form = await asking.request.form()
    try:
        await asking.house.unlock(str(form.get("passphrase", "")))
    except BackchannelError as error:
        return Page("locked", {"error": str(error)}, 422)
    return asking.go("/")


async def lock(asking: Asking) -> Response:
    await asking.house.lock()
    return asking.go("/")


async def relay(asking: Asking) -> Page | Response:
    """Add a relay, with the admission tokens that its operator gave."""
    form = await asking.request.form()
    words = ["relay", "add", str(form.get("url", "")).strip()]
    if pin := str(form.get("pin", "")).strip():
        words.append(f"--pin={pin}")
    try:
        await asking.house.do(words, {"tokens": str(form.get("tokens", "")).split()})
    except BackchannelError as error:
        return undone(str(error), 422)
    return asking.go("/")


async def room(asking: Asking) -> Page | Response:
    """A room: its header, the talk, and the table beside it."""
    rid, query = asking.request.path_params["room"], asking.request.query_params
    part = [f"--{name}={query[name]}" for name in ("before", "since") if query.get(name)]
    last = [] if query.get("all") else [f"--talk={MOST_SHOWN}"]
    shown = await asking.look("show", f"--room={rid}", *part, *last)
    # What follows the news is the talk and the table; the form stays as it is being filled in.
    ask = {} if query.get("view") == "part" else await asked(asking, "say", rid, shown)
    value = {**_merged(shown), "ask": ask, "room": rid}
    if "readable" not in shown:
        return Page("room", {**value, "requests": [], "table": []})
    asks = (await asking.look("requests", f"--room={rid}"))["requests"]
    return Page("room", {**value, "requests": asks, "table": await in_short(asking, rid)})


async def item(asking: Asking) -> Page | Response:
    """One item, whole."""
    rid, spoken = asking.request.path_params["room"], asking.request.path_params["item"]
    header = await asking.look("room", f"--room={rid}")
    found = await asking.look("show", f"--room={rid}", spoken)
    return Page("item", {"header": header, "room": rid, "one": found["items"][0]})


async def people(asking: Asking) -> Page | Response:
    rid = asking.request.path_params["room"]
    header = await asking.look("room", f"--room={rid}")
    requests = await asking.look("requests", f"--room={rid}")
    return Page("people", {"header": header, "requests": requests["requests"], "room": rid})


def _closed(one: Value) -> bool:
    """Tell whether nothing can be said in a room, so that it stands after the others."""
    return bool(one["state_word"] != "open")


def _merged(shown: Value) -> dict[str, Any]:
    """Put papers and everything else on the record into one list, in the order of the record."""
    by_id = {one["id"]: one for one in (*shown.get("items", []), *shown.get("events", []))}
    record = [by_id[eid] for eid in shown.get("order", []) if eid in by_id]
    header = {key: value for key, value in shown.items() if key not in RECORD}
    return {
        "header": header,
        "record": record,
        "waiting": shown.get("open", []),
        "earlier": shown.get("earlier", 0),
        "later": shown.get("later", 0),
    }
