"""The tree of `backchannel desk seal …`; imports nothing heavy."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

WHICH = "first letters of its id; the only one need not be named"


def add_acts(seal: "Groups", act: "Callable[[Groups, str, str, str], argparse.ArgumentParser]") -> None:
    """Add each act of sealing to its group."""

    def one(name: str, summary: str, which: str | None = None) -> argparse.ArgumentParser:
        parser = act(seal, "seal", name, summary)
        if which is not None:
            parser.add_argument("which", nargs="?", metavar=which, help=WHICH)
        return parser

    draft = one("draft", "put words that are to be sealed before the room")
    draft.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="JSON: title, dated, sides, clauses; terms and understandings that stay closed; kind, lapse, order,"
        " performance_of, amends",
    )
    one("key", "give your side's key for a draft", "DRAFT")
    one("freeze", "fix every byte of your draft, once all sides have given keys", "DRAFT")
    one("show", "show what is to be sealed, how far it is, and what anyone who stops would have", "TEXT")
    one("agree", "agree, for your side, to seal a frozen text that you have read", "TEXT")
    one("go", "sign, and tell that you hold all signatures, as far as the others are", "TEXT")
    anchor = one("anchor", "say for ever and to everyone which key of the text is your side's", "TEXT")
    anchor.add_argument("--yes", action="store_true", help="do not ask once more")
    save = one("save", "write the sealed text to a file that anyone can check", "TEXT")
    save.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="a new file; nothing is overwritten"
    )
    save.add_argument(
        "--open",
        dest="opened",
        action="append",
        default=[],
        metavar="NAME",
        help="a closed term to be opened in it, such as term-turkey; may be given more than once",
    )
    stamp = one(
        "stamp", "carry a request for a time stamp of a sealed text yourself, and take the answer in", "TEXT"
    )
    either = stamp.add_mutually_exclusive_group(required=True)
    either.add_argument(
        "--request",
        dest="to",
        type=Path,
        metavar="FILE",
        help="write a request to a new file; carry it to an authority",
    )
    either.add_argument(
        "--response", type=Path, metavar="FILE", help="the authority's answer to the last request"
    )
    one("known-as", "show the fingerprint by which your side is known, to make it public")
    export = one(
        "key-export", "write the key by which your side is known to a file of its own, which no back-up holds"
    )
    export.add_argument("file", type=Path, metavar="FILE", help="a new file; nothing is overwritten")
    export.add_argument(
        "--new-passphrase-fd", type=int, metavar="N", help="read the file's passphrase from this descriptor"
    )
    take = one("key-import", "take the key by which your side is known from such a file")
    take.add_argument("file", type=Path, metavar="FILE", help="what key-export wrote")
    take.add_argument(
        "--key-passphrase-fd", type=int, metavar="N", help="read the file's passphrase from this descriptor"
    )
    take.add_argument(
        "--replace",
        action="store_true",
        help="even if this desk has another key for that side, which is then gone",
    )
