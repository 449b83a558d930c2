"""Measure a relay: cells appended durably, delivered and acknowledged, with the desks on the same machine.

Every desk opens a drop of its own, subscribes to it, appends a cell of 8 KiB, and appends the next when the first has come
back and is acknowledged. The desks of two relays, one with group commit and one that commits each cell, take turns of a second,
so that what else the machine does meets both. Each rate is the median of its turns, each ratio the median of the ratios of
neighbouring turns. `python bench/relay.py --json` prints one line of JSON instead of the table.
"""

import argparse
import asyncio
import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from backchannel.desk.line import Arrived, Line
from backchannel.relay.schema import connect, transaction
from backchannel.wire.admissions import read_admission
from backchannel.wire.calls import OpenDrop
from backchannel.wire.ids import Admission, Position, new_append_id, new_capability, new_drop_id

CELL_SIZE = 8192
CONNECTIONS = (1, 10, 100, 500)
WARM_UP_SECONDS, REST_SECONDS = 0.2, 0.1
COMING_AT_ONCE = 20  # desks; a relay gives each ten seconds, and a machine may be busy
TARGET_RATE, TARGET_RATIO, TARGET_MIB = 8_000, 2.5, 100
LINES, SUBSCRIPTIONS, DESKS_PER_DROP = 500, 5_000, 5


@dataclass
class Running:
    """A relay in its own process."""

    pid: int
    url: str
    admissions: list[Admission]
    database: Path

    def counters(self) -> dict[str, int]:
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "backchannel",
            "relay",
            "status",
            "--json",
            "--db",
            self.database,
            "--url",
            self.url,
        ]
        counted: dict[str, int] = json.loads(subprocess.check_output(command))
        return counted

    def resident_mib(self) -> float:
        return int(Path(f"/proc/{self.pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def relay(admissions: int, *options: str) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BACKCHANNEL_BENCH_DIR")) as folder:
        database, port_file = Path(folder, "relay.db"), Path(folder, "port")
        me: list[str | Path] = [sys.executable, "-m", "backchannel", "relay"]
        issue = [*me, "token", "issue", "--db", database, "--count", str(admissions)]
        tokens = [read_admission(line) for line in subprocess.check_output(issue, text=True).splitlines()]
        run = [*me, "run", "--db", database, "--listen", "127.0.0.1:0", "--port-file", port_file, *options]
        with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                yield Running(
                    process.pid, f"http://127.0.0.1:{port_file.read_text().strip()}", tokens, database
                )
            finally:
                process.send_signal(signal.SIGTERM)


class Load:
    """Desks at one relay that each keep one cell under way while it is their turn."""

    def __init__(self, running: Running) -> None:
        self.cells = 0
        self.waits: list[float] = []
        self.ready = asyncio.Event()
        self._turn = asyncio.Event()
        self._door = asyncio.Semaphore(COMING_AT_ONCE)
        self._running = running
        self._not_ready = len(running.admissions)
        self._over = False

    async def desk(self, admission: Admission) -> None:
        cell = secrets.token_bytes(CELL_SIZE)
        drop, append, read, close = new_drop_id(), new_capability(), new_capability(), new_capability()
        async with Line(self._running.url) as line:
            async with self._door:
                await line.open_drop(OpenDrop(admission, drop, append, read, close, CELL_SIZE, 3600, 0))
                inbox = await line.subscribe(drop, read, Position(0))
                await anext(inbox)
            self._not_ready -= 1
            if not self._not_ready:
                self.ready.set()
            while True:
                await self._turn.wait()
                if self._over:
                    return
                started = time.perf_counter()
                position = await line.append(drop, append, new_append_id(), cell)
                async for event in inbox:
                    if isinstance(event, Arrived) and event.position == position:
                        break
                self.cells += 1
                self.waits.append(time.perf_counter() - started)

    async def turn(self, seconds: float) -> tuple[float, float]:
        """Let the desks work; gives cells per second and the median wait of one, in milliseconds."""
        self._turn.set()
        await asyncio.sleep(WARM_UP_SECONDS)
        before, started = self.cells, time.perf_counter()
        self.waits.clear()
        await asyncio.sleep(seconds)
        rate = (self.cells - before) / (time.perf_counter() - started)
        wait = statistics.median(self.waits) * 1000
        self._turn.clear()
        await asyncio.sleep(REST_SECONDS)
        return rate, wait

    def end(self) -> None:
        self._over = True
        self._turn.set()


async def turns(relays: list[Running], runs: int, seconds: float) -> list[list[tuple[float, float]]]:
    """Give what each turn of each relay came to; the relays take turns."""
    loads = [Load(running) for running in relays]
    async with asyncio.TaskGroup() as tasks:
        for load, running in zip(loads, relays, strict=True):
            for admission in running.admissions:
                tasks.create_task(load.desk(admission))
            await load.ready.wait()
        found = [[await load.turn(seconds) for load in loads] for _ in range(runs)]
        for load in loads:
            load.end()
    return found


