"""The relay as a running thing: its calls and lines over HTTP, from the first socket to the last commit (docs/spec/relay.md)."""

import asyncio
import hmac
import socket
import ssl
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Self, TypeVar

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from backchannel.errors import Refused, Unavailable, Violation
from backchannel.relay import tokens
from backchannel.relay.door import Door, Visitor, visitor_of
from backchannel.relay.limits import Limits
from backchannel.relay.lines import Line
from backchannel.relay.schema import DiskFull, connect
from backchannel.relay.switchboard import Switchboard
from backchannel.relay.writer import BATCH
from backchannel.wire import calls
from backchannel.wire.calls import CONTENT_TYPE, MAX_CALL_BYTES, CallRefused, CloseDrop, OpenDrop
from backchannel.wire.codec import Record, decode, encode
from backchannel.wire.frames import MAX_MESSAGE_BYTES, MAX_REASON_BYTES
from backchannel.wire.refusals import Code, RelayRefused

BACKLOG: Final = 1024  # connections that the system holds until they are accepted
CLOSING_SECONDS: Final = 2.0  # for a desk to answer that a line is closed

_STATUS = {
    Code.UNKNOWN: 403,
    Code.ADMISSION: 403,
    Code.TERMS: 400,
    Code.CONFLICT: 409,
    Code.LIMIT: 429,
    Code.STOPPING: 503,
    Code.RELAY_FULL: 507,
    Code.DROP_FULL: 507,
    Code.GONE: 410,
}

C = TypeVar("C", bound=Record)


@dataclass(frozen=True, slots=True)
class Settings:
    """How one relay is run."""

    file: Path
    host: str = "127.0.0.1"
    port: int = 0  # 0: any that is free
    tls: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)
    batch: int = BATCH  # cells of one commit; smaller only to measure what it costs


class Relay:
    """One running relay; `async with` starts it and stops it with everything committed."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        """Take a clock that gives milliseconds since 1970."""
        self._settings = settings
        self._clock = clock
        self._lines: set[web.WebSocketResponse] = set()

    async def __aenter__(self) -> Self:
        settings = self._settings
        database = connect(settings.file)
        self._counters_key = tokens.counters_key(database)
        database.close()
        self._file_lock = _lock(settings.file)
        self._listening = _listen(settings.host, settings.port)
        self.port: int = self._listening.getsockname()[1]
        self._switchboard = Switchboard(settings.file, settings.limits, self._clock, settings.batch)
        self._door = Door(self._answer, settings.limits, self._switchboard.counters)
        self._tasks = (
            asyncio.create_task(self._switchboard.keep_sweeping()),
            asyncio.create_task(self._door.accept(self._listening, settings.tls)),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listening.close()
        await self._switchboard.writer.stop()  # answers all that was sent before the lines are closed
        await asyncio.gather(*(line.close(code=WSCloseCode.GOING_AWAY) for line in self._lines))
        await self._door.empty(CLOSING_SECONDS)
        self._switchboard.close()
        self._file_lock.close()

    async def broken(self) -> None:
        """Return when the relay cannot go on: its writer or its door has ended by itself."""
        ended = asyncio.create_task(self._switchboard.writer.ended.wait())
        await asyncio.wait([ended, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        match (request.method, request.path):
            case ("GET", calls.LINE_PATH):
                return await self._line(request)
            case ("POST", calls.OPEN_PATH):
                return await _call(request, OpenDrop, self._switchboard.open_drop)
            case ("POST", calls.CLOSE_PATH):
                return await _call(request, CloseDrop, self._switchboard.close_drop)
            case ("GET", calls.HEALTH_PATH):
                return self._health()
            case ("GET", calls.COUNTERS_PATH):
                return self._counters(request)
        return web.Response(status=404)

    async def _line(self, request: web.BaseRequest) -> web.StreamResponse:
        visitor = visitor_of(request)
        answer = web.WebSocketResponse(
            timeout=CLOSING_SECONDS,
            heartbeat=self._settings.limits.silence_seconds,
            compress=False,  # spec 4: cells look random, and what compresses tells something
            max_msg_size=MAX_MESSAGE_BYTES,
        )
        await answer.prepare(request)
        line = visitor.line = self._switchboard.line(visitor.way_out())
        self._lines.add(answer)
        try:
            await self._listen_to(answer, line, visitor)
        finally:
            self._lines.discard(answer)
            self._switchboard.hang_up(line)
        return answer

    async def _listen_to(self, answer: web.WebSocketResponse, line: Line, visitor: Visitor) -> None:
        async for message in answer:
            if message.type is not WSMsgType.BINARY:
                await answer.close(code=WSCloseCode.PROTOCOL_ERROR)
                continue
            try:
                if await self._switchboard.take(line, message.data):
                    visitor.welcome()
            except Violation:
                await answer.close(code=WSCloseCode.PROTOCOL_ERROR)
            if line.wrong >= self._settings.limits.wrong_capabilities:
                await answer.close(code=WSCloseCode.POLICY_VIOLATION)

    def _health(self) -> web.Response:
        if self._switchboard.disk_low:
            return web.Response(status=503, text="The relay's disk is full.\n")
        return web.Response(text="ok\n")

    def _counters(self, request: web.BaseRequest) -> web.Response:
        shown = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(shown, b"Bearer " + self._counters_key.encode()):  # spec 3
            return web.Response(status=403)
        figures = self._switchboard.counters.figures()
        return web.Response(body=msgspec.json.encode(figures), content_type="application/json")


async def _call(
    request: web.BaseRequest, kind: type[C], act: Callable[[C], Coroutine[object, object, Record]]
) -> web.Response:
    if request.content_length is None or request.content_length > MAX_CALL_BYTES:
        return web.Response(status=413)
    try:
        answer = await act(decode(await request.read(), kind))
    except RelayRefused as refusal:
        return _refuse(refusal.code, str(refusal))
    except Violation as violation:
        return _refuse(Code.TERMS, str(violation))
    except DiskFull as full:
        return _refuse(Code.RELAY_FULL, str(full))
    except Unavailable as unavailable:
        return _refuse(Code.STOPPING, str(unavailable))
    return web.Response(body=encode(answer), content_type=CONTENT_TYPE)


def _refuse(code: Code, reason: str) -> web.Response:
    body = encode(CallRefused(code, reason[:MAX_REASON_BYTES]))
    return web.Response(status=_STATUS[code], body=body, content_type=CONTENT_TYPE)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise Refused(f"The relay cannot listen on {host} port {port}: {error.strerror or error}.") from error
    listening.setblocking(False)
    return listening


def _lock(file: Path) -> BinaryIO:
    """Keep a second relay off the same database: each would believe that it knows all positions."""
    lock = file.with_name(file.name + ".lock").open("ab")
    if sys.platform != "win32":  # pragma: no branch
        import fcntl  # noqa: PLC0415 - not there on Windows

        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise Refused(
                f"Another relay is running on {file}: stop it first, or name another file with --db."
            ) from error
    return lock
