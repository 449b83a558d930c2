"""Versions of a text that is not sealed yet: what differs between two, and the form of the next with the words of the last."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from backchannel.daylight.strict import date_of
from backchannel.errors import Refused
from backchannel.pages.house import Value
from backchannel.pages.page import Asking
from backchannel.pages.rows.texts import TEXT_KINDS

REPORT: Final = "report"  # instead of a draft's id: what the desk itself can say of how people talked
MOST_PAIRS: Final = (
    4_000_000  # of words that are compared with each other; longer clauses are shown as replaced
)
LIKE: Final = 0.4  # how much of two clauses must be the same for one to be a version of the other
_BLANK = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Change:
    """One clause of two versions: as it was, changed, added or removed, with its parts: kept, added or removed."""

    state: str
    parts: tuple[tuple[str, str], ...]


async def form(asking: Asking, rid: str, which: str) -> dict[str, str]:
    """Fill in the form of a draft with the words of another, or of a report on the room."""
    if which == REPORT:
        found = (await asking.look("report", f"--room={rid}", f"--in={asking.words.language}"))["draft"]
        return filled({**found, "closed": [], "order": []}, str(found["dated"]))
    drafts = (await asking.look("seal", "show", f"--room={rid}"))["drafts"]
    meant = next((one for one in drafts if one["id"].startswith(which)), None)
    if meant is None:
        raise Refused("There is no such draft in this room; see them with `backchannel desk seal show`.")
    return filled(meant, date_of(meant["dated_ms"]))


def filled(one: Value, dated: str) -> dict[str, str]:
    """Fill in the form with a draft, dated as sealed texts write dates."""
    closed = [(each["name"].removeprefix("term-"), each["words"]) for each in one["closed"]]
    return {
        "text_title": one["title"],
        "dated": dated[:16],
        "sealers": "\n".join(one["sides"]),
        "clauses": "\n\n".join(_BLANK.sub("\n", clause) for clause in one["clauses"]),
        "terms": "\n\n".join(f"{name}: {_BLANK.sub(chr(10), words)}" for name, words in closed),
        "lapse": one["lapse"],
        "order": "\n".join(one["order"]),
        **({"text_kind": one["kind"]} if one["kind"] in TEXT_KINDS else {}),
    }


def compared(drafts: Sequence[Value]) -> dict[str, dict[str, Any]]:
    """Give for each draft with an earlier one of the same title whose that was, when, and what differs from it."""
    last: dict[str, Value] = {}
    found = {}
    for one in drafts:
        title = one["title"].casefold()
        if (before := last.get(title)) is not None:
            found[one["id"]] = {
                "by": before["by"],
                "at_ms": before["at_ms"],
                "changes": list(differences(_passages(before), _passages(one))),
            }
        last[title] = one
    return found


def _passages(one: Value) -> list[str]:
    return [*one["clauses"], *(f"{each['name']}: {each['words']}" for each in one["closed"])]


def differences(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Say clause by clause how one version came from another."""
    for how, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            yield from (Change("same", (("kept", one),)) for one in after[c:d])
            continue
        old, new = list(before[a:b]), list(after[c:d])
        while old and new:
            parts = _parts(old[0], new[0])
            kept = sum(len(text) for kind, text in parts if kind == "kept")
            if 2 * kept >= LIKE * (len(old[0]) + len(new[0])):
                old.pop(0)
                new.pop(0)
                yield Change("changed", parts)
            elif len(old) >= len(new):
                yield Change("removed", (("removed", old.pop(0)),))
            else:
                yield Change("added", (("added", new.pop(0)),))
        yield from (Change("removed", (("removed", one),)) for one in old)
        yield from (Change("added", (("added", one),)) for one in new)


def _parts(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Give two clauses as one, word by word."""
    mine, theirs = (re.findall(r"\s+|\S+", one) for one in (old, new))
    if len(mine) * len(theirs) > MOST_PAIRS:
        return (("removed", old), ("added", new))
    parts = []
    for how, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        pieces: Mapping[str, str] = {"removed": "".join(mine[a:b]), "added": "".join(theirs[c:d])}
        if how == "equal":
            parts.append(("kept", pieces["added"]))
        else:
            parts += [(kind, text) for kind, text in pieces.items() if text]
    return tuple(parts)
