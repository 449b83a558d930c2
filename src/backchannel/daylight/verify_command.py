"""`backchannel verify FILE`: check sealed texts offline, and say in plain words what they show."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backchannel.errors import Exit, Refused, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    from backchannel.daylight.faults import NotSealed  # noqa: PLC0415
    from backchannel.daylight.verify import Checked, verify  # noqa: PLC0415
    from backchannel.daylight.wording import sentences, value  # noqa: PLC0415

    typed = typed_anchors(args.anchor)
    outcomes: list[tuple[Path, Checked | Violation]] = []
    for path in args.files:
        data = _bytes_of(path)
        try:
            outcomes.append((path, verify(data, typed)))
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
        _say(args, path, said, [f"NOT SEALED: {outcome}"])
    return Exit.OK if all(isinstance(one, Checked) for _, one in outcomes) else Exit.VIOLATION


def _say(args: argparse.Namespace, path: Path, value: "dict[str, Json]", lines: "Iterable[str]") -> None:
    if args.json:
        print(json.dumps(value))  # noqa: T201
        return
    if len(args.files) > 1:
        print(f"{path}:")  # noqa: T201
    for line in lines:
        print(line)  # noqa: T201


def _bytes_of(path: Path) -> bytes:
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(MOST_BYTES)
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}; name a file that is there.") from error
