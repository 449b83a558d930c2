"""Who may be connected, and for how long without showing a capability (docs/spec/relay.md, section 4.5).

Everyone is let in as a guest. A guest has few bytes and seconds until a capability fits; when there are too many guests the
oldest must leave, so that strangers who only hold connections open keep nobody out for long.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from socket import socket
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from backchannel.errors import Unavailable
from backchannel.relay.limits import Counters, Limits
from backchannel.relay.lines import Line

RETRY_SECONDS: Final = 0.05  # after there was no room or no descriptor for a connection
GRACE_SECONDS: Final = (
    1.0  # that every guest has, however many wait: desks come back all at once after a restart
)
HEADER_BYTES: Final = 4096  # of one line or field of a request; a desk needs some hundred

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Visitor(RequestHandler):
    """One connection."""

    def __init__(self, door: "Door", server: web.Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # None turns it off
            logger=logging.getLogger("backchannel.relay.http"),
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
            keepalive_timeout=door.limits.guest_seconds,
            lingering_time=0,
        )
        self.line: Line | None = None
        self._door = door
        self._heard = 0
        self._known = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._deadline = asyncio.get_running_loop().call_later(self._door.limits.guest_seconds, self.leave)
        self._door.enter(self)

    def data_received(self, data: bytes) -> None:
        if not self._known:
            self._heard += len(data)
            if self._heard > self._door.limits.guest_bytes:
                self.leave()
                return
        super().data_received(data)

    def welcome(self) -> None:
        """Count it as a guest no longer: a capability fitted."""
        if not self._known:
            self._known = True
            self._door.know(self)
            if self._deadline is not None:
                self._deadline.cancel()

    def way_out(self) -> asyncio.Transport:
        """Give what is written to; Unavailable if the peer has hung up."""
        if self.transport is None:
            raise Unavailable("The connection was lost.")
        return self.transport

    def leave(self) -> None:
        if self.transport is not None:
            self.way_out().abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._door.left(self)
        if self.line is not None:
            self.line.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.line is not None:
            self.line.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.line is not None:
            self.line.resume()


class Door:
    """Accepts connections and counts them."""

    def __init__(self, answer: Answer, limits: Limits, counters: Counters) -> None:
        self.limits = limits
        self._counters = counters
        self._server = web.Server(answer)
        self._visitors: set[Visitor] = set()
        # How to make each guest leave, and when it came by the loop's clock; the oldest first. Some are still shaking hands.
        self._guests: dict[Callable[[], object], float] = {}

    async def accept(self, listening: socket, tls: ssl.SSLContext | None) -> None:
        """Let connections in until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:  # no descriptor left, or the peer has gone already
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if len(self._visitors) >= self.limits.connections:
                self._counters.turned_away += 1
                connection.close()
                continue
            await self._make_room()
            task = loop.create_task(self._shake_hands(connection, tls))
            self._guests[task.cancel] = loop.time()
            task.add_done_callback(lambda task: self._guests.pop(task.cancel, None))

    async def _make_room(self) -> None:
        """Make the oldest guest leave if there are too many, once it has had its time to show a capability."""
        while len(self._guests) >= self.limits.guests:
            leave, came = next(iter(self._guests.items()))
            if asyncio.get_running_loop().time() - came < GRACE_SECONDS:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._counters.turned_away += 1
                del self._guests[leave]
                leave()

    async def _shake_hands(self, connection: socket, tls: ssl.SSLContext | None) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: Visitor(self, self._server),
                connection,
                ssl=tls,
                ssl_handshake_timeout=self.limits.guest_seconds if tls else None,
            )
        except (OSError, asyncio.CancelledError):  # the peer has gone, speaks no TLS, or had to leave
            connection.close()

    def enter(self, visitor: Visitor) -> None:
        self._visitors.add(visitor)
        self._guests[visitor.leave] = asyncio.get_running_loop().time()
        self._count()

    def know(self, visitor: Visitor) -> None:
        self._guests.pop(visitor.leave, None)
        self._count()

    def left(self, visitor: Visitor) -> None:
        self._visitors.discard(visitor)
        self._guests.pop(visitor.leave, None)
        self._count()

    def _count(self) -> None:
        self._counters.connections = len(self._visitors)
        self._counters.guests = len(self._guests)

    async def empty(self, seconds: float) -> None:
        """End every connection; guests at once, others after some time for answers under way."""
        for leave in tuple(self._guests):
            leave()
        await self._server.shutdown(seconds)


def visitor_of(request: web.BaseRequest) -> Visitor:
    """Give the connection that a request came on."""
    if not isinstance(request.protocol, Visitor):
        raise Unavailable("The connection was lost.")
    return request.protocol
