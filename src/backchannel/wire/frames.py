"""Frames of the line between a desk and a relay (docs/spec/relay.md, section 4).

A message is one or more frames. `read_desk_frames` and `read_relay_frames` take any bytes and give frames or raise
Violation; cells are views into the message, never copies. A frame's `write` gives its bytes.
"""

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar

import msgspec

from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.ids import AppendId, Capability, DropId, Position
from backchannel.wire.refusals import Code

CELL_SIZES = (4096, 8192, 16384, 65536)  # spec 1
MAX_MESSAGE_BYTES = 256 * 1024  # spec 4.1: holds three of the largest cells
MAX_REASON_BYTES = 200  # spec 4.3
WINDOW_BYTES = 512 * 1024  # spec 4.4

Cell = bytes | memoryview
F = TypeVar("F")

_HEAD = struct.Struct(">I")  # spec 4.2: kind in the highest byte, length of the rest in the lower three
_U32 = struct.Struct(">I")
_NUMBERED = struct.Struct(">IQ")
_APPEND = struct.Struct(">I16s32s16s")
_SUBSCRIBE = struct.Struct(">I16s32sQ")
_REFUSED = struct.Struct(">BIH")

_KIND_APPEND, _KIND_SUBSCRIBE, _KIND_UNSUBSCRIBE, _KIND_PASSED = 1, 2, 3, 4
_KIND_APPENDED, _KIND_CELL, _KIND_CAUGHT_UP, _KIND_REFUSED = 65, 66, 67, 68


class About(IntEnum):
    """What a refusal answers."""

    REQUEST = 0
    SUBSCRIPTION = 1


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame; `write` gives its bytes."""


class Append(Frame, frozen=True, gc=False):
    """Desk: store this cell; answered by Appended or Refused with the same request number."""

    request: int
    drop: DropId
    capability: Capability
    append_id: AppendId
    cell: Cell

    def __repr__(self) -> str:
        return f"<Append {self.request}>"

    def write(self) -> bytes:
        head = _HEAD.pack(_KIND_APPEND << 24 | _APPEND.size + len(self.cell))
        return b"".join(
            (head, _APPEND.pack(self.request, self.drop, self.capability, self.append_id), self.cell)
        )


class Subscribe(Frame, frozen=True, gc=False):
    """Desk: send every cell of the drop whose position is greater than `after`, from now on as well."""

    subscription: int
    drop: DropId
    capability: Capability
    after: Position

    def __repr__(self) -> str:
        return f"<Subscribe {self.subscription}>"

    def write(self) -> bytes:
        return _HEAD.pack(_KIND_SUBSCRIBE << 24 | _SUBSCRIBE.size) + _SUBSCRIBE.pack(
            self.subscription, self.drop, self.capability, self.after
        )


class Unsubscribe(Frame, frozen=True, gc=False):
    """Desk: no more of this subscription; not answered, and cells under way may still arrive."""

    subscription: int

    def write(self) -> bytes:
        return _HEAD.pack(_KIND_UNSUBSCRIBE << 24 | _U32.size) + _U32.pack(self.subscription)


class Passed(Frame, frozen=True, gc=False):
    """Desk: every cell up to `position` is dealt with; more may come (spec 4.4)."""

    subscription: int
    position: Position

    def write(self) -> bytes:
        return _HEAD.pack(_KIND_PASSED << 24 | _NUMBERED.size) + _NUMBERED.pack(
            self.subscription, self.position
        )


class Appended(Frame, frozen=True, gc=False):
    """Relay: the cell of this request is on its disk at this position."""

    request: int
    position: Position

    def write(self) -> bytes:
        return _HEAD.pack(_KIND_APPENDED << 24 | _NUMBERED.size) + _NUMBERED.pack(self.request, self.position)


class CellAt(Frame, frozen=True, gc=False):
    """Relay: a cell of this subscription's drop."""

    subscription: int
    position: Position
    cell: Cell

    def __repr__(self) -> str:
        return f"<CellAt {self.subscription} at {self.position}>"

    def write(self) -> bytes:
        return b"".join((cell_head(self.subscription, self.position, len(self.cell)), self.cell))


class CaughtUp(Frame, frozen=True, gc=False):
    """Relay: the subscription has been sent all there is; `position` is the last of the drop."""

    subscription: int
    position: Position

    def write(self) -> bytes:
        return _HEAD.pack(_KIND_CAUGHT_UP << 24 | _NUMBERED.size) + _NUMBERED.pack(
            self.subscription, self.position
        )


class RefusedFrame(Frame, frozen=True, gc=False):
    """Relay: a request or a subscription is refused; a refused subscription has ended."""

    about: About
    number: int
    code: Code
    reason: str

    def write(self) -> bytes:
        reason = self.reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore").encode()
        body = _REFUSED.pack(self.about, self.number, self.code) + reason
        return _HEAD.pack(_KIND_REFUSED << 24 | len(body)) + body


