"""What stands on a room's table: a page for each kind of thing, and all of it in short beside the talk."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from backchannel.desk.clock import clock
from backchannel.errors import BackchannelError, Refused
from backchannel.pages import versions
from backchannel.pages.house import Value
from backchannel.pages.page import Asking, Page
from backchannel.pages.things import SHORT
from backchannel.pages.timeline import Mark, drawn
from backchannel.pages.value_plot import plotted

LOOKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "mandate": {
        "authority": ("mandate", "show"),
        "demands": ("precondition", "show"),
        "ratified": ("ratify", "show"),
        "consents": ("consent", "show"),
        "stakes": ("interest", "show"),
    },
    "pledges": {
        "pledged": ("pledge", "show"),
        "done": ("deed", "show"),
        "spoken": ("understanding", "show"),
        "told": ("leak", "show"),
    },
    "clock": {
        "clocks": ("clock", "show"),
        "stuck": ("impasse", "show"),
        "lodged": ("standby", "show"),
        "lists": ("need-to-know", "show"),
        "scripts": ("script", "show"),
    },
    "text": {"seal": ("seal", "show")},
    "daylight": {"surface": ("surface", "show")},
    "soundings": {"asked": ("sound", "show"), "ledger": ("sound", "ledger")},
    "packages": {"agendas": ("package", "show")},
}
SHOWN_ON: Mapping[str, str] = {
    **{" ".join(words): name for name, look in LOOKS.items() for words in look.values()},
    "sunset show": "clock",
    "people": "people",
}  # the page of a room where a command's answer stands
MOST_IN_SHORT = 4  # lines of one kind beside the talk


async def looks(asking: Asking, name: str, rid: str) -> dict[str, Any]:
    """Give what the commands of a page show."""
    return {key: await asking.look(*words, f"--room={rid}") for key, words in LOOKS[name].items()}


def page(name: str) -> Callable[[Asking], Awaitable[Page | Response]]:
    """Make the view of one page beneath a room."""

    async def view(asking: Asking) -> Page | Response:
        rid = asking.request.path_params["room"]
        header = await asking.look("room", f"--room={rid}")
        more = (
            await MORE[name](asking, rid, found)
            if (found := await looks(asking, name, rid)) and name in MORE
            else {}
        )
        return Page(name, {**found, **more, "header": header, "room": rid})

    return view


async def _pledges(asking: Asking, _rid: str, found: Value) -> dict[str, Any]:
    """Put what is due and what was done on one line of time."""
    marks = [
        Mark(one["due_ms"], one["status"], one["step"] or asking.words("form.words-gone"))
        for one in found["pledged"]["pledges"]
        if one["due_ms"] is not None
    ]
    marks += [
        Mark(one["due_ms"], one["status"], one["subject"] or asking.words("form.words-gone"))
        for one in found["spoken"]["understandings"]
        if one["due_ms"] is not None
    ]
    marks += [
        Mark(one["happened_ms"], "done", one["text"] or asking.words("form.words-gone"))
        for one in found["done"]["deeds"]
        if one["happened_ms"] is not None
    ]
    return {"line": drawn(marks, clock(), rtl=asking.words.direction == "rtl")}


async def _daylight(asking: Asking, rid: str, found: Value) -> dict[str, Any]:
    """Say of each proposal how far it is, and show it as `verify` will; what cannot be shown says why."""
    shown: dict[str, dict[str, Any]] = {}
    for one in found["surface"]["proposals"]:
        stages = [
            ("agreed", not one["missing"], one["missing"]),
            ("known", one["settled"], one["unsettled"]),
            *([] if one["words_sealed"] is None else [("words", one["words_sealed"], [])]),
            ("day", clock() >= one["at_ms"], []),
        ]
        shown[one["id"]] = {
            "stages": stages,
            "ready": all(done for _, done, _ in stages),
            "lines": [],
            "why": "",
        }
        try:
            words = ["surface", "preview", f"--room={rid}", "--no-sync", "--", one["id"][:SHORT]]
            lines = (await asking.house.do(words, by_hand=False)).lines
            shown[one["id"]]["lines"] = [line for line in lines if not line.startswith("head ")]
        except BackchannelError as error:
            shown[one["id"]]["why"] = str(error)
    return {"previews": shown}


async def _soundings(_asking: Asking, _rid: str, found: Value) -> dict[str, Any]:
    """Say of each sounding where it stands."""
    return {"outcome": {one["id"]: outcome(one) for one in found["asked"]["soundings"]}}


async def _text(_asking: Asking, _rid: str, found: Value) -> dict[str, Any]:
    """Say of each draft what differs from the one before it of the same title."""
    return {"versions": versions.compared(found["seal"]["drafts"])}


async def _packages(asking: Asking, rid: str, found: Value) -> dict[str, Any]:
    """Show how far each search is; looking lets it go on."""
    searches = {}
    for one in found["agendas"]["agendas"]:
        if one["status"] == "agreed":
            words = ["package", "progress", f"--room={rid}", "--no-sync", "--", one["id"][:SHORT]]
            searches[one["id"]] = (await asking.house.do(words, by_hand=False)).value
    rtl = asking.words.direction == "rtl"
    plots = {key: plotted(value.get("valued", []), rtl=rtl) for key, value in searches.items()}
    return {"searches": searches, "plots": plots}


MORE: Mapping[str, Callable[[Asking, str, Value], Awaitable[dict[str, Any]]]] = {
    "pledges": _pledges,
    "daylight": _daylight,
    "packages": _packages,
    "soundings": _soundings,
    "text": _text,
}


async def compare(asking: Asking) -> Page | Response:
    """Six words over the record, to be read to each other; a file of somebody else's record is compared by `compared`."""
    rid, number = asking.request.path_params["room"], asking.request.query_params.get("upto", "").strip()
    header = await asking.look("room", f"--room={rid}")
    six = await asking.look("compare", f"--room={rid}", f"--words={number}") if number else {}
    return Page("compare", {"header": header, "room": rid, "six": six, "lines": [], "number": number})


