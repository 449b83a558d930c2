"""The tree of `backchannel desk sunset …` and `backchannel desk impasse …`; imports nothing heavy."""

from typing import TYPE_CHECKING

from backchannel.desk.clock_parser import WHEN, add_text

if TYPE_CHECKING:
    from backchannel.desk.clock_parser import Act, Group

CHOICES = ("continue", "pause", "close", "surface")  # as moves/sunset.py has them, which is dear to import
WHICH = "first letters of its id; the only one need not be named"


def add_sunset(group: "Group", act: "Act") -> None:
    """Add the commands on sunsets and impasses."""
    sunset = group("sunset", "a time at which every side chooses how to go on; silence is pause")
    propose = act(sunset, "sunset", "set", "propose a sunset; it stands when every side has agreed")
    propose.add_argument("--at", required=True, metavar="TIME", help=WHEN)
    agree = act(sunset, "sunset", "agree", "agree, for your side, to a proposed sunset")
    agree.add_argument("which", nargs="?", metavar="SUNSET", help=WHICH)
    choose = act(sunset, "sunset", "choose", "choose, for your side, what becomes of the room at its sunset")
    choose.add_argument(
        "choice",
        choices=CHOICES,
        help="continue holds only if every side chooses it, any close closes; surface brings what was agreed into the open",
    )
    choose.add_argument("--until", metavar="TIME", help="how long to continue; then every side chooses again")
    act(sunset, "sunset", "show", "show the sunset of a room, and who has chosen what")
    impasse = group("impasse", "say to everyone that it does not go on like this")
    add_text(
        act(impasse, "impasse", "call", "call an impasse; your desk adds a way on, found by rule"),
        "what is stuck",
    )
    lift = act(impasse, "impasse", "lift", "lift an impasse that your side called")
    lift.add_argument("which", nargs="?", metavar="IMPASSE", help=WHICH)
    act(impasse, "impasse", "show", "show every impasse of a room")
