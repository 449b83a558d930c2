"""Announces the pages of many desks and starts each only when a browser first knocks, in a process of its own.

Every desk has a port here from the beginning, and an address that lets one browser in; the process that is started takes the port
over with the knock still waiting in it, so that not a byte goes through the porter. Imports nothing heavy.
"""

import asyncio
import json
import os
import secrets
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from backchannel.pages.keys import ADDRESS, MOST_SESSIONS, TOKEN_BYTES, launch_address

CLOSING_SECONDS = 5.0
IDLE_SECONDS = 8 * 3600.0


def _secret() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def _tokens() -> tuple[str, ...]:
    return tuple(_secret() for _ in range(MOST_SESSIONS))


def _port() -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind((ADDRESS, 0))
    listening.listen()
    listening.setblocking(False)
    return listening


@dataclass(slots=True)
class Doorway:
    """Where one desk will be found, and the process behind it once somebody has knocked."""

    home: Path
    passphrase: str = field(repr=False)
    listening: socket.socket = field(default_factory=_port, repr=False)
    tokens: tuple[str, ...] = field(default_factory=_tokens, repr=False)
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def addresses(self) -> list[str]:
        """Give what lets one browser in each, once."""
        return [launch_address(self.listening, token) for token in self.tokens]

    @property
    def address(self) -> str:
        return self.addresses[0]

    async def knock(self) -> None:
        """Wait until a browser comes."""
        loop = asyncio.get_running_loop()
        came = asyncio.Event()
        loop.add_reader(self.listening, came.set)
        try:
            await came.wait()
        finally:
            loop.remove_reader(self.listening)

    async def open(self, environment: Mapping[str, str]) -> None:
        """Start the desk behind this doorway; in a group of its own, so that keys typed at the terminal are for us alone."""
        number = self.listening.fileno()
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "backchannel.pages.lent", str(number)),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, pass_fds=(number,), process_group=0,
            env={**os.environ, **environment},
        )  # fmt: skip
        order = {
            "home": str(self.home), "passphrase": self.passphrase, "tokens": self.tokens, "idle_seconds": IDLE_SECONDS,
        }  # fmt: skip
        assert self.process.stdin is not None
        with suppress(ConnectionError):  # it ended at once, and whoever waits for it sees that
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            await self.process.stdin.drain()

    def renew(self) -> None:
        """Make another address for a desk whose process has ended: no token is good twice."""
        self.tokens, self.process = _tokens(), None

    async def close(self) -> None:
        self.listening.close()
        if self.process is None:
            return
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), CLOSING_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def attend(
    doorways: Sequence[Doorway],
    stop: asyncio.Event,
    moved: Callable[[Doorway], None],
    environment: Mapping[str, str],
) -> None:
    """Open every desk as it is knocked at, until `stop` is set; `moved` is told of each that has to have a new address."""

    async def stand(doorway: Doorway) -> None:
        while True:
            await doorway.knock()
            await doorway.open(environment)
            assert doorway.process is not None
            await doorway.process.wait()
            doorway.renew()
            moved(doorway)

    standing = [asyncio.create_task(stand(doorway)) for doorway in doorways]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([stopping, *standing], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stopping, *standing):
            task.cancel()
        results = await asyncio.gather(stopping, *standing, return_exceptions=True)
        await asyncio.gather(*(doorway.close() for doorway in doorways))
    for result in results:
        if isinstance(result, Exception):
            raise result
