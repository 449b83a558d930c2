"""The tree of `backchannel desk sound …`; imports nothing heavy."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

WHICH = "first letters of its id; the only one that is open need not be named"


def add_soundings(
    acts: "Groups",
    group: "Callable[[Groups, str, str], Groups]",
    act: "Callable[[Groups, str, str, str], argparse.ArgumentParser]",
) -> None:
    """Add each act about feelers and soundings."""
    family = group(
        acts, "sound", "find out what everybody would accept, and nothing else of anybody's answers"
    )
    feel = act(
        family, "sound", "feel", "ask whether everybody could live with one thing; only a yes of all shows"
    )
    feel.add_argument("text", nargs="*", metavar="TEXT", help="what; after --")
    feel.add_argument(
        "--text-file", type=Path, metavar="FILE", help="read it from a file; - is standard input"
    )
    feel.add_argument("--no", action="store_true", help="your own answer is no; without it: yes")
    _terms(feel)
    lists = act(family, "sound", "open", "ask which of several options everybody could live with")
    lists.add_argument("file", type=Path, metavar="FILE", help="the options, one a line; - is standard input")
    lists.add_argument(
        "--kind",
        choices=("all", "first", "drawn", "threshold"),
        default="all",
        help="all: every option that all accept; first: one of them, which nobody chooses; drawn: one option is drawn, and whether all accept that one; threshold, for two: whether your limits on a"
        " list from your best to your worst meet, without showing either",
    )
    _answers(lists, required=False)
    _terms(lists)
    for name, summary in (
        ("price", "ask one other side whether your prices meet, without showing either: one bit"),
        (
            "posted",
            "have one price drawn by all desks together, and ask whether all accept that one: one bit",
        ),
    ):
        _prices(act(family, "sound", name, summary))
    answer = act(
        family, "sound", "answer", "answer a sounding; nobody learns of a no, nor of a yes that not all share"
    )
    answer.add_argument("which", nargs="?", metavar="SOUNDING", help=WHICH)
    _answers(answer, required=True).add_argument(
        "--mine", metavar="PRICE", help="of a list of prices: your own limit, with --as"
    )
    _limit(answer, required=False)
    _mandate(answer)
    stop = act(family, "sound", "stop", "give a sounding up; one whose time has passed ends by itself")
    stop.add_argument("which", nargs="?", metavar="SOUNDING", help=WHICH)
    again = act(
        family,
        "sound",
        "again",
        "repeat a sounding that lacks somebody's last word among the others, on the same answers; each of them has to decide so",
    )
    again.add_argument(
        "which",
        nargs="?",
        metavar="SOUNDING",
        help="first letters of its id; the only one that can be repeated need not be named",
    )
    again.add_argument(
        "--by", default="7d", metavar="TIME", help="when the others are to have decided; default 7d"
    )
    again.add_argument("--yes", action="store_true", help="do not ask once more")
    show = act(family, "sound", "show", "show the soundings of a room, who is awaited, and what came of them")
    show.add_argument("which", nargs="?", metavar="SOUNDING", help="only this one")
    act(family, "sound", "ledger", "show what others may know of you from soundings")


def _prices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="first", required=True, metavar="PRICE", help="the lowest price of the list"
    )
    parser.add_argument("--to", dest="last", required=True, metavar="PRICE", help="the highest")
    parser.add_argument("--step", default="1", metavar="PRICE", help="between two prices; default 1")
    parser.add_argument("--unit", default="", metavar="TEXT", help="of what, such as EUR or thousand tons")
    parser.add_argument("--mine", required=True, metavar="PRICE", help="your own limit")
    _limit(parser, required=True)
    _terms(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask once more")


def _limit(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--as",
        dest="end",
        choices=("buyer", "seller"),
        required=required,
        help="a buyer accepts every price of the list up to theirs, a seller every one from theirs on",
    )


def _answers(parser: argparse.ArgumentParser, *, required: bool) -> "argparse._MutuallyExclusiveGroup":
    said = parser.add_mutually_exclusive_group(required=required)
    said.add_argument(
        "--yes",
        dest="accepted",
        metavar="N,N",
        help="numbers of the options you could live with, such as 1,3-5",
    )
    said.add_argument("--all", dest="every", action="store_true", help="you could live with every option")
    said.add_argument("--none", action="store_true", help="you could live with none of them")
    return said


def _terms(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--about", default="", metavar="TEXT", help="the agenda it belongs to; default the room's title"
    )
    parser.add_argument(
        "--with",
        dest="asked",
        action="append",
        default=[],
        metavar="NAME",
        help="whom to ask, where a side has several who could answer, or not all sides are to be asked; may be given more than once",
    )
    parser.add_argument("--by", default="7d", metavar="TIME", help="when answers are due; default 7d")
    parser.add_argument(
        "--binding",
        action="store_true",
        help="what all accept is promised by all; everybody sees that before answering",
    )
    _mandate(parser)


def _mandate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--new-mandate",
        action="store_true",
        help="you decide anew to answer what was sounded before, or more than the budget of one agenda",
    )
