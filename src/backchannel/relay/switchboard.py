"""Between lines and disk: checks capabilities, hands appends to the writer, sends what was committed to who subscribed."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from backchannel.errors import BackchannelError, Unavailable, Violation
from backchannel.relay.drops import NOBODY, Digest, check_capability, check_cell, digest, unknown_admission
from backchannel.relay.limits import Counters, Limits
from backchannel.relay.lines import Line, LiveDrop, Subscription
from backchannel.relay.sqlite import Answer, Reading, Store, Wanted
from backchannel.relay.writer import BATCH, Writer
from backchannel.wire.calls import CloseDrop, DropClosed, DropOpened, OpenDrop
from backchannel.wire.frames import (
    About,
    Append,
    Appended,
    DeskFrame,
    Passed,
    Subscribe,
    Unsubscribe,
    read_desk_frames,
)
from backchannel.wire.ids import Admission, Capability, DropId, Position
from backchannel.wire.refusals import Code, RelayRefused

LIVE_DROPS: Final = 10_000  # remembered although nobody is subscribed
BACKLOG_BYTES: Final = 128 * 1024  # read from the disk at once for one subscription
SWEEP_SECONDS: Final = 1.0

_GONE = RelayRefused(Code.GONE, "This drop was closed or has lapsed.")
_LOW = RelayRefused(
    Code.RELAY_FULL, "The relay's disk is full: nothing was stored; try again when there is space."
)


@dataclass(frozen=True, slots=True)
class _Sent(Wanted):
    """An append under way and whom to answer."""

    line: Line
    request: int


class Switchboard:
    """Everything here runs on the event loop; the disk is written and read by one thread each."""

    def __init__(self, file: Path, limits: Limits, clock: Callable[[], int], batch: int = BATCH) -> None:
        """`clock` gives milliseconds since 1970; `batch` bounds the cells of one commit."""
        self.counters = Counters()
        self.disk_low = False
        self._file = file
        self._limits = limits
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._drops: dict[DropId, LiveDrop] = {}
        self._waiting: set[Line] = set()
        self._pending_bytes = 0
        store = Store(file, max_bytes=limits.database_bytes)
        self._reading = Reading(file)
        self._backlog = Reading(file)
        self._backlog_thread = ThreadPoolExecutor(1, "relay-backlog")
        self.writer: Writer[_Sent] = Writer(store, clock, self._stored, batch)

    def close(self) -> None:
        """Let go of the database; the writer was stopped before."""
        self._backlog_thread.shutdown()
        self._backlog.close()
        self._reading.close()

    # Calls.

    async def open_drop(self, call: OpenDrop) -> DropOpened:
        self._check_disk()
        now = self._clock()
        if not self._reading.admits(
            digest(Admission(call.admission))
        ):  # before it costs a turn of the writer
            raise unknown_admission()
        terms = await self.writer.act(lambda store: store.open_drop(call, now))
        self.counters.opened += 1
        return DropOpened(terms.cell_size, terms.ttl_seconds, terms.idle_seconds, terms.max_cells)

    async def close_drop(self, call: CloseDrop) -> DropClosed:
        drop = self._find(DropId(call.drop))
        check_capability(Capability(call.close), drop.terms.close if drop else NOBODY)
        assert drop is not None
        key = drop.terms.key
        await self.writer.act(lambda store: store.close_drop(key))
        self._forget(DropId(call.drop))
        self.counters.closed += 1
        await self.sweep()  # spec 3: the answer means that the cells are removed
        return DropClosed()

    # Lines.

    def line(self, transport: asyncio.Transport) -> Line:
        self.counters.lines += 1
        return Line(transport, self._limits, self.counters, self._feed)

    def hang_up(self, line: Line) -> None:
        """Forget a connection that is over; what it appended will still be stored."""
        line.end()
        self.counters.lines -= 1
        for number in tuple(line.subscriptions):
            self._unsubscribe(line, number)

    async def take(self, line: Line, message: bytes) -> bool:
        """Act on a message and wait while the line is full; True if a capability fitted. Violation: hang up."""
        fitted = False
        for frame in read_desk_frames(message):
            fitted |= self._act(line, frame)
            if line.wrong >= self._limits.wrong_capabilities:
                return fitted
        while line.full or (self._pending_bytes >= self._limits.pending_bytes_in_all and not line.ended):
            line.free.clear()
            self._waiting.add(line)
            await line.free.wait()
            self._waiting.discard(line)
        return fitted

    def _act(self, line: Line, frame: DeskFrame) -> bool:
        match frame:
            case Append():
                return self._append(line, frame)
            case Subscribe():
                return self._subscribe(line, frame)
            case Passed():
                self._pass(line, frame)
            case Unsubscribe():
                self._unsubscribe(line, frame.subscription)
        return False

    def _append(self, line: Line, frame: Append) -> bool:
        try:
            drop = self._find(frame.drop)
            self._check(line, frame.capability, drop.terms.append if drop else NOBODY)
            assert drop is not None
            check_cell(frame.cell, drop.terms)
            self._check_disk()
        except RelayRefused as refusal:
            line.refuse(About.REQUEST, frame.request, refusal)
            return refusal.code is not Code.UNKNOWN
        line.pending_bytes += len(frame.cell)
        self._pending_bytes += len(frame.cell)
        self.writer.append(_Sent(drop.terms, frame.append_id, frame.cell, line, frame.request))
        return True

    def _subscribe(self, line: Line, frame: Subscribe) -> bool:
        if frame.subscription <= line.last_subscription:
            raise Violation("A subscription number was used again.")
        line.last_subscription = frame.subscription
        try:
            drop = self._find(frame.drop)
            self._check(line, frame.capability, drop.terms.read if drop else NOBODY)
            assert drop is not None
            self._check_number(line)
        except RelayRefused as refusal:
            line.refuse(About.SUBSCRIPTION, frame.subscription, refusal)
            return refusal.code is not Code.UNKNOWN
        start = min(frame.after, drop.head)
        subscription = Subscription(line, frame.subscription, drop, start, start)
        drop.subscriptions.add(subscription)
        line.subscriptions[frame.subscription] = subscription
        self.counters.subscriptions += 1
        self._feed(subscription)
        return True

    def _check(self, line: Line, shown: Capability, kept: Digest) -> None:
        try:
            check_capability(shown, kept)
        except RelayRefused:
            line.wrong += 1
            raise

    def _check_disk(self) -> None:
        if self.disk_low:
            raise RelayRefused(
                Code.RELAY_FULL,
                "The relay's disk is full: nothing was stored; try again when there is space.",
            )

    def _check_number(self, line: Line) -> None:
        if len(line.subscriptions) >= self._limits.subscriptions:
            raise RelayRefused(
                Code.LIMIT, f"A line may have {self._limits.subscriptions} subscriptions: end one first."
            )

    def _pass(self, line: Line, frame: Passed) -> None:
        subscription = line.subscriptions.get(frame.subscription)
        if subscription is None:
            return
        if frame.position > subscription.sent:
            raise Violation("A position was passed that had not been sent.")
        subscription.passed = max(subscription.passed, frame.position)
        self._feed(subscription)

    def _unsubscribe(self, line: Line, number: int) -> None:
        subscription = line.subscriptions.pop(number, None)
        if subscription is not None:
            subscription.ended = True
            subscription.drop.subscriptions.discard(subscription)
            self.counters.subscriptions -= 1

    # What was committed.

    def _stored(self, batch: Sequence[_Sent], answers: Sequence[Answer]) -> None:
        reached: dict[Subscription, None] = {}
        self.counters.commits += 1
        for sent, answer in zip(batch, answers, strict=True):
            size = len(sent.cell)
            sent.line.pending_bytes -= size
            self._pending_bytes -= size
            if isinstance(answer, RelayRefused):
                sent.line.refuse(About.REQUEST, sent.request, answer)
                continue
            self.counters.appended += 1
            sent.line.send(Appended(sent.request, answer).write())
            drop = self._drops.get(sent.terms.drop)
            if (
                drop is None or answer <= drop.head
            ):  # spec 2: stored before, when it was asked for the first time
                continue
            drop.head = answer
            for subscription in drop.subscriptions:
                if subscription.sent == answer - 1 and not subscription.reading and subscription.may_be_sent:
                    subscription.send(answer, sent.cell)
                reached[subscription] = None
        for subscription in reached:
            self._feed(subscription)
        for line in self._waiting:
            line.free.set()

    def _feed(self, subscription: Subscription) -> None:
        """Send what is there and may be sent; called whenever any of the two may have changed."""
        drop = subscription.drop
        if subscription.sent >= drop.head:
            subscription.tell_if_caught_up()
        elif subscription.may_be_sent and not subscription.reading:
            subscription.reading = True
            limit = min(subscription.credit, BACKLOG_BYTES // drop.terms.cell_size)
            rows = self._loop.run_in_executor(
                self._backlog_thread, self._backlog.cells, drop.terms.key, subscription.sent, limit
            )
            rows.add_done_callback(partial(self._fetched, subscription, drop.head, limit))

    def _fetched(
        self,
        subscription: Subscription,
        head: Position,
        limit: int,
        rows: "asyncio.Future[list[tuple[Position, bytes]]]",
    ) -> None:
        """Send earlier cells that came from the disk; fewer than `limit` means that it had no more up to `head`."""
        subscription.reading = False
        if rows.cancelled() or subscription.ended:
            return
        try:
            found = rows.result()
        except Unavailable as error:
            self._end(subscription, RelayRefused(Code.STOPPING, str(error)))
            return
        for position, cell in found:
            if not subscription.may_be_sent:
                return  # fed again when the desk has passed some, or reads again
            subscription.send(position, cell)
        subscription.line.flush()
        if len(found) < limit:
            subscription.skip_to(head)
        self._feed(subscription)

    # Drops in use.

    def _find(self, drop: DropId) -> LiveDrop | None:
        live = self._drops.get(drop)
        if live is None:
            try:
                row = self._reading.drop(drop)
            except Unavailable as error:
                raise RelayRefused(Code.STOPPING, str(error)) from error
            if row is None:
                return None
            if len(self._drops) >= LIVE_DROPS:
                self._drops = {one: kept for one, kept in self._drops.items() if kept.subscriptions}
            live = self._drops[drop] = LiveDrop(*row)
        return live

    def _forget(self, drop: DropId) -> None:
        """End the subscriptions of a drop that is gone."""
        live = self._drops.pop(drop, None)
        gone = RelayRefused(Code.GONE, "This drop was closed or has lapsed.")
        for subscription in tuple(live.subscriptions) if live else ():
            self._end(subscription, gone)

    def _end(self, subscription: Subscription, why: RelayRefused) -> None:
        subscription.line.refuse(About.SUBSCRIPTION, subscription.number, why)
        self._unsubscribe(subscription.line, subscription.number)

    # Time.

    async def sweep(self) -> None:
        """Remove what has had its time, and see how the disk is."""
        now = self._clock()
        more = True
        while more:
            swept = await self.writer.act(lambda store: store.sweep(now))
            self.counters.expired += swept.cells
            for drop in swept.gone:
                self._forget(drop)
            if swept.outside:  # a token command may have closed a drop
                for drop in tuple(self._drops):
                    if self._reading.drop(drop) is None:
                        self._forget(drop)
            more = swept.more

    async def keep_sweeping(self) -> None:
        """Sweep every second until cancelled; on a full disk, again a second later."""
        while True:
            free = shutil.disk_usage(self._file.parent).free
            self.disk_low = free < self._limits.free_bytes
            try:
                await self.sweep()
            except BackchannelError:
                self.disk_low = True
            await asyncio.sleep(SWEEP_SECONDS)
