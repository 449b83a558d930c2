"""`backchannel page FILE…`: one HTML file of sealed texts that anybody can open, which checks itself."""

import argparse
from pathlib import Path
from typing import Final

from backchannel.daylight.stamp_command import written
from backchannel.daylight.verify_command import bytes_of
from backchannel.errors import Exit
from backchannel.languages import on_terminal
from backchannel.said import said

SPOKEN: Final = ("en", "fr", "ar")  # as in public_page, which help does not load

DESCRIPTION = """\
Writes sealed texts into one HTML file for the public. In a browser it checks every signature and shows the words that were checked, without
any network; `backchannel verify` checks the same file, and that nobody altered the page around the texts. A page may be given too: what is sealed
in it is put into a new page."""


def add_languages(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--in",
        dest="languages",
        action="append",
        choices=SPOKEN,
        default=[],
        metavar="CODE",
        help=f"a language of the page: {', '.join(SPOKEN)}; the first is shown first; default en; may be repeated",
    )


def add_parser(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    page = groups.add_parser(
        "page", help="write sealed texts into one HTML page that checks itself", description=DESCRIPTION
    )
    page.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a sealed text, or a page of sealed texts"
    )
    add_languages(page)
    page.add_argument(
        "--to", type=Path, required=True, metavar="PAGE", help="a new file; nothing is overwritten"
    )
    page.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from backchannel.daylight.public_page import (  # noqa: PLC0415 - help needs no cryptography
        is_page,
        read_page,
        script_fingerprint,
        write_page,
    )

    sealed: list[bytes] = []
    for path in args.files:
        data = bytes_of(path)
        sealed += read_page(data).files if is_page(data) else (data,)
    written(args.to, write_page(sealed, args.languages or SPOKEN[:1]))
    where = "The page is in {to}. Anybody can open it in a browser, and check it: backchannel verify {to}"
    print(on_terminal(said(where, to=args.to)))  # noqa: T201
    script = said("Fingerprint of its script, to be published beside it: {mark}", mark=script_fingerprint())
    print(on_terminal(script))  # noqa: T201
    return Exit.OK
