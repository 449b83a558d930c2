"""A desk opened for one command: fetch what has come, do it, send what it said, close."""

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from backchannel.desk import inputs
from backchannel.desk.asking import Reply
from backchannel.desk.clock import clock
from backchannel.desk.commands.answer import Json, room_of
from backchannel.desk.commands.relays import proxy_url
from backchannel.desk.commands.sounding_reckoning import progress
from backchannel.desk.commands.table import COMMANDS, perform
from backchannel.desk.courier import Courier
from backchannel.desk.desk import Desk
from backchannel.desk.moving import MOVING
from backchannel.desk.proxy_check import proxy_answer
from backchannel.desk.sounding_stand import reckoning
from backchannel.errors import Unavailable
from backchannel.said import clause, said

FETCH_SECONDS = 10.0
SEND_SECONDS = 10.0
PATIENCE_SECONDS = 2.0  # with relays that refuse, of which one may be starting
POLL_SECONDS = 0.05  # between two looks whether a followed room has grown

Say = Callable[[str], None]


class OwnDoor:
    """An open desk in this process."""

    def __init__(self, desk: Desk, warn: Say) -> None:
        self.desk = desk
        self._warn = warn
        self._runner = asyncio.Runner()
        self._fetched = False
        self._reachable = True
        self._courier = Courier(desk, clock, proxy=proxy_url(desk))
        self._carrying: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, home: Path, passphrase: str, warn: Say) -> "OwnDoor":
        forbid_core_dumps()
        return cls(Desk.open(home, passphrase.encode()), warn)

    def ask(self, args: argparse.Namespace) -> Reply:
        entry = COMMANDS[args.command]
        if args.command == "sync":
            self._carry(args.seconds)
        elif entry.fetches and not args.no_sync and not self._fetched:
            self._fetched = True
            self._reachable = self._try(FETCH_SECONDS, said("what is shown may not be the newest"))
        if args.command == "watch" and args.after is not None:
            self._runner.run(self._await_news(args))
        self._reckon(args)
        answer = perform(self.desk, args, clock())
        self._reckon(args)
        lines, value = list(answer.lines), {**answer.value}
        if args.command == "relay proxy" and args.check and value["proxy"]:
            value["answers"], sentence = self._runner.run(proxy_answer(str(value["proxy"])))
            lines.append(sentence)
        if entry.sends:
            if not args.no_sync and self._reachable and self.desk.to_send():
                self._try(SEND_SECONDS, said("what you did is saved and goes out when there is a line"))
            lines, value = sent(self.desk, args.command, lines, value)
        return Reply(lines, value, answer.files, answer.exit)

    def _reckon(self, args: argparse.Namespace) -> None:
        """Wait for what is reckoned beside, take it up, and send what it says; what is cut short begins again the next time."""
        if not self.desk.reckoner.busy():
            return
        with inputs.counting() as tell:
            while self.desk.reckoner.busy():
                self.desk.reckoner.wait(POLL_SECONDS)
                done, whole = reckoning(self.desk.rooms(), clock())
                tell(progress(done, whole))
                running = self.desk.reckoner.running()
                self.desk.tick(clock())
                if not running and self.desk.reckoner.busy() and not self.desk.reckoner.running():
                    break  # nobody takes it up, as in a room that was left meanwhile
        if not args.no_sync and self._reachable and self.desk.to_send():
            self._try(SEND_SECONDS, said("what your desk said goes out when there is a line"))

    def _try(self, seconds: float, otherwise: str) -> bool:
        try:
            self._carry(seconds)
        except Unavailable as error:
            self._warn(said("{error}; {otherwise}.", error=clause(str(error)), otherwise=otherwise))
            return False
        return True

    def _carry(self, seconds: float) -> None:
        if self.desk.watches() or self.desk.to_send():
            self._runner.run(self._sync(seconds))
            for trouble in self._courier.troubles:
                self._warn(trouble)

    async def _sync(self, seconds: float) -> None:
        """Carry all there is; give up early where no relay can be reached at all."""
        syncing = asyncio.create_task(self._courier.sync(seconds))
        begun = asyncio.get_running_loop().time()
        while not (await asyncio.wait({syncing}, timeout=POLL_SECONDS))[0]:
            stations = self._courier.stations.values()
            lost = bool(stations) and all(station.trouble and not station.connected for station in stations)
            if lost and asyncio.get_running_loop().time() - begun > PATIENCE_SECONDS:
                syncing.cancel()
                await asyncio.gather(syncing, return_exceptions=True)
                raise Unavailable(next(station.trouble for station in stations))
        await syncing

    async def _await_news(self, args: argparse.Namespace) -> None:
        if self._carrying is None:
            self._carrying = asyncio.create_task(self._courier.run())
        await moved(self.desk, args)

    def send_out(self) -> None:
        """Send what waits, if there is a line."""
        if self.desk.to_send():
            self._try(SEND_SECONDS, said("what waits to be sent goes along"))

    def leave_open(self) -> Desk:
        """End everything but the desk."""
        if self._carrying is not None:
            self._runner.run(_ended(self._carrying))
        self._runner.close()
        return self.desk

    def close(self) -> None:
        self.leave_open().close()


def forbid_core_dumps() -> None:
    """Keep memory that holds keys out of files the system would write on a fault."""
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def opened_to_move(home: Path, passphrase: str, warn: Say, *, send: bool) -> Desk:
    """Open a desk that is to move, or was moving when it was cut short; what waits is sent first."""
    door = OwnDoor(Desk.open(home, passphrase.encode(), moving=True), warn)
    if send and door.desk.vault.setting(MOVING) is None:
        door.send_out()
    return door.leave_open()


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and let it clear away."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def sent(
    desk: Desk, command: str, lines: Sequence[str], value: Mapping[str, Json]
) -> tuple[list[str], dict[str, Json]]:
    """Say whether everything has reached its relay; before the line with the head, if there is one."""
    waiting = desk.to_send()
    if (
        command == "read" or value.get("private") is True
    ):  # what it sends is its own affair, or there is nothing to send
        return list(lines), {**value}
    told = said("sent") if not waiting else said("saved here; it goes out when there is a line to the relay")
    place = len(lines) - 1 if lines and lines[-1].startswith("head ") else len(lines)
    return [*lines[:place], told, *lines[place:]], {**value, "sent": not waiting}


async def moved(desk: Desk, args: argparse.Namespace) -> None:
    """Wait until the room of `desk watch` has grown past the position it knows, or for a while."""
    for _ in range(int(args.wait / POLL_SECONDS)):
        if len(room_of(desk, args).log.entries) > args.after:
            return
        await asyncio.sleep(POLL_SECONDS)
