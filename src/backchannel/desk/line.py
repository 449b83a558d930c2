"""One desk's connection to one relay (docs/spec/relay.md): calls, and the line on which cells come and go.

    async with Line("https://relay.example:8470", pin=pin) as line:
        await line.open_drop(call)
        position = await line.append(drop, append_capability, new_append_id(), cell)
        async for event in await line.subscribe(drop, read_capability, after):
            ...

A Line never reconnects: once the connection is lost, everything under way and everything asked later raises Unavailable,
and the caller makes another Line. An append that raised may have been stored; it is said again with the same append id.
"""

import asyncio
import hmac
from collections import deque
from dataclasses import dataclass
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit

import aiohttp
import aiohttp_socks

from backchannel.desk.relay_reasons import reason
from backchannel.errors import BackchannelError, Refused, Unavailable, Violation
from backchannel.said import said
from backchannel.wire.calls import (
    CLOSE_PATH,
    CONTENT_TYPE,
    LINE_PATH,
    MAX_CALL_BYTES,
    OPEN_PATH,
    CallRefused,
    CloseDrop,
    DropClosed,
    DropOpened,
    OpenDrop,
)
from backchannel.wire.codec import Record, decode, encode
from backchannel.wire.frames import (
    MAX_MESSAGE_BYTES,
    About,
    Append,
    Appended,
    CaughtUp,
    CellAt,
    DeskFrame,
    Passed,
    RefusedFrame,
    RelayFrame,
    Subscribe,
    Unsubscribe,
    read_relay_frames,
    window,
)
from backchannel.wire.ids import AppendId, Capability, DropId, Position
from backchannel.wire.pins import PIN_BYTES, pin_of
from backchannel.wire.refusals import Code, RelayRefused

SILENCE_SECONDS: Final = 30.0  # before a ping; half as long again without an answer and the line is lost
CONNECT_SECONDS: Final = 60.0  # Tor may take half of it
CLOSE_SECONDS: Final = 2.0

