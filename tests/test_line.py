"""The desk's line: whom it trusts, how it gets there, and what it tells when it fails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from backchannel.desk.line import Arrived, AtEnd, Line
from backchannel.errors import Exit, Refused, Unavailable, Violation
from backchannel.wire.frames import Appended, CellAt, DeskFrame, RelayFrame, Subscribe, read_desk_frames
from backchannel.wire.ids import Position, new_admission, new_append_id, new_capability, new_drop_id
from relay_process import RelayProcess, all_cells, backchannel, new_keys, open_drop, run, until_end

CELL = bytes(4096)
START = Position(0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate in the name of nobody, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    start = datetime.now(UTC) - timedelta(days=1)
    signed = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3))
        .sign(private, hashes.SHA256())
    )
    cert.write_bytes(signed.public_bytes(Encoding.PEM))
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, key


def test_over_tls_only_the_pinned_key_is_spoken_to(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    async def play() -> None:
        cert, key = certificate
        with RelayProcess(tmp_path, "--tls-cert", cert, "--tls-key", key) as relay:
            relay.stop()
            pin = bytes.fromhex(relay.start().split()[-1])
            (admission,) = relay.tokens()
            for wrong in (bytes(32), pin[::-1]):
                async with Line(relay.url, pin=wrong) as line:
                    with pytest.raises(Violation, match="another key than the one that was pinned"):
                        await open_drop(line, admission)
                    with pytest.raises(Violation, match="another key"):
                        await line.append(new_drop_id(), new_capability(), new_append_id(), CELL)
            async with Line(relay.url) as line:
                with pytest.raises(Unavailable, match="certificate is not trusted"):  # no authority signed it
                    await open_drop(line, admission)
            async with Line(relay.url, pin=pin) as line:
                keys = await open_drop(line, admission)
                await line.append(keys.drop, keys.append, new_append_id(), CELL)
                assert len(await all_cells(line, keys)) == 1
            done = backchannel("relay", "status", "--db", relay.db, "--url", relay.url, "--tls-cert", cert)
            assert done.returncode == Exit.OK, done.stderr
            assert relay.stop() == Exit.OK
            assert "127.0.0.1" not in relay.log.read_text()

    run(play())


def test_a_certificate_without_its_key_is_refused_in_one_sentence(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    run_relay = ("relay", "run", "--db", tmp_path / "relay.db", "--tls-cert")
    for done in (backchannel(*run_relay, cert), backchannel(*run_relay, key, "--tls-key", key)):
        assert done.returncode == Exit.REFUSED
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "url", ["relay.example", "ftp://relay.example", "https://", "http://relay.example:x", "https://a?b"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="no relay's address"):
        Line(url)


@pytest.mark.parametrize(
    "proxy", ["127.0.0.1:9050", "http://127.0.0.1:9050", "socks5://127.0.0.1", "socks5://a:x"]
)
def test_what_is_no_proxy_is_refused(proxy: str) -> None:
    with pytest.raises(Refused, match="no proxy's address"):
        Line("http://relay.example", proxy=proxy)


def test_a_pin_is_never_used_without_tls() -> None:
    with pytest.raises(Refused, match="must start with https"):
        Line("http://relay.example", pin=bytes(32))


class Socks:
    """A SOCKS5 proxy (RFC 1928, with RFC 1929's user names) that notes what it was asked for."""

    def __init__(self, port: int) -> None:
        self.asked: list[tuple[str, int, str]] = []  # host, port, user
        self.served: set[asyncio.Task[None]] = set()
        self._port = port

    def begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.served.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            _, count = await reader.readexactly(2)
            methods = await reader.readexactly(count)
            user = ""
            writer.write(b"\x05\x02" if 2 in methods else b"\x05\x00")
            if 2 in methods:
                _, size = await reader.readexactly(2)
                user = (await reader.readexactly(size)).decode()
                await reader.readexactly((await reader.readexactly(1))[0])
                writer.write(b"\x01\x00")
            _, _, _, kind = await reader.readexactly(4)
            assert kind == 3, "the desk looked the name up itself"
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            port = int.from_bytes(await reader.readexactly(2))
            self.asked.append((host, port, user))
            away_reader, away_writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(b"\x05\x00\x00\x01" + bytes(6))
            await asyncio.gather(carry(reader, away_writer), carry(away_reader, writer))


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def test_through_socks5_the_name_is_left_to_the_proxy_and_each_user_name_is_passed_on(tmp_path: Path) -> None:
    async def play() -> None:
        with RelayProcess(tmp_path) as relay:
            socks = Socks(relay.port)
            proxy = await asyncio.start_server(socks.begin, "127.0.0.1", 0)
            port = proxy.sockets[0].getsockname()[1]
            onion = "http://abcdefghijklmnop.onion:8470"
            for user in ("drop-1", "drop-2"):
                async with Line(onion, proxy=f"socks5://{user}:x@127.0.0.1:{port}") as line:
                    keys = await open_drop(line, relay.tokens()[0])
                    await line.append(keys.drop, keys.append, new_append_id(), CELL)
                    assert len(await all_cells(line, keys)) == 1
            proxy.close()
            await asyncio.gather(*socks.served)
            await asyncio.sleep(0)
            assert set(socks.asked) == {
                ("abcdefghijklmnop.onion", 8470, user) for user in ("drop-1", "drop-2")
            }

    run(play())


def test_a_relay_that_is_not_there_is_unavailable_with_and_without_a_proxy() -> None:
    async def play() -> None:
        for proxy in ("", "socks5://127.0.0.1:1"):
            async with Line("http://127.0.0.1:1", proxy=proxy) as line:
                with pytest.raises(Unavailable, match="cannot be reached"):
                    await line.open_drop(new_keys().opening(new_admission()))
                with pytest.raises(Unavailable, match="cannot be reached"):
                    await line.append(new_drop_id(), new_capability(), new_append_id(), CELL)

    run(play())


Hostile = Callable[[web.WebSocketResponse, list[DeskFrame]], Awaitable[None]]


@asynccontextmanager
async def hostile_relay(answer: Hostile) -> AsyncIterator[str]:
    """A server that answers the first message on a line as it likes, then hangs up."""

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "POST":
            return web.Response(status=403, body=b"\x92\x63\xa1x")  # code 99, reason x
        line = web.WebSocketResponse()
        await line.prepare(request)
        await answer(line, read_desk_frames(await line.receive_bytes()))
        return line

    runner = web.ServerRunner(web.Server(serve))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()
    await asyncio.sleep(0)


async def hang_up(line: web.WebSocketResponse, _: list[DeskFrame]) -> None:
    await line.close()


def sends(*messages: bytes) -> Hostile:
    async def answer(line: web.WebSocketResponse, _: list[DeskFrame]) -> None:
        for message in messages:
            await line.send_bytes(message)
        with contextlib.suppress(TimeoutError):
            await line.receive(timeout=5)

    return answer


def test_when_the_line_is_lost_everything_under_way_and_later_is_unavailable() -> None:
    async def play() -> None:
        async with hostile_relay(hang_up) as url, Line(url) as line:
            inbox = await line.subscribe(new_drop_id(), new_capability(), START)
            append = asyncio.create_task(line.append(new_drop_id(), new_capability(), new_append_id(), CELL))
            with pytest.raises(Unavailable, match="was lost"):
                await anext(inbox)
            for waiting in (append, line.append(new_drop_id(), new_capability(), new_append_id(), CELL)):
                with pytest.raises(Unavailable):
                    await waiting
            with pytest.raises(Unavailable):
                await line.subscribe(new_drop_id(), new_capability(), START)

    run(play())


@pytest.mark.parametrize(
    "message",
    [b"", b"junk", Subscribe(1, new_drop_id(), new_capability(), START).write(), bytes(300_000)],
    ids=["nothing", "junk", "a desk's frame", "too much"],
)
def test_a_relay_that_sends_wrong_bytes_is_named_and_hung_up_on(message: bytes) -> None:
    async def play() -> None:
        async with hostile_relay(sends(message)) as url, Line(url) as line:
            inbox = await line.subscribe(new_drop_id(), new_capability(), START)
            with pytest.raises(Violation):
                await anext(inbox)
            with pytest.raises(Violation):
                await line.append(new_drop_id(), new_capability(), new_append_id(), CELL)

    run(play())


def test_a_refusal_with_an_unknown_code_is_a_violation() -> None:
    async def play() -> None:
        async with hostile_relay(hang_up) as url, Line(url) as line:
            with pytest.raises(Violation, match="unknown here: 99"):
                await line.open_drop(new_keys().opening(new_admission()))

    run(play())


def test_answers_to_nothing_are_ignored() -> None:
    async def play() -> None:
        frames: list[RelayFrame] = [
            Appended(99, Position(1)),
            CellAt(99, Position(1), CELL),
            CellAt(1, Position(1), CELL),
        ]
        async with (
            hostile_relay(sends(b"".join(frame.write() for frame in frames))) as url,
            Line(url) as line,
        ):
            inbox = await line.subscribe(new_drop_id(), new_capability(), START)
            assert await anext(inbox) == Arrived(Position(1), CELL)

    run(play())


def test_an_ended_subscription_ends_its_iteration_and_frees_the_line_for_others(tmp_path: Path) -> None:
    async def play() -> None:
        with RelayProcess(tmp_path, "--limit-subscriptions", "1") as relay:
            async with Line(relay.url) as line:
                keys = await open_drop(line, relay.tokens()[0])
                for _ in range(3):
                    inbox = await line.subscribe(keys.drop, keys.read, START)
                    await until_end(inbox)
                    await inbox.unsubscribe()
                    assert [event async for event in inbox] == []
                first = await line.subscribe(keys.drop, keys.read, START)
                assert await anext(first) == AtEnd(START)
                with pytest.raises(Refused, match="may have 1 subscriptions"):
                    await anext(await line.subscribe(keys.drop, keys.read, START))

    run(play())


def test_what_a_line_shows_of_itself_holds_no_secret() -> None:
    keys = new_keys()
    shown = repr(keys.opening(new_admission())) + repr(Arrived(Position(1), CELL))
    assert shown == "<OpenDrop><Arrived at 1>"
