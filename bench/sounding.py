"""What a sounding costs one side: milliseconds per option, on one thread and two, beside the bare libsodium multiplications in it.

A sounding is held once among all sides in this process; then side 0 alone does its part again against what the others said, which is what is
measured: from its keys to the result, preparation and every check of the others included. `--large` adds 10,000 options, `--json` prints one line
of JSON. For scale MPyC, where it is installed (requirements/bench.txt), computes the same AND among three honest processes: it trusts two of
three, and that nobody lies.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from nacl import bindings as sodium

from backchannel.crypto.sounding import group, inputs, keys, limits, same_log
from backchannel.crypto.sounding.message import Round, parse_message
from backchannel.crypto.sounding.params import Params
from backchannel.crypto.sounding.party import Party
from backchannel.wire.codec import encode
from sounders import Table, params, plain, random_marks, stream

SIDES = (2, 3, 5, 10)
OPTIONS = (1, 100, 1_000)
LARGE = 10_000
TARGET_RATIO, TARGET_SECONDS = 1.4, 1.0
REPEATS = {1: 9, 100: 5, 1_000: 3, LARGE: 1}
MANY = 100_000  # bare multiplications of which a tenth is done, and counts ten times
TIMES = {1: 20}  # in a row, as the bare multiplications are, since one is over in two milliseconds
PEER = Path(__file__).parent / "sounded" / "and_of_three.py"

Row = dict[str, Any]


def part_of_one(what: Params, marks: list[bool], log: list[tuple[int, bytes]], threads: int) -> Party:
    """Do side 0's part of a sounding again."""
    party = Party.open(what, 0, random=stream(("", 0)), threads=threads)
    party.mark(marks)
    for author, data in log:
        if author != 0:
            party.take(data, author)
    return party


def timed(work: Callable[[], object], repeats: int, times: int = 1) -> tuple[float, float]:
    """Give the least wall and processor seconds of some repeats, `times` at once: what else the machine does only ever adds."""
    walls, processors = [], []
    for _ in range(repeats):
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(times):
            work()
        walls.append((time.perf_counter() - wall) / times)
        processors.append((time.process_time() - processor) / times)
    return min(walls), min(processors)


def bare() -> dict[str, Callable[[], object]]:
    """Give one bare multiplication of each sort, straight from libsodium's binding; signing and checking are such, too."""
    point, number = group.base("bench"), group.random_scalars(1, stream("bench"))[0]
    public, secret = sodium.crypto_sign_seed_keypair(bytes(32))
    signed = sodium.crypto_sign(bytes(300), secret)
    return {
        "crypto_scalarmult_ed25519_noclamp": lambda: sodium.crypto_scalarmult_ed25519_noclamp(number, point),
        "crypto_scalarmult_ed25519_base_noclamp": lambda: sodium.crypto_scalarmult_ed25519_base_noclamp(
            number
        ),
        "crypto_sign_seed_keypair": lambda: sodium.crypto_sign_seed_keypair(bytes(32)),
        "crypto_sign": lambda: sodium.crypto_sign(bytes(300), secret),
        "crypto_sign_open": lambda: sodium.crypto_sign_open(signed, public),
    }


