"""The terminal's side of a desk: reach it, ask it, show what it answers. Imports nothing heavy."""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from backchannel.desk import inputs
from backchannel.desk.asking import AgentDoor, Reply
from backchannel.errors import Refused
from backchannel.languages import on_terminal
from backchannel.said import said

PASSPHRASE = "--passphrase-fd"  # noqa: S105 - the name of an option
NEW_PASSPHRASE = "--new-passphrase-fd"  # noqa: S105
# Commands that are for one room, where a person with several is asked which.
OF_A_ROOM = frozenset(
    {"room", "retention", "leave", "forget", "invite", "requests", "admit", "remove", "words", "people", "show", "read", "say",
     "withdraw", "note", "attachments list", "attachments save", "export", "compare", "watch", "forge",
     "seal draft", "seal key", "seal freeze", "seal show", "seal agree", "seal go", "seal anchor", "seal save", "seal known-as", "seal stamp", "seal key-export",
     "surface line", "surface propose", "surface agree", "surface retract", "surface show", "surface preview", "surface statement",
     "surface publish", "report",
     "clock add",
     "understanding offer", "understanding confirm", "understanding decline", "understanding show", "understanding record",
     "standby lodge", "standby signal", "standby release", "standby cancel", "standby show",
     "sound feel", "sound open", "sound price", "sound posted", "sound answer", "sound stop", "sound again", "sound show", "sound ledger",
    "precondition state", "precondition restate", "precondition park", "precondition drop", "precondition show",
     "mandate give", "mandate claim", "mandate revoke", "mandate challenge", "mandate answer", "mandate checked", "mandate show", "accept",
     "pledge make", "pledge acknowledge", "pledge broken", "pledge release", "pledge show", "deed report", "deed read", "deed show",
     "published", "lapse", "understanding broken",
     "package propose", "package agree", "package drop", "package show", "package prefer", "package refine", "package explain", "package forget",
     "package search", "package progress", "package accept", "package decline", "package stop",
     "leak report", "leak lift", "leak line set", "leak line agree", "leak show",
     "need-to-know set", "need-to-know show", "sunset set", "sunset agree",
     "sunset choose", "sunset show", "impasse call", "impasse lift", "impasse show", "ratify ask", "ratify result", "ratify show",
     "script pin", "script agree", "script step", "script go-on", "script show",
     "consent ask", "consent give", "consent refuse", "consent show", "interest declare", "interest show"}
)  # fmt: skip


class Door(Protocol):
    """An open desk, in this process or another."""

    def ask(self, args: argparse.Namespace) -> Reply: ...

    def close(self) -> None: ...


def open_door(args: argparse.Namespace) -> Door:
    """Reach the desk: the unlocked one, or opened here with the passphrase."""
    agent = AgentDoor.find(args.desk)
    if agent is not None:
        return agent
    check_there(args.desk)
    passphrase = inputs.secret(args.passphrase_fd, "Passphrase: ", PASSPHRASE)
    with inputs.telling(said("Opening the desk")):
        from backchannel.desk.own_door import OwnDoor  # noqa: PLC0415 - heavy, and not needed beside an agent

        return OwnDoor.open(args.desk, passphrase, warn)


def check_there(home: Path) -> None:
    if (home / "vault.key").exists():
        return
    if (home / "moved").exists():
        raise Refused(
            said("The desk in {home} was moved to another place on purpose; open it there.", home=home)
        )
    raise Refused(
        said(
            "There is no desk in {home}; make one with `backchannel desk new`, or name its folder with --desk.",
            home=home,
        )
    )


def ask(door: Door, args: argparse.Namespace, **changes: object) -> Reply:
    """Ask for a command, perhaps another than the one given."""
    with inputs.telling("Working"):
        return door.ask(asked(args, **changes))


def asked(args: argparse.Namespace, **changes: object) -> argparse.Namespace:
    """Give a command with something in it changed."""
    return argparse.Namespace(**{**vars(args), **changes})


def choose_room(door: Door, args: argparse.Namespace) -> None:
    if args.room is not None or args.command not in OF_A_ROOM or not sys.stdin.isatty() or args.json:
        return
    if getattr(args, "private", False):
        return
    reply = ask(door, args, command="rooms")
    rooms = reply.value["rooms"]
    if len(rooms) < 2:  # noqa: PLR2004 - nothing to choose
        return
    for number, room in enumerate(reply.lines, 1):
        warn(said("{number}  {room}", number=number, room=room))
    typed = inputs.line(said("Which room? "), "--room")
    if not typed.isdigit() or not 1 <= int(typed) <= len(rooms):
        raise Refused(
            said("Please type a number from 1 to {count}, or name the room with --room.", count=len(rooms))
        )
    args.room = rooms[int(typed) - 1]["id"]


def show(args: argparse.Namespace, reply: Reply) -> int:
    if args.json:
        print(json.dumps(reply.value))  # noqa: T201
    else:
        for line in reply.lines:
            for row in _rows(on_terminal(line)):
                print(row)  # noqa: T201
    return reply.exit


def show_now(args: argparse.Namespace, reply: Reply) -> None:
    show(args, reply)
    sys.stdout.flush()


def _rows(line: str) -> Iterable[str]:
    """Cut a line to the terminal; where nobody looks, in a file or a pipe, it stays whole."""
    if not sys.stdout.isatty():
        return [line]
    from backchannel.desk.wrapping import wrapped  # noqa: PLC0415

    return wrapped(line, shutil.get_terminal_size().columns)


def warn(sentence: str) -> None:
    sys.stderr.write(on_terminal(harmless(sentence)) + "\n")


def harmless(sentence: str) -> str:
    """Show a sentence that may name people and rooms as others called them."""
    from backchannel.desk.shown import one_line  # noqa: PLC0415

    return one_line(sentence)
