"""Connections to the pages' port, which any program of this machine can open: so many at once, and not one more."""

import asyncio
from itertools import count
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

# A process has 256 files open where least is allowed, and the desk needs some of them.
MOST_CONNECTIONS: Final = 128
_numbers = count()


class Connection(H11Protocol):
    """One connection; the oldest that asks for nothing makes room for another (spec pages 3.3)."""

    number = -1

    @property
    def busy(self) -> bool:
        """Whether it waits for an answer; who was not let in has theirs at once."""
        return bool(self.cycle) and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.number = next(_numbers)
        open_now = [one for one in self.connections if isinstance(one, Connection)]
        idle = sorted((one for one in open_now if not one.busy), key=lambda one: one.number)
        for oldest in idle[: max(0, len(open_now) - MOST_CONNECTIONS)]:
            oldest.transport.abort()