def bare_seconds(counts: dict[str, int]) -> float:
    """Give the processor seconds of so many bare multiplications of each sort, one after the other."""
    calls, share = bare(), 10 if sum(counts.values()) > MANY else 1
    began = time.process_time()
    for name, number in counts.items():
        for _ in range(number // share):
            calls[name]()
    return share * (time.process_time() - began)


def counted(work: Callable[[], object]) -> dict[str, int]:
    """Count the multiplications that some work does."""
    counts = dict.fromkeys(bare(), 0)
    places = [(sodium, name, name) for name in counts]
    places += [
        (module, "on_generator", "crypto_scalarmult_ed25519_base_noclamp")
        for module in (group, inputs, keys, limits, same_log)
        if hasattr(module, "on_generator")
    ]
    true = [getattr(module, attribute) for module, attribute, _ in places]
    try:
        for (module, attribute, name), call in zip(places, true, strict=True):
            setattr(module, attribute, partial(count, counts, name, call))
        work()
    finally:
        for (module, attribute, _), call in zip(places, true, strict=True):
            setattr(module, attribute, call)
    return counts


def count(counts: dict[str, int], name: str, call: Callable[..., Any], *arguments: bytes) -> Any:
    counts[name] += 1
    return call(*arguments)


def measured(sides: int, options: int) -> Row:
    what, marks = params(sides, options), random_marks(sides, options, "bench")
    log = Table.of(what, marks, threads=os.cpu_count() or 1).run().log
    repeats, times = REPEATS[options], TIMES.get(options, 1)

    def once(threads: int) -> Party:
        party = part_of_one(what, marks[0], log, threads)
        result = party.result()
        assert result is not None
        assert result.joint == plain(marks)
        return party

    counts = counted(lambda: once(1))
    walls, processors, floors = [], [], []
    for _ in range(repeats):
        # Each beside as many bare ones, as long and at the same time: a machine is not as fast at all times.
        wall, processor = timed(lambda: once(1), 1, times)
        walls.append(wall)
        processors.append(processor)
        floors.append(sum(bare_seconds(counts) for _ in range(times)) / times)
    wall, processor, floor = min(walls), min(processors), min(floors)
    wall_of_two, _ = timed(lambda: once(2), repeats, times)
    said = [data for author, data in log if author == 0]
    return {
        "sides": sides,
        "options": options,
        "cpu_ms_per_option": 1000 * processor / options,
        "ms_per_option": 1000 * wall / options,
        "ms_per_option_two_threads": 1000 * wall_of_two / options,
        "seconds_two_threads": wall_of_two,
        "ratio_to_multiplications": processor / floor,
        "multiplications": sum(counts.values()),
        "bytes_per_option": sum(map(len, said)) / options,
        "bytes_of_parameters": len(encode(what)),
        "messages": len(
            {parse_message(data).slot for data in said if parse_message(data).round is not Round.AGREEMENT}
        ),
    }


def peer(options: int) -> float | None:
    """Give the wall seconds in which three processes of MPyC compute an AND of so many options; None if it is not there."""
    if importlib.util.find_spec("mpyc") is None:
        return None
    done = subprocess.run(
        [sys.executable, PEER, "-M3", "--no-log", str(options)],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return float(done.stdout.strip().splitlines()[-1])


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--large", action="store_true", help="10,000 options too, some minutes")
    asked.add_argument("--json", action="store_true", help="one line of JSON")
    asked.add_argument("--sides", type=int, nargs="*", default=SIDES)
    arguments = asked.parse_args()
    sizes = (*OPTIONS, LARGE) if arguments.large else OPTIONS
    rows = [measured(sides, options) for options in sizes for sides in arguments.sides]
    peers = {options: peer(options) for options in sizes}
    if arguments.json:
        print(json.dumps({"rows": rows, "mpyc_three_processes_seconds": peers}))
        return 0
    print(
        "soundings: one side's part; ms per option: CPU, wall on one thread and on two; CPU against its bare multiplications"
    )
    print(f"{'options':>8}{'sides':>6}{'CPU':>8}{'1 thread':>10}{'2 threads':>10}{'ratio':>7}{'bytes':>7}")
    for row in rows:
        print(
            f"{row['options']:>8}{row['sides']:>6}{row['cpu_ms_per_option']:>8.2f}{row['ms_per_option']:>10.2f}{row['ms_per_option_two_threads']:>10.2f}"
            f"{row['ratio_to_multiplications']:>7.2f}{row['bytes_per_option']:>7.0f}"
        )
    for row in rows:
        if (row["options"], row["sides"]) == (1_000, 2):
            print(
                f"two sides, 1,000 options, two threads: {row['seconds_two_threads']:.2f} s (target {TARGET_SECONDS:.0f} s); "
                f"ratio {row['ratio_to_multiplications']:.2f} (target {TARGET_RATIO})"
            )
    for options, seconds in peers.items():
        if seconds is None:
            print("MPyC is not installed; pip install -r requirements/bench.txt compares with it")
            break
        print(
            f"MPyC, three processes that trust each other, {options} options: {1000 * seconds / options:.2f} ms per option"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
