"""`desk sound price` and `desk sound posted`: one bit about two prices, without either price."""

import argparse

from backchannel.crypto.sounding.params import Kind
from backchannel.desk.commands import soundings
from backchannel.desk.commands.answer import Answer
from backchannel.desk.desk import Desk
from backchannel.desk.prices import listed, marked, why


def meet(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    """Ask whether two limits meet, so whether what the one would give is at least what the other would take."""
    return _ask(desk, args, Kind.THRESHOLD, now)


def posted(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    """Have one price drawn by all desks, and ask whether all accept that one."""
    return _ask(desk, args, Kind.DRAWN, now)


def why_meet(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    return Answer([why(Kind.THRESHOLD)], {})


def why_posted(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    return Answer([why(Kind.DRAWN)], {})


def _ask(desk: Desk, args: argparse.Namespace, kind: Kind, now: int) -> Answer:
    args.kind, args.binding = kind.value, getattr(args, "binding", False)
    args.options = listed(args.first, args.last, args.step, args.unit)
    args.marks = marked(args.options, args.mine, args.end)
    return soundings.opened(desk, args, now, counts_up=args.end == "buyer")
