"""`backchannel play …`: play a negotiation of the past on real desks over a real relay."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from backchannel.errors import Exit, Refused

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

EXITS = (
    f"exit codes: {int(Exit.OK)} all that the case must show is held, {int(Exit.REFUSED)} the file is bad and its line named, "
    f"{int(Exit.NOT_HELD)} something was skipped or is not held, {int(Exit.UNAVAILABLE)} the machine failed"
)


def add_parser(groups: "Groups") -> None:
    play = groups.add_parser(
        "play",
        help="play a negotiation of the past on real desks",
        description="Plays a case row by row on real desks over a real relay, then asks the desks what they show.",
        epilog=EXITS,
    )
    play.add_argument(
        "case",
        metavar="NAME|FILE|DIR",
        help="a case that is shipped, such as cuba-1962, a case file, or with --open the folder of a kept play",
    )
    how = play.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print one line of JSON")
    how.add_argument("--narrate", action="store_true", help="tell it line by line as it goes on")
    play.add_argument(
        "--keep", type=Path, metavar="DIR", help="leave relay, traffic and desks in a new folder"
    )
    play.add_argument(
        "--open",
        action="store_true",
        help="then open the desks that were kept in the browser, until Enter; does nothing without a terminal",
    )
    play.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.open and (args.json or (args.keep is None and not Path(args.case).is_dir())):
        raise Refused(
            "Desks are opened for a person, and from a folder: leave --json out, and name a new folder with --keep."
        )
    if args.open and args.keep is None:
        _go_on(Path(args.case))
        return Exit.OK
    code = _play(args)
    if args.open:
        _go_on(args.keep)
    return code


def _go_on(folder: Path) -> None:
    from backchannel.plays.afterwards import KeptPlay, at_a_terminal, go_on  # noqa: PLC0415 - so that help comes at once

    kept = KeptPlay.read(folder)
    if at_a_terminal():
        go_on(kept, _print)
    else:
        _print(f"To open these desks in the browser, give `backchannel play --open {folder}` at a terminal.")


def _play(args: argparse.Namespace) -> int:
    from backchannel.plays.case_file import load_case  # noqa: PLC0415 - here and below: help comes at once
    from backchannel.plays.narrator import Narrator  # noqa: PLC0415
    from backchannel.plays.play import play  # noqa: PLC0415

    case = load_case(args.case)
    narrator = Narrator(case, _print) if args.narrate else None
    if narrator is not None:
        narrator.begin()
    shown = asyncio.run(play(case, keep=args.keep, narrator=narrator))
    if args.narrate:
        return shown.exit
    if args.json:
        print(json.dumps(shown.value(), ensure_ascii=False))  # noqa: T201
    else:
        print("\n".join(shown.lines()))  # noqa: T201
    sys.stdout.flush()
    return shown.exit


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201
