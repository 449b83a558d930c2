"""What a desk keeps of a sounding, as one record, and the only way from it to messages (docs/spec/sounding.md 9)."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from backchannel.crypto.secret import Secret
from backchannel.crypto.sounding.message import Round, parse_message
from backchannel.crypto.sounding.params import Bytes32, Params
from backchannel.crypto.sounding.transcript import Parent
from backchannel.wire.codec import Record, decode

WATCHER = -1


class How(StrEnum):
    """How a sounding ended."""

    RESULT = "result"
    ABSENT = "absent"  # somebody had not spoken at the deadline
    BROKEN = "broken"  # somebody broke the rules, and `Blame` says who
    DISAGREED = "disagreed"  # the sides hold different stories, and it is not shown whose fault that is
    WITHDRAWN = "withdrawn"  # our own person gave it up


class Ended(Record, frozen=True):
    """How a sounding ended and in which round; `sides` are the absent ones or the one who broke the rules."""

    how: How
    round: Round
    sides: tuple[int, ...]


class Blame(Record, frozen=True):
    """Who broke the rules, and the signed messages that show it to everyone who holds the same keys."""

    side: int
    reason: str
    messages: tuple[bytes, ...]


class Kept(Secret, Record, frozen=True):
    """All of a sounding at one desk; secrets are empty once they are spent."""

    version: Literal[1]
    params: Params
    index: Annotated[int, Meta(ge=WATCHER, lt=10)]
    serial: Annotated[int, Meta(ge=0)]
    live: bool  # may still speak
    part: bytes
    session_seed: bytes
    marks: bytes
    openings: bytes
    seen: tuple[Bytes32, ...]
    held: tuple[bytes, ...]
    early: tuple[bytes, ...]
    ended: Ended | None
    blame: Blame | None
    parent: Parent | None


def outgoing(saved: bytes) -> tuple[bytes, ...]:
    """Give all that this side has said, in order, out of what was written to disk.

    There is no other way to a message: what is sent was saved. After a crash the same bytes go out again.
    """
    kept = decode(saved, Kept)
    return tuple(data for data in kept.held if parse_message(data).sender == kept.index)
