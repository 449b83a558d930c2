"""The tree of `backchannel desk need-to-know …`; imports nothing heavy."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backchannel.desk.clock_parser import Act, Group


def add_lists(group: "Group", act: "Act") -> None:
    """Add the commands on need-to-know lists."""
    lists = group("need-to-know", "who may know a term, and who holds it")
    limit = act(
        lists, "need-to-know", "set", "say who may know an item, understanding or pledge of your side"
    )
    limit.add_argument("which", metavar="ITEM", help="such as 7 or 7.Anna, or the first letters of any id")
    limit.add_argument(
        "--only",
        action="extend",
        nargs="+",
        required=True,
        metavar="NAME",
        help="who may know it, in this room or outside",
    )
    act(lists, "need-to-know", "show", "show every list of a room, and since when who holds what it is about")


def add_beyond(parser: argparse.ArgumentParser) -> None:
    """Let a command say what a list holds back."""
    parser.add_argument(
        "--beyond-list",
        action="store_true",
        help="even if it repeats a text of another room before readers who are not on its need-to-know list",
    )
