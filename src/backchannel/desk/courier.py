"""The only part of a desk that touches the network: carries cells between the desk and its relays.

A courier has one station a relay. A station keeps a line, reads every drop the desk watches there, does the desk's
errands in their order, and comes back after a loss, waiting longer each time. It decides nothing: what comes goes to
`Desk.take`, what is due comes from `Desk.tick`, and both save before anything is sent.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from backchannel.channel.event import RoomId
from backchannel.channel.members import Transport
from backchannel.desk.desk import Desk
from backchannel.desk.errands import Errand, Watch
from backchannel.desk.line import Arrived, AtEnd, Line, Subscription
from backchannel.desk.reckoning import nobody_waits
from backchannel.desk.taking import Taken
from backchannel.errors import BackchannelError, Refused, Unavailable
from backchannel.said import said
from backchannel.wire.calls import OpenDrop
from backchannel.wire.codec import decode
from backchannel.wire.ids import (
    ADMISSION_BYTES,
    APPEND_ID_BYTES,
    CAPABILITY_BYTES,
    Admission,
    AppendId,
    Capability,
    DropId,
    Position,
)
from backchannel.wire.refusals import Code, RelayRefused

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
TICK_SECONDS = 1.0
RETRY_SECONDS = 2.0  # before a drop or errand that the relay refused is tried again
RECEIPT_SECONDS = 0.25  # quiet before receipts go, so that one answers for all that came together
PIPELINE = 64  # appends under way at once
INBOX = 4096  # events waiting to be taken in

News = Callable[[Taken], None]
Clock = Callable[[], int]
Key = tuple[
    RoomId | None, bytes
]  # whose a drop is and which: a rendezvous is first a meeting's, then a room's


@dataclass(slots=True)
class Station:
    """One relay as this desk meets it."""

    url: str
    pin: bytes
    connected: bool = False
    reached: bool = False
    trouble: str = ""
    away_since: int | None = None  # by the courier's clock
    inbox: asyncio.Queue[tuple[Watch, Arrived | AtEnd | BackchannelError]] = field(
        default_factory=lambda: asyncio.Queue(INBOX)
    )
    reading: dict[Key, asyncio.Task[None]] = field(default_factory=dict)
    at_end: set[Key] = field(default_factory=set)
    retry_at: dict[object, float] = field(default_factory=dict)
    idle: bool = False
    receipts_at: float = 0.0  # loop time

    def met(self) -> None:
        """Note that the relay answers."""
        self.connected = self.reached = True
        self.away_since = None


class Courier:
    """Carries for one desk; `news` is told of everything that was taken in.

    All methods run in one event loop; the desk is used from nowhere else meanwhile.
    """

    def __init__(self, desk: Desk, clock: Clock, *, proxy: str = "", news: News | None = None) -> None:
        self.desk = desk
        self.clock = clock
        self.proxy = proxy
        self.news = news
        self.stations: dict[str, Station] = {}
        self.troubles: list[str] = []
        self._changed = asyncio.Event()
        self._syncing = False
        self._moved = asyncio.Condition()

    # -- from outside -------------------------------------------------------------------------------------

    def nudge(self) -> None:
        """Say that the desk has something new to send or to watch."""
        for station in self.stations.values():
            station.idle = False
        self._changed.set()

    async def run(self) -> None:
        """Carry until cancelled."""
        loop, reckoner = asyncio.get_running_loop(), self.desk.reckoner

        def woken() -> None:
            loop.call_soon_threadsafe(self.nudge)

        reckoner.woken = woken
        try:
            await self._carry()
        finally:
            if reckoner.woken is woken:
                reckoner.woken = nobody_waits

    async def _carry(self) -> None:
        async with asyncio.TaskGroup() as group:
            serving: dict[str, asyncio.Task[None]] = {}
            while True:
                for url, pin in self._relays():
                    if url not in serving:
                        self.stations[url] = Station(url, pin)
                        serving[url] = group.create_task(self._serve(self.stations[url]))
                if not any(station.connected for station in self.stations.values()):
                    # What falls due does so without a line too: texts run out, deadlines pass.
                    try:
                        self.troubles = self.desk.tick(self.clock(), receipts=False)
                    except BackchannelError as error:
                        self.troubles = [str(error)]
                await self._wait(TICK_SECONDS)

    async def sync(self, seconds: float, *, until: Callable[[], bool] | None = None) -> bool:
        """Carry until all is read and sent and `until` holds; False if that did not come in time.

        What was not sent stays saved. Raises Unavailable if no relay could be reached at all.
        """
        self._syncing = True
        carrying = asyncio.create_task(self.run())
        done = False
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds), self._moved:
                    done = await self._moved.wait_for(lambda: self.quiet() and (until is None or until()))
        finally:
            carrying.cancel()
            with suppress(asyncio.CancelledError):
                await carrying
            self._syncing = False
        stations = list(self.stations.values())
        if not done and stations and not any(station.reached for station in stations):
            raise Unavailable(stations[0].trouble or "No relay answers; what was written is saved and waits.")
        return done

    def quiet(self) -> bool:
        """Whether everything there is has been read and everything to be sent has been confirmed."""
        known = {url for url, _ in self._relays()}
        return known <= set(self.stations) and all(self.stations[url].idle for url in known)

    # -- one relay ----------------------------------------------------------------------------------------

    def _relays(self) -> Iterable[tuple[str, bytes]]:
        """Relays there is anything to do at, each with its pin."""
        found = {watch.relay: watch.pin for watch in self.desk.watches()}
        found |= {errand.relay: errand.pin for errand in self.desk.errands()}
        return found.items()

    async def _serve(self, station: Station) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with Line(station.url, pin=station.pin, proxy=self.proxy) as line:
                    await self._work(station, line)
            except BackchannelError as error:
                station.trouble = str(error)
                if station.away_since is None:
                    with suppress(BackchannelError):  # a clock that cannot be read
                        station.away_since = self.clock()
                if station.connected:
                    pause = FIRST_PAUSE_SECONDS
            finally:
                station.connected = station.idle = False
                await self._hang_up(station)
            await self._tell()
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnections
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _hang_up(self, station: Station) -> None:
        for task in station.reading.values():
            task.cancel()
        await asyncio.gather(*station.reading.values(), return_exceptions=True)
        station.reading.clear()
        station.at_end.clear()
        station.retry_at.clear()
        while not station.inbox.empty():
            station.inbox.get_nowait()

    async def _work(self, station: Station, line: Line) -> None:
        while True:
            receipts = self._syncing or asyncio.get_running_loop().time() >= station.receipts_at
            self.troubles = self.desk.tick(self.clock(), receipts=receipts)
            errands = [errand for errand in self.desk.errands() if errand.relay == station.url]
            watches = [watch for watch in self.desk.watches() if watch.relay == station.url]
            await self._watch(
                station, line, watches, {errand.drop for errand in errands if errand.act == "open"}
            )
            sent = await self._send(station, line, errands)
            station.idle = receipts and not sent and self._settled(station, errands, watches)
            if station.idle:
                await self._tell()
            if not sent:
                await self._hear(station, TICK_SECONDS if receipts else RECEIPT_SECONDS)

    def _settled(self, station: Station, errands: list[Errand], watches: list[Watch]) -> bool:
        """Whether nothing is left to read or to send here, apart from what the relay will not have."""
        now = asyncio.get_running_loop().time()
        waiting = [errand for errand in errands if station.retry_at.get(errand.owner, 0) <= now]
        unread = [watch for watch in watches if _key(watch) not in station.at_end | station.retry_at.keys()]
        return station.inbox.empty() and not waiting and not unread

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        self._changed.clear()

    # -- reading ------------------------------------------------------------------------------------------

    async def _watch(self, station: Station, line: Line, watches: list[Watch], unopened: set[bytes]) -> None:
        """Read every drop the desk watches here, and none that it has left or not opened yet."""
        wanted = {_key(watch): watch for watch in watches}
        for key in [key for key in station.reading if key not in wanted]:
            station.reading.pop(key).cancel()
            station.at_end.discard(key)
        now = asyncio.get_running_loop().time()
        for key, watch in wanted.items():
            if key in station.reading or watch.drop in unopened or station.retry_at.get(key, 0) > now:
                continue
            station.retry_at.pop(key, None)
            subscription = await line.subscribe(
                DropId(watch.drop), Capability(watch.read), Position(watch.after)
            )
            station.met()
            station.trouble = ""
            station.reading[key] = asyncio.create_task(self._read(station, watch, subscription))

    async def _read(self, station: Station, watch: Watch, subscription: Subscription) -> None:
        try:
            async for event in subscription:
                await station.inbox.put((watch, event))
        except BackchannelError as error:
            await station.inbox.put((watch, error))

    async def _hear(self, station: Station, seconds: float) -> None:
        """Wait for something to come, or for the desk to have something, and take in all that came."""
        getting = asyncio.create_task(station.inbox.get())
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait({getting, changed}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            self._changed.clear()
            came = [getting.result()] if getting.done() else []
        finally:
            for task in (getting, changed):
                task.cancel()
        while not station.inbox.empty():
            came.append(station.inbox.get_nowait())
        self._take(station, came)

    def _take(self, station: Station, came: list[tuple[Watch, Arrived | AtEnd | BackchannelError]]) -> None:
        cells: dict[Key, list[tuple[int, bytes]]] = {}
        watches = {_key(watch): watch for watch, _ in came}
        for watch, event in came:
            if isinstance(event, Arrived):
                cells.setdefault(_key(watch), []).append((event.position, event.cell))
        for key, batch in cells.items():
            taken = self.desk.take(watches[key], batch, self.clock())
            station.receipts_at = asyncio.get_running_loop().time() + RECEIPT_SECONDS
            if self.news is not None:
                self.news(taken)
        for watch, event in came:
            if isinstance(event, AtEnd):
                station.at_end.add(_key(watch))
                self.desk.caught_up(watch)
            elif isinstance(event, RelayRefused):
                self._refused_watch(station, watch, event)
            elif isinstance(event, BackchannelError):
                raise event

    def _refused_watch(self, station: Station, watch: Watch, refusal: RelayRefused) -> None:
        """A drop that is not there: an old epoch's is done with, a newer one is tried again."""
        station.reading.pop(_key(watch), None)
        station.at_end.discard(_key(watch))
        if refusal.code in {Code.GONE, Code.UNKNOWN} and self.desk.gone(watch):
            return
        station.retry_at[_key(watch)] = asyncio.get_running_loop().time() + RETRY_SECONDS
        station.trouble = str(refusal)
        if watch.owner is not None and refusal.code in {Code.GONE, Code.UNKNOWN}:
            station.trouble = said(
                "A relay no longer has the drop of a room, as when its operator has put back an old copy; what was said"
                " is on the desks, but to go on, open a new room, at best on another relay."
            )

    # -- sending ------------------------------------------------------------------------------------------

    async def _send(self, station: Station, line: Line, waiting: list[Errand]) -> bool:
        """Do what can be done of the errands, each owner's in order; tells whether anything was done."""
        now = asyncio.get_running_loop().time()
        by_owner: dict[object, list[Errand]] = {}
        for errand in waiting:
            by_owner.setdefault(errand.owner, []).append(errand)
        progress = False
        for owner, errands in by_owner.items():
            if station.retry_at.get(owner, 0) > now:
                continue
            try:
                progress |= await self._do_some(line, errands)
                station.met()
            except Refused as refused:
                station.trouble = str(refused)
                station.retry_at[owner] = now + RETRY_SECONDS
        return progress

    async def _do_some(self, line: Line, errands: list[Errand]) -> bool:
        """Do the first of an owner's errands, and with it the appends that follow it."""
        first = errands[0]
        if not self.desk.may_send(first):
            return False
        if first.act != "append":
            await self._do(line, first)
            self.desk.done([first])
            return True
        run = errands[:PIPELINE]
        run = run[: next((place for place, errand in enumerate(run) if errand.act != "append"), len(run))]
        results = await asyncio.gather(*(self._do(line, errand) for errand in run), return_exceptions=True)
        self.desk.done([errand for errand, result in zip(run, results, strict=True) if result is None])
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return True

    async def _do(self, line: Line, errand: Errand) -> None:
        drop = DropId(errand.drop)
        try:
            match errand.act:
                case "open":
                    await self._open(line, errand)
                case "append":
                    capability, append_id, cell = _split(errand.value, CAPABILITY_BYTES, APPEND_ID_BYTES)
                    await line.append(drop, Capability(capability), AppendId(append_id), cell)
                case _:
                    await line.close_drop(drop, Capability(errand.value))
        except RelayRefused as refused:
            # What was to go on a drop that is no more is sent again on the next, if its reader still lacks it; but
            # a guest may come to a rendezvous before its host's desk has opened it.
            early = errand.owner is None and refused.code is Code.UNKNOWN
            if refused.code not in {Code.GONE, Code.UNKNOWN} or errand.act == "open" or early:
                raise

    async def _open(self, line: Line, errand: Errand) -> None:
        admission, data = _split(errand.value, ADMISSION_BYTES)
        transport = decode(data, Transport)
        call = OpenDrop(
            Admission(admission),
            DropId(transport.drop),
            Capability(transport.append),
            Capability(transport.read),
            Capability(transport.close),
            transport.cell_size,
            transport.ttl_seconds,
            0,
        )
        try:
            await line.open_drop(call)
        except RelayRefused as refused:
            if refused.code is Code.ADMISSION:
                self.desk.refused_admission(errand)
            raise


def _key(watch: Watch) -> Key:
    return watch.owner, watch.drop


def _split(value: bytes, *sizes: int) -> list[bytes]:
    parts, start = [], 0
    for size in sizes:
        parts.append(value[start : start + size])
        start += size
    return [*parts, value[start:]]
