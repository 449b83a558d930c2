"""What a command or an option is called on the pages, so that a sentence that names one can be followed without a terminal."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from backchannel.pages.rows import ACTS

COMMAND: Final = re.compile(r"`backchannel ((?:desk )?[a-z][a-z -]*?)(?: (?:--|[A-Z])[^`]*)?`")
OPTION: Final = re.compile(r"(?<![\w-])(--[a-z][a-z-]+)(?: (?:[A-Z]+|\d[\d,-]*))?(?![\w-])")
# Commands that show or set something: the name of their page in the catalogue, or of the button that does it.
PLACES: Final[Mapping[str, str]] = {
    "desk status": "today.title",
    "desk sync": "today.title",
    "desk new": "new.make",
    "desk unlock": "locked.open",
    "desk move": "settings.move",
    "desk relay add": "relays.add",
    "desk relay proxy": "settings.proxy",
    "desk show": "room.talk",
    "desk requests": "people.title",
    "desk compare": "page.compare",
    "desk search": "page.search",
    "desk mandate show": "page.mandate",
    "desk consent show": "page.mandate",
    "desk ratify show": "page.mandate",
    "desk pledge show": "page.pledges",
    "desk deed show": "page.pledges",
    "desk understanding show": "page.pledges",
    "desk leak show": "page.pledges",
    "desk clock show": "page.clock",
    "desk sunset show": "page.clock",
    "desk impasse show": "page.clock",
    "desk standby show": "page.clock",
    "desk script show": "page.clock",
    "desk seal show": "page.text",
    "desk surface show": "page.daylight",
    "desk surface preview": "page.daylight",
    "desk sound show": "page.soundings",
    "desk package progress": "page.packages",
    "desk package show": "page.packages",
    "verify": "page.check",
    "page": "page.check",
}


ASKED: Final[Mapping[str, str]] = {"--anchor": "check.anchors", "--tsa": "check.tsa"}


@cache
def names() -> Mapping[str, str]:
    """Give the catalogue's name of what stands on the pages for each command; of several forms the first."""
    acts = {f"desk {' '.join(act.command)}": f"act.{name}" for name, act in reversed([*ACTS.items()])}
    return {**acts, **PLACES}


@cache
def options() -> Mapping[str, str]:
    """Give the catalogue's name of the field for each option that is asked for in the same words wherever it is asked."""
    fields = [field for act in ACTS.values() for field in act.fields if field.option]
    called: dict[str, set[str]] = {}
    for field in fields:
        called.setdefault(field.option, set()).add(f"field.{field.name}")
    return {**{option: next(iter(one)) for option, one in called.items() if len(one) == 1}, **ASKED}
