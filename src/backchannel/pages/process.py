"""One process with the desk: the pages' server on this machine's own address, until it is told to end."""

import asyncio
import contextlib
import secrets
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from backchannel.errors import Unavailable
from backchannel.pages.app import application
from backchannel.pages.house import House
from backchannel.pages.keys import TOKEN_BYTES, Keys

ADDRESS = "127.0.0.1"
CLOSING_SECONDS = 1


class _Server(uvicorn.Server):
    """A server that leaves signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(house: House, port: int, tell: Callable[[str], None]) -> None:
    """Serve the pages until a signal comes; `tell` gets the address that lets one browser in.

    With port 0 the system chooses one. Raises Unavailable if the port is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind((ADDRESS, port))
    except OSError as error:
        listening.close()
        raise Unavailable(
            f"Port {port} of this machine is taken; leave --port out, or name another."
        ) from error
    host, path, keys = (
        f"{ADDRESS}:{listening.getsockname()[1]}",
        f"/{secrets.token_urlsafe(TOKEN_BYTES)}",
        Keys(),
    )
    app = application(house, keys, host=host, path=path)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, date_header=False,
        proxy_headers=False, timeout_graceful_shutdown=CLOSING_SECONDS, ws="none",
    )  # fmt: skip
    server = _Server(config)
    loop = asyncio.get_running_loop()

    def end() -> None:
        house.ending = True
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, end)
    listening.listen()
    tell(f"http://{host}{path}/enter?token={keys.launch()}")
    try:
        await server.serve(sockets=[listening])
    finally:
        await house.lock()
