"""What is asked of an unlocked desk and makes no sense is answered or cut off, and the desk goes on as it was."""

import asyncio
import json
from pathlib import Path

import pytest

from backchannel import __version__
from backchannel.desk.agent import Agent
from backchannel.desk.asking import SOCKET, request_line
from backchannel.desk.commands.table import COMMANDS
from backchannel.desk.desk import Desk
from backchannel.pages.house import arguments

KEY = b"k" * 32
IDLE = 600.0


def question(**args: object) -> bytes:
    return json.dumps({"version": __version__, "args": args}).encode()


def answers(home: Path, questions: list[bytes]) -> list[bytes]:
    """Ask one after the other, each on a line of its own; the last answer is to a sound question."""

    async def run() -> list[bytes]:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # each is told of on standard error
        agent, ready = Agent(Desk.create(home, KEY, "Anna", raw=True), IDLE), asyncio.Event()
        running = asyncio.create_task(agent.run(ready.set, signals=False))
        await ready.wait()
        found = []
        sound = request_line(arguments(["status", "--no-sync"], {})).strip()
        for line in (*questions, sound):
            reader, writer = await asyncio.open_unix_connection(str(home / SOCKET))
            writer.write(line + b"\n")
            found.append(await asyncio.wait_for(reader.readline(), 10))
            writer.close()
        assert agent.idle_seconds == IDLE
        agent.lock()
        await running
        return found

    return asyncio.run(run())


def test_a_command_without_what_it_needs_does_nothing(tmp_path: Path) -> None:
    *_, after = answers(tmp_path / "desk", [question(command=name) for name in COMMANDS if name != "lock"])
    assert json.loads(after)["value"]["rooms"] == []


@pytest.mark.parametrize("seconds", ["x", -1, 0, True, [], float("inf"), float("nan")])
def test_a_time_that_is_none_does_not_lock_the_desk_or_keep_it_open(tmp_path: Path, seconds: object) -> None:
    said, after = answers(tmp_path / "desk", [question(command="unlock", idle_seconds=seconds)])
    assert json.loads(said)["kind"] == "Violation"
    assert "rooms" in json.loads(after)["value"]
