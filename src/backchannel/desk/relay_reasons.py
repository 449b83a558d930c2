"""Why a relay refused, in sentences of ours that can be said in any language; any other words of a relay are quoted (spec relay 5)."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from backchannel.said import said
from backchannel.wire.refusals import Code

# What the relay of this project says for each code; a place is a number.
KNOWN: Final[Mapping[Code, Sequence[str]]] = {
    Code.UNKNOWN: (said("This relay has no drop that answers to this id and capability."),),
    Code.DROP_FULL: (said("This drop is full with {cells} cells: wait until some expire."),),
    Code.RELAY_FULL: (said("The relay's disk is full: nothing was stored; try again when there is space."),),
    Code.CONFLICT: (
        said("This drop id is in use: choose another at random."),
        said("This append id was used before for another cell."),
    ),
    Code.LIMIT: (said("A line may have {count} subscriptions: end one first."),),
    Code.GONE: (said("This drop was closed or has lapsed."),),
    Code.ADMISSION: (
        said(
            "This admission is unknown here, used, revoked or expired: ask the relay's operator for another."
        ),
        said("This admission has already opened another drop: use a fresh one."),
    ),
    Code.TERMS: (
        said("A cell of this drop has {size} bytes, not {given}."),
        said("A cell of {size} bytes is not possible: take 4096, 8192, 16384 or 65536."),
        said("Cells can stay for 1 to {most} seconds with this admission."),
        said("An idle drop can stay for {least} to {most} seconds with this admission."),
        said("This admission grants less than one cell of {size} bytes."),
    ),
    Code.STOPPING: (said("The relay is stopping: connect again later."),),
}
_NUMBER = re.compile(r"\\\{(\w+)\\\}")  # a place, in a template that `re.escape` has read


def reason(code: Code, words: str) -> str:
    """Give what a relay said for a code as a sentence of ours; words that ours never says are quoted as the relay's."""
    for template in KNOWN[code]:
        pattern = _NUMBER.sub(r"(?P<\1>[0-9]{1,18})", re.escape(template))
        if found := re.fullmatch(pattern, words):
            return said(template, **{name: int(number) for name, number in found.groupdict().items()})
    return said("The relay refuses this, in its own words: “{words}”.", words=words)
