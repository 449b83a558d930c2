"""Long work of an open desk, done in a thread beside its loop: pure reckoning from bytes to bytes, that touches no room and no file.

What comes of it is taken up at a tick, if the state it began from still stands; until then nothing of it is saved or sent. So whatever
happens to the desk meanwhile, it begins again from what was saved.
"""

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeAlias

from backchannel.channel.event import EventId, RoomId
from backchannel.crypto.secret import Secret
from backchannel.crypto.sounding.threads import GivenUp, Tally, counted

Key: TypeAlias = tuple[RoomId, EventId]
Made: TypeAlias = "tuple[bytes, bytes]"  # what the work gives, as its owner encodes it


class Piece(Secret):
    """One piece of work: from which state it began, what it takes in, and what has come of it."""

    __slots__ = ("began", "future", "takes", "tally")

    def __init__(self, began: bytes, takes: tuple[bytes, ...], tally: Tally, future: "Future[Made]") -> None:
        self.began, self.takes, self.tally = began, takes, tally
        self.future = future

    @property
    def ready(self) -> bool:
        return self.future.done()

    def made(self) -> Made:
        """Give what came of it; only once it is ready."""
        return self.future.result()


class Reckoner:
    """The long work of one desk, one piece after the other; `woken` is told from its thread when a piece is ready."""

    def __init__(self) -> None:
        self.woken: Callable[[], None] = nobody_waits
        self._pool: ThreadPoolExecutor | None = None
        self._pieces: dict[Key, Piece] = {}

    def begin(self, key: Key, began: bytes, takes: tuple[bytes, ...], work: Callable[[], Made]) -> None:
        """Begin a piece of work, in the place of another of the same name."""
        self.drop(key)
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="reckoning")
        tally = Tally()

        def run() -> Made:
            if tally.given_up:
                raise GivenUp
            with counted(tally):
                return work()

        future = self._pool.submit(run)
        self._pieces[key] = Piece(began, takes, tally, future)
        future.add_done_callback(lambda _: self.woken())

    def piece(self, key: Key) -> Piece | None:
        return self._pieces.get(key)

    def drop(self, key: Key) -> None:
        """Give up a piece of work, or let go of what came of it."""
        piece = self._pieces.pop(key, None)
        if piece is not None:
            piece.tally.given_up = True

    def keep(self, room: RoomId, targets: Collection[EventId]) -> None:
        """Give up what is reckoned for a room's soundings that are not among these."""
        for key in [key for key in self._pieces if key[0] == room and key[1] not in targets]:
            self.drop(key)

    def ready(self, room: RoomId) -> bool:
        """Whether something of a room waits to be taken up."""
        return any(piece.ready for key, piece in list(self._pieces.items()) if key[0] == room)

    def wait(self, seconds: float) -> None:
        """Wait until a piece is ready, or for so long."""
        wait([piece.future for piece in self._pieces.values()], seconds, FIRST_COMPLETED)

    def running(self) -> bool:
        """Whether anything is being reckoned."""
        return any(not piece.ready for piece in self._pieces.values())

    def busy(self) -> bool:
        """Whether anything is being reckoned or waits to be taken up."""
        return bool(self._pieces)

    def close(self) -> None:
        """Give everything up, and wait for the thread to end."""
        for key in list(self._pieces):
            self.drop(key)
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def nobody_waits() -> None:
    """Nobody is to be told."""
