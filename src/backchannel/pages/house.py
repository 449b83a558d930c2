"""One person's desk behind its pages: made, unlocked, asked, locked; the same agent that commands reach by its socket."""

import argparse
import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backchannel.desk import forge_command
from backchannel.desk.agent import Agent
from backchannel.desk.asking import AgentDoor, Reply
from backchannel.desk.backup import restore
from backchannel.desk.clock import clock
from backchannel.desk.commands.relays import proxy_url
from backchannel.desk.desk import Desk
from backchannel.desk.moving import move
from backchannel.desk.own_door import forbid_core_dumps, opened_to_move
from backchannel.desk.parser import add_parser
from backchannel.desk.vault import Vault, check_passphrase
from backchannel.errors import Blocked, Refused
from backchannel.said import said
from backchannel.usage import sentence

Value = Mapping[str, Any]
MOST_SHEETS = 64
CHOICE = "pages "  # before the name of a choice, among the settings of the vault
AWAY_MS = 5_000  # that a relay is silent before a page speaks of it
LOOKING = "--no-sync"  # a command that only looks, and sends nothing


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A form that was sent: a digest of all that was in it, and what is done about it."""

    whole: bytes
    doing: asyncio.Future[Reply]


class House:
    """A desk's folder, and the unlocked desk if it is unlocked."""

    def __init__(self, home: Path, idle_seconds: float | None = None) -> None:
        self.home = home
        self.idle_seconds = idle_seconds
        self.ending = False  # the process is to end, and no answer may wait any more
        self.end: Callable[[], None] = lambda: None  # ends the process that serves this desk
        self.locked: Callable[[], None] = lambda: None  # called when the desk was locked, by whomever
        self._agent: Agent | None = None
        self._running: asyncio.Task[None] | None = None
        self._sheets: dict[str, _Sheet] = {}

    @property
    def exists(self) -> bool:
        return Vault.exists(self.home)

    @property
    def unlocked(self) -> bool:
        return self._agent is not None and self._running is not None and not self._running.done()

    @property
    def desk(self) -> Desk:
        if self._agent is None or not self.unlocked:
            raise Blocked("The desk is locked; give its passphrase to go on.")
        return self._agent.desk

    @property
    def left_seconds(self) -> float:
        """Give how long the desk stays unlocked if nobody does anything."""
        return 0.0 if self._agent is None or not self.unlocked else self._agent.left_seconds

    @property
    def lock_seconds(self) -> float:
        """Give after how long without an act the desk locks itself."""
        return 0.0 if self._agent is None else self._agent.idle_seconds

    def chosen(self, choice: str) -> str:
        """Give what was chosen for this desk's pages; empty if nothing was, or while the desk is locked."""
        return (self.desk.vault.setting(f"{CHOICE}{choice}") or b"").decode() if self.unlocked else ""

    def choose(self, choice: str, value: str) -> None:
        """Keep what was chosen in the vault, if that is open; an empty value is forgotten."""
        if self.unlocked and value:
            self.desk.vault.set_setting(f"{CHOICE}{choice}", value.encode())
        elif self.unlocked:
            self.desk.vault.drop_setting(f"{CHOICE}{choice}")

    def stay(self) -> None:
        """Somebody types, which is no command but keeps the desk unlocked."""
        if self._agent is not None:
            self._agent.stay()

    def position(self, room: str = "") -> str:
        """Name how far the records have come; a page says it, so that nothing is missed between the page and its news.

        With a room's id only what that room's pages show counts.
        """
        if not self.unlocked:
            return ""
        logs = [known.log for known in self.desk.rooms() if room in {"", known.id.hex()}]
        counts = [(len(log.entries), len(log.erasures), len(log.waiting)) for log in logs]
        meetings = [] if room else [meeting.stage.value for meeting in self.desk.meetings()]
        line = (len(self.away()), *(() if room else (self.desk.to_send(),)))
        return "-".join(map(str, (*line, *meetings, *(count for three in counts for count in three))))

    def arrived(self) -> tuple[object, ...]:
        """Name what has come from others; what our own person and their desk say does not count, nor how the line is."""
        if not self.unlocked:
            return ()
        entries = (
            sum(entry.author != room.me for entry in room.log.entries.values()) for room in self.desk.rooms()
        )
        return sum(entries), *(meeting.stage for meeting in self.desk.meetings())

    def away(self) -> list[tuple[str, int]]:
        """Give the relays that have not answered for a while, and since when, in milliseconds since 1970."""
        if self._agent is None or not self.unlocked:
            return []
        now = clock()  # which may have jumped to before that time
        return [one for one in self._agent.away() if not 0 <= now - one[1] < AWAY_MS]

    @property
    def proxy(self) -> str:
        """Give the address through which relays are reached; empty while they are reached directly."""
        return proxy_url(self.desk) if self.unlocked else ""

    async def once(self, sheet: str, form: Mapping[str, str], act: Callable[[], Awaitable[Reply]]) -> Reply:
        """Do what a form asks; sent a second time as it is, it gives what came of the first (spec pages 5.3, 5.5)."""
        if not sheet:
            return await act()
        whole = hashlib.sha256(json.dumps(sorted(form.items())).encode()).digest()
        known = self._sheets.get(sheet)
        if known is not None and known.whole != whole:
            raise Refused(
                "This form was done already, as it was filled in then; send it again only if what is in it now is to be done"
                " too."
            )
        if known is None:
            while len(self._sheets) >= MOST_SHEETS:
                del self._sheets[next(iter(self._sheets))]
            known = self._sheets[sheet] = _Sheet(whole, asyncio.ensure_future(act()))
        try:
            return await asyncio.shield(known.doing)
        finally:
            if known.doing.done() and (known.doing.cancelled() or known.doing.exception() is not None):
                self._sheets.pop(sheet, None)  # it was not done, and may be sent again

    def is_sent(self, sheet: str) -> bool:
        """Tell whether a form is done or being done, so that no late keeping of it brings it back as a draft."""
        return sheet in self._sheets

    async def ended(self, sheet: str) -> None:
        """Wait until a form is not being done any more."""
        if sheet in self._sheets:
            await asyncio.wait([self._sheets[sheet].doing])

    async def make(self, passphrase: str, name: str) -> None:
        """Make a desk and leave it unlocked."""
        check_passphrase(passphrase.encode())
        Desk.create(self.home, passphrase.encode(), name).close()
        await self.unlock(passphrase)

    async def restore(self, data: bytes, passphrase: str) -> None:
        """Make a desk from a back-up and leave it unlocked; its rooms can be read."""
        with TemporaryDirectory() as folder:
            (place := Path(folder) / "backup").write_bytes(data)  # encrypted as it came
            restore(place, passphrase.encode(), self.home).close()
        await self.unlock(passphrase)

    async def unlock(self, passphrase: str) -> None:
        """Open the vault and the line; Refused if the passphrase is not right."""
        if self.unlocked:
            return
        if AgentDoor.find(self.home) is not None:
            raise Refused(
                "A terminal keeps this desk unlocked; lock it there with `backchannel desk lock`, then try again."
            )
        forbid_core_dumps()
        self._agent = Agent(Desk.open(self.home, passphrase.encode()), self.idle_seconds)
        ready = asyncio.Event()
        self._running = asyncio.create_task(self._agent.run(ready.set, signals=False))
        self._running.add_done_callback(lambda _: self.locked())
        await asyncio.wait({asyncio.create_task(ready.wait()), self._running}, return_when="FIRST_COMPLETED")

    async def lock(self) -> None:
        if self._agent is not None and self._running is not None:
            self._agent.lock()
            await self._running
        self._agent = self._running = None

    async def move(self, folder: Path, passphrase: str) -> list[str]:
        """Move the desk into a folder that is not there yet; gives what is to be said of it. The desk is then closed."""
        self.desk.vault.check(passphrase.encode())
        await self.lock()
        await asyncio.to_thread(_move, self.home, passphrase, folder)
        return [
            said(
                "The desk is in {folder} and opens there with the same passphrase; {desk} holds nothing of it any more.",
                folder=folder,
                desk=self.home,
            )
        ]

    async def do(
        self, words: Sequence[str], more: Mapping[str, object] | None = None, *, by_hand: bool = True
    ) -> Reply:
        """Give a command as it is typed, with what a terminal would have asked for in `more`."""
        self.desk  # noqa: B018 - raises if the desk is locked
        assert self._agent is not None
        return await self._agent.do(arguments(words, more or {}), by_hand=by_hand)


