"""A real relay process over real sockets: what desks get, and what strangers do not."""

import asyncio
import contextlib
import os
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from backchannel.desk.line import Arrived, AtEnd, Line
from backchannel.errors import Exit, Unavailable
from backchannel.relay.drops import digest
from backchannel.wire.admissions import admission_text
from backchannel.wire.frames import (
    Append,
    Appended,
    window,
)
from backchannel.wire.ids import AppendId, Position, new_append_id
from backchannel.wire.refusals import Code, RelayRefused
from relay_process import (
    CELL,
    SECONDS,
    START,
    Keys,
    RelayProcess,
    all_cells,
    append_many,
    backchannel,
    closed_with,
    environment,
    frames_until,
    new_keys,
    open_drop,
    raw_line,
    run,
    until,
    until_end,
)


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with RelayProcess(
        tmp_path_factory.mktemp("relay"), "--limit-guest-seconds", "1", "--limit-stall-seconds", "1"
    ) as one:
        yield one


def test_a_cell_is_acknowledged_delivered_to_every_subscriber_and_followed_by_the_end(
    relay: RelayProcess,
) -> None:
    async def play() -> None:
        async with Line(relay.url) as writer, Line(relay.url) as reader:
            keys = await open_drop(writer, relay.tokens()[0])
            inboxes = [await line.subscribe(keys.drop, keys.read, START) for line in (writer, reader)]
            for inbox in inboxes:
                assert await anext(inbox) == AtEnd(START)
            for number in range(1, 4):
                cell = os.urandom(4096)
                assert await writer.append(keys.drop, keys.append, new_append_id(), cell) == number
                for inbox in inboxes:
                    assert await anext(inbox) == Arrived(Position(number), cell)
                    assert await anext(inbox) == AtEnd(Position(number))

    run(play())


def test_a_subscription_starts_after_the_position_it_names(relay: RelayProcess) -> None:
    async def play() -> None:
        async with Line(relay.url) as line:
            keys = await open_drop(line, relay.tokens()[0])
            await append_many(line, keys, 300)
            inbox = await line.subscribe(keys.drop, keys.read, Position(290))
            assert [one.position for one in await until_end(inbox)] == list(range(291, 301))
            assert len(await all_cells(line, keys)) == 300

    run(play())


def test_a_desk_that_knows_more_than_the_relay_is_told_where_the_relay_ends(relay: RelayProcess) -> None:
    async def play() -> None:
        async with Line(relay.url) as line:
            keys = await open_drop(line, relay.tokens()[0])
            await append_many(line, keys, 2)
            inbox = await line.subscribe(keys.drop, keys.read, Position(500))
            assert await anext(inbox) == AtEnd(Position(2))
            for number in range(3, 300):  # more than a window: the credit starts from where the relay is
                await line.append(keys.drop, keys.append, new_append_id(), CELL)
                assert [one.position for one in await until_end(inbox)] == [number]

    run(play())


def test_an_append_said_again_on_another_line_is_stored_once(relay: RelayProcess) -> None:
    async def play() -> None:
        append_id = new_append_id()
        async with Line(relay.url) as first:
            keys = await open_drop(first, relay.tokens()[0])
            assert await first.append(keys.drop, keys.append, append_id, CELL) == 1
        async with Line(relay.url) as second:
            assert await second.append(keys.drop, keys.append, append_id, CELL) == 1
            with pytest.raises(RelayRefused) as refusal:
                await second.append(keys.drop, keys.append, append_id, os.urandom(4096))
            assert refusal.value.code is Code.CONFLICT
            assert len(await all_cells(second, keys)) == 1

    run(play())


def test_an_admission_opens_one_drop_and_repeating_the_call_changes_nothing(relay: RelayProcess) -> None:
    async def play() -> None:
        (admission,) = relay.tokens()
        async with Line(relay.url) as line:
            call = new_keys().opening(admission)
            assert await line.open_drop(call) == await line.open_drop(call)
            with pytest.raises(RelayRefused, match="fresh one"):
                await line.open_drop(new_keys().opening(admission))

    run(play())


def test_expired_cells_are_gone_from_a_running_relay_and_its_files_and_take_no_credit(
    relay: RelayProcess,
) -> None:
    async def play() -> None:
        mark, last = os.urandom(64), Position(2 * window(4096))
        async with Line(relay.url) as line:
            keys = await open_drop(line, relay.tokens()[0], ttl_seconds=1)
            await line.append(keys.drop, keys.append, new_append_id(), mark * 64)
            assert mark in kept(relay)
            await asyncio.gather(
                *(line.append(keys.drop, keys.append, new_append_id(), mark * 64) for _ in range(last - 1))
            )
            await until(lambda: mark not in kept(relay))
            inbox = await line.subscribe(keys.drop, keys.read, START)
            assert await anext(inbox) == AtEnd(last)
            await line.append(keys.drop, keys.append, new_append_id(), CELL)
            assert await anext(inbox) == Arrived(Position(last + 1), CELL)

    run(play())


