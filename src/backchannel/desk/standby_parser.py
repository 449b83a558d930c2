"""The tree of `backchannel desk standby …`; imports nothing heavy."""

from typing import TYPE_CHECKING

from backchannel.desk.clock_parser import add_text
from backchannel.desk.need_to_know_parser import add_beyond

if TYPE_CHECKING:
    from backchannel.desk.clock_parser import Act, Group

WHICH = "first letters of its id; the only one need not be named"


def add_standby(group: "Group", act: "Act") -> None:
    """Add the commands on standby texts."""
    standby = group("standby", "a text lodged with a third person, released as theirs and only on a signal")
    lodge = act(standby, "standby", "lodge", "lodge a text with a member of the room")
    add_text(lodge, "the text")
    lodge.add_argument("--with", dest="holder", required=True, metavar="WHO", help="who is to hold it")
    lodge.add_argument(
        "--signal", required=True, metavar="TEXT", help="by what the holder will know that it is time"
    )
    lodge.add_argument(
        "--as", dest="issued_as", default="", metavar="TEXT", help="in what capacity it is to be issued"
    )
    lodge.add_argument(
        "--readers-know", action="store_true", help="even if the room has other readers, who then read it too"
    )
    add_beyond(lodge)
    act(standby, "standby", "signal", "give the signal for a text that you lodged").add_argument(
        "which", nargs="?", metavar="TEXT", help=WHICH
    )
    release = act(
        standby, "standby", "release", "take up a text that you hold as your own, once the signal is given"
    )
    release.add_argument("which", nargs="?", metavar="TEXT", help=WHICH)
    release.add_argument(
        "--to",
        metavar="ROOM",
        help="say it there as a paper of yours; without it: standard output, to be made public",
    )
    add_beyond(release)
    act(
        standby, "standby", "cancel", "take back a text that you lodged; every desk lets go of it"
    ).add_argument("which", nargs="?", metavar="TEXT", help=WHICH)
    act(
        standby,
        "standby",
        "show",
        "show the standby texts of a room, with words only to those who lodged or hold them",
    )
