"""The tree of `backchannel desk precondition …`; imports nothing heavy."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from backchannel.desk.mandate_parser import add_beyond_mandate

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

OWN = "first letters of its id; the only one of your side need not be named"


def add_preconditions(
    acts: "Groups",
    group: "Callable[[Groups, str, str], Groups]",
    act: "Callable[[Groups, str, str, str], argparse.ArgumentParser]",
) -> None:
    """Add each act about preconditions."""
    family = group(
        acts, "precondition", "what a side demands in public, on record and parked without being conceded"
    )
    state = act(
        family, "precondition", "state", "put a precondition of your side on record, in its public words"
    )
    _wording(state)
    add_beyond_mandate(state)
    restate = act(family, "precondition", "restate", "put a new wording in the place of one of your side")
    restate.add_argument("--instead-of", metavar="PRECONDITION", help=OWN)
    _wording(restate)
    park = act(family, "precondition", "park", "let one rest, for your side: neither conceded nor withdrawn")
    park.add_argument(
        "which",
        nargs="?",
        metavar="PRECONDITION",
        help="first letters of its id, or an item such as 7 or 7.Anna",
    )
    add_beyond_mandate(park)
    drop = act(family, "precondition", "drop", "take a precondition of your side off the record")
    drop.add_argument("which", nargs="?", metavar="PRECONDITION", help=OWN)
    show = act(family, "precondition", "show", "show the preconditions on record, and who let them rest")
    show.add_argument("which", nargs="?", metavar="PRECONDITION", help="only this one")


def _wording(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="*", metavar="WORDING", help="as it is said in public; after --")
    parser.add_argument(
        "--text-file", type=Path, metavar="FILE", help="read the wording from a file; - is standard input"
    )
    parser.add_argument("--source", required=True, metavar="TEXT", help="where it was said")
