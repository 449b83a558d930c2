"""Commands on the desk as a whole: its passphrase, its back-up, its move to another machine."""

import argparse

from backchannel.desk.commands.answer import Answer
from backchannel.desk.desk import Desk


def passphrase(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    desk.vault.check(args.old.encode())
    desk.vault.change_passphrase(args.new.encode())
    line = "The passphrase is changed; the old one opens nothing here any more. Copies of this folder made before still open with it."
    return Answer([line], {"changed": True})
