"""The relay's rules as functions of values: who may do what with a drop, and until when (docs/spec/relay.md).

Nothing here reads a clock, a disk or a socket. A rule that says no raises RelayRefused.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import NewType

from backchannel.wire.calls import OpenDrop
from backchannel.wire.frames import CELL_SIZES, Cell
from backchannel.wire.ids import Admission, Capability, DropId
from backchannel.wire.refusals import Code, RelayRefused

Digest = NewType("Digest", bytes)  # SHA-256 of an admission or a capability
DropKey = NewType("DropKey", int)  # the store's own number for a drop

NOBODY = Digest(bytes(32))  # matches no capability; compared with when there is no drop

SECOND_MS = 1_000
MINUTE = 60  # seconds
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Grant:
    """What one admission allows the drop that it opens."""

    max_cells: int = 100_000
    max_bytes: int = 256 * 2**20  # of cells on the drop at one time
    max_ttl_seconds: int = 90 * DAY
    max_idle_seconds: int = 365 * DAY


@dataclass(frozen=True, slots=True)
class Terms:
    """A drop as it was opened; none of this changes while the drop is there."""

    key: DropKey
    drop: DropId
    admission: Digest
    append: Digest
    read: Digest
    close: Digest
    cell_size: int
    ttl_seconds: int
    idle_seconds: int
    max_cells: int

    def __repr__(self) -> str:
        return "<Terms of a drop>"


def digest(secret: Admission | Capability) -> Digest:
    return Digest(hashlib.sha256(secret).digest())


def check_capability(shown: Capability, kept: Digest) -> None:
    """Compare in constant time; with `kept` NOBODY it takes as long and always refuses (spec 1)."""
    if not hmac.compare_digest(digest(shown), kept):
        raise RelayRefused(Code.UNKNOWN, "This relay has no drop that answers to this id and capability.")


def check_cell(cell: Cell, terms: Terms) -> None:
    if len(cell) != terms.cell_size:
        raise RelayRefused(Code.TERMS, f"A cell of this drop has {terms.cell_size} bytes, not {len(cell)}.")


def check_room(cells: int, terms: Terms) -> None:
    """Refuse one more cell to a drop that already holds `cells`."""
    if cells >= terms.max_cells:
        raise RelayRefused(Code.DROP_FULL, f"This drop is full with {cells} cells: wait until some expire.")


def opened(call: OpenDrop, grant: Grant) -> Terms:
    """Give the terms on which an admission with this grant opens the drop; the store gives it its key."""
    if call.cell_size not in CELL_SIZES:
        raise RelayRefused(
            Code.TERMS, f"A cell of {call.cell_size} bytes is not possible: take 4096, 8192, 16384 or 65536."
        )
    if not 1 <= call.ttl_seconds <= grant.max_ttl_seconds:
        raise RelayRefused(
            Code.TERMS, f"Cells can stay for 1 to {grant.max_ttl_seconds} seconds with this admission."
        )
    idle_seconds = call.idle_seconds or grant.max_idle_seconds
    if not call.ttl_seconds <= idle_seconds <= grant.max_idle_seconds:
        raise RelayRefused(
            Code.TERMS,
            f"An idle drop can stay for {call.ttl_seconds} to {grant.max_idle_seconds} seconds with this admission.",
        )
    max_cells = min(grant.max_cells, grant.max_bytes // call.cell_size)
    if max_cells < 1:
        raise RelayRefused(Code.TERMS, f"This admission grants less than one cell of {call.cell_size} bytes.")
    return Terms(
        DropKey(0),
        DropId(call.drop),
        digest(Admission(call.admission)),
        digest(Capability(call.append)),
        digest(Capability(call.read)),
        digest(Capability(call.close)),
        call.cell_size,
        call.ttl_seconds,
        idle_seconds,
        max_cells,
    )


def unknown_admission() -> RelayRefused:
    return RelayRefused(
        Code.ADMISSION,
        "This admission is unknown here, used, revoked or expired: ask the relay's operator for another.",
    )


def same_opening(call: OpenDrop, terms: Terms) -> bool:
    """Whether this call is the one that opened the drop, said again (spec 3)."""
    return (
        call.drop == terms.drop
        and hmac.compare_digest(digest(Capability(call.append)), terms.append)
        and hmac.compare_digest(digest(Capability(call.read)), terms.read)
        and hmac.compare_digest(digest(Capability(call.close)), terms.close)
        and call.cell_size == terms.cell_size
        and call.ttl_seconds == terms.ttl_seconds
        and call.idle_seconds in (0, terms.idle_seconds)
    )


def grain_seconds(seconds: int) -> int:
    """How coarsely the end of so long a time is kept (spec 1)."""
    return 1 if seconds < HOUR else MINUTE if seconds < DAY else HOUR


def ends_ms(now: int, seconds: int) -> int:
    """When something that lasts `seconds` from now is to be removed, rounded up."""
    grain = grain_seconds(seconds) * SECOND_MS
    return -(-(now + seconds * SECOND_MS) // grain) * grain
