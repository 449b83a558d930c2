"""Commands on the desk as a whole: its passphrase and its back-up; making, restoring and moving one is the client's."""

import argparse
from pathlib import Path

from backchannel.desk.backup import back_up
from backchannel.desk.commands.answer import Answer
from backchannel.desk.desk import Desk
from backchannel.desk.when import duration, span
from backchannel.errors import Refused
from backchannel.said import said

LOCK_AFTER = "lock-after"
LOCK_SECONDS = 15 * 60
SHORTEST_SECONDS, LONGEST_SECONDS = 60, 7 * 86_400


def lock_after(desk: Desk) -> int:
    """Give after how many seconds without a command this desk locks itself."""
    return int(desk.vault.setting(LOCK_AFTER) or LOCK_SECONDS)


def locking(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    """Show after what time the desk locks itself, or set it."""
    if args.time is not None:
        seconds = duration(args.time)
        if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
            raise Refused(
                "A desk locks itself after a minute at least and a week at most; name a time between."
            )
        desk.vault.set_setting(LOCK_AFTER, str(seconds).encode())
    after = lock_after(desk)
    line = said("This desk locks itself after {span} without an act.", span=span(after * 1000))
    return Answer([line], {"idle_seconds": after})


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
