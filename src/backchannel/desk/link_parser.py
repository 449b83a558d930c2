"""The tree of `backchannel desk link …`; imports nothing heavy."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backchannel.desk.clock_parser import Act, Group


def add_links(group: "Group", act: "Act") -> None:
    """Add the commands on private links."""
    link = group("link", "your parallel channels side by side, on this desk alone; nothing is sent")
    add = act(link, "link", "add", "lay items of several rooms side by side; nobody else learns of it")
    add.add_argument("--title", required=True, help="what you call it")
    add.add_argument("items", nargs="+", metavar="ITEM@ROOM", help="such as 7@Letters or 7.Anna@Letters")
    drop = act(link, "link", "drop", "forget a link; the items stay")
    drop.add_argument(
        "which", nargs="?", metavar="LINK", help="first letters of its id; the only one need not be named"
    )
    act(link, "link", "show", "show each link: what its items state, and where they differ")
