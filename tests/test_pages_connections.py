"""What any program of this machine can do to the pages' port with connections alone: be refused, and keep nobody else out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backchannel.pages.app import application
from backchannel.pages.connections import MOST_CONNECTIONS
from backchannel.pages.house import House
from backchannel.pages.keys import Entrance, Session, host_of
from backchannel.pages.process import listen, server_of

SECONDS = 10


class Port:
    """The pages of a desk that was never made, at a port of their own, and a browser that was let in."""

    def __init__(self, host: str, path: str, session: Session) -> None:
        self.host, self.session = host, session
        self.asked = f"GET {path}/ HTTP/1.1\r\nHost: {host}\r\nCookie: desk={session.id}\r\n\r\n".encode()
        self.begun = (
            f"POST {path}/new HTTP/1.1\r\nHost: {host}\r\nCookie: desk={session.id}\r\nOrigin: http://{host}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\n"
        ).encode()

    async def connect(self, said: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self.host.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(said)
        return reader, writer

    async def ask(self, said: bytes) -> bytes:
        """Give the first line of what is answered."""
        reader, writer = await self.connect(said)
        line = await asyncio.wait_for(reader.readline(), SECONDS)
        writer.close()
        return line.strip()


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Port]:
    entrance, listening = Entrance(), listen(0)
    session = entrance.keys.enter(entrance.keys.launch())
    assert session is not None
    host = host_of(listening)
    server = server_of(application(House(folder / "desk"), entrance.keys, host=host, path=entrance.path))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield Port(host, entrance.path, session)
        assert len(server.server_state.connections) <= MOST_CONNECTIONS + 1
    finally:
        server.should_exit = True
        await serving


def test_whoever_opens_connections_and_says_nothing_keeps_no_browser_out(tmp_path: Path) -> None:
    async def run() -> tuple[bytes, bytes]:
        async with served(tmp_path) as port:
            sending, slow = await port.connect(port.begun)  # a form on its way, as slow as it likes
            await asyncio.sleep(0.1)
            held = [
                await port.connect(half)
                for half in (b"", b"GET / HTTP/1.1\r\nHost:", port.asked.replace(b"Cookie", b"Biscuit"))
                for _ in range(MOST_CONNECTIONS)
            ]
            page = await port.ask(port.asked)
            slow.write(b"csrf=guessed")
            form = await asyncio.wait_for(sending.readline(), SECONDS)
            for _, writer in (*held, (sending, slow)):
                writer.close()
            return page, form.strip()

    assert asyncio.run(run()) == (b"HTTP/1.1 200 OK", b"HTTP/1.1 403 Forbidden")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 50_000, b"HTTP/1.1 400 Bad Request"),
        (b"GET /" + b"a" * 1_000_000, b"HTTP/1.1 400 Bad Request"),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            b"HTTP/1.1 403 Forbidden",
        ),
        (b"GET http://127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 403 Forbidden"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", b"HTTP/1.1 403 Forbidden"),
    ],
    ids=[
        "not HTTP",
        "two hosts",
        "headers without end",
        "an address without end",
        "an upgrade",
        "a whole address",
        "a body without end",
    ],
)
def test_what_is_no_request_of_a_browser_is_refused_and_nothing_is_written_to_the_terminal(
    tmp_path: Path, said: bytes, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> tuple[bytes, bytes]:
        async with served(tmp_path) as port:
            return await port.ask(said), await port.ask(port.asked)

    assert asyncio.run(run()) == (answer, b"HTTP/1.1 200 OK")
    assert caplog.records == [], "what is logged is written to the terminal of the person whose desk it is"
