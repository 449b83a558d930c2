"""The tree of `backchannel desk notebook …`; imports nothing heavy."""

from typing import TYPE_CHECKING

from backchannel.desk.clock_parser import add_text

if TYPE_CHECKING:
    from backchannel.desk.clock_parser import Act, Group


def add_notebook(group: "Group", act: "Act") -> None:
    """Add the commands on one's own notes."""
    notebook = group("notebook", "notes for yourself alone, on this desk; no room, and nothing is sent")
    add_text(
        act(
            notebook,
            "notebook",
            "write",
            "write something down for yourself; with --room it is about that room",
        ),
        "what you note",
    )
    act(notebook, "notebook", "show", "show your notes, with --room those about that room")
    search = act(notebook, "notebook", "search", "look for words in your notes")
    search.add_argument(
        "sought", nargs="+", metavar="TEXT", help="after --; every note with these words in it"
    )
    remove = act(notebook, "notebook", "remove", "tear a note out; what it said is overwritten")
    remove.add_argument("which", metavar="NOTE", help="first letters of its id")
