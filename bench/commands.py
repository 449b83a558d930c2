"""How long a person waits for a command: help, a refusal, and commands to an unlocked desk with a room of many items.

Medians of whole processes on this machine, from start to exit, and their ratio to `python -c pass`, measured in turn with them.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from backchannel.desk import acts
from backchannel.desk.desk import Desk
from cli_stage import Person, Stage, environment, stage  # the tests' real relay and desks

ROUNDS = 15
ITEMS = 200
TARGET_MS = 250.0


def took(command: Sequence[str], env: dict[str, str]) -> float:
    """Run a command to its end; gives milliseconds."""
    begun = time.perf_counter()
    subprocess.run(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return (time.perf_counter() - begun) * 1000


def room_of_many(table: Stage) -> Person:
    """Make a desk with a room of `ITEMS` papers, unlocked."""
    someone = table.person("anna")
    table.play("anna> open-room --title Talks --side A")
    someone.lock()
    desk = Desk.open(someone.home, someone.key.encode())
    room = next(desk.rooms())
    for number in range(ITEMS):
        acts.show(room, f"Paper {number}.", now=time.time_ns() // 1_000_000)
    desk.close()
    someone.unlock()
    return someone


def measured(someone: Person) -> dict[str, dict[str, float]]:
    program = [sys.executable, "-m", "backchannel"]
    desk = [*program, "desk", "--desk", str(someone.home)]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "--help": [*program, "--help"],
        "desk say --help": [*program, "desk", "say", "--help"],
        "a refusal by the parser": [*program, "desk", "shout"],
        "a refusal: no such desk": [*program, "desk", "--desk", "/nowhere", "show"],
        "a refusal by the unlocked desk": [*desk, "show", "99999"],
        "desk rooms": [*desk, "rooms"],
        "desk status": [*desk, "status"],
        f"desk show, one item of {ITEMS}": [*desk, "show", "7"],
        f"desk show, all {ITEMS} items": [*desk, "show"],
        "desk say": [*desk, "say", "--", "One more."],
    }
    env = environment()
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        took(command, env)  # once to warm the disk's cache
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(took(command, env))
    base = statistics.median(times["python -c pass"])
    return {
        name: {
            "median_ms": statistics.median(found),
            "worst_ms": max(found),
            "over_python": statistics.median(found) / base,
        }
        for name, found in times.items()
    }


def main() -> int:
    """Measure and print; `--json` for a machine. Exit 1 if a median is over the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)) as table:
        found = measured(room_of_many(table))
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        print(f"a command, start to exit (target {TARGET_MS:.0f} ms)")
        for name, row in found.items():
            print(
                f"  {name:32} {row['median_ms']:6.0f} ms median {row['worst_ms']:6.0f} worst {row['over_python']:6.1f} times python"
            )
    return int(any(row["median_ms"] > TARGET_MS for row in found.values()))


if __name__ == "__main__":
    sys.exit(main())