def kept(relay: RelayProcess) -> bytes:
    return b"".join(path.read_bytes() for path in relay.db.parent.glob("relay.db*"))


def test_a_closed_drop_is_gone_with_its_cells_and_its_readers_are_told(relay: RelayProcess) -> None:
    async def play() -> None:
        mark = os.urandom(64)
        async with Line(relay.url) as line:
            keys = await open_drop(line, relay.tokens()[0])
            await line.append(keys.drop, keys.append, new_append_id(), mark * 64)
            inbox = await line.subscribe(keys.drop, keys.read, START)
            await until_end(inbox)
            await line.close_drop(keys.drop, keys.close)
            with pytest.raises(RelayRefused) as refusal:
                await anext(inbox)
            assert refusal.value.code is Code.GONE
            assert mark not in kept(relay)
            with pytest.raises(RelayRefused) as refusal:
                await line.append(keys.drop, keys.append, new_append_id(), CELL)
            assert refusal.value.code is Code.UNKNOWN

    run(play())


def test_an_operator_revokes_tokens_while_the_relay_runs(relay: RelayProcess) -> None:
    async def play() -> None:
        unused, used = relay.tokens(2)
        async with Line(relay.url) as line:
            keys = await open_drop(line, used)
            inbox = await line.subscribe(keys.drop, keys.read, START)
            await until_end(inbox)
            both = f"{admission_text(unused)}\n{admission_text(used)}\n"
            done = backchannel("relay", "token", "revoke", "--db", relay.db, "--and-close", "-", text=both)
            assert done.returncode == 0, done.stderr
            with pytest.raises(RelayRefused) as refusal:
                await anext(inbox)
            assert refusal.value.code is Code.GONE
            with pytest.raises(RelayRefused) as refusal:
                await open_drop(line, unused)
            assert refusal.value.code is Code.ADMISSION

    run(play())


def test_a_token_list_shows_no_token(relay: RelayProcess) -> None:
    (admission,) = relay.tokens()
    done = backchannel("relay", "token", "list", "--db", relay.db)
    assert digest(admission).hex()[:16] in done.stdout
    assert admission_text(admission)[:9] not in done.stdout


def test_two_relays_do_not_share_a_database(relay: RelayProcess) -> None:
    done = backchannel("relay", "run", "--db", relay.db, "--listen", "127.0.0.1:0")
    assert done.returncode == Exit.REFUSED
    assert done.stderr.startswith("Another relay is running on")


async def append_until_lost(
    relay: RelayProcess, keys: Keys, said: dict[AppendId, bytes], acked: dict[AppendId, int]
) -> None:
    """Append eight cells at a time, first those that were said before and not acknowledged."""
    async with Line(relay.url) as line:
        while True:
            waiting = [one for one in said if one not in acked] or [new_append_id() for _ in range(8)]
            for append_id in waiting:
                said.setdefault(append_id, os.urandom(32) * 128)
            answers = await asyncio.gather(
                *(line.append(keys.drop, keys.append, one, said[one]) for one in waiting),
                return_exceptions=True,
            )
            for append_id, answer in zip(waiting, answers, strict=True):
                if isinstance(answer, int):
                    acked[append_id] = answer
                elif isinstance(answer, Unavailable):
                    return
                else:
                    raise answer


def test_acknowledged_cells_survive_kill_9_under_load_once_each(tmp_path: Path, *, deep: bool) -> None:
    chance = random.Random(9)

    async def play() -> None:
        with RelayProcess(tmp_path) as relay:
            async with Line(relay.url) as line:
                drops = [await open_drop(line, admission) for admission in relay.tokens(6)]
            said: list[dict[AppendId, bytes]] = [{} for _ in drops]
            acked: list[dict[AppendId, int]] = [{} for _ in drops]
            for _ in range(40 if deep else 4):
                desks = [
                    asyncio.create_task(append_until_lost(relay, *each))
                    for each in zip(drops, said, acked, strict=True)
                ]
                await asyncio.sleep(chance.uniform(0.05, 0.3))
                relay.kill()
                await asyncio.gather(*desks)
                relay.start()
            async with Line(relay.url) as line:
                for keys, sent, before in zip(drops, said, acked, strict=True):
                    appends = (line.append(keys.drop, keys.append, one, cell) for one, cell in sent.items())
                    positions = dict(zip(sent, await asyncio.gather(*appends), strict=True))
                    assert positions.items() >= before.items()
                    held = {one.position: one.cell for one in await all_cells(line, keys)}
                    assert held == {positions[append_id]: cell for append_id, cell in sent.items()}
                    assert len(held) == len(sent) > 8

    run(play(), seconds=600 if deep else SECONDS)


