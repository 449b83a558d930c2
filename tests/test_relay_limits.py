"""A real relay process over real sockets: what it bounds, refuses and does not tell."""

import asyncio
import contextlib
import os
import re
import socket
import time
from collections.abc import Iterator

import aiohttp
import pytest

from backchannel.desk.line import Line
from backchannel.wire.frames import (
    MAX_MESSAGE_BYTES,
    Appended,
    CaughtUp,
    CellAt,
    Passed,
    RelayFrame,
    Subscribe,
    read_relay_frames,
    window,
)
from backchannel.wire.ids import Position, new_append_id, new_capability, new_drop_id
from backchannel.wire.refusals import Code, RelayRefused
from relay_process import (
    CELL,
    START,
    RelayProcess,
    all_cells,
    append_many,
    closed_with,
    frames_until,
    open_drop,
    raw_line,
    run,
    status,
    until,
)


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with RelayProcess(
        tmp_path_factory.mktemp("relay"), "--limit-guest-seconds", "1", "--limit-stall-seconds", "1"
    ) as one:
        yield one


def test_no_more_than_a_window_is_sent_to_a_desk_that_passes_nothing(relay: RelayProcess) -> None:
    async def play() -> None:
        async with Line(relay.url) as desk, raw_line(relay) as line:
            keys = await open_drop(desk, relay.tokens()[0])
            await append_many(desk, keys, 400)
            await line.send_bytes(Subscribe(1, keys.drop, keys.read, START).write())
            found: list[RelayFrame] = []
            while len(found) < window(4096):
                found += read_relay_frames(await line.receive_bytes())
            with pytest.raises(TimeoutError):
                await line.receive_bytes(timeout=0.3)
            assert [one.position for one in found if isinstance(one, CellAt)] == list(range(1, 129))
            await line.send_bytes(Passed(1, Position(100)).write())
            while len(found) < 228:
                found += read_relay_frames(await line.receive_bytes())
            assert isinstance(found[-1], CellAt)
            assert found[-1].position == 228
            await line.send_bytes(Passed(1, Position(229)).write())
            assert await closed_with(line) == aiohttp.WSCloseCode.PROTOCOL_ERROR

    run(play())


def test_a_wrong_capability_gets_the_same_words_as_no_drop(relay: RelayProcess) -> None:
    async def play() -> None:
        async with Line(relay.url) as line:
            keys = await open_drop(line, relay.tokens()[0])
            said = set()
            for drop, capability in (
                (keys.drop, new_capability()),
                (keys.drop, keys.read),
                (new_drop_id(), keys.append),
            ):
                with pytest.raises(RelayRefused) as refusal:
                    await line.append(drop, capability, new_append_id(), CELL)
                said.add((refusal.value.code, str(refusal.value)))
            with pytest.raises(RelayRefused) as refusal:
                await anext(await line.subscribe(keys.drop, keys.append, START))
            said.add((refusal.value.code, str(refusal.value)))
            with pytest.raises(RelayRefused) as refusal:
                await line.close_drop(keys.drop, keys.read)
            said.add((refusal.value.code, str(refusal.value)))
            assert len(said) == 1
            assert await all_cells(line, keys) == []

    run(play())


def test_a_line_that_keeps_showing_wrong_capabilities_is_closed(relay: RelayProcess) -> None:
    async def play() -> None:
        async with raw_line(relay) as line:
            for number in range(256):
                await line.send_bytes(Subscribe(number, new_drop_id(), new_capability(), START).write())
            assert await closed_with(line) == aiohttp.WSCloseCode.POLICY_VIOLATION

    run(play())


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", aiohttp.WSCloseCode.PROTOCOL_ERROR),
        (b"\x01\x00\x00\x00", aiohttp.WSCloseCode.PROTOCOL_ERROR),
        (os.urandom(5000), aiohttp.WSCloseCode.PROTOCOL_ERROR),
        (Appended(1, Position(1)).write(), aiohttp.WSCloseCode.PROTOCOL_ERROR),
        (bytes(100_000), aiohttp.WSCloseCode.PROTOCOL_ERROR),
    ],
)
def test_wrong_bytes_end_the_line(relay: RelayProcess, message: bytes, code: int) -> None:
    async def play() -> None:
        async with raw_line(relay) as line:
            await line.send_bytes(message)
            assert await closed_with(line) == code

    run(play())


