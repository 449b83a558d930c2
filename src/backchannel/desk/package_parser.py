"""The tree of `backchannel desk package …`; imports nothing heavy."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

BETTER = "a package better for every side than the one that was found"
WHICH = "first letters of its id; the only one need not be named"


def add_packages(
    acts: "Groups",
    group: "Callable[[Groups, str, str], Groups]",
    act: "Callable[[Groups, str, str, str], argparse.ArgumentParser]",
) -> None:
    """Add each act about packages."""
    family = group(
        acts,
        "package",
        "what could be agreed as a whole: agendas, and what you want, which stays on this desk",
    )
    propose = act(
        family, "package", "propose", "put issues and their options on the table, as the agenda of a search"
    )
    source = propose.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--issue",
        action="append",
        default=[],
        metavar="TEXT",
        help="such as 'Dues: shared | all to the north | half, unannounced [secret]'; may be given more than once",
    )
    source.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help="a domain of GENIUS or GeniusWeb; its preferences are not read",
    )
    propose.add_argument(
        "--secret", action="store_true", help="options may be chosen that must stay off the public text"
    )
    propose.add_argument(
        "--with",
        dest="sides",
        action="append",
        default=[],
        metavar="SIDE",
        help="a side that is to search with yours; may be given more than once; without it: all",
    )
    agree = act(family, "package", "agree", "agree, for your side, to an agenda as it stands")
    agree.add_argument("which", nargs="?", metavar="AGENDA", help=WHICH)
    drop = act(family, "package", "drop", "take an agenda off the table")
    drop.add_argument("which", nargs="?", metavar="AGENDA", help=WHICH)
    show = act(
        family, "package", "show", "show the agendas of a room, who agreed, and what only this desk knows"
    )
    show.add_argument("which", nargs="?", metavar="AGENDA", help="only this one")
    prefer = act(
        family, "package", "prefer", "tell this desk, and nobody else, what you want; without a file it asks"
    )
    prefer.add_argument("which", nargs="?", metavar="AGENDA", help=WHICH)
    told = prefer.add_mutually_exclusive_group()
    told.add_argument(
        "--answers", type=Path, metavar="FILE", help="your answers, as JSON; - is standard input"
    )
    told.add_argument(
        "--profile", type=Path, metavar="FILE", help="your side's profile of GENIUS, GeniusWeb or NegoLog"
    )
    prefer.add_argument(
        "--walk-away",
        type=int,
        metavar="PERCENT",
        help="from 0, take anything, to 100, only the very best; without it 0, or what the profile says",
    )
    refine = act(
        family,
        "package",
        "refine",
        "be asked again, by this desk alone, where within each of your answers the truth lies",
    )
    refine.add_argument("which", nargs="?", metavar="AGENDA", help=WHICH)
    refine.add_argument(
        "--answers", type=Path, metavar="FILE", help="your answers, as JSON; - is standard input"
    )
    explain = act(family, "package", "explain", "explain a package to you in your own terms; nothing is sent")
    explain.add_argument("which", nargs="?", metavar="AGENDA", help=WHICH)
    explain.add_argument(
        "--choose", action="append", default=[], metavar="ISSUE=OPTION", help="once for each issue"
    )
    forget = act(family, "package", "forget", "destroy what this desk was told of what you want")
    forget.add_argument("which", nargs="?", metavar="AGENDA", help=WHICH)
    begin = act(
        family,
        "package",
        "search",
        "search for a package with the others; your desk answers by what you told it",
    )
    begin.add_argument("which", nargs="?", metavar="AGENDA", help=WHICH)
    begin.add_argument(
        "--by",
        default="3d",
        metavar="TIME",
        help="until when the first answers are awaited, such as 3d; every further one as long",
    )
    begin.add_argument("--better", action="store_true", help=BETTER)
    for name, summary in (
        ("progress", "show where a search stands, and what it proposes to you"),
        ("accept", "accept the package that is proposed, for your side"),
        ("decline", "do not accept the package that is proposed"),
        ("stop", "give a search up; it is over then on every desk"),
    ):
        leaf = act(family, "package", name, summary)
        leaf.add_argument("which", nargs="?", metavar="AGENDA", help=WHICH)
        leaf.add_argument("--better", action="store_true", help=BETTER)
