"""The tree of `backchannel desk …` with the desk's pages in it; imports nothing heavy."""

import argparse
from typing import TYPE_CHECKING

from backchannel.desk import parser

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else


def add_parser(groups: "Groups") -> None:
    acts = parser.add_parser(groups)
    pages = acts.add_parser(
        "open",
        help="open the desk in the browser",
        description="Open the desk in the browser. Its pages answer this machine alone, until Ctrl-C.",
    )
    parser.options(pages)
    pages.add_argument("--port", type=int, default=0, metavar="N", help="default one that is free")
    pages.add_argument(
        "--for",
        dest="idle",
        metavar="TIME",
        help="lock after this long without an act, such as 8h; default what lock-after says",
    )
    pages.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address, open no browser"
    )
    pages.set_defaults(run=run, command="open")


def run(args: argparse.Namespace) -> int:
    from backchannel.pages import command  # noqa: PLC0415 - so that help comes at once

    return command.run(args)
