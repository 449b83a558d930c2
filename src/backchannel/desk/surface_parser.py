"""The tree of `backchannel desk surface …`; imports nothing heavy."""

from pathlib import Path
from typing import TYPE_CHECKING

from backchannel.daylight.page_command import add_languages
from backchannel.desk.mandate_parser import add_beyond_mandate
from backchannel.desk.seal_parser import WHICH
from backchannel.languages import LANGUAGES, of_terminal

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from backchannel.desk.clock_parser import Act, Group


def add_report(report: "ArgumentParser") -> None:
    """Add what the report on a room can be told."""
    report.add_argument(
        "--to",
        type=Path,
        metavar="FILE",
        help="a new file for `seal draft`; without it the report is shown only",
    )
    report.add_argument(
        "--in",
        dest="wording",
        choices=LANGUAGES,
        default=of_terminal(),
        metavar="CODE",
        help=f"the language of the draft: {', '.join(LANGUAGES)}; default the one spoken here",
    )


def add_surface(group: "Group", act: "Act") -> None:
    """Add the commands on surfacing."""
    surface = group("surface", "bring a sealed text into the open, once all sides agree how")

    def one(name: str, summary: str, which: str) -> "ArgumentParser":
        parser = act(surface, "surface", name, summary)
        parser.add_argument("which", nargs="?", metavar=which, help=WHICH)
        return parser

    line = one("line", "give your side's own words for the public on a sealed text", "TEXT")
    line.add_argument(
        "--text-file", dest="file", type=Path, required=True, metavar="FILE", help="- for standard input"
    )
    propose = one(
        "propose", "propose what is to be made public of a sealed text, to whom and from when", "TEXT"
    )
    propose.add_argument("--audience", required=True, metavar="WORDS", help="for whom, such as 'everyone'")
    propose.add_argument(
        "--at", metavar="TIME", help="not before this time; without it: as soon as all have agreed"
    )
    propose.add_argument(
        "--open",
        dest="opened",
        action="append",
        default=[],
        metavar="NAME",
        help="a closed term to be seen, such as term-turkey; may be given more than once",
    )
    propose.add_argument(
        "--leave-out",
        dest="left_out",
        action="append",
        type=int,
        default=[],
        metavar="N",
        help="the number of a clause that is not to be seen; readers see that it is missing; may be given more than once",
    )
    propose.add_argument(
        "--narrative", type=Path, metavar="FILE", help="what all sides say together; - for standard input"
    )
    add_beyond_mandate(one("agree", "agree, for your side, to a proposal as it stands", "PROPOSAL"))
    one("retract", "take your agreement back, as long as not every side has agreed", "PROPOSAL")
    one("show", "show what is proposed, who agrees, and who is missing", "PROPOSAL")
    preview = one("preview", "show exactly what the public will see", "PROPOSAL")
    preview.add_argument(
        "--to", type=Path, metavar="FILE", help="write the page as the public will see it to a new file"
    )
    add_languages(preview)
    one("statement", "put the words for the public before the room, to be sealed", "PROPOSAL")
    publish = one(
        "publish", "write what all have agreed to make public to a file that anyone can check", "PROPOSAL"
    )
    publish.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="FILE",
        help="a new file; sealed words for the public go beside it, with -statement in the name, and the page, with .html",
    )
    add_languages(publish)
