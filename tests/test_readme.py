"""The README's tour, typed line by line at a terminal, does what the README says."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(
    r"^```sh\n# (\w+)\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
PROMPT = "[ready] "
HEARD = "The three words you heard: "
SECONDS = 30.0


@dataclass
class Terminal:
    """A person's shell in a terminal; `answers` are what they type when a question contains the key."""

    folder: Path
    answers: dict[str, str] = field(default_factory=dict)
    shown: str = ""

    def __post_init__(self) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child becomes the shell
            os.chdir(self.folder)
            os.execve(
                "/bin/bash",
                ["bash", "--noprofile", "--norc", "--noediting", "-i"],
                shell_environment(self.folder),
            )
        self._until(PROMPT)

    def type(self, line: str) -> str:
        """Type a line and give what the terminal shows until the next prompt."""
        self._write(line)
        return self._until(PROMPT)

    def start(self, line: str, until: str) -> str:
        """Type a line, again if it comes back too early, and give what is shown until it waits for more."""
        end = time.monotonic() + SECONDS
        while True:
            self._write(line)
            shown = self._until(until, PROMPT)
            if until in shown:
                return shown
            assert time.monotonic() < end, shown

    def _write(self, line: str) -> None:
        os.write(self.descriptor, line.encode() + b"\n")

    def _until(self, *wanted: str) -> str:
        shown, asked, end = "", 0, time.monotonic() + SECONDS
        while not any(one in shown for one in wanted):
            assert time.monotonic() < end, f"{wanted[0]!r} never came after:\n{self.shown}{shown}"
            if not select.select([self.descriptor], [], [], 0.1)[0]:
                question = shown[asked:].lower()
                for part, answer in self.answers.items():
                    if part in question and question.rstrip().endswith(":"):
                        asked = len(shown)
                        self._write(answer)
                        break
                continue
            shown += os.read(self.descriptor, 65536).decode()
        self.shown += shown
        return shown

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.descriptor)


def shell_environment(folder: Path) -> dict[str, str]:
    """Put a `backchannel` that runs the sources on the path."""
    program = folder / "bin" / "backchannel"
    if not program.exists():
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m backchannel "$@"\n'
        )
        program.chmod(0o700)
    return {
        "PATH": f"{program.parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "PS1": PROMPT,
        "TERM": "dumb",
        "LANG": "C.UTF-8",
    }


@contextmanager
def terminals(folder: Path, *names: str) -> Iterator[dict[str, Terminal]]:
    opened: dict[str, Terminal] = {}
    try:
        for name in names:
            opened[name] = Terminal(folder, {"passphrase": f"a long passphrase of {name}"})
        yield opened
    finally:
        for name, terminal in opened.items():
            terminal.close()
            if (folder / name / "vault.key").exists():
                lock = ["backchannel", "desk", "--desk", str(folder / name), "lock"]
                subprocess.run(
                    lock, env=shell_environment(folder), capture_output=True, check=False, timeout=SECONDS
                )


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of this kind is not there")
def test_the_tour_of_the_readme_goes_as_it_is_printed(tmp_path: Path) -> None:
    port = 18_470 + os.getpid() % 10_000
    said: dict[str, str] = {}
    waiting: dict[str, str] = {}
    with terminals(tmp_path, "relay", "anna", "boris") as people:
        for name, block in BLOCKS:
            for written in block.splitlines():
                line = written.replace("127.0.0.1:8470", f"127.0.0.1:{port}").replace(
                    "LINE", said.get("line", "")
                )
                if line.startswith("backchannel desk words"):
                    waiting[name] = people[name].start(line, HEARD)
                    if len(waiting) == 2:
                        read_out(people, waiting)
                    continue
                if "relay run" in line:
                    people[name].start(f"{line} --listen 127.0.0.1:{port}", "relay ready at")
                    continue
                shown = people[name].type(f"{line} && echo $((6 * 7)) done")
                assert "42 done" in shown, shown
                said[written] = shown
                if "desk invite" in line:
                    said["line"] = re.findall(r"^backchannel:\S+", shown, re.MULTILINE)[0]
                    people["boris"].answers["words"] = re.findall(r"telephone:\s+(\w+ \w+ \w+)\s", shown)[0]
                if written.startswith("backchannel desk join"):
                    wait_for(people["anna"], "backchannel desk requests", "Boris (South) asks to come in")
                if spoken := re.search(r"#(\d+) is said", shown):
                    other = people["boris" if name == "anna" else "anna"]
                    wait_for(other, f"backchannel desk show {spoken[1]}", f"#{spoken[1]}  ")
                if "desk admit" in line:
                    wait_for(people["boris"], "backchannel desk room", "readable by 2")
        read = next(shown for line, shown in said.items() if line.endswith("desk read"))
        assert "Would a pause of thirty days be conceivable?" in read
        assert "exploratory" in read
        record = wait_for(people["boris"], "backchannel desk show 3", "withdrew")
        assert "A text to look at" not in record
        forged = next(shown for line, shown in said.items() if line.startswith("backchannel forge"))
        assert "We accept everything." in forged


def read_out(people: dict[str, Terminal], waiting: dict[str, str]) -> None:
    """Have each of the two type the three words that the other reads out."""
    for name, other in (("anna", "boris"), ("boris", "anna")):
        words = re.findall(r"Read out:\s+(\w+ \w+ \w+)", waiting[other])[0]
        people[name].type(words)
    for name, other in (("anna", "Boris (South)"), ("boris", "Anna (North)")):
        wait_for(people[name], "backchannel desk people", f"{other}, principal: compared by you")


def wait_for(person: Terminal, line: str, wanted: str) -> str:
    end = time.monotonic() + SECONDS
    while wanted not in (shown := person.type(line)):
        assert time.monotonic() < end, shown
    return shown


def test_the_tour_has_a_block_for_everyone() -> None:
    assert {name for name, _ in BLOCKS} == {"relay", "anna", "boris"}


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    listed = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout
    assert "make demo " in listed
    assert "make test " in listed
