"""A restoring that is killed leaves no desk or a whole one, and is simply repeated."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from backchannel.crypto import passphrase as stretching
from backchannel.desk import acts, backup
from backchannel.desk.desk import Desk
from backchannel.desk.vault import Vault
from conftest import DEEP
from desks import KEY, fast_folder, in_talks
from relay_process import environment

WORDS = b"correct horse battery"
EVERY = 1 if DEEP else 9  # of the steps of a restoring, how many are left out between two kills
STEPS = frozenset({"open", "os.mkdir", "os.chmod", "os.remove", "os.rename", "os.truncate", "shutil.rmtree"})

Told = list[tuple[str, list[bytes], list[bytes]]]


def told(desk: Desk) -> Told:
    """What a restored desk shows: each room, its events, and what is attached to them."""
    return [
        (
            desk.title(file),
            [entry.id for entry in desk.room(file.id).log.ordered()],
            [
                data
                for entry in desk.room(file.id).log.ordered()
                if entry.event.kind == "paper"
                for _, data in acts.attached(desk.room(file.id), entry.id)
            ],
        )
        for file in desk.vault.rooms()
    ]


def killed(step: int, act: Callable[[], object]) -> bool:
    """Act in a process of its own that is killed before its `step`th statement or change of a file; False if it ended."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL, f"at step {step}: {status}"
        return status != 0
    left = step

    def tick() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    class Line(dbapi2.Connection):  # type: ignore[misc] # sqlcipher3 has no types
        def execute(self, *args: Any) -> Any:
            tick()
            return super().execute(*args)

        def executescript(self, *args: Any) -> Any:
            tick()
            return super().executescript(*args)

    real = dbapi2.connect
    dbapi2.connect = lambda *args, **kwargs: real(*args, factory=Line, **kwargs)
    sys.addaudithook(lambda event, _: tick() if event in STEPS else None)
    act()
    os._exit(0)


def kill_everywhere(folder: Path) -> int:
    """Kill a restoring at one step after the other, look, and repeat it; gives how often it was killed."""
    stretching.MEMORY_KIB, stretching.PASSES = 64, 1
    stage = in_talks(folder, "Anna", "Boris")
    anna, boris = stage.seats["Anna"], stage.seats["Boris"]
    anna.show("a text", files=[("a.txt", b"attached")])
    stage.settle()
    boris.show("an answer")
    stage.settle()
    backup.back_up(anna.desk, folder / "file", WORDS, stage.now)
    stage.close()
    home, whole = folder / "new", None
    for kills, step in enumerate(range(1, 10_000, EVERY)):
        ended = not killed(step, lambda: backup.restore(folder / "file", WORDS, home, raw=KEY).close())
        desk = (
            Desk.open(home, KEY)
            if Vault.exists(home)
            else backup.restore(folder / "file", WORDS, home, raw=KEY)
        )
        whole = whole or told(desk)
        assert told(desk) == whole, f"killed at step {step}"
        assert desk.name == "Anna"
        desk.close()
        assert len(list((home / "rooms").glob("*.db"))) == len(whole)  # nothing of the first try is left
        shutil.rmtree(home)
        if ended:
            assert whole[0][2] == [b"attached"]
            return kills
    raise AssertionError("the restoring did not end")


@pytest.mark.skipif(sys.platform == "win32", reason="kills a child of its own")
@pytest.mark.timeout(600)
def test_a_restoring_killed_at_any_step_leaves_no_desk_or_a_whole_one_and_is_repeated() -> None:
    script = "import sys, pathlib, test_restoring as t; print(t.kill_everywhere(pathlib.Path(sys.argv[1])))"
    paths = os.pathsep.join([environment()["PYTHONPATH"], str(Path(__file__).parent)])
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        done = subprocess.run(
            [sys.executable, "-c", script, folder],
            env={**environment(), "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 10
