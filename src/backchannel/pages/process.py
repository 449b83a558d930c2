"""One process with the desk: the pages' server on this machine's own address, until it is told to end."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from backchannel.errors import Unavailable
from backchannel.pages.app import application
from backchannel.pages.connections import Connection
from backchannel.pages.gate import Gate
from backchannel.pages.house import House
from backchannel.pages.keys import ADDRESS, Entrance, host_of
from backchannel.said import said

CLOSING_SECONDS = 1


class _Server(uvicorn.Server):
    """A server that leaves signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(port: int) -> socket.socket:
    """Take a port of this machine's own address, or with 0 one that is free; raises Unavailable if it is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind((ADDRESS, port))
    except OSError as error:
        listening.close()
        raise Unavailable(
            said("Port {port} of this machine is taken; leave --port out, or name another.", port=port)
        ) from error
    listening.listen()
    return listening


def server_of(app: Gate) -> uvicorn.Server:
    """Make what serves pages of this machine; it ends when its `should_exit` is set."""
    config = uvicorn.Config(
        app, http=Connection, log_config=None, log_level="error", access_log=False, lifespan="off", server_header=False,
        date_header=False, proxy_headers=False, timeout_graceful_shutdown=CLOSING_SECONDS, ws="none",
    )  # fmt: skip
    return _Server(config)


async def serve(
    house: House,
    listening: socket.socket,
    door: Entrance,
    ready: Callable[[], None],
    lifeline: int | None = None,
) -> None:
    """Serve the pages until a signal comes, or the pipe `lifeline` is closed by whoever holds its other end."""
    server = server_of(application(house, door.keys, host=host_of(listening), path=door.path))
    loop = asyncio.get_running_loop()

    def end() -> None:
        house.ending = True
        server.should_exit = True
        if lifeline is not None:
            loop.remove_reader(lifeline)

    house.end = end
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, end)
    if lifeline is not None:
        loop.add_reader(lifeline, end)
    ready()
    try:
        await server.serve(sockets=[listening])
    finally:
        await house.lock()
