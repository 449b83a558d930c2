"""Bodies of the relay's HTTP calls (docs/spec/relay.md, section 3)."""

from typing import Annotated

from msgspec import Meta

from backchannel.wire.codec import Record
from backchannel.wire.frames import MAX_REASON_BYTES
from backchannel.wire.ids import ADMISSION_BYTES, CAPABILITY_BYTES, DROP_ID_BYTES

OPEN_PATH = "/v1/open"
CLOSE_PATH = "/v1/close"
LINE_PATH = "/v1/line"
HEALTH_PATH = "/healthz"
COUNTERS_PATH = "/counters"
CONTENT_TYPE = "application/msgpack"
MAX_CALL_BYTES = 1024  # spec 3: the longest body in either direction

_Seconds = Annotated[int, Meta(ge=0, le=2**40)]
_Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_DropId = Annotated[bytes, Meta(min_length=DROP_ID_BYTES, max_length=DROP_ID_BYTES)]
_Capability = Annotated[bytes, Meta(min_length=CAPABILITY_BYTES, max_length=CAPABILITY_BYTES)]
_Admission = Annotated[bytes, Meta(min_length=ADMISSION_BYTES, max_length=ADMISSION_BYTES)]


class OpenDrop(Record, frozen=True):
    """Open a drop with a single-use admission; the same call again changes nothing and answers the same."""

    admission: _Admission
    drop: _DropId
    append: _Capability
    read: _Capability
    close: _Capability
    cell_size: Annotated[int, Meta(ge=1, le=65536)]
    ttl_seconds: _Seconds  # how long a cell stays
    idle_seconds: (
        _Seconds  # how long the drop stays after its last append; 0: as long as the admission grants
    )

    def __repr__(self) -> str:
        return "<OpenDrop>"


class DropOpened(Record, frozen=True):
    """What was granted."""

    cell_size: _Count
    ttl_seconds: _Seconds
    idle_seconds: _Seconds
    max_cells: _Count


class CloseDrop(Record, frozen=True):
    """Remove a drop and every cell on it."""

    drop: _DropId
    close: _Capability

    def __repr__(self) -> str:
        return "<CloseDrop>"


class DropClosed(Record, frozen=True):
    """The drop and its cells are removed from the relay's disk."""


class CallRefused(Record, frozen=True):
    """Why a call was refused; `code` is a refusals.Code."""

    code: Annotated[int, Meta(ge=1, le=65535)]
    reason: Annotated[str, Meta(max_length=MAX_REASON_BYTES)]
