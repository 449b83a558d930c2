"""An unlocked desk: keeps the vault and the line open and does what commands ask over a socket (docs/spec/agent.md).

Started by `backchannel desk unlock` as `python -m backchannel.desk.agent FOLDER [SECONDS]` with the passphrase on standard input;
says on standard output that it is ready, or why it is not, and is silent from then on. Locks itself when nobody has asked for
anything for so many seconds; a folder of mode 0700, a socket of mode 0600 and the peer's user id keep others out.
"""

import argparse
import asyncio
import contextlib
import math
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

from backchannel.desk.asking import (
    MAX_LINE_BYTES,
    SOCKET,
    Reply,
    parse_request,
    reach,
    reply_line,
)
from backchannel.desk.clock import clock
from backchannel.desk.commands.answer import Answer, Json
from backchannel.desk.commands.desks import lock_after
from backchannel.desk.commands.relays import proxy_url
from backchannel.desk.commands.table import COMMANDS, perform
from backchannel.desk.courier import Courier
from backchannel.desk.desk import Desk
from backchannel.desk.own_door import forbid_core_dumps, moved, sent
from backchannel.desk.proxy_check import proxy_answer
from backchannel.desk.when import date
from backchannel.errors import BackchannelError, Refused, Unavailable, Violation
from backchannel.said import said

FIRST_FETCH_SECONDS = 5.0  # that the first command waits for what has come
SEND_SECONDS = 2.0  # that a command waits for the relay; it goes out later if that is not enough
POLL_SECONDS = 0.01
RESTART_SECONDS = 2.0
WATCH_SECONDS = 1.0  # between two looks at whether the line is still there
_UCRED = struct.Struct("3i")  # process, user and group of the peer, as Linux gives them


class Agent:
    """One unlocked desk; `run` ends when it is told to lock, or by itself after `idle_seconds` without a command.

    Without that number the desk's own setting holds.
    """

    def __init__(self, desk: Desk, idle_seconds: float | None) -> None:
        self.desk = desk
        self._idle_seconds = lock_after(desk) if idle_seconds is None else idle_seconds
        self._asked_at = _now()
        self._stop = asyncio.Event()
        self._restarting = asyncio.Lock()
        self._fetched = False
        self._trouble = ""
        self._talking: set[asyncio.Task[None]] = set()
        self._start_courier()

    def _start_courier(self) -> None:
        self._courier = Courier(self.desk, clock, proxy=proxy_url(self.desk))
        self._carrying = asyncio.create_task(self._carry(self._courier))

    async def _carry(self, courier: Courier) -> None:
        while True:
            try:
                await courier.run()
            except* BackchannelError as group:
                self._trouble = str(group.exceptions[0])
                await asyncio.sleep(RESTART_SECONDS)

    async def run(self, ready: Callable[[], None], *, signals: bool = True) -> None:
        path = self.desk.vault.home / SOCKET
        server = await asyncio.start_unix_server(self._serve, sock=_listening(path), limit=MAX_LINE_BYTES)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) if signals else ():
            loop.add_signal_handler(number, self._stop.set)
        ready()
        try:
            while not self._stop.is_set() and (left := self.left_seconds) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), min(left, WATCH_SECONDS))
                if self._carrying.done() and not self._carrying.cancelled():
                    self._carrying.result()  # a fault of ours: better locked than half alive
        finally:
            path.unlink(missing_ok=True)
            server.close()
            for task in (self._carrying, *self._talking):
                task.cancel()
            await asyncio.gather(self._carrying, *self._talking, return_exceptions=True)
            self.desk.close()

    @property
    def idle_seconds(self) -> float:
        return self._idle_seconds

    @property
    def left_seconds(self) -> float:
        """Give how long it stays unlocked if nobody does anything."""
        return self._asked_at + self._idle_seconds - _now()

    def stay(self) -> None:
        """Somebody is there."""
        self._asked_at = _now()

    # -- one command --------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        try:
            if peer_is_us(writer.get_extra_info("socket")):
                while line := await reader.readline():
                    writer.write(reply_line(await self._answer(line)))
                    await writer.drain()
        except (ConnectionError, ValueError):  # gone, or a line over the limit
            pass
        finally:
            self._talking.discard(task)
            writer.close()

    async def _answer(self, line: bytes) -> Reply | BackchannelError:
        try:
            return await self.do(parse_request(line))
        except BackchannelError as error:
            return error

    def lock(self) -> None:
        """End `run`: close the vault and the line."""
        self._stop.set()

    async def do(self, args: argparse.Namespace, *, by_hand: bool = True) -> Reply:
        """Do a command; one that nobody gave by hand does not keep the desk unlocked."""
        if args.command != "watch" and by_hand:
            self.stay()
        if args.command == "lock":
            self._stop.set()
            return Reply([said("The desk is locked.")], {"locked": True})
        if args.command == "unlock":
            self._idle_seconds = _sound(args.idle_seconds) or self._idle_seconds
            return Reply([], {"idle_seconds": self._idle_seconds})
        if args.command not in COMMANDS:
            raise Refused(
                said("An unlocked desk does not know the command {command}.", command=repr(args.command))
            )
        entry = COMMANDS[args.command]
        await self._prepare(args, fetches=entry.fetches)
        proxy = proxy_url(self.desk)
        answer = self._perform(args)
        lines, value = list(answer.lines), {**answer.value}
        await self._settle(args, lines, value, elsewhere=proxy_url(self.desk) != proxy)
        if args.command == "status":
            lines, value = self._with_line(lines, value)
        if entry.sends:
            self._courier.nudge()
            if not args.no_sync:
                await self._until(lambda: not self.desk.to_send(), SEND_SECONDS)
            lines, value = sent(self.desk, args.command, lines, value)
        return Reply(lines, value, answer.files, answer.exit)

    def _perform(self, args: argparse.Namespace) -> Answer:
        """Do a command; what it changes in a room notes the form that it came with, if it came with one."""
        self.desk.vault.form = getattr(args, "sheet", "")
        try:
            return perform(self.desk, args, clock())
        finally:
            self.desk.vault.form = ""

    async def _settle(
        self, args: argparse.Namespace, lines: list[str], value: dict[str, Json], *, elsewhere: bool
    ) -> None:
        """Take on what a command has set; a line more where this process alone can know something."""
        if args.command == "relay add" or elsewhere:
            await self._restart_courier()
        if args.command == "relay proxy" and args.check and value["proxy"]:
            value["answers"], sentence = await proxy_answer(str(value["proxy"]))
            lines.append(sentence)
        if args.command == "lock-after":
            self._idle_seconds = lock_after(self.desk)

    async def _prepare(self, args: argparse.Namespace, *, fetches: bool) -> None:
        """Wait for what a command wants to know first."""
        if args.command == "sync":
            await self._sync(args.seconds)
        elif fetches and not args.no_sync and not self._fetched:
            self._fetched = True
            await self._until(self._courier.quiet, FIRST_FETCH_SECONDS)
        if args.command == "watch" and args.after is not None:
            await moved(self.desk, args)

    async def _sync(self, seconds: float) -> None:
        """Come to the relays anew, so that all they have at this time is fetched."""
        await self._restart_courier()
        await asyncio.sleep(0)
        if not await self._until(self._courier.quiet, seconds) and not self._connected():
            raise Unavailable(self._line_trouble() or said("No relay answers; try again later."))

    async def _restart_courier(self) -> None:
        async with self._restarting:
            self._carrying.cancel()
            await asyncio.gather(self._carrying, return_exceptions=True)
            self._trouble = ""
            self._start_courier()

    def _with_line(self, lines: list[str], value: dict[str, Json]) -> tuple[list[str], dict[str, Json]]:
        """Say beside what waits how it stands with the relays."""
        if away := self.away():
            lines = [*lines, *(_told(url, since) for url, since in away)]
            value = value | {"away": [{"relay": url, "since_ms": since} for url, since in away]}
        if trouble := self._line_trouble():
            lines, value = [*lines, said("! {trouble}", trouble=trouble)], value | {"trouble": trouble}
        return lines, value

    def away(self) -> list[tuple[str, int]]:
        """Give the relays that do not answer, and since when, in milliseconds since 1970."""
        stations = self._courier.stations.values()
        return [(each.url, each.away_since) for each in stations if each.away_since is not None]

    def _connected(self) -> bool:
        stations = self._courier.stations.values()
        return not stations or any(station.connected for station in stations)

    def _line_trouble(self) -> str:
        troubles = (station.trouble for station in self._courier.stations.values() if station.trouble)
        return next(troubles, self._trouble or next(iter(self._courier.troubles), ""))

    async def _until(self, holds: Callable[[], bool], seconds: float) -> bool:
        end = _now() + seconds
        while not holds():
            if _now() >= end:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True


