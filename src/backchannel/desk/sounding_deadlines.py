"""When a desk ends a sounding by itself, because somebody it awaits has not spoken in time (docs/spec/moves/sounding.md 3).

Not while words that were said in time may still be on their way to it, and not because its clock has jumped.
"""

from backchannel.channel.log import Entry
from backchannel.crypto.sounding.message import Round
from backchannel.crypto.sounding.params import Params
from backchannel.crypto.sounding.transcript import deadline_of
from backchannel.desk.keeping import RENDEZVOUS
from backchannel.desk.room import Room

GRACE_MS = 60_000  # for what was said in time to come
STEADY_MS = 120_000  # after a sleep or a jump of the clock a lost line is noticed in this time
JUMP_MS = 60_000  # between two looks at the clock; more is a sleep or a jump
LONGEST_MS = 86_400_000  # a desk that reaches no relay ends it all the same


def look_at_clock(room: Room, now: int) -> None:
    """Note the time at every tick, so that a jump shows."""
    before, room.ticked = room.ticked, now
    if before is not None and not 0 <= now - before <= JUMP_MS:
        room.unsteady_until = now + STEADY_MS


def past(room: Room, due: int, now: int) -> bool:
    """Whether what was due at a time (ms since 1970) and is not here is held not to have been said in time."""
    if now < due + GRACE_MS:
        return False
    read = all(way.caught_up for way in room.ways if not way.closed and way.epoch != RENDEZVOUS)
    return (read and now >= room.unsteady_until) or now >= due + LONGEST_MS


def late(params: Params, entry: Entry, round_: Round) -> bool:
    """Whether a message came too late to count, by its author's own clock."""
    # spec 3: by what the log says, so that all desks judge alike
    return entry.event.at >= params.deadlines[deadline_of(round_)]
