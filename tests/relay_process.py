"""A real relay in its own process, for tests."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import aiohttp

from backchannel.desk.line import Arrived, AtEnd, Line, Subscription
from backchannel.wire.admissions import read_admission
from backchannel.wire.calls import DropOpened, OpenDrop
from backchannel.wire.frames import MAX_MESSAGE_BYTES, RelayFrame, read_relay_frames
from backchannel.wire.ids import (
    Admission,
    Capability,
    DropId,
    Position,
    new_append_id,
    new_capability,
    new_drop_id,
)

SECONDS: Final = 30  # after which a test that waits has failed
CELL: Final = bytes(4096)
START: Final = Position(0)
SOURCE = Path(__file__).parent.parent / "src"

T = TypeVar("T")


def run(test: Coroutine[object, object, T], *, seconds: float = SECONDS) -> T:
    """Run a test's coroutine, bounded in time."""

    async def bounded() -> T:
        async with asyncio.timeout(seconds):
            return await test

    return asyncio.run(bounded())


def backchannel(*arguments: str | Path, text: str = "") -> "subprocess.CompletedProcess[str]":
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "backchannel", *map(str, arguments)],
        input=text,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env=environment(),
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE)}


@dataclass(frozen=True)
class Keys:
    """A drop's id and capabilities, as the desk that opens it makes them."""

    drop: DropId
    append: Capability
    read: Capability
    close: Capability

    def opening(self, admission: Admission, *, ttl_seconds: int = 3600, cell_size: int = 4096) -> OpenDrop:
        return OpenDrop(admission, self.drop, self.append, self.read, self.close, cell_size, ttl_seconds, 0)


def new_keys() -> Keys:
    return Keys(new_drop_id(), new_capability(), new_capability(), new_capability())


class RelayProcess:
    """`backchannel relay run` on a free port, with its log kept in a file."""

    def __init__(
        self, folder: Path, *options: str | Path, launcher: tuple[str, ...] = ("-m", "backchannel")
    ) -> None:
        self.db = folder / "relay.db"
        self.log = folder / "relay.log"
        self.port = 0
        self._options = options
        self._launcher = launcher
        self._process: subprocess.Popen[str] | None = None
        self._scheme = "https" if "--tls-cert" in options else "http"

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> str:
        """Start and give the line that says it is ready."""
        listen = f"127.0.0.1:{self.port}"
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    *self._launcher,
                    "relay",
                    "run",
                    "--db",
                    self.db,
                    "--listen",
                    listen,
                    *self._options,
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(),
            )
        assert self._process.stdout is not None
        ready = self._process.stdout.readline()
        assert ready.startswith("relay ready at "), self.log.read_text()
        self.port = int(ready.split()[3].rpartition(":")[2])
        return ready

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        self._reap()

    def stop(self) -> int:
        """SIGTERM; give the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._reap()

    def _reap(self) -> int:
        if self._process is None:
            return 0
        code = self._process.wait(SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return code

    def tokens(self, count: int = 1, *options: str) -> list[Admission]:
        done = backchannel("relay", "token", "issue", "--db", self.db, "--count", str(count), *options)
        assert done.returncode == 0, done.stderr
        return [read_admission(line) for line in done.stdout.splitlines()]

    def resident_kib(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


async def open_drop(
    line: Line, admission: Admission, *, ttl_seconds: int = 3600, cell_size: int = 4096
) -> Keys:
    keys = new_keys()
    answer = await line.open_drop(keys.opening(admission, ttl_seconds=ttl_seconds, cell_size=cell_size))
    assert isinstance(answer, DropOpened)
    return keys


async def until_end(subscription: Subscription) -> list[Arrived]:
    """Take cells up to the next end."""
    cells: list[Arrived] = []
    async for event in subscription:
        if isinstance(event, AtEnd):
            return cells
        cells.append(event)
    raise AssertionError("the subscription ended")


async def all_cells(line: Line, keys: Keys) -> list[Arrived]:
    subscription = await line.subscribe(keys.drop, keys.read, START)
    cells = await until_end(subscription)
    await subscription.unsubscribe()
    return cells


@asynccontextmanager
async def raw_line(relay: RelayProcess) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Connect without the desk's own code, to say what a desk would not."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{relay.url}/v1/line", max_msg_size=MAX_MESSAGE_BYTES) as line,
    ):
        yield line


async def frames_until(line: aiohttp.ClientWebSocketResponse, kind: type[RelayFrame]) -> list[RelayFrame]:
    found: list[RelayFrame] = []
    while not any(isinstance(frame, kind) for frame in found):
        found += read_relay_frames(await line.receive_bytes())
    return found


async def closed_with(line: aiohttp.ClientWebSocketResponse) -> int | None:
    while not line.closed:
        await line.receive()
    return line.close_code


async def append_many(line: Line, keys: Keys, count: int) -> None:
    appends = (line.append(keys.drop, keys.append, new_append_id(), CELL) for _ in range(count))
    positions = await asyncio.gather(*appends)
    assert positions == list(range(1, count + 1))  # spec 4.3: in the order in which they were sent


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - it holds in another process
        await asyncio.sleep(0.1)


def status(relay: RelayProcess) -> dict[str, str]:
    done = backchannel("relay", "status", "--db", relay.db, "--url", relay.url)
    assert done.returncode == 0, done.stderr
    return dict(re.split(r"  +", line) for line in done.stdout.splitlines())