def _told(relay: str, since: int) -> str:
    """Say that a relay does not answer, and what becomes of what is said meanwhile."""
    return said(
        "{relay} has not answered since {since}. Nothing is lost: what you say is kept here, and goes out by itself when it"
        " answers again.",
        relay=relay,
        since=date(since),
    )


def _sound(seconds: object) -> float | None:
    """Accept a number of seconds after which a desk can lock itself, or none; else Violation."""
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
        raise Violation("This is not a command of a desk.")
    return float(seconds)


def _now() -> float:
    """Give seconds that go on while the machine sleeps, where the system counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


def _listening(path: Path) -> socket.socket:
    """Make the socket; the vault's lock is ours, so one that is there was left by a desk that was killed."""
    path.unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        reach(path, line.bind)
    except OSError as error:
        line.close()
        raise Unavailable(
            said(
                "No socket can be made in {parent} ({strerror}), so the desk cannot stay unlocked there; give the"
                " passphrase with each command, or move the desk.",
                parent=path.parent,
                strerror=error.strerror,
            )
        ) from error
    finally:
        os.umask(mask)
    return line


def peer_is_us(line: socket.socket) -> bool:
    """Tell whether whoever is at the other end of a Unix socket has our user id."""
    if sys.platform != "linux":
        return True  # the folder's and the socket's modes have to do there
    _, user, _ = _UCRED.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return bool(user == os.getuid())


def serve(home: Path, passphrase: str, idle_seconds: float | None, ready: Callable[[float], None]) -> None:
    """Open a desk and keep it open until it is locked."""
    forbid_core_dumps()
    desk = Desk.open(home, passphrase.encode())

    async def run() -> None:
        agent = Agent(desk, idle_seconds)
        await agent.run(lambda: ready(agent.idle_seconds))

    asyncio.run(run())


def main() -> int:
    home, idle_seconds = Path(sys.argv[1]), float(sys.argv[2]) if sys.argv[2:] else None
    passphrase = sys.stdin.read()

    def ready(idle_seconds: float) -> None:
        sys.stdout.buffer.write(reply_line(Reply([], {"ready": True, "idle_seconds": idle_seconds})))
        sys.stdout.buffer.flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)

    try:
        serve(home, passphrase, idle_seconds, ready)
    except BackchannelError as error:
        sys.stdout.buffer.write(reply_line(error))
        sys.stdout.buffer.flush()
        return int(error.exit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
