"""The tree of `backchannel desk clock …` and of what else has to do with time; imports nothing heavy."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else
    Group = Callable[[str, str], Groups]
    Act = Callable[[Groups, str, str, str], argparse.ArgumentParser]

WHEN = "such as 2026-12-01 18:00, with a zone if you like, or 3d"


def add_clocks(group: "Group", act: "Act") -> None:
    """Add the commands on clocks."""
    clock = group("clock", "times that press, and on whom")
    add = act(clock, "clock", "add", "put up a clock that everyone in the room sees, or one for yourself")
    add_text(add, "what happens then")
    add.add_argument("--at", required=True, metavar="TIME", help=WHEN)
    add.add_argument(
        "--felt-by", action="append", default=[], metavar="SIDE", help="may be given more than once"
    )
    add.add_argument("--hard", action="store_true", help="events impose it; without it: a side set it")
    add.add_argument(
        "--private", action="store_true", help="on this desk alone: the others in the room never learn of it"
    )
    drop = act(clock, "clock", "drop", "take down a clock of your side, or a private one")
    drop.add_argument("which", metavar="CLOCK", help="first letters of its id")
    act(
        clock,
        "clock",
        "show",
        "show the clocks of a room, or without --room of all rooms and your private ones",
    )


def add_text(parser: argparse.ArgumentParser, what: str) -> None:
    """Have a command take a text as `say` does."""
    parser.add_argument(
        "text", nargs="*", metavar="TEXT", help=f"{what}; without it: standard input or $EDITOR"
    )
    parser.add_argument(
        "--text-file", type=Path, metavar="FILE", help="read the text from a file; - is standard input"
    )
