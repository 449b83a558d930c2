"""How far a desk has come with what it reckons beside its other work; asked by the command line while its person waits."""

import argparse

from backchannel.desk.commands.answer import Answer
from backchannel.desk.desk import Desk
from backchannel.desk.sounding_stand import reckoning
from backchannel.said import said


def reckoned(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    done, whole = reckoning(desk.rooms(), now)
    return Answer([progress(done, whole)], {"done": done, "whole": whole})


def progress(done: int, whole: int) -> str:
    """Say how many of so many options of soundings are dealt with; in words for who waits."""
    return said("Reckoning: {done} of {whole} …", done=f"{done:,}", whole=f"{whole:,}")
