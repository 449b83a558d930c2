"""What each page shows: the answers of commands, put together for a screen."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from backchannel.desk.asking import Reply
from backchannel.desk.drafts import readers_hash
from backchannel.errors import BackchannelError, Refused
from backchannel.pages import drafts
from backchannel.pages.drafts import FormDraft
from backchannel.pages.forms import ACTS, Act, blank, kept
from backchannel.pages.house import Value
from backchannel.pages.page import Asking, Page

MAX_FORM_BYTES = 8 << 20


async def front(asking: Asking) -> Page | Response:
    """Today, once the desk is open; before that its door."""
    if not asking.house.exists:
        return Page("new", {"error": ""})
    if not asking.house.unlocked:
        return Page("locked", {"error": ""})
    status = await _look(asking, "status")
    return Page(
        "today",
        {"status": status, "name": asking.house.desk.name, "relays": await _look(asking, "relay", "list")},
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
        return Page("told", {"lines": [str(error)], "bad": True, "room": ""}, 422)
    return asking.go("/")


async def room(asking: Asking) -> Page | Response:
    """A room: its header, the talk, and the table beside it."""
    rid = asking.request.path_params["room"]
    shown = await _look(asking, "show", f"--room={rid}")
    return Page("room", {**_merged(shown), **await _form(asking, "say", rid, shown), "room": rid})


async def people(asking: Asking) -> Page | Response:
    rid = asking.request.path_params["room"]
    header = await _look(asking, "room", f"--room={rid}")
    requests = await _look(asking, "requests", f"--room={rid}")
    return Page("people", {"header": header, "requests": requests["requests"], "room": rid})


async def act(asking: Asking) -> Page | Response:
    """The form of one act."""
    name, rid = asking.request.path_params["act"], asking.request.query_params.get("room", "")
    shown = await _look(asking, "show", f"--room={rid}") if ACTS[name].room else {}
    given = {key: value for key, value in asking.request.query_params.items() if key in blank(ACTS[name])}
    value = await _form(asking, name, rid, shown)
    return Page("act", {**value, "form": {**value["form"], **given}, "room": rid, "error": ""})


async def done(asking: Asking) -> Page | Response:
    """Do an act; what is refused is shown with the form as it was filled in."""
    name = asking.request.path_params["act"]
    act, filled = ACTS[name], await asking.request.form(max_part_size=MAX_FORM_BYTES)
    form = {key: str(value) for key, value in filled.items()}
    rid = form.get("room", "")
    try:
        reply = await _do(asking, act, form, rid)
    except BackchannelError as error:
        shown = await _look(asking, "show", f"--room={rid}") if act.room else {}
        value = {**await _form(asking, name, rid, shown), "form": {**blank(act), **form}}
        return Page("act", {**value, "room": rid, "error": str(error)}, 422)
    asking.house.finished(form.get("sheet", ""))
    drafts.drop(asking.house.desk, name, rid)
    if name == "say":
        return asking.go(f"/rooms/{rid}#end")
    return Page("told", {"lines": [line for line in reply.lines if not line.startswith("head ")], "bad": False,
                         "room": str(reply.value.get("room", rid)) if name != "forget" else "", "value": dict(reply.value)})  # fmt: skip


async def keep(asking: Asking) -> Response:
    """Keep a form that is being typed."""
    name = asking.request.path_params["act"]
    form = {
        key: str(value) for key, value in (await asking.request.form(max_part_size=MAX_FORM_BYTES)).items()
    }
    if asking.house.is_finished(form.get("sheet", "")):
        return Response(status_code=204)  # typed before it was sent, and on its way for longer
    draft = FormDraft(kept(ACTS[name], form), form.get("readers", ""))
    drafts.keep(asking.house.desk, name, form.get("room", ""), draft)
    return Response(status_code=204)


async def _do(asking: Asking, act: Act, form: Mapping[str, str], rid: str) -> Reply:
    if act.room and form.get("readers") and form["readers"] != _readers(asking, rid):
        raise Refused(
            "The readers are others than when you wrote this; look who reads it now, and send it again if it is for them."
        )
    words = act.words(form)
    at = len(act.command)
    chosen = [f"--room={rid}"] if act.room else []
    given: dict[str, object] = {name: form.get(name, "").strip() for name in act.given}
    if act.final:
        given["yes"] = True
    if "heard" in given:
        given["heard"] = given["heard"] or None
    return await asking.house.do([*words[:at], *chosen, *words[at:]], given)


async def _form(asking: Asking, name: str, rid: str, shown: Value) -> dict[str, Any]:
    act = ACTS[name]
    draft = drafts.kept(asking.house.desk, name, rid)
    readers = _readers(asking, rid) if act.room and shown.get("state") == "open" else ""
    members = [person["name"] for person in shown.get("people", []) if not person["you"]]
    items = [item["label"] for item in shown.get("items", []) if item["kind"] in {"paper", "front"}]
    return {
        "act": name,
        "fields": [
            {"name": field.name, "kind": field.kind.value, "choices": list(field.choices), "family": field.family,
             "needed": field.needed, "more": field.more}
            for field in act.fields
        ],
        "final": act.final,
        "sheet": secrets.token_urlsafe(8),
        "form": {**blank(act), **({} if draft is None else draft.form)},
        "drafted": draft is not None,
        "moved": draft is not None and draft.readers not in {"", readers},
        "readers": readers,
        "audience": shown.get("audience", ""),
        "members": members,
        "labels": items,
    }  # fmt: skip


def _readers(asking: Asking, rid: str) -> str:
    """Name everyone who could read what is said in a room now; empty while nobody could."""
    room = asking.house.desk.find_room(rid)
    return readers_hash(room) if room.seated else ""


async def _look(asking: Asking, *words: str) -> Value:
    by_hand = asking.request.query_params.get("view") != "part"
    return (await asking.house.do([*words, "--no-sync"], by_hand=by_hand)).value


def _merged(shown: Value) -> dict[str, Any]:
    """Put papers and everything else on the record into one list, in the order of the record."""
    by_id = {one["id"]: one for one in (*shown.get("items", []), *shown.get("events", []))}
    record = [by_id[eid] for eid in shown.get("order", []) if eid in by_id]
    open_items = [item for item in shown.get("items", []) if item["open"]]
    return {"header": dict(shown), "record": record, "waiting": open_items}
