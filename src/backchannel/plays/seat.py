"""One person in a play: a real desk, its courier, and the commands that the person gives."""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from shlex import quote
from typing import Any

from backchannel.desk import forge_command
from backchannel.desk.commands.answer import Answer
from backchannel.desk.commands.table import perform
from backchannel.desk.courier import Courier, News
from backchannel.desk.desk import Desk
from backchannel.desk.parser import add_parser
from backchannel.errors import Refused
from backchannel.plays.case import Person, PersonId
from backchannel.plays.clock import PlayClock

Value = Mapping[str, Any]  # what a command answers with --json


class Seat:
    """A person at a desk; every act and every look is a command that they could type."""

    def __init__(self, person: Person, desk: Desk, clock: PlayClock, news: News) -> None:
        self.person = person
        self.desk = desk
        self.clock = clock
        self.courier = Courier(desk, clock, news=news)
        self.carrying: asyncio.Task[None] | None = None

    @property
    def id(self) -> PersonId:
        return self.person.id

    @property
    def on_line(self) -> bool:
        return self.carrying is not None

    def come_on_line(self) -> None:
        if self.carrying is None:
            self.carrying = asyncio.get_running_loop().create_task(self.courier.run())

    async def go_off_line(self) -> None:
        """Hang up: what is said is saved and waits, and nothing comes in."""
        if self.carrying is not None:
            self.carrying.cancel()
            with suppress(asyncio.CancelledError):
                await self.carrying
            self.carrying = None

    def idle(self) -> bool:
        """Whether all that was to be sent has been."""
        return not self.desk.errands()

    def do(self, *words: str, now: int | None = None, words_told: str = "") -> Value:
        """Give a command and take its answer as `--json` prints it; the courier then does its part.

        `words_told` is what the command reads beside its arguments: the words of an invitation, or a file.
        """
        return self._perform(("desk", "--json", *words), now, words_told).value

    def file(self, *words: str, now: int | None = None) -> bytes:
        """Give a command that writes files, and take what would be in the first."""
        return next(iter(self.files(*words, now=now).values()))

    def files(self, *words: str, now: int | None = None) -> Mapping[str, bytes]:
        """Give a command that writes files, and take what would be in each, by its name."""
        return dict(self._perform(("desk", *words), now, "").files)

    def lines(self, *words: str) -> Sequence[str]:
        """Give a command, `desk …` or `forge …`, and take what it prints for a person."""
        return self._perform(words, None, "").lines

    def _perform(self, words: Sequence[str], now: int | None, words_told: str) -> Answer:
        try:
            args = _parser().parse_args(words)
        except SystemExit as stopped:
            raise Refused(f"This cannot be said as a command: {spoken(tuple(words))}.") from stopped
        args.words, args.files, args.pinned, args.after, args.colour = words_told, [], None, None, False
        args.narrative_words = None
        if hasattr(args, "text_file"):
            args.text = " ".join(args.text)
        answer = perform(self.desk, args, self.clock() if now is None else now)
        self.courier.nudge()
        return answer


def spoken(words: tuple[str, ...]) -> str:
    """Write a command as it is typed at a kept desk."""
    return " ".join(("desk", "--json", *(quote(word) for word in words)))


@cache
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backchannel")
    groups = parser.add_subparsers(required=True)
    add_parser(groups)
    forge_command.add_parser(groups)
    return parser
