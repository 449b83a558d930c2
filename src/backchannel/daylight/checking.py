"""Sealed texts looked at from their bytes alone, and what is said of them, on a terminal and on a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backchannel.daylight.faults import STAMPS, Fault, NotSealed
from backchannel.daylight.public_page import check_faithful, is_page, read_page, script_fingerprint
from backchannel.daylight.verify import Checked, verify
from backchannel.daylight.wording import sentences, value
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.canonical_json import Json

if TYPE_CHECKING:
    from backchannel.crypto.stamp_trust import Authorities

PAGE_HOLDS = "The page is as this program writes it, byte for byte. Fingerprint of its script: {fingerprint}"


@dataclass(frozen=True, slots=True)
class Looked:
    """One text that was looked at: what holds of it or why it is not accepted, and whether it stands in a sound page."""

    name: str
    found: Checked | Violation
    paged: bool


def looked_at(
    data: bytes, name: str, typed: Mapping[str, bytes], authorities: "Authorities | None" = None
) -> Iterator[Looked]:
    """Check a sealed text, or every text of a page; `typed` are the keys of sides as known from elsewhere."""
    paged, each = False, name
    try:
        texts: Sequence[bytes] = (data,)
        if is_page(data):
            check_faithful(page := read_page(data))
            texts, paged = page.files, True
        for number, one in enumerate(texts, 1):
            each = name if len(texts) == 1 else f"{name} ({number} of {len(texts)})"
            yield Looked(each, verify(one, typed, authorities), paged)
    except Violation as error:
        yield Looked(each, error, paged)


def lines(one: Looked, every: Sequence[Looked]) -> Iterator[str]:
    """Say line by line what a text shows; those that were looked at with it may be what it refers to."""
    if isinstance(one.found, Violation):
        fault = one.found.fault if isinstance(one.found, NotSealed) else None
        # spec 9: a stamp is checked when all that the sides signed has held, and says nothing against it; nor does a page
        kept = fault in {*STAMPS, Fault.PAGE_ALTERED}
        yield said("NOT ACCEPTED: {why}" if kept else "NOT SEALED: {why}", why=str(one.found))
        return
    if one.paged:
        yield said(PAGE_HOLDS, fingerprint=script_fingerprint())
    others = {each.found.text: each.found.payload.title for each in every if isinstance(each.found, Checked)}
    others.pop(one.found.text)
    yield from sentences(one.found, others)


def told(one: Looked) -> dict[str, Json]:
    """Give the same as a value."""
    if isinstance(one.found, Checked):
        page: dict[str, Json] = {"page_script": script_fingerprint()} if one.paged else {}
        return {"file": one.name, **page, **value(one.found)}
    fault = one.found.fault.value if isinstance(one.found, NotSealed) else ""
    refused: dict[str, Json] = {"sealed": False, "error": str(one.found), "fault": fault}
    return {"file": one.name, **refused, "exit": one.found.exit.value}