_NOT_REACHED: Final = (
    aiohttp.ClientError,
    OSError,
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
)

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A cell of the subscribed drop."""

    position: Position
    cell: bytes

    def __repr__(self) -> str:
        return f"<Arrived at {self.position}>"


@dataclass(frozen=True, slots=True)
class AtEnd:
    """All there is has arrived; a position below what was seen before means that the relay has lost cells."""

    position: Position


Event = Arrived | AtEnd


class Subscription:
    """The cells of one drop, in the relay's order, as an asynchronous iterator of events.

    Asking for the next event says that the one before is dealt with, and lets the relay send more: at most half a MiB waits
    here. Iteration ends after `unsubscribe`; it raises RelayRefused if the relay ends it, and what ended the line.
    """

    def __init__(self, line: "Line", number: int, after: Position) -> None:
        self._line = line
        self._number = number
        self._events: deque[Event | None] = deque()  # None: no more
        self._news = asyncio.Event()
        self._fault: BackchannelError | None = None
        self._dealt_with: Arrived | None = None
        self._passed = after

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        await self._pass()
        while not self._events:
            if self._fault is not None:
                raise self._fault
            self._news.clear()
            await self._news.wait()
        event = self._events[0]
        if event is None:
            raise StopAsyncIteration
        self._events.popleft()
        if isinstance(event, Arrived):
            self._dealt_with = event
        else:
            self._passed = min(
                self._passed, event.position
            )  # spec 4.3: a relay that has lost cells starts there
        return event

    async def _pass(self) -> None:
        last = self._dealt_with
        if last is not None and last.position - self._passed >= window(len(last.cell)) // 2:  # spec 4.4
            self._passed = last.position
            await self._line.say(Passed(self._number, last.position))

    async def unsubscribe(self) -> None:
        """Ask for no more; events that wait here are dropped."""
        self._events.clear()
        self.take(None)
        await self._line.forget(self._number)

    def take(self, event: Event | None) -> None:
        """Put what came on the line."""
        self._events.append(event)
        self._news.set()

    def fail(self, fault: BackchannelError) -> None:
        """End the iteration with an error, after what has come."""
        self._fault = fault
        self._news.set()


class Line:
    """A connection to one relay, made when the first call or frame needs it; see the module's text."""

    def __init__(self, url: str, *, pin: bytes = b"", proxy: str = "") -> None:
        """Name the relay and how to reach it.

        `pin`: SHA-256 of its TLS key's SubjectPublicKeyInfo; empty: ordinary certificates. `proxy`: such as
        socks5://127.0.0.1:9050 (names are looked up by the proxy); Tor gives another circuit to each user name in it.
        """
        self._url = _checked(url, pin)
        self._ssl: aiohttp.Fingerprint | bool = _Pin(pin) if pin else True
        self._proxy = _checked_proxy(proxy)
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._opening = asyncio.Lock()
        self._listening: asyncio.Task[None] | None = None
        self._requests: dict[int, asyncio.Future[Position | BackchannelError]] = {}
        self._subscriptions: dict[int, Subscription] = {}
        self._request = 0
        self._subscription = 0
        self._fault: BackchannelError | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up; what is under way raises Unavailable."""
        self._lose(Unavailable("The line to the relay was closed."))
        if self._socket is not None:
            await self._socket.close()
        if self._listening is not None:
            await self._listening
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)  # a transport lets go of its socket in the loop's next turn

    async def open_drop(self, call: OpenDrop) -> DropOpened:
        """Open a drop with an admission; safe to repeat."""
        return await self._call(OPEN_PATH, call, DropOpened)

    async def close_drop(self, drop: DropId, close: Capability) -> None:
        """Remove a drop and its cells; returns when they are gone."""
        await self._call(CLOSE_PATH, CloseDrop(drop, close), DropClosed)

    async def append(self, drop: DropId, append: Capability, append_id: AppendId, cell: bytes) -> Position:
        """Append a cell; returns when the relay has it on its disk."""
        self._request = number = (self._request + 1) & 0xFFFFFFFF
        answer: asyncio.Future[Position | BackchannelError] = asyncio.get_running_loop().create_future()
        self._requests[number] = answer
        try:
            await self.say(Append(number, drop, append, append_id, cell))
            position = await answer
        finally:
            self._requests.pop(number, None)
        if isinstance(position, BackchannelError):
            raise position
        return position

    async def subscribe(self, drop: DropId, read: Capability, after: Position) -> Subscription:
        """Ask for every cell after a position, those to come included."""
        self._subscription = number = self._subscription + 1
        subscription = self._subscriptions[number] = Subscription(self, number, after)
        await self.say(Subscribe(number, drop, read, after))
        return subscription

    async def forget(self, number: int) -> None:
        """End a subscription; `Subscription.unsubscribe` is the way to call it."""
        if self._subscriptions.pop(number, None) is not None and self._fault is None:
            await self.say(Unsubscribe(number))

    async def say(self, frame: DeskFrame) -> None:
        """Send one frame."""
        socket = await self._connected()
        try:
            await socket.send_bytes(frame.write())
        except (aiohttp.ClientError, OSError) as error:
            raise self._lost() from error

    async def _connected(self) -> aiohttp.ClientWebSocketResponse:
        if self._fault is not None:
            raise self._fault
        if self._socket is not None:
            return self._socket
        async with self._opening:
            if self._socket is None:
                try:
                    self._socket = await self._web().ws_connect(
                        self._url + LINE_PATH,
                        ssl=self._ssl,
                        max_msg_size=MAX_MESSAGE_BYTES,
                        heartbeat=SILENCE_SECONDS,
                        timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                    )
                except _NOT_REACHED as error:
                    fault = _unreachable(self._url, error)
                    self._lose(fault)
                    raise fault from error
                self._listening = asyncio.create_task(self._listen(self._socket))
        return self._socket

    def _web(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = (
                aiohttp_socks.ProxyConnector.from_url(self._proxy, rdns=True)
                if self._proxy
                else aiohttp.TCPConnector()
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "backchannel"},  # spec 6
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=CONNECT_SECONDS, sock_read=CONNECT_SECONDS
                ),
            )
        return self._session

    async def _call(self, path: str, call: Record, kind: type[R]) -> R:
        if self._fault is not None:
            raise self._fault
        try:
            async with self._web().post(
                self._url + path,
                data=encode(call),
                headers={"Content-Type": CONTENT_TYPE},
                ssl=self._ssl,
                allow_redirects=False,
            ) as answer:
                if answer.content_length is None or answer.content_length > MAX_CALL_BYTES:
                    raise Violation(said("There is no relay at {url}: check the address.", url=self._url))
                status, body = answer.status, await answer.read()
        except _NOT_REACHED as error:
            raise _unreachable(self._url, error) from error
        if status == 200:  # noqa: PLR2004 - HTTP's OK
            return decode(body, kind)
        if status in _WITH_REASON:
            refused = decode(body, CallRefused)
            code = _code(refused.code)
            raise RelayRefused(code, reason(code, refused.reason))
        raise Unavailable(
            said(
                "There is no relay at {url} (status {status}): check the address.",
                url=self._url,
                status=status,
            )
        )

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                for frame in _frames(message):
                    self._take(frame)
        except Violation as violation:
            self._lose(violation)
            await socket.close(code=aiohttp.WSCloseCode.PROTOCOL_ERROR)
        else:
            self._lost()

    def _take(self, frame: RelayFrame) -> None:
        match frame:
            case Appended(request, position):
                self._answer(request, position)
            case CellAt(number, position, cell):
                if number in self._subscriptions:
                    self._subscriptions[number].take(Arrived(position, bytes(cell)))
            case CaughtUp(number, position):
                if number in self._subscriptions:
                    self._subscriptions[number].take(AtEnd(position))
            case RefusedFrame(about, number, code, words):
                self._refused(about, number, RelayRefused(code, reason(code, words)))

    def _refused(self, about: About, number: int, refusal: RelayRefused) -> None:
        if about is About.REQUEST:
            self._answer(number, refusal)
        elif (subscription := self._subscriptions.pop(number, None)) is not None:
            subscription.fail(refusal)

    def _answer(self, number: int, answer: Position | BackchannelError) -> None:
        request = self._requests.get(number)
        if request is not None and not request.done():  # done: its caller was cancelled
            request.set_result(answer)

    def _lost(self) -> BackchannelError:
        return self._lose(Unavailable("The line to the relay was lost."))

    def _lose(self, fault: BackchannelError) -> BackchannelError:
        """Let everything under way fail; the first fault is the one that is told."""
        if self._fault is None:
            self._fault = fault
            for number in self._requests:
                self._answer(number, fault)
            for subscription in self._subscriptions.values():
                subscription.fail(fault)
        return self._fault


def _frames(message: aiohttp.WSMessage) -> list[RelayFrame]:
    if message.type is not aiohttp.WSMsgType.BINARY:
        raise Violation("The relay sent a message that is not binary, or too long.")
    return read_relay_frames(message.data)


class _Pin(aiohttp.Fingerprint):
    """Accepts the relay whose TLS key has the pin, whatever its certificate says (spec 6); checked before a byte is sent."""

    def __init__(self, pin: bytes) -> None:
        super().__init__(pin)
        self._pin = pin

    def check(self, transport: asyncio.Transport) -> None:
        tls = transport.get_extra_info("ssl_object")
        try:
            shown = pin_of(tls.getpeercert(binary_form=True))
        except Violation:
            shown = b""
        if not hmac.compare_digest(shown, self._pin):
            host, port, *_ = transport.get_extra_info("peername")
            raise aiohttp.ServerFingerprintMismatch(self._pin, shown, host, port)


_WITH_REASON = frozenset({400, 403, 409, 410, 429, 503, 507})


def _checked(url: str, pin: bytes) -> str:
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        )
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise Refused(said("{url} is no relay's address: it looks like https://relay.example:8470.", url=url))
    if pin and not url.startswith("https:"):
        raise Refused("This relay's key is pinned, so its address must start with https.")
    if pin and len(pin) != PIN_BYTES:
        raise Refused(
            said("A relay's key pin has {pin_bytes} bytes, not {count}.", pin_bytes=PIN_BYTES, count=len(pin))
        )
    return url.rstrip("/")


def _checked_proxy(proxy: str) -> str:
    try:
        parts = urlsplit(proxy)
        usable = not proxy or (parts.scheme == "socks5" and parts.hostname and parts.port)
    except ValueError:
        usable = False
    if not usable:
        raise Refused(
            said("{proxy} is no proxy's address: it looks like socks5://127.0.0.1:9050.", proxy=proxy)
        )
    return proxy


def _code(number: int) -> Code:
    try:
        return Code(number)
    except ValueError as error:
        raise Violation(
            said("The relay refused with a code that is unknown here: {number}.", number=number)
        ) from error


def _unreachable(url: str, error: BaseException) -> BackchannelError:
    if isinstance(error, aiohttp.ServerFingerprintMismatch):
        return Violation(
            said(
                "The relay at {url} shows another key than the one that was pinned, so somebody may be in between: do"
                " not go on, and ask who gave you its address.",
                url=url,
            )
        )
    return Unavailable(said("The relay at {url} cannot be reached: {why}.", url=url, why=_why(error)))


def _why(error: BaseException) -> str:
    """Say in plain words what stood in the way, with the way out."""
    match error:
        case aiohttp_socks.ProxyError():
            return said(
                "the proxy did not let us through; check that it runs, and `backchannel desk relay proxy`"
            )
        case aiohttp.ClientConnectorDNSError():
            return said("its name is not known here; check the address and the connection")
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return said("its certificate is not trusted; ask its operator for the pin of its key")
        case TimeoutError():
            return said("it did not answer in time; check the connection")
        case aiohttp.ClientConnectorError():
            return said(
                "nothing answers at that address; check the connection, or ask its operator whether it runs"
            )
        case _:
            return said("the connection broke off; check it")
