"""The tree of `backchannel desk ratify …`; imports nothing heavy."""

from typing import TYPE_CHECKING

from backchannel.desk.clock_parser import WHEN, add_text

if TYPE_CHECKING:
    from backchannel.desk.clock_parser import Act, Group

RESULTS = ("ratified", "not-ratified")
WHICH = "first letters of its id; the only one need not be named"


def add_ratification(group: "Group", act: "Act") -> None:
    """Add the commands on what is ad referendum."""
    ratify = group("ratify", "what binds a side only once it is ratified at home")
    ask = act(ratify, "ratify", "ask", "say that something is ad referendum for your side")
    add_text(ask, "what is")
    ask.add_argument("--on", metavar="ITEM", help="such as 7 or 7.Anna, or the first letters of any id")
    ask.add_argument("--until", metavar="TIME", help=WHEN)
    result = act(ratify, "ratify", "result", "say whether your side has ratified it; once")
    result.add_argument("result", choices=RESULTS, help="what is not ratified lapses, with what answered it")
    result.add_argument("which", nargs="?", metavar="QUESTION", help=WHICH)
    result.add_argument("text", nargs="*", metavar="TEXT", help="a remark, after --")
    act(ratify, "ratify", "show", "show what is ad referendum, for whom, and what became of it")