async def compared(asking: Asking) -> Page | Response:
    """Find where this record and one that somebody saved part."""
    rid, form = asking.request.path_params["room"], await asking.request.form()
    theirs = form.get("theirs")
    if theirs is None or isinstance(theirs, str):
        raise Refused("Choose the file that the other saved of their record.")
    data = (await theirs.read()).decode("utf-8", "replace")
    words = ["compare", f"--room={rid}", "--no-sync", "--", "-"]
    reply = await asking.house.do(words, {"theirs": data})
    lines = [line for line in reply.lines if not line.startswith("head ")]
    header = await asking.look("room", f"--room={rid}")
    return Page("compare", {"header": header, "room": rid, "six": {}, "lines": lines, "number": ""})


async def in_short(asking: Asking, rid: str) -> list[dict[str, Any]]:
    """Give the table beside the talk: of each page its first lines, each with a word on how it stands."""
    kinds = []
    for name, lines in SHORT_LINES.items():
        found = lines(await looks(asking, name, rid))
        kinds.append(
            {"page": name, "lines": found[:MOST_IN_SHORT], "more": max(0, len(found) - MOST_IN_SHORT)}
        )
    return kinds


Line = dict[str, Any]  # words of people, and `state`, a family and a word of the catalogue


def _line(words: object, family: str, state: str) -> Line:
    return {"words": words, "family": family, "state": state}


def _promised(found: Value) -> list[Line]:
    said = [_line(one["step"], "standing", one["status"]) for one in found["pledged"]["pledges"]]
    return said + [
        _line(one["subject"], "standing", one["status"]) for one in found["spoken"]["understandings"]
    ]


def _timed(found: Value) -> list[Line]:
    sunset = found["clocks"]["sunset"]
    lines = [
        {**_line(one["what"], "standing", "due"), "at_ms": one["at_ms"]}
        for one in found["clocks"]["clocks"]
        if one["open"]
    ]
    if sunset and sunset["at_ms"] is not None:
        lines.insert(0, {**_line("", "sunset-state", sunset["state"]), "at_ms": sunset["at_ms"]})
    return lines + [_line(one["text"], "standing", one["status"]) for one in found["stuck"]["impasses"]]


def _sealed(found: Value) -> list[Line]:
    drafts = [
        _line(one["title"], "standing", "drafted") for one in found["seal"]["drafts"] if not one["texts"]
    ]
    return drafts + [
        _line(one["title"], "standing", "sealed" if one["complete"] else "frozen")
        for one in found["seal"]["texts"]
    ]


def outcome(one: Value) -> str:
    """Say in a word of the catalogue where a sounding stands."""
    if one["awaits_you"]:
        return "awaits-you"
    if one["ended"] != "result":
        return str(one["ended"] or "open")
    return "joint" if one["joint"] or (one["kind"] == "threshold" and one["meet"]) else "no-joint"


def _sounded(found: Value) -> list[Line]:
    return [
        _line(
            " | ".join(one["options"]),
            "sounded",
            outcome(one),
        )
        for one in found["asked"]["soundings"]
    ]


def _demanded(found: Value) -> list[Line]:
    given = [
        _line(f"{one['who']}: {one['for']}", "standing", one["status"])
        for one in found["authority"]["mandates"]
    ]
    return given + [
        _line(one["wording"], "standing", one["status"]) for one in found["demands"]["preconditions"]
    ]


def _bundled(found: Value) -> list[Line]:
    return [
        _line(", ".join(issue["title"] for issue in one.get("issues", [])), "standing", one["status"])
        for one in found["agendas"]["agendas"]
    ]


def _opened(found: Value) -> list[Line]:
    return [
        _line(one["audience"], "standing", "agreed" if one["settled"] else "proposed")
        for one in found["surface"]["proposals"]
    ]


SHORT_LINES: Mapping[str, Callable[[Value], list[Line]]] = {
    "soundings": _sounded,
    "text": _sealed,
    "packages": _bundled,
    "pledges": _promised,
    "clock": _timed,
    "mandate": _demanded,
    "daylight": _opened,
}
