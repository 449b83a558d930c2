"""One desk's line as the relay sees it: what goes out, and what is owed to its subscriptions.

A line is written to in whole WebSocket messages straight through the transport, because cells come from commits and not
from coroutines; a server's message (RFC 6455, section 5.2) is a short header and the frames. Frames that become ready in
one turn of the event loop share a message.
"""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from backchannel.relay.drops import Terms
from backchannel.relay.limits import Counters, Limits
from backchannel.wire.frames import MAX_MESSAGE_BYTES, About, CaughtUp, Cell, RefusedFrame, cell_head, window
from backchannel.wire.ids import Position
from backchannel.wire.refusals import RelayRefused

_BINARY = 0x82  # RFC 6455, 5.2: the only and final part of a binary message
_SHORT, _MEDIUM = 125, 0xFFFF  # lengths that fit one byte, and two


@dataclass(slots=True, eq=False)
class LiveDrop:
    """A drop in use: its terms, the last position that was committed, and who is to hear of more."""

    terms: Terms
    head: Position
    subscriptions: set["Subscription"] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Subscription:
    """How far one desk has been sent one drop."""

    line: "Line"
    number: int
    drop: LiveDrop
    sent: Position
    passed: Position
    told: int = -1  # the position of the last CAUGHT_UP
    reading: bool = False  # earlier cells are being fetched from the disk
    ended: bool = False

    @property
    def credit(self) -> int:
        """How many positions it may yet be sent (spec 4.4)."""
        return self.passed + window(self.drop.terms.cell_size) - self.sent

    @property
    def may_be_sent(self) -> bool:
        return self.credit > 0 and not self.line.paused and not self.ended

    def send(self, position: Position, cell: Cell) -> None:
        self.skip_to(Position(position - 1))
        self.sent = position
        self.line.send_cell(self.number, position, cell)

    def skip_to(self, position: Position) -> None:
        """Pass over what was removed before it could be sent; it takes no credit (spec 4.4)."""
        if position > self.sent:
            self.passed = Position(self.passed + position - self.sent)
            self.sent = position

    def tell_if_caught_up(self) -> None:
        if self.sent == self.drop.head and self.sent != self.told:
            self.told = self.sent
            self.line.send(CaughtUp(self.number, self.sent).write())


class Line:
    """The way out to one desk, and how much of it is taken."""

    def __init__(
        self,
        transport: asyncio.Transport,
        limits: Limits,
        counters: Counters,
        feed: Callable[[Subscription], None],
    ) -> None:
        """`feed` is called for each subscription when the desk reads again after a pause."""
        self.subscriptions: dict[int, Subscription] = {}
        self.last_subscription = -1
        self.pending_bytes = 0  # of appends that wait for the disk
        self.wrong = 0  # capabilities shown that fit nothing
        self.paused = False  # the desk does not read as fast as it is written to
        self.ended = False
        self.free = asyncio.Event()  # set when there may be room again, or no more line
        self._transport = transport
        self._limits = limits
        self._counters = counters
        self._feed = feed
        self._loop = asyncio.get_running_loop()
        self._parts: list[Cell] = []
        self._size = 0
        self._stall: asyncio.TimerHandle | None = None
        transport.set_write_buffer_limits(high=limits.unsent_bytes, low=limits.unsent_bytes // 4)

    @property
    def full(self) -> bool:
        """Whether nothing more is to be read from this desk at the moment."""
        return not self.ended and (self.paused or self.pending_bytes >= self._limits.pending_bytes)

    def send(self, frame: bytes) -> None:
        """Queue a frame for the message with which this turn of the event loop ends."""
        self._add(len(frame))
        self._parts.append(frame)

    def send_cell(self, number: int, position: Position, cell: Cell) -> None:
        head = cell_head(number, position, len(cell))
        self._add(len(head) + len(cell))
        self._parts += (head, cell)
        self._counters.delivered += 1

    def refuse(self, about: About, number: int, refusal: RelayRefused) -> None:
        self._counters.refused += 1
        self.send(RefusedFrame(about, number, refusal.code, str(refusal)).write())

    def _add(self, size: int) -> None:
        if self._size + size > MAX_MESSAGE_BYTES:
            self.flush()
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._size += size

    def flush(self) -> None:
        """Write what is queued as one message."""
        if self._parts and not self.ended:
            self._transport.write(b"".join((_message_head(self._size), *self._parts)))
        self._parts.clear()
        self._size = 0

    def pause(self) -> None:
        """Send nothing more: too much waits to be sent."""
        self.paused = True
        self._watch(self._transport.get_write_buffer_size())

    def _watch(self, unsent: int) -> None:
        self._stall = self._loop.call_later(self._limits.stall_seconds, self._check_progress, unsent)

    def _check_progress(self, unsent: int) -> None:
        left = self._transport.get_write_buffer_size()
        if left < unsent:
            self._watch(left)
        else:
            self._transport.abort()

    def resume(self) -> None:
        self.paused = False
        if self._stall is not None:
            self._stall.cancel()
        self.free.set()
        for subscription in tuple(self.subscriptions.values()):
            self._feed(subscription)

    def end(self) -> None:
        self.ended = True
        if self._stall is not None:
            self._stall.cancel()
        self.free.set()


def _message_head(size: int) -> bytes:
    if size <= _SHORT:
        return struct.pack(">BB", _BINARY, size)
    if size <= _MEDIUM:
        return struct.pack(">BBH", _BINARY, 126, size)
    return struct.pack(">BBQ", _BINARY, 127, size)
