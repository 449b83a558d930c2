"""What a form can choose from: the things that stand in a room or on the desk, each as a command names it and in a few words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backchannel.pages.house import House, Value
from backchannel.pages.words import Words

SHORT = 12  # letters of an id that a command is given
MOST_WORDS = 70
Choice = tuple[str, str]  # what the command is given, and what the person reads
Told = Callable[[Value, Words], str]


@dataclass(frozen=True, slots=True)
class Source:
    """A command that lists things, where its value has them, how each is told, and which of them can be chosen."""

    command: tuple[str, ...]
    key: str
    told: Told
    fits: Callable[[Value], bool] = lambda _: True
    given: Callable[[Value], str] = lambda one: str(one["id"])[:SHORT]


def _first(*keys: str) -> Told:
    return lambda one, words: next((str(one[key]) for key in keys if one.get(key)), words("form.words-gone"))


def _sunset(one: Value, words: Words) -> str:
    return words.moment(one["at_ms"])


def _agenda(one: Value, words: Words) -> str:
    return ", ".join(issue["title"] for issue in one.get("issues", [])) or words("form.words-gone")


def _sounding(one: Value, _: Words) -> str:
    return " | ".join(one["options"])


def _script(one: Value, words: Words) -> str:
    return " | ".join(one["steps"]) or words("form.words-gone")


def _held(one: Value, _: Words) -> str:
    return " · ".join(str(one[key]) for key in ("by_name", "holder_name", "signal") if one.get(key))


def _digest(one: Value) -> str:
    return str(one["text"])


_PLEDGE = Source(("pledge", "show"), "pledges", _first("step"))
_UNDERSTANDING = Source(("understanding", "show"), "understandings", _first("subject"))
SOURCES: Mapping[str, tuple[Source, ...]] = {
    "mandate": (
        Source(
            ("mandate", "show"),
            "mandates",
            lambda one, _: f"{one['who']}: {one['for']}",
            lambda one: not one["revoked"],
        ),
    ),
    "challenge": (Source(("mandate", "show"), "challenges", _first("text")),),
    "precondition": (
        Source(("precondition", "show"), "preconditions", _first("wording"), lambda one: not one["ended"]),
    ),
    "pledge": (_PLEDGE,),
    "understanding": (_UNDERSTANDING,),
    "promise": (_PLEDGE, _UNDERSTANDING),
    "anything": (_PLEDGE, _UNDERSTANDING),
    "deed": (Source(("deed", "show"), "deeds", _first("text")),),
    "leak": (Source(("leak", "show"), "leaks", _first("text", "by"), lambda one: one["lifted_ms"] is None),),
    "line": (Source(("leak", "show"), "lines", _first("text")),),
    "clock": (Source(("clock", "show"), "clocks", _first("what"), lambda one: one["kind"] == "clock"),),
    "sunset": (Source(("sunset", "show"), "proposed", _sunset),),
    "script": (Source(("script", "show"), "scripts", _script),),
    "ratification": (
        Source(("ratify", "show"), "referenda", _first("subject"), lambda one: one["status"] == "open"),
    ),
    "consent": (
        Source(("consent", "show"), "asked", _first("subject"), lambda one: one["status"] == "open"),
    ),
    "impasse": (
        Source(("impasse", "show"), "impasses", _first("text"), lambda one: one["lifted_ms"] is None),
    ),
    "standby": (Source(("standby", "show"), "standby", _held),),
    "own_note": (Source(("notebook", "show"), "notes", _first("text")),),
    "link": (Source(("link", "show"), "links", _first("title")),),
    "draft": (Source(("seal", "show"), "drafts", _first("title"), lambda one: not one["texts"]),),
    "sealed": (Source(("seal", "show"), "texts", _first("title")),),
    "proposal": (Source(("surface", "show"), "proposals", _first("audience")),),
    "sounding": (Source(("sound", "show"), "soundings", _sounding, lambda one: one["ended"] is None),),
    "priced": (
        Source(("sound", "show"), "soundings", _sounding, lambda one: one["awaits_you"] and one["prices"]),
    ),
    "text": (Source(("seal", "show"), "texts", _first("title"), lambda one: one["complete"], _digest),),
    "relay": (Source(("relay", "list"), "relays", _first("relay"), given=lambda one: str(one["relay"])),),
    "repeatable": (Source(("sound", "show"), "soundings", _sounding, lambda one: one["can_repeat"]),),
    "agenda": (
        Source(("package", "show"), "agendas", _agenda, lambda one: one["status"] in {"proposed", "agreed"}),
    ),
}


async def listed(house: House, source: Source, rid: str) -> list[Value]:
    """Give the things of one source, in the order in which its command has them."""
    value: Mapping[str, Any] = (
        await house.do([*source.command, f"--room={rid}", "--no-sync"], by_hand=False)
    ).value
    found: Any = (value.get("sunset") or {}) if source.key == "proposed" else value
    things: Iterable[Value] = [*found.get(source.key, ()), *(await _private(house, source, rid))]
    return [one for one in things if source.fits(one)]


async def _private(house: House, source: Source, rid: str) -> list[Value]:
    """Give the clocks about a room that are on this desk alone."""
    if source.key != "clocks":
        return []
    value = (await house.do(["clock", "show", "--no-sync"], by_hand=False)).value
    return [one for one in value["clocks"] if one["private"] and one["room"] in {rid, None}]


async def choices(house: House, of: str, rid: str, words: Words) -> list[Choice]:
    """Give what can be chosen, each with the words a person knows it by."""
    return [
        (source.given(one), brief(source.told(one, words)))
        for source in SOURCES[of]
        for one in await listed(house, source, rid)
    ]


def brief(text: str) -> str:
    """Give the first words of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_WORDS else f"{line[: MOST_WORDS - 1]}…"