def _move(home: Path, passphrase: str, folder: Path) -> None:
    move(opened_to_move(home, passphrase, lambda _: None, send=True), folder)


def arguments(words: Sequence[str], more: Mapping[str, object]) -> argparse.Namespace:
    """Read a command as the command line does, or raise Refused."""
    try:
        args = _looked(tuple(words)) if LOOKING in words else _typed(words)
    except argparse.ArgumentError as error:
        raise Refused(said("This cannot be done as it was written: {error}.", error=error.message)) from error
    args.colour, args.pinned, args.files, args.after, args.sheet = False, None, [], None, ""
    if hasattr(args, "text_file") and isinstance(getattr(args, "text", None), list):
        args.text = " ".join(args.text)
    for name, value in more.items():
        setattr(args, name, value)
    return args


@lru_cache(maxsize=256)  # each page asks for the same again and again; what somebody says is never kept here
def _kept(words: tuple[str, ...]) -> argparse.Namespace:
    return _typed(words)


def _looked(words: tuple[str, ...]) -> argparse.Namespace:
    kept = vars(_kept(words))
    return argparse.Namespace(**{k: list(v) if isinstance(v, list) else v for k, v in kept.items()})


def _typed(words: Sequence[str]) -> argparse.Namespace:
    typed = ["forge", "--json", *words[1:]] if words[0] == "forge" else ["desk", "--json", *words]
    return _parser().parse_args(typed)


class _Quiet(argparse.ArgumentParser):
    """A parser that raises where a terminal's would print and end the process."""

    def error(self, message: str) -> Any:
        raise argparse.ArgumentError(None, sentence(message))


@cache
def _parser() -> argparse.ArgumentParser:
    parser = _Quiet(prog="backchannel")
    groups: argparse._SubParsersAction[argparse.ArgumentParser]
    groups = parser.add_subparsers(required=True, parser_class=_Quiet)
    add_parser(groups)
    forge_command.add_parser(groups)
    return parser
