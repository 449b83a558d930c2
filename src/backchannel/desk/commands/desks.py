"""Commands on the desk as a whole: its passphrase and its back-up; making, restoring and moving one is the client's."""

import argparse
from pathlib import Path

from backchannel.desk.backup import back_up
from backchannel.desk.commands.answer import Answer
from backchannel.desk.desk import Desk
from backchannel.said import said


def passphrase(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    desk.vault.check(args.old.encode())
    desk.vault.change_passphrase(args.new.encode())
    line = said(
        "The passphrase is changed; the old one opens nothing here any more. Copies of this folder made before still"
        " open with it."
    )
    return Answer([line], {"changed": True})


def backup(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    path = Path(args.file)
    size = back_up(desk, path, args.new.encode(), now)
    lines = [
        said(
            "The back-up is in {path} ({size} bytes), encrypted with its own passphrase.",
            path=path,
            size=size,
        ),
        said(
            "It holds what was said here and nothing that could speak: rooms restored from it can be read, not written."
        ),
    ]
    return Answer(lines, {"file": str(path), "bytes": size})
