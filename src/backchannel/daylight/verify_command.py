"""`backchannel verify FILE`: check sealed texts offline, and say in plain words what they show."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backchannel.errors import Exit, Refused, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backchannel.crypto.stamp_trust import Authorities
    from backchannel.wire.canonical_json import Json

MOST_BYTES: Final = (4 << 20) + 1  # one more than a sealed text may have, to see that there are more

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
        help="a sealed text, - for standard input; several may refer to each other",
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
    from backchannel.daylight.faults import STAMPS, NotSealed  # noqa: PLC0415
    from backchannel.daylight.verify import Checked, verify  # noqa: PLC0415
    from backchannel.daylight.wording import sentences, value  # noqa: PLC0415

    typed = typed_anchors(args.anchor)
    authorities = _authorities(args.tsa)
    outcomes: list[tuple[Path, Checked | Violation]] = []
    for path in args.files:
        data = bytes_of(path)
        try:
            outcomes.append((path, verify(data, typed, authorities)))
        except Violation as error:
            outcomes.append((path, error))
    beside = {one.text: one.payload.title for _, one in outcomes if isinstance(one, Checked)}
    for path, outcome in outcomes:
        if isinstance(outcome, Checked):
            _say(
                args,
                path,
                {"file": str(path), **value(outcome)},
                sentences(outcome, {text: title for text, title in beside.items() if text != outcome.text}),
            )
            continue
        fault = outcome.fault.value if isinstance(outcome, NotSealed) else ""
        said: dict[str, Json] = {
            "file": str(path),
            "sealed": False,
            "error": str(outcome),
            "fault": fault,
            "exit": outcome.exit.value,
        }
        # spec 9: a stamp is checked when all that the sides signed has held, and says nothing against it
        headline = "NOT ACCEPTED" if fault in STAMPS else "NOT SEALED"
        _say(args, path, said, [f"{headline}: {outcome}"])
    return Exit.OK if all(isinstance(one, Checked) for _, one in outcomes) else Exit.VIOLATION


def _authorities(paths: "list[Path]") -> "Authorities | None":
    if not paths:
        return None
    from backchannel.crypto.stamp_trust import read_certificates  # noqa: PLC0415 - most files have no stamp

    return tuple(one for path in paths for one in read_certificates(bytes_of(path)))


def _say(args: argparse.Namespace, path: Path, value: "dict[str, Json]", lines: "Iterable[str]") -> None:
    if args.json:
        print(json.dumps(value))  # noqa: T201
        return
    if len(args.files) > 1:
        print(f"{path}:")  # noqa: T201
    for line in lines:
        print(line)  # noqa: T201


def bytes_of(path: Path) -> bytes:
    """Read a file, - for standard input, no further than a sealed text may go; Refused if it cannot be read."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(MOST_BYTES)
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}; name a file that is there.") from error
