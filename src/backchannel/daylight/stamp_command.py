"""`backchannel stamp …`: a time stamp for a sealed text, asked for by hand. Nothing here goes out by itself."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from backchannel.daylight.verify_command import bytes_of
from backchannel.errors import Exit, Refused, Unavailable
from backchannel.languages import on_terminal
from backchannel.said import said

if TYPE_CHECKING:
    from backchannel.daylight.sealed_file import SealedFile

DESCRIPTION = """\
A time-stamp authority can say when a sealed text and all its signatures were there already (RFC 3161). Backchannel asks nobody by itself:
you write a request to a file, carry it to an authority of your choice by any means, and bring back its answer. The authority learns a number
of 32 bytes, that somebody asked, when, and from where."""


def add_parser(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    stamp = groups.add_parser(
        "stamp",
        help="carry a request for a time stamp of a sealed text yourself, and take it in",
        description=DESCRIPTION,
    )
    acts = stamp.add_subparsers(metavar="ACT", required=True)

    def act(name: str, summary: str) -> argparse.ArgumentParser:
        parser = acts.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        parser.add_argument("file", type=Path, metavar="FILE", help="a sealed text")
        parser.add_argument(
            "--to", type=Path, required=True, metavar="FILE", help="a new file; nothing is overwritten"
        )
        return parser

    act("request", "write a request that an authority can answer").set_defaults(run=ask)
    add = act("add", "take an authority's answer into a copy of the sealed text")
    for name, which in (("request", "the request that you sent"), ("response", "the authority's answer")):
        add.add_argument(f"--{name}", type=Path, required=True, metavar="FILE", help=which)
    add.set_defaults(run=take)


def ask(args: argparse.Namespace) -> int:
    from backchannel.daylight.stamps import request  # noqa: PLC0415 - help needs no cryptography

    file = _checked(bytes_of(args.file))
    written(args.to, request(file))
    _tell(
        said(
            "The request is in {to}. Carry it to a time-stamp authority (application/timestamp-query, or `openssl ts -reply`"
            " of your own) and bring the answer back: backchannel stamp add {file} --request {to} --response ANSWER --to NEW",
            to=args.to,
            file=args.file,
        )
    )
    if not file.anchors:
        _tell(
            said(
                "No side's anchor is in this file: the stamp will say that the text and its signatures were there, not"
                " whose they are."
            )
        )
    return Exit.OK


def take(args: argparse.Namespace) -> int:
    from backchannel.daylight.sealed_file import encode_file  # noqa: PLC0415
    from backchannel.daylight.stamps import with_answer  # noqa: PLC0415
    from backchannel.daylight.verify import verify  # noqa: PLC0415
    from backchannel.daylight.wording import stamp_sentence  # noqa: PLC0415

    file = _checked(bytes_of(args.file))
    stamped = encode_file(with_answer(file, bytes_of(args.request), bytes_of(args.response)))
    checked = verify(stamped)
    written(args.to, stamped)
    for stamp in checked.stamps:
        _tell(stamp_sentence(stamp))
    return Exit.OK


def _tell(sentence: str) -> None:
    print(on_terminal(sentence))  # noqa: T201


def _checked(data: bytes) -> "SealedFile":
    """Give a file all of whose checks hold: nothing but a sealed text is ever stamped."""
    from backchannel.daylight.sealed_file import read_file  # noqa: PLC0415
    from backchannel.daylight.verify import verify  # noqa: PLC0415

    verify(data)
    return read_file(data)


def written(path: Path, data: bytes) -> None:
    """Write a new file; Refused if it is there, Unavailable if it cannot be written."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise Refused(said("{path} is there already; name a new file.", path=path)) from error
    except OSError as error:
        raise Unavailable(
            said(
                "{path} cannot be written: {strerror}; name another place.",
                path=path,
                strerror=error.strerror,
            )
        ) from error
