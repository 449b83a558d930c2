"""What a desk asks of its courier: things to do at a relay, and drops to read there."""

from dataclasses import dataclass

from backchannel.channel.event import RoomId
from backchannel.crypto.secret import Secret


@dataclass(frozen=True, slots=True, repr=False)
class Errand(Secret):
    """One thing for the courier to do at a relay; those of one owner are done in order."""

    owner: RoomId | None  # None: a meeting's
    seq: int
    relay: str
    pin: bytes
    act: str  # open, append or close
    drop: bytes
    value: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Watch(Secret):
    """One drop for the courier to read, from after a position on."""

    owner: RoomId | None
    relay: str
    pin: bytes
    drop: bytes
    read: bytes
    after: int