DeskFrame = Append | Subscribe | Unsubscribe | Passed
RelayFrame = Appended | CellAt | CaughtUp | RefusedFrame


def cell_head(subscription: int, position: int, cell_size: int) -> bytes:
    """Give the bytes that precede the cell in a CellAt, so that the cell itself need not be copied."""
    return _HEAD.pack(_KIND_CELL << 24 | _NUMBERED.size + cell_size) + _NUMBERED.pack(subscription, position)


def window(cell_size: int) -> int:
    """How far, in positions, a subscription may run ahead of what its desk has passed (spec 4.4)."""
    return WINDOW_BYTES // cell_size


def _append(body: memoryview) -> Append:
    cell = body[_APPEND.size :]
    if len(cell) not in CELL_SIZES:
        raise Violation(
            said("An append carries a cell of {count} bytes, which is not a cell size.", count=len(cell))
        )
    request, drop, capability, append_id = _APPEND.unpack_from(body)
    return Append(request, drop, capability, append_id, cell)


def _subscribe(body: memoryview) -> Subscribe:
    return Subscribe(*_SUBSCRIBE.unpack(body))


def _unsubscribe(body: memoryview) -> Unsubscribe:
    return Unsubscribe(*_U32.unpack(body))


def _passed(body: memoryview) -> Passed:
    return Passed(*_NUMBERED.unpack(body))


def _appended(body: memoryview) -> Appended:
    return Appended(*_NUMBERED.unpack(body))


def _cell(body: memoryview) -> CellAt:
    cell = body[_NUMBERED.size :]
    if len(cell) not in CELL_SIZES:
        raise Violation(
            said("The relay sent a cell of {count} bytes, which is not a cell size.", count=len(cell))
        )
    subscription, position = _NUMBERED.unpack_from(body)
    return CellAt(subscription, position, cell)


def _caught_up(body: memoryview) -> CaughtUp:
    return CaughtUp(*_NUMBERED.unpack(body))


def _refused(body: memoryview) -> RefusedFrame:
    about, number, code = _REFUSED.unpack_from(body)
    reason = body[_REFUSED.size :]
    if len(reason) > MAX_REASON_BYTES:
        raise Violation(
            said(
                "The relay gave a reason of {count} bytes; {max_reason_bytes} are allowed.",
                count=len(reason),
                max_reason_bytes=MAX_REASON_BYTES,
            )
        )
    return RefusedFrame(About(about), number, Code(code), bytes(reason).decode())


_DESK: dict[int, Callable[[memoryview], DeskFrame]] = {
    _KIND_APPEND: _append,
    _KIND_SUBSCRIBE: _subscribe,
    _KIND_UNSUBSCRIBE: _unsubscribe,
    _KIND_PASSED: _passed,
}
_RELAY: dict[int, Callable[[memoryview], RelayFrame]] = {
    _KIND_APPENDED: _appended,
    _KIND_CELL: _cell,
    _KIND_CAUGHT_UP: _caught_up,
    _KIND_REFUSED: _refused,
}


def _read(message: bytes, readers: dict[int, Callable[[memoryview], F]]) -> list[F]:
    if len(message) > MAX_MESSAGE_BYTES:
        raise Violation(
            said(
                "A message has {count} bytes; {max_message_bytes} are allowed.",
                count=len(message),
                max_message_bytes=MAX_MESSAGE_BYTES,
            )
        )
    rest = memoryview(message)
    frames: list[F] = []
    try:
        while rest:
            (head,) = _HEAD.unpack_from(rest)
            end = _HEAD.size + (head & 0xFFFFFF)
            if end > len(rest):
                raise Violation(
                    said("A frame announces {end} bytes where {count} are left.", end=end, count=len(rest))
                )
            frames.append(readers[head >> 24](rest[_HEAD.size : end]))
            rest = rest[end:]
    except KeyError as error:
        raise Violation(said("There is no frame of kind {error} in this direction.", error=error)) from error
    except (struct.error, ValueError) as error:  # too short, too long, an unknown code, not UTF-8
        raise Violation(said("A frame is malformed: {error}.", error=error)) from error
    if not frames:
        raise Violation("A message holds no frame.")
    return frames


def read_desk_frames(message: bytes) -> list[DeskFrame]:
    """Read what a desk sent, whole or not at all; any bytes are safe to pass."""
    return _read(message, _DESK)


def read_relay_frames(message: bytes) -> list[RelayFrame]:
    """Read what a relay sent, whole or not at all; any bytes are safe to pass."""
    return _read(message, _RELAY)
