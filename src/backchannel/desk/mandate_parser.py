"""The tree of `backchannel desk mandate …` and `desk accept`; imports nothing heavy."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

LEVELS = ("authorised", "exploratory")
WHICH = "first letters of its id; the only one need not be named"
BEYOND = "say it although it goes beyond your mandate; everyone sees that it does"


def add_acts(mandate: "Groups", act: "Callable[[Groups, str, str, str], argparse.ArgumentParser]") -> None:
    """Add each act about mandates to its group."""
    give = act(mandate, "mandate", "give", "vouch, as a principal, for what an envoy of your side may say")
    give.add_argument("--to", required=True, metavar="WHO", help="name, or first letters of the id")
    _mandate(give)
    claim = act(mandate, "mandate", "claim", "say on what authority you speak; shown as your own word only")
    _mandate(claim)
    revoke = act(mandate, "mandate", "revoke", "end a mandate, for what is said from here on")
    revoke.add_argument("which", nargs="?", metavar="MANDATE", help=WHICH)
    challenge = act(
        mandate, "mandate", "challenge", "ask somebody of another side to show their authority by an act"
    )
    challenge.add_argument("--to", required=True, metavar="WHO", help="name, or first letters of the id")
    _text(challenge, "which act is to show it")
    answer = act(mandate, "mandate", "answer", "say which act answers a challenge of your side")
    answer.add_argument("which", nargs="?", metavar="CHALLENGE", help=WHICH)
    answer.add_argument("--how", metavar="TEXT", help="what the act was")
    answer.add_argument("--item", metavar="ITEM", help="where the record has it, such as 7 or 7.Anna")
    checked = act(mandate, "mandate", "checked", "say that your side has seen the act it asked for")
    checked.add_argument("which", nargs="?", metavar="CHALLENGE", help=WHICH)
    checked.add_argument("--how", required=True, metavar="TEXT", help="how you saw it")
    checked.add_argument("--item", metavar="ITEM", help="where the record has it, such as 7 or 7.Anna")
    show = act(mandate, "mandate", "show", "show who may speak for whom, on whose word, and who checked it")
    show.add_argument("who", nargs="?", metavar="WHO", help="only this person's")


def _mandate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for", dest="purpose", required=True, metavar="TEXT", help="what it is for, in the side's own words"
    )
    parser.add_argument("--level", required=True, choices=LEVELS, help="whether it can bind the side")
    parser.add_argument(
        "--issue",
        action="append",
        metavar="ISSUE[=OPTION,…]",
        help="a limit: only this issue, or only these options of it; may be given more than once",
    )
    parser.add_argument("--from", dest="starts", metavar="TIME", help="when it begins; never before now")
    parser.add_argument("--until", metavar="TIME", help="when it ends")


def _text(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("text", nargs="*", metavar="TEXT", help=f"{what}; after --")
    parser.add_argument(
        "--text-file", type=Path, metavar="FILE", help="read the text from a file; - is standard input"
    )


def add_accept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("item", metavar="ITEM", help="such as 7 or 7.Anna")
    add_beyond_mandate(parser)


def add_beyond_mandate(parser: argparse.ArgumentParser) -> None:
    """Let an act be said though it goes beyond its author's mandate; then it binds nobody."""
    parser.add_argument("--beyond-mandate", action="store_true", help=BEYOND)
