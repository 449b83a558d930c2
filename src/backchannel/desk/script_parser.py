"""The tree of `backchannel desk script …`; imports nothing heavy."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backchannel.desk.clock_parser import Act, Group

WHICH = "first letters of its id; the only one need not be named"


def add_script(group: "Group", act: "Act") -> None:
    """Add the commands on scripts."""
    script = group("script", "steps pinned in words and order, and an alarm when something comes otherwise")
    pin = act(script, "script", "pin", "pin steps, in the order given")
    pin.add_argument(
        "--step",
        action="append",
        required=True,
        metavar="TEXT",
        help="its exact words, or ISSUE=OPTION as it is to be stated; may be given more than once",
    )
    agree = act(script, "script", "agree", "pin, for your side, the steps as they stand")
    agree.add_argument("which", nargs="?", metavar="SCRIPT", help=WHICH)
    step = act(script, "script", "step", "say that an item came as a step")
    step.add_argument("item", metavar="ITEM", help="such as 7 or 7.Anna")
    step.add_argument("which", nargs="?", metavar="SCRIPT", help=WHICH)
    step.add_argument("--number", type=int, metavar="N", help="default the first that has not come")
    go_on = act(script, "script", "go-on", "go on, for your side, in spite of what came otherwise")
    go_on.add_argument("which", nargs="?", metavar="SCRIPT", help=WHICH)
    act(script, "script", "show", "show the scripts of a room, what came, and what departs from them")