def bare(connections: int, batch: int, seconds: float) -> float:
    """Give cells per second of SQLite alone: same table, same batches, nothing else, not even its index."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BACKCHANNEL_BENCH_DIR")) as folder:
        database = connect(Path(folder, "relay.db"))
        cell = secrets.token_bytes(CELL_SIZE)
        cells, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            rows = [
                ((cells + at) % connections, (cells + at) // connections, secrets.token_bytes(16), 0, cell)
                for at in range(batch)
            ]
            with transaction(database):
                database.executemany(
                    "INSERT INTO cell (drop_key, position, append_id, expires_ms, body) VALUES (?,?,?,?,?)",
                    rows,
                )
            cells += batch
        rate = cells / (time.perf_counter() - started)
        database.close()
        return rate


async def subscribe_all(running: Running) -> float:
    """Subscribe as many desks as rooms of five make, send every room a cell, and give the relay's memory in MiB."""
    lines = [Line(running.url) for _ in range(LINES)]
    cell = secrets.token_bytes(CELL_SIZE)

    async def room(number: int, admission: Admission) -> None:
        drop, append, read, close = new_drop_id(), new_capability(), new_capability(), new_capability()
        first = lines[number % LINES]
        await first.open_drop(OpenDrop(admission, drop, append, read, close, CELL_SIZE, 3600, 0))
        inboxes = [
            await lines[(number + at * 97) % LINES].subscribe(drop, read, Position(0))
            for at in range(DESKS_PER_DROP)
        ]
        await first.append(drop, append, new_append_id(), cell)
        for inbox in inboxes:
            async for event in inbox:
                if isinstance(event, Arrived):
                    break

    rooms = [room(number, admission) for number, admission in enumerate(running.admissions)]
    for start in range(0, len(rooms), COMING_AT_ONCE):
        await asyncio.gather(*rooms[start : start + COMING_AT_ONCE])
    resident = running.resident_mib()
    subscribed = running.counters()["subscriptions"]
    assert subscribed == SUBSCRIPTIONS, subscribed
    await asyncio.gather(*(line.close() for line in lines))
    return resident


def measure(runs: int, seconds: float) -> dict[str, Any]:
    rows: list[dict[str, float]] = []
    for connections in CONNECTIONS:
        with relay(connections) as grouped, relay(connections, "--batch", "1") as single:
            found = uvloop.run(turns([grouped, single], runs, seconds))
            counters = grouped.counters()
        per_commit = counters["appended"] / counters["commits"]
        sqlite = statistics.median(bare(connections, round(per_commit), seconds) for _ in range(runs))
        rate = statistics.median(ours[0] for ours, _ in found)
        rows.append(
            {
                "connections": connections,
                "cells_per_second": round(rate),
                "median_wait_ms": round(statistics.median(ours[1] for ours, _ in found), 2),
                "cells_per_commit": round(per_commit, 1),
                "commit_per_cell": round(statistics.median(each[0] for _, each in found)),
                "times_commit_per_cell": round(
                    statistics.median(ours[0] / each[0] for ours, each in found), 2
                ),
                "bare_sqlite": round(sqlite),
                "share_of_bare_sqlite": round(rate / sqlite, 2),
            }
        )
    with relay(SUBSCRIPTIONS // DESKS_PER_DROP) as running:
        resident = uvloop.run(subscribe_all(running))
    return {
        "cell_bytes": CELL_SIZE,
        "runs": runs,
        "seconds": seconds,
        "rows": rows,
        "resident_mib": round(resident, 1),
    }


def table(measured: dict[str, Any]) -> str:
    lines = [
        f"cells of {measured['cell_bytes']} bytes, durable append -> deliver -> acknowledge; medians of {measured['runs']} turns",
        f"{'desks':>6} {'cells/s':>9} {'wait ms':>9} {'per commit':>11} {'commit each':>12} {'ratio':>6} {'bare SQLite':>12} {'share':>6}",
    ]
    lines += [
        f"{row['connections']:>6} {row['cells_per_second']:>9} {row['median_wait_ms']:>9} {row['cells_per_commit']:>11}"
        f" {row['commit_per_cell']:>12} {row['times_commit_per_cell']:>6} {row['bare_sqlite']:>12} {row['share_of_bare_sqlite']:>6}"
        for row in measured["rows"]
    ]
    hundred = next(row for row in measured["rows"] if row["connections"] == 100)
    lines += [
        f"{SUBSCRIPTIONS} subscriptions over {LINES} lines: the relay holds {measured['resident_mib']} MiB",
        told("cells/s at 100 desks", hundred["cells_per_second"], TARGET_RATE, least=True),
        told(
            "times a commit per cell at 100 desks", hundred["times_commit_per_cell"], TARGET_RATIO, least=True
        ),
        told("MiB for the subscriptions", measured["resident_mib"], TARGET_MIB, least=False),
    ]
    return "\n".join(lines)


def told(what: str, measured: float, target: float, *, least: bool) -> str:
    reached = measured >= target if least else measured <= target
    return f"{'reached' if reached else 'MISSED '}  {what}: {measured}, wanted {'at least' if least else 'at most'} {target}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure a relay on this machine.")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each turn")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    measured = measure(args.runs, args.seconds)
    print(json.dumps(measured) if args.json else table(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
