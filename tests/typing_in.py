"""A command as its person types it, at a desk of a stage without sockets."""

from backchannel.__main__ import parser
from backchannel.desk.commands.answer import Answer
from backchannel.desk.commands.table import perform
from desks import Seat


def typed(seat: Seat, *words: str, **given: object) -> Answer:
    """Do a command at a desk; `given` is what a terminal would have asked for, or another command that asks first."""
    args = parser("desk").parse_args(["desk", *words])
    for name, value in given.items():
        setattr(args, name, value)
    return perform(seat.desk, args, seat.now)
