"""A kept play goes on in the browser: its relay runs again, and each desk starts when somebody first visits it."""

import asyncio
import json
import os
import signal
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from backchannel.desk.clock import VARIABLE as CLOCK
from backchannel.errors import Refused, Unavailable
from backchannel.pages.browser import has_display
from backchannel.pages.porter import Doorway, attend
from backchannel.plays.page import paragraph

FILE = "desks.json"
RELAY_SECONDS = 20
HALL_SECONDS = 5.0  # that it has to end
LOOK_SECONDS = 0.02

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sitting:
    """A person of a play at their desk."""

    person: str
    name: str
    side: str


@dataclass(frozen=True, slots=True)
class KeptPlay:
    """What is needed to go on with a play: `relay` is where its desks think the relay is, as HOST:PORT."""

    folder: Path
    relay: str
    passphrase: str
    desks: tuple[Sitting, ...]

    def write(self) -> None:
        value = {
            "relay": self.relay,
            "passphrase": self.passphrase,
            "desks": [asdict(each) for each in self.desks],
        }
        (self.folder / FILE).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "KeptPlay":
        """Read a folder that `--keep` left; raises Refused if it is none."""
        try:
            value: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
            desks = tuple(Sitting(**each) for each in value["desks"])
            return cls(folder.resolve(), str(value["relay"]), str(value["passphrase"]), desks)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise Refused(
                f"{folder} holds no kept play; name a folder that --keep has made, or a case."
            ) from error


def at_a_terminal() -> bool:
    """Whether somebody sits here who can stop what goes on."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def go_on(kept: KeptPlay, say: Say) -> None:
    """Open the desks of a kept play until its person stops them; shows them in the browser where there is a display."""
    termios.tcflush(sys.stdin, termios.TCIFLUSH)  # what was typed while the play ran stops nothing
    asyncio.run(_go_on(kept, say, os.environ))


async def _go_on(kept: KeptPlay, say: Say, environment: Mapping[str, str]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(sys.stdin, stop.set)
    relay = await _relay(kept)
    doorways = [Doorway(kept.folder / "desks" / each.person, kept.passphrase) for each in kept.desks]
    sitting = {id(doorway): each for doorway, each in zip(doorways, kept.desks, strict=True)}
    hall = _Hall(kept, doorways, say)
    try:
        _announce(kept, doorways, say)
        if has_display(environment):
            await hall.open()

        def moved(doorway: Doorway) -> None:
            say(
                f"  The desk of {sitting[id(doorway)].name} has ended; open it again at\n      {doorway.address}"
            )
            hall.tell()

        await attend(doorways, stop, moved, {CLOCK: str(kept.folder / "clock")})
    finally:
        loop.remove_reader(sys.stdin)
        await hall.close()
        if relay.returncode is None:
            relay.terminate()
        await relay.wait()
    say("\n  All desks and the relay have ended; nothing goes on running.")


class _Hall:
    """The process of the one page that leads to every desk: a dozen tabs at once would help nobody."""

    def __init__(self, kept: KeptPlay, doorways: Sequence[Doorway], say: Say) -> None:
        self._desks, self._doorways, self._say = kept.desks, doorways, say
        self._process: asyncio.subprocess.Process | None = None
        self._hearing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "backchannel.pages.hall"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, process_group=0,
        )  # fmt: skip
        self.tell()
        self._hearing = asyncio.create_task(self._hear())

    def tell(self) -> None:
        """Say where the desks are by now."""
        if self._process is None or self._process.stdin is None:
            return
        places = [
            {"name": each.name, "side": each.side, "addresses": doorway.addresses[1:]}
            for each, doorway in zip(self._desks, self._doorways, strict=True)
        ]
        self._process.stdin.write(json.dumps(places).encode() + b"\n")

    async def _hear(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        address = (await self._process.stdout.readline()).decode().strip()
        if address:
            self._say(f"  They are all on one page, which your browser opens now:\n      {address}\n")
        if await self._process.stdout.readline():
            self._say("  No browser has come; open that page yourself, in a browser of this machine.\n")

    async def close(self) -> None:
        if self._process is None or self._hearing is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._hearing.cancel()
        try:
            await asyncio.wait_for(self._process.wait(), HALL_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _announce(kept: KeptPlay, doorways: Sequence[Doorway], say: Say) -> None:
    say("\n\n  The desks are open\n  ──────────────────\n")
    for each, doorway in zip(kept.desks, doorways, strict=True):
        say(f"  {each.name} · {each.side}\n      {doorway.address}\n")
    how = (
        "Open any of these in a browser and go on as that person: each desk starts when it is first visited, and an"
        f" address lets one browser in, once. A desk that was locked opens with {kept.passphrase}."
    )
    say(
        "\n".join(
            [
                *paragraph(how),
                "",
                *paragraph("Press Enter here to stop them all. They are kept, and go on with this command:"),
                "",
                f"      {_program()} play --open {quote(str(kept.folder))}",
                "",
            ]
        )
    )


def _program() -> str:
    """Name this program as it can be typed here."""
    beside = Path(sys.executable).with_name("backchannel")
    return quote(str(beside)) if beside.exists() else "backchannel"


async def _relay(kept: KeptPlay) -> asyncio.subprocess.Process:
    """Run the relay of the play again, where its desks look for it; raises Unavailable if it does not start."""
    home, ready = kept.folder / "relay", kept.folder / "relay" / "port"
    ready.unlink(missing_ok=True)
    with (home / "log").open("ab") as log:
        relay = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "backchannel", "relay", "run", "--db", str(home / "relay.db")),
            *("--listen", kept.relay, "--port-file", str(ready)),
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, process_group=0,
        )  # fmt: skip
    loop = asyncio.get_running_loop()
    give_up = loop.time() + RELAY_SECONDS
    while not ready.exists():
        if relay.returncode is not None or loop.time() > give_up:
            if relay.returncode is None:
                relay.kill()
            await relay.wait()
            raise Unavailable(
                f"The relay of this play did not start again at {kept.relay}; {home / 'log'} says why. Free that port, then try again."
            )
        await asyncio.sleep(LOOK_SECONDS)
    ready.unlink()
    return relay
