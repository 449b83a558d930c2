"""Every `backchannel desk …` as its person meets it: asks for what is missing, has the desk do it, prints the answer.

If the desk is unlocked this is a thin client and imports nothing heavy; otherwise the desk is opened for the one command.
"""

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from backchannel.desk import following, inputs, whole_desk
from backchannel.desk.asking import Reply
from backchannel.desk.front import Door, ask, asked, choose_room, harmless, open_door, show
from backchannel.desk.parser import HOME
from backchannel.desk.preparing import PREPARE
from backchannel.errors import BackchannelError, Refused
from backchannel.said import said

VARIABLE = "BACKCHANNEL_DESK"
LOOK_SECONDS = 0.2  # between two looks at how far a desk has come
# What makes a desk reckon, perhaps for long.
BEGINS_WORK = frozenset(
    {"sound open", "sound answer", "sound again", "package search", "package accept", "package decline"}
)


def run(args: argparse.Namespace) -> int:
    """Do one command; with --json an error, too, is one line of JSON on standard output."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without a letter shows its code
    args.desk = Path(args.desk or os.environ.get(VARIABLE) or HOME).expanduser()
    args.colour = not (args.plain or args.json or os.environ.get("NO_COLOR")) and sys.stdout.isatty()
    try:
        _check_encodable(args)
        return ACTS.get(args.command, _ordinary)(args)
    except BackchannelError as error:
        if not args.json:
            raise type(error)(harmless(str(error))) from error
        print(json.dumps({"error": str(error), "exit": int(error.exit)}))  # noqa: T201
        return int(error.exit)


def _check_encodable(args: argparse.Namespace) -> None:
    for value in vars(args).values():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and any("\ud800" <= char <= "\udfff" for char in word):
                raise Refused("An argument is not UTF-8; set your terminal to UTF-8 and try again.")


def _ordinary(args: argparse.Namespace) -> int:
    door = open_door(args)
    try:
        choose_room(door, args)
        if args.command in PREPARE:
            PREPARE[args.command](door, args)
        code = _finish(args, ask(door, args))
        if args.command in BEGINS_WORK and sys.stderr.isatty() and not args.json:
            _wait_for(door, args)
        return code
    finally:
        door.close()


def _wait_for(door: Door, args: argparse.Namespace) -> None:
    """Show how far an unlocked desk comes with what a command has begun; it goes on without whoever does not wait."""
    with inputs.counting() as tell, suppress(KeyboardInterrupt):
        while (reply := door.ask(asked(args, command="sound reckoning"))).value["whole"]:
            tell(reply.lines[0])
            time.sleep(LOOK_SECONDS)


def _finish(args: argparse.Namespace, reply: Reply) -> int:
    if reply.files:
        return _written(args, reply)
    return show(args, reply)


def _written(args: argparse.Namespace, reply: Reply) -> int:
    """Write what a command gave to where it was asked to, and never over anything."""
    if args.command == "export" and args.to is None:
        sys.stdout.buffer.write(reply.files[0][1])
        return reply.exit
    places = [_place(args, name) for name, _ in reply.files]
    if there := [path for path in places if path.exists()]:
        raise Refused(said("{there} is there already; name another place with --to.", there=there[0]))
    for path, (_, data) in zip(places, reply.files, strict=True):
        try:
            with path.open("xb") as file:
                path.chmod(0o600)
                file.write(data)
        except FileExistsError as error:
            raise Refused(
                said("{path} is there already; name another place with --to.", path=path)
            ) from error
        except OSError as error:
            raise Refused(
                said(
                    "{path} cannot be written: {strerror}; name another place with --to.",
                    path=path,
                    strerror=error.strerror,
                )
            ) from error
    return show(args, reply)


def _place(args: argparse.Namespace, name: str) -> Path:
    if args.command == "attachments save":
        return Path(args.to) / name
    to = Path(args.to)
    match name:
        case "statement.json":
            return to.with_name(f"{to.stem}-statement{to.suffix}")
        case "page.html" if args.command == "surface publish":
            return to.with_name(f"{to.stem}-page.html" if to.suffix == ".html" else f"{to.stem}.html")
        case _:
            return to


ACTS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "new": whole_desk.new,
    "unlock": whole_desk.unlock,
    "lock": whole_desk.lock,
    "restore": whole_desk.restore,
    "move": whole_desk.move,
    "wipe": whole_desk.wipe,
    "watch": following.watch,
    "words": following.words,
}
