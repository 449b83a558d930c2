"""The tree of `backchannel desk pledge …` and of what else binds a side; imports nothing heavy."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from backchannel.desk.mandate_parser import add_beyond_mandate

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else
    Act = Callable[[Groups, str, str, str], argparse.ArgumentParser]
    Alone = Callable[[Groups, str, str], argparse.ArgumentParser]
    Group = Callable[[Groups, str, str], Groups]

# The words of the protocol; tests/test_cli_parser.py holds them to the enums, which are dear to import.
LAPSES = ("at-once", "election", "never")
READINGS = ("kept", "partly", "not-kept")
WHICH = "first letters of its id; the only one need not be named"


def add_promises(acts: "Groups", group: "Group", act: "Act", alone: "Alone") -> None:
    """Add what binds a side to the desk's commands."""
    _pledge(group(acts, "pledge", "promised steps: who owes what to whom, by when"), act)
    _deed(group(acts, "deed", "what was done, and what the other side makes of it"), act)
    _publication(acts, alone)
    _leak(acts, group, act)
    _understanding(
        group(acts, "understanding", "what was agreed by word of mouth, of which no desk keeps a word"), act
    )


def _pledge(acts: "Groups", act: "Act") -> None:
    make = act(
        acts, "pledge", "make", "promise a step for your side; it binds once the other side acknowledges it"
    )
    _text(make, "what is promised; without it: standard input or $EDITOR")
    make.add_argument(
        "--to",
        action="append",
        metavar="SIDE",
        help="to whom; without it: every other side; may be given more than once",
    )
    _when_and_lapse(make)
    make.add_argument("--if", dest="condition", metavar="TEXT", help="on what condition")
    make.add_argument("--answers", action="append", metavar="ITEM", help="may be given more than once")
    make.add_argument(
        "--after",
        action="append",
        metavar="PLEDGE",
        help="a pledge that is to be kept first; may be given more than once",
    )
    make.add_argument(
        "--states",
        action="append",
        metavar="ISSUE=OPTION",
        help="what it states on an issue, in the words this room uses; may be given more than once",
    )
    add_beyond_mandate(make)
    for name, summary in (
        ("acknowledge", "take a pledge made to your side as binding"),
        ("release", "let go of a pledge made to your side"),
        ("show", "show what is pledged in a room, who owes it, and what became of it"),
    ):
        parser = act(acts, "pledge", name, summary)
        parser.add_argument("which", nargs="?", metavar="PLEDGE", help=WHICH)
        if name == "acknowledge":
            add_beyond_mandate(parser)
    _broken(
        act(acts, "pledge", "broken", "say that a pledge made to your side was not kept in time"), "PLEDGE"
    )


def _deed(acts: "Groups", act: "Act") -> None:
    report = act(acts, "deed", "report", "say that something was done; everyone sees whose word that is")
    _text(report, "what was done; without it: standard input or $EDITOR")
    report.add_argument(
        "--pledge",
        action="append",
        metavar="ID",
        help="a pledge or understanding it answers; may be given more than once",
    )
    report.add_argument("--note", metavar="ITEM", help="the note of it as a public event")
    report.add_argument("--by", metavar="SIDE", help="whose deed it is; default your side's")
    report.add_argument("--at", required=True, metavar="TIME", help="when it was done")
    reading = act(acts, "deed", "read", "say what a deed was worth, as the side to which it was promised")
    reading.add_argument("which", metavar="DEED", help="first letters of its id")
    reading.add_argument(
        "reading", choices=READINGS, help="partly: something is still owed; not-kept: broken"
    )
    reading.add_argument("text", nargs="*", metavar="TEXT", help="a remark, after --")
    act(
        acts, "deed", "show", "show the deeds on a room's record, and every side's reading of them"
    ).add_argument("which", nargs="?", metavar="DEED", help=WHICH)


def _publication(acts: "Groups", alone: "Alone") -> None:
    published = alone(
        acts, "published", "report that something said here was made public; it is shown as your word"
    )
    published.add_argument("target", metavar="TARGET", help="a pledge, understanding or item")
    published.add_argument("--by", metavar="SIDE", help="who published it, if you know")
    published.add_argument("--source", required=True, metavar="TEXT", help="where it was seen")
    published.add_argument("--at", required=True, metavar="TIME", help="when it was made public")
    lapse = alone(acts, "lapse", "let a pledge or understanding lapse that another side has made public")
    lapse.add_argument("target", metavar="TARGET", help="first letters of its id")


def _leak(acts: "Groups", group: "Group", act: "Act") -> None:
    leak = group(acts, "leak", "an alarm for everybody in the room, and what all sides say when asked")
    _text(
        act(leak, "leak", "report", "raise the alarm on every desk of the room; no words are needed"),
        "what leaked",
    )
    act(leak, "leak", "lift", "take off an alarm that you raised").add_argument(
        "which", nargs="?", metavar="LEAK", help=WHICH
    )
    line = group(leak, "line", "what all sides agreed to say when asked")
    proposing = act(
        line, "leak line", "set", "propose what all sides say when asked; for your side that is the yes"
    )
    _text(proposing, "the line; without it: standard input or $EDITOR")
    proposing.add_argument(
        "--for",
        dest="purpose",
        default="if asked",
        metavar="CASE",
        help="for what case; a later line for the same case replaces it",
    )
    act(line, "leak line", "agree", "say that your side will hold to a line").add_argument(
        "which", nargs="?", metavar="LINE", help=WHICH
    )
    act(leak, "leak", "show", "show the alarms of a room and its lines")


def _broken(parser: argparse.ArgumentParser, which: str) -> None:
    parser.add_argument("which", metavar=which, help="first letters of its id")
    parser.add_argument("text", nargs="*", metavar="TEXT", help="a remark, after --")


def _text(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("text", nargs="*", metavar="TEXT", help=what)
    parser.add_argument(
        "--text-file", type=Path, metavar="FILE", help="read the text from a file; - is standard input"
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
    add_beyond_mandate(offer)
    for name, summary in (
        ("confirm", "say your side's yes to an understanding; it binds when every named side has"),
        ("decline", "say your side's no to an understanding"),
        ("show", "show the understandings of a room: who has confirmed, and what became of them"),
        (
            "record",
            "print what a sealed text may keep, closed, of a confirmed understanding; with --json for its file",
        ),
    ):
        parser = act(acts, "understanding", name, summary)
        parser.add_argument("which", nargs="?", metavar="ID", help=WHICH)
        if name == "confirm":
            add_beyond_mandate(parser)
    _broken(
        act(acts, "understanding", "broken", "say that what was understood was not performed in time"), "ID"
    )


def _when_and_lapse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--due", metavar="TIME", help="by when it is to be done")
    parser.add_argument(
        "--lapse",
        choices=LAPSES,
        default="election",
        help="what becomes of it when it is made public: it lapses at once; a side that did not publish may choose (default); nothing",
    )
