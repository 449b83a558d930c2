"""The shipped case, played once by the command line and kept for all tests that look at what is left of it."""

import fcntl
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Kept:
    """A play that is over: its folder, its exit code, and what it printed as JSON."""

    folder: Path
    exit: int
    shown: dict[str, Any]

    @property
    def passphrase(self) -> bytes:
        text = (self.folder / "env").read_text("utf-8")
        return text.partition("3<<PASSPHRASE\n")[2].partition("\n")[0].encode()


def shipped_play(shared: Path) -> Kept:
    """Play it, or take what another worker of this run has played."""
    folder, result = shared / "cuba", shared / "cuba.json"
    with (shared / "cuba.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            done = subprocess.run(
                [sys.executable, "-m", "backchannel", "play", "cuba-1962", "--json", "--keep", str(folder)],
                stdout=subprocess.PIPE,
                check=False,
                timeout=230,
            )
            result.write_text(json.dumps([done.returncode, json.loads(done.stdout)]))
        code, shown = json.loads(result.read_text())
        return Kept(folder, code, shown)
