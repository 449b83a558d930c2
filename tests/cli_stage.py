"""A stage for plays in text: a real relay process, people with real desks, and commands as they type them.

A play is lines. `anna> say hello` runs a command at Anna's desk; the indented lines after it must occur in what it prints,
`never …` must not, and `exit 8` is its exit code (0 if not said). `anna~ …` repeats the command until all that holds, for what
is on its way. `<< words` at the end of a command is what it reads on standard input; `{name}` is what was `told` before.
"""

import io
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from backchannel.__main__ import main
from backchannel.desk.desk import Desk
from backchannel.wire.admissions import admission_text
from relay_process import RelayProcess

SECONDS = 10.0


@dataclass
class Run:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.out)
        return found

    @property
    def shown(self) -> str:
        return self.out + self.err


def environment(**more: str) -> dict[str, str]:
    source = str(Path(__file__).parent.parent / "src")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": source, "TZ": "UTC", "PYTHONUTF8": "1", **more}


def command(
    *words: str, text: str = "", env: dict[str, str] | None = None, passphrase: str | None = None
) -> Run:
    """Run `backchannel` in a process of its own."""
    given: tuple[int, ...] = ()
    if passphrase is not None:
        reading, writing = os.pipe()
        os.write(writing, passphrase.encode() + b"\n")
        os.close(writing)
        given, words = (reading,), (words[0], "--passphrase-fd", str(reading), *words[1:])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "backchannel", *words],
            input=text, capture_output=True, encoding="utf-8", errors="replace", timeout=60, pass_fds=given, env=env or environment(), check=False,
        )  # fmt: skip
    finally:
        for descriptor in given:
            os.close(descriptor)
    return Run(done.returncode, done.stdout, _said(done.stderr))


def _said(err: str) -> str:
    """Leave out what a slow machine says of its progress, which is no part of a refusal."""
    return "".join(line for line in err.splitlines(keepends=True) if not line.endswith("…\n"))


def inside(*words: str, text: str, env: dict[str, str], passphrase: str | None) -> Run:
    """Run `backchannel` in this process, which is ten times quicker: the same `main`, its own streams and environment."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    before, stdin, kept = dict(os.environ), sys.stdin, [_pipe(text)]
    given = [
        str(kept[0]) if last.endswith("-fd") and word == "0" else word
        for last, word in pairwise(["", *words])
    ]
    if passphrase is not None:
        kept.append(_pipe(passphrase + "\n"))
        given[1:1] = ["--passphrase-fd", str(kept[1])]
    try:
        _enter(env)
        sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogateescape")), "utf-8")
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = main(given)
            except SystemExit as stopped:
                code = int(stopped.code or 0)
    finally:
        sys.stdin = stdin
        _enter(before)
        for descriptor in kept:
            os.close(descriptor)
    return Run(code, _written(out), _said(_written(err)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def _enter(env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    time.tzset()


def _pipe(text: str) -> int:
    """Give a descriptor from which a short text can be read."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as end:
        end.write(text.encode("utf-8", "surrogateescape")[:60_000])
    return reading


@dataclass
class Person:
    """Somebody with a desk; the vault opens with a raw key of 32 letters, so that opening is quick."""

    name: str
    home: Path
    env: dict[str, str] = field(default_factory=environment)

    @property
    def key(self) -> str:
        return f"{self.name}'s key".ljust(32, "-")

    def make(self) -> None:
        Desk.create(self.home, self.key.encode(), self.name.capitalize(), raw=True).close()

    def type(self, *words: str, text: str = "", alone: bool = False) -> Run:
        """Run a desk command; `alone` opens the vault for it with the key."""
        if words[0] == "forge":
            words = (words[0], "--desk", str(self.home), *words[1:])
        else:
            words = ("desk", "--desk", str(self.home), *words)
        return inside(*words, text=text, env=self.env, passphrase=self.key if alone else None)

    def unlock(self, *more: str) -> None:
        done = self.type("unlock", *more, alone=True)
        assert done.code == 0, done.shown

    def lock(self) -> None:
        self.type("lock")


@dataclass
class Stage:
    """A relay and people around it."""

    folder: Path
    relay: RelayProcess
    tokens: list[str]
    people: dict[str, Person] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    def person(self, name: str, *, unlocked: bool = True, admissions: int = 8) -> Person:
        someone = self.people[name] = Person(name, self.folder / name)
        someone.make()
        if unlocked:
            someone.unlock()
        given = "\n".join(self.tokens.pop() for _ in range(admissions))
        done = someone.type("relay", "add", self.relay.url, text=given, alone=not unlocked)
        assert done.code == 0, done.shown
        return someone

    def close(self) -> None:
        for someone in self.people.values():
            someone.lock()

    def play(self, script: str) -> None:
        """Play a script; what does not come true fails with everything that was shown."""
        lines = [line for line in script.splitlines() if line.strip()]
        margin = min(len(line) - len(line.lstrip()) for line in lines)
        act, wants = "", list[str]()
        for line in (line[margin:] for line in lines):
            if line.startswith("  "):
                wants.append(line.strip())
                continue
            if act:
                self._act(act, wants)
            act, wants = line, []
        self._act(act, wants)

    def _act(self, line: str, wants: list[str]) -> None:
        typed, _, text = self._filled(line).partition(" << ")
        at = min(place for mark in ">~" if (place := typed.find(mark)) > 0)
        someone, words = self.people[typed[:at]], shlex.split(typed[at + 1 :])
        wanted = [self._filled(want) for want in wants]
        end = time.monotonic() + SECONDS
        while missing := _missing(done := someone.type(*words, text=text), wanted):
            if typed[at] == ">" or time.monotonic() > end:
                raise AssertionError(f"{typed}\nmissing: {missing}\nexit {done.code}\n{done.shown}")
            time.sleep(0.05)

    def _filled(self, line: str) -> str:
        for name, told in self.told.items():
            line = line.replace(f"{{{name}}}", told)
        return line

    def invite(self, host: str, name: str, *more: str) -> None:
        """Have somebody invited; the line and the words are then `{line}` and `{words}`."""
        done = self.people[host].type("invite", "--name", name, "--json", *more)
        assert done.code == 0, done.shown
        self.told |= {"line": str(done.value["address"]), "words": str(done.value["words"])}

    def bring(self, host: str, name: str, *others: str, side: str, role: str = "principal") -> None:
        """Have somebody invited by one, come with the words, and be admitted by everyone named."""
        self.invite(host, name, "--side", side, "--role", role)
        self.play(f"{name}> join {{line}} --words-fd 0 << {{words}}")
        for member in (host, *others):
            self.play(f"""
                {member}~ requests
                  {name.capitalize()} ({side})
                {member}> admit {name}
            """)
        self.play(f"""
            {name}~ room
              readable by {len(others) + 2}
        """)


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    with RelayProcess(folder) as relay:
        one = Stage(folder, relay, [admission_text(token) for token in relay.tokens(64)])
        try:
            yield one
        finally:
            one.close()


def _missing(done: Run, wanted: list[str]) -> list[str]:
    code = next((int(want.removeprefix("exit ")) for want in wanted if want.startswith("exit ")), 0)
    missing = [] if done.code == code else [f"exit {code}"]
    for want in wanted:
        if want.startswith("never "):
            missing += [want] if want.removeprefix("never ") in done.shown else []
        elif not want.startswith("exit ") and want not in done.shown:
            missing.append(want)
    return missing