def test_an_oversize_message_and_a_text_end_the_line(relay: RelayProcess) -> None:
    async def play() -> None:
        async with Line(relay.url) as desk:
            keys = await open_drop(desk, relay.tokens()[0])
        for text in (False, True):
            async with raw_line(relay) as line:
                await line.send_bytes(Subscribe(1, keys.drop, keys.read, START).write())  # no longer a guest
                await frames_until(line, CaughtUp)
                if text:
                    await line.send_str("hello")
                else:
                    await line.send_bytes(bytes(MAX_MESSAGE_BYTES + 1))
                assert await closed_with(line) == (
                    aiohttp.WSCloseCode.PROTOCOL_ERROR if text else aiohttp.WSCloseCode.MESSAGE_TOO_BIG
                )

    run(play())


def test_a_guest_that_sends_too_much_is_cut_off(relay: RelayProcess) -> None:
    async def play() -> None:
        async with raw_line(relay) as line:
            await line.send_bytes(bytes(200_000))
            assert await closed_with(line) == aiohttp.WSCloseCode.ABNORMAL_CLOSURE

    run(play())


def test_a_cell_of_another_size_than_the_drop_is_refused(relay: RelayProcess) -> None:
    async def play() -> None:
        async with Line(relay.url) as line:
            keys = await open_drop(line, relay.tokens()[0])
            with pytest.raises(RelayRefused) as refusal:
                await line.append(keys.drop, keys.append, new_append_id(), bytes(8192))
            assert refusal.value.code is Code.TERMS

    run(play())


def test_a_drop_refuses_more_cells_than_its_admission_grants(relay: RelayProcess) -> None:
    async def play() -> None:
        async with Line(relay.url) as line:
            keys = await open_drop(line, relay.tokens(1, "--max-cells", "2")[0])
            await append_many(line, keys, 2)
            with pytest.raises(RelayRefused) as refusal:
                await line.append(keys.drop, keys.append, new_append_id(), CELL)
            assert refusal.value.code is Code.DROP_FULL
            assert refusal.value.may_pass

    run(play())


def test_connections_that_say_nothing_are_cut_and_keep_no_desk_out(relay: RelayProcess) -> None:
    async def play() -> None:
        idle = [await asyncio.open_connection("127.0.0.1", relay.port) for _ in range(400)]
        started = time.monotonic()
        (admission,) = relay.tokens()
        async with Line(relay.url) as line:
            keys = await open_drop(line, admission)
            await append_many(line, keys, 1)
            for reader, writer in idle:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
                writer.close()
            assert time.monotonic() - started < 10
            await line.append(
                keys.drop, keys.append, new_append_id(), CELL
            )  # has outlived its time as a guest

    run(play())


def test_a_request_that_never_ends_is_cut(relay: RelayProcess) -> None:
    with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as stranger:
        stranger.sendall(b"POST /v1/open HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf")
        with contextlib.suppress(ConnectionError):
            while stranger.recv(1000):
                pass


def test_a_slow_reader_costs_little_memory_is_cut_off_and_holds_nobody_up(relay: RelayProcess) -> None:
    async def play() -> None:
        async with Line(relay.url) as desk, raw_line(relay) as slow:
            keys = await open_drop(desk, relay.tokens()[0])
            await append_many(desk, keys, 128)
            before = relay.resident_kib()
            assert slow._response.connection is not None
            reading = slow._response.connection.transport
            assert isinstance(reading, asyncio.Transport)
            await slow.send_bytes(
                b"".join(Subscribe(number, keys.drop, keys.read, START).write() for number in range(200))
            )  # 100 MiB are asked for at once
            reading.pause_reading()
            peak = 0
            for _ in range(10):
                await desk.append(keys.drop, keys.append, new_append_id(), CELL)
                peak = max(peak, relay.resident_kib() - before)
                await asyncio.sleep(0.05)
            assert peak < 20_000
            await until(lambda: status(relay)["lines"] == "1")
            reading.resume_reading()

    run(play())


def test_the_counters_are_totals_and_need_the_operators_key(relay: RelayProcess) -> None:
    async def play() -> None:
        async with aiohttp.ClientSession() as session, session.get(f"{relay.url}/counters") as answer:
            assert answer.status == 403
            assert await answer.read() == b""

    run(play())
    assert set(status(relay)) >= {"appended", "delivered", "lines", "refused", "expired"}
    assert all(figure.isdigit() for figure in status(relay).values())


def test_the_log_of_a_mistreated_relay_names_no_address(relay: RelayProcess) -> None:
    async def play() -> None:
        for bytes_sent in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
            b"GET /v1/line HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
            b"GET " + b"x" * 10_000 + b" HTTP/1.1\r\n\r\n",
            b"POST /v1/open HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            b"POST /v1/open HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ):
            _, writer = await asyncio.open_connection("127.0.0.1", relay.port)
            writer.write(bytes_sent)
            await asyncio.sleep(0.05)
            writer.transport.abort()

    run(play())
    log = relay.log.read_text()
    assert not re.search(r"\d+\.\d+\.\d+\.\d+|::1|\bport\b|localhost", log), log