def test_a_stopped_relay_has_answered_and_kept_all_that_it_acknowledged(tmp_path: Path) -> None:
    async def play() -> None:
        with RelayProcess(tmp_path) as relay:
            async with Line(relay.url) as line, raw_line(relay) as other:
                keys = await open_drop(line, relay.tokens()[0])
                await append_many(line, keys, 50)
                await other.send_bytes(Append(1, keys.drop, keys.append, new_append_id(), CELL).write())
                await frames_until(other, Appended)
                stopping = asyncio.to_thread(relay.stop)
                code, close_code = await asyncio.gather(stopping, closed_with(other))
                assert (code, close_code) == (Exit.OK, aiohttp.WSCloseCode.GOING_AWAY)
                with pytest.raises(Unavailable):
                    await line.append(keys.drop, keys.append, new_append_id(), CELL)
            assert not list(relay.db.parent.glob("relay.db-wal"))
            relay.start()
            async with Line(relay.url) as line:
                assert len(await all_cells(line, keys)) == 51

    run(play())


def test_a_full_relay_says_so_loses_nothing_and_goes_on_when_cells_expire(tmp_path: Path) -> None:
    async def play() -> None:
        with RelayProcess(tmp_path, "--limit-db-mib", "1") as relay:
            async with Line(relay.url) as line:
                keys = await open_drop(line, relay.tokens()[0], ttl_seconds=2)
                stored = 0
                with contextlib.suppress(RelayRefused):
                    while stored < 1000:
                        await line.append(keys.drop, keys.append, new_append_id(), CELL)
                        stored += 1
                with pytest.raises(
                    RelayRefused, match="disk is full: nothing was stored; try again"
                ) as refusal:
                    await line.append(keys.drop, keys.append, new_append_id(), CELL)
                assert refusal.value.code is Code.RELAY_FULL
                assert len(await all_cells(line, keys)) == stored > 100
                again = new_append_id()
                while True:
                    with contextlib.suppress(RelayRefused):
                        assert await line.append(keys.drop, keys.append, again, CELL) > stored
                        break
                    await asyncio.sleep(0.1)

    run(play())


def test_a_disk_with_little_left_is_reported_and_takes_nothing(tmp_path: Path) -> None:
    async def play() -> None:
        with RelayProcess(tmp_path, "--keep-free-mib", "1000000000") as relay:
            async with aiohttp.ClientSession() as session, session.get(f"{relay.url}/healthz") as answer:
                assert answer.status == 503
                assert "disk is full" in await answer.text()
            async with Line(relay.url) as line:
                with pytest.raises(RelayRefused) as refusal:
                    await open_drop(line, relay.tokens()[0])
                assert refusal.value.code is Code.RELAY_FULL

    run(play())


def test_a_database_of_a_newer_relay_is_refused_in_one_sentence(tmp_path: Path) -> None:
    assert backchannel("relay", "token", "issue", "--db", tmp_path / "relay.db").returncode == Exit.OK
    with sqlite3.connect(tmp_path / "relay.db") as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    done = backchannel("relay", "run", "--db", tmp_path / "relay.db", "--listen", "127.0.0.1:0")
    assert done.returncode == Exit.REFUSED
    assert re.fullmatch(r".*was written by a newer Backchannel .*: update this program\.\n", done.stderr)


def test_a_relay_imports_no_cryptography(tmp_path: Path) -> None:
    script = (
        "import sys; import backchannel.relay.app, backchannel.relay.command; print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "aiohttp" in loaded
    assert not loaded & {"cryptography", "vodozemac", "sqlcipher3", "nacl", "shamir_mnemonic"}
    parts = {name.split(".")[1] for name in done.stdout.split() if name.startswith("backchannel.")}
    assert parts == {"errors", "relay", "said", "wire"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["relay", "--help"], ["relay", "run", "--help"], ["--version"]]
)
def test_help_comes_without_loading_a_server(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom backchannel.__main__ import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout
    assert not {"aiohttp", "msgspec", "sqlite3", "asyncio", "uvloop"} & set(done.stderr.split())
