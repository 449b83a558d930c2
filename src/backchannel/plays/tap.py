"""A tap on the line: passes every byte between desks and the relay on, and keeps a copy of both directions."""

import asyncio
import itertools
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

CHUNK_BYTES = 64 * 1024
LOOPBACK = "127.0.0.1"


class Tap:
    """Listens where the desks think the relay is; use it as an asynchronous context.

    Each connection leaves two files: `NNNN-to-relay` and `NNNN-to-desk`, the bytes as they went by.
    """

    def __init__(self, relay_port: int, folder: Path) -> None:
        self._relay_port = relay_port
        self._folder = folder
        self._numbers = itertools.count(1)
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None, "the tap is not open"
        port = self._server.sockets[0].getsockname()[1]
        assert isinstance(port, int)
        return port

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._carry(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _carry(self, from_desk: asyncio.StreamReader, to_desk: asyncio.StreamWriter) -> None:
        number = next(self._numbers)
        to_relay: asyncio.StreamWriter | None = None
        try:
            from_relay, to_relay = await asyncio.open_connection(LOOPBACK, self._relay_port)
            with (
                (self._folder / f"{number:04}-to-relay").open("wb") as up,
                (self._folder / f"{number:04}-to-desk").open("wb") as down,
            ):
                await asyncio.gather(_pass(from_desk, to_relay, up), _pass(from_relay, to_desk, down))
        except OSError:  # one end has gone: the other end is told by closing
            pass
        finally:
            for writer in (to_desk, to_relay):
                if writer is not None:
                    writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, copy: BinaryIO) -> None:
    while data := await reader.read(CHUNK_BYTES):
        copy.write(data)
        writer.write(data)
        await writer.drain()
    copy.flush()
    with suppress(OSError):
        writer.write_eof()
