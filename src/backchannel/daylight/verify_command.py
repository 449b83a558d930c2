"""`backchannel verify FILE`: check sealed texts offline, and say in plain words what they show."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backchannel.errors import Exit, Refused
from backchannel.languages import on_terminal
from backchannel.said import said

if TYPE_CHECKING:
    from backchannel.crypto.stamp_trust import Authorities

MOST_BYTES: Final = (
    16 << 20
) + 1  # more than a sealed text has, and a page of some, so that what is larger is seen to be

EXITS = """\
exit codes: 0 every check held; 2 a file or fingerprint could not be read; 9 a file is not a sealed text, or was altered, or a
fingerprint is not that side's. Code 0 does not say whose keys they are unless you gave a fingerprint for every side."""


def add_parser(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verify = groups.add_parser(
        "verify",
        help="check a sealed text: who sealed what, and what is still closed",
        description="Checks sealed texts from their files alone, without a desk, a relay or a network.",
        epilog=EXITS,
    )
    verify.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a sealed text or a page of them, - for standard input; several may refer to each other",
    )
    verify.add_argument(
        "--anchor",
        action="append",
        default=[],
        metavar="SIDE=FINGERPRINT",
        help="a side's seal code, or the fingerprint of its long-term key, as you have it from elsewhere; may be repeated",
    )
    verify.add_argument(
        "--tsa",
        action="append",
        default=[],
        type=Path,
        metavar="CERT.pem",
        help="certificates of an authority for time stamps that you trust; may be repeated",
    )
    verify.add_argument("--json", action="store_true", help="print one line of JSON for each file")
    verify.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check every file, also after one that fails; with --json a refusal, too, is one line of JSON."""
    try:
        return _run(args)
    except Refused as refused:
        if not args.json:
            raise
        print(json.dumps({"error": str(refused), "exit": refused.exit.value}))  # noqa: T201
        return refused.exit


def _run(args: argparse.Namespace) -> int:
    from backchannel.daylight.anchors import typed_anchors  # noqa: PLC0415 - help needs no cryptography
    from backchannel.daylight.checking import lines, looked_at, told  # noqa: PLC0415
    from backchannel.daylight.verify import Checked  # noqa: PLC0415

    typed = typed_anchors(args.anchor)
    authorities = _authorities(args.tsa)
    every = [one for path in args.files for one in looked_at(bytes_of(path), str(path), typed, authorities)]
    for one in every:
        if args.json:
            print(json.dumps(told(one)))  # noqa: T201
            continue
        if len(every) > 1:
            print(f"{one.name}:")  # noqa: T201
        for line in lines(one, every):
            print(on_terminal(line))  # noqa: T201
    return Exit.OK if all(isinstance(one.found, Checked) for one in every) else Exit.VIOLATION


def _authorities(paths: "list[Path]") -> "Authorities | None":
    if not paths:
        return None
    from backchannel.crypto.stamp_trust import read_certificates  # noqa: PLC0415 - most files have no stamp

    return tuple(one for path in paths for one in read_certificates(bytes_of(path)))


def bytes_of(path: Path) -> bytes:
    """Read a file, - for standard input, no further than a sealed text may go; Refused if it cannot be read."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(MOST_BYTES)
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise Refused(
            said(
                "{path} cannot be read: {strerror}; name a file that is there.",
                path=path,
                strerror=error.strerror,
            )
        ) from error
