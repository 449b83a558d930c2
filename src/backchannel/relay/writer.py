"""The one writer thread: all appends that wait become one commit, and only then are they answered."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from backchannel.errors import BackchannelError, Unavailable
from backchannel.relay.schema import DiskFull
from backchannel.relay.sqlite import Answer, Store, Wanted
from backchannel.wire.refusals import Code, RelayRefused

BATCH = 512  # cells per commit at most: 4 MiB of the default size, some 30 ms

W = TypeVar("W", bound=Wanted)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Act(Generic[T]):
    """Something else to be done with the store, in its turn."""

    work: Callable[[Store], T]
    future: asyncio.Future[T]

    def answer(self, result: T) -> None:
        if not self.future.cancelled():
            self.future.set_result(result)

    def fail(self, error: BackchannelError) -> None:
        if not self.future.cancelled():
            self.future.set_exception(error)


class Writer(Generic[W]):
    """Owns the store. Everything but the thread's own loop is called on the event loop."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], int],
        stored: Callable[[Sequence[W], Sequence[Answer]], None],
        batch: int = BATCH,
    ) -> None:
        """Start the thread; `stored` is called on the event loop after each commit, `clock` gives milliseconds since 1970."""
        self._store = store
        self._clock = clock
        self._stored = stored
        self._batch = batch
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[W | _Act[object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="relay-writer")
        self.ended = asyncio.Event()  # set when the thread is over, asked or not
        self._thread.start()

    def append(self, wanted: W) -> None:
        self._queue.put(wanted)

    async def act(self, work: Callable[[Store], T]) -> T:
        """Do something else with the store on its thread."""
        if self.ended.is_set():
            raise Unavailable("The relay is stopping: connect again later.")
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Act(work, future))  # type: ignore[arg-type]  # the queue holds acts of any result
        return await future

    async def stop(self) -> None:
        """Finish what waits and end the thread."""
        self._queue.put(None)
        await self.ended.wait()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._store.close()
            self._loop.call_soon_threadsafe(self.ended.set)

    def _work(self) -> None:
        item = self._queue.get()
        while item is not None:
            if isinstance(item, _Act):
                self._do(item)
                item = self._queue.get()
                continue
            batch = [item]
            try:
                while isinstance(item := self._queue.get_nowait(), Wanted) and len(batch) < self._batch:
                    batch.append(item)
            except Empty:
                self._commit(batch)
                item = self._queue.get()
            else:
                self._commit(batch)

    def _do(self, act: _Act[object]) -> None:
        try:
            result = act.work(self._store)
        except BackchannelError as error:
            self._loop.call_soon_threadsafe(act.fail, error)
        else:
            self._loop.call_soon_threadsafe(act.answer, result)

    def _commit(self, batch: Sequence[W]) -> None:
        answers: Sequence[Answer]
        try:
            answers = self._store.append(batch, self._clock())
        except DiskFull as error:
            answers = [RelayRefused(Code.RELAY_FULL, str(error))] * len(batch)
        except Unavailable as error:
            logging.getLogger(__name__).warning("%s", error)
            answers = [RelayRefused(Code.RELAY_FULL, str(error))] * len(batch)
        self._loop.call_soon_threadsafe(self._stored, batch, answers)
