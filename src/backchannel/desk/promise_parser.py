"""The tree of `backchannel desk understanding …` and of what else binds a side; imports nothing heavy."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else
    Act = Callable[[Groups, str, str, str], argparse.ArgumentParser]
    Group = Callable[[Groups, str, str], Groups]

# The words of the protocol; tests/test_cli_parser.py holds them to the enums, which are dear to import.
LAPSES = ("at-once", "election", "never")
WHICH = "first letters of its id; the only one need not be named"


def add_promises(acts: "Groups", group: "Group", act: "Act") -> None:
    """Add what binds a side to the desk's commands."""
    _understanding(
        group(acts, "understanding", "what was agreed by word of mouth, of which no desk keeps a word"), act
    )


def _understanding(acts: "Groups", act: "Act") -> None:
    offer = act(
        acts, "understanding", "offer", "ask the other sides to confirm what you agreed by word of mouth"
    )
    offer.add_argument(
        "--subject",
        required=True,
        metavar="TEXT",
        help="what it is about, in a few words; not what was agreed",
    )
    offer.add_argument(
        "--with",
        dest="sides",
        required=True,
        action="extend",
        nargs="+",
        metavar="SIDE",
        help="who is to confirm",
    )
    _when_and_lapse(offer)
    offer.add_argument("--replaces", metavar="ITEM", help="a paper that was handed back for it")
    for name, summary in (
        ("confirm", "say your side's yes to an understanding; it binds when every named side has"),
        ("decline", "say your side's no to an understanding"),
        ("show", "show the understandings of a room: who has confirmed, and what became of them"),
        (
            "record",
            "print what a sealed text may keep, closed, of a confirmed understanding; with --json for its file",
        ),
    ):
        act(acts, "understanding", name, summary).add_argument("which", nargs="?", metavar="ID", help=WHICH)


def _when_and_lapse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--due", metavar="TIME", help="by when it is to be done")
    parser.add_argument(
        "--lapse",
        choices=LAPSES,
        default="election",
        help="what becomes of it when it is made public: it lapses at once; a side that did not publish may choose (default); nothing",
    )
