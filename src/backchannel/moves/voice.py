"""Who speaks in an event, judged by what its author had seen."""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Member


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody speaking: as whom they were seated, when by their clock, and how far into each author's chain they had seen."""

    member: Member | None
    at: int
    seen: Mapping[MemberId, int]

    def saw(self, earlier: Entry) -> bool:
        return self.seen.get(earlier.author, 0) >= earlier.event.seq


def voice_of(log: Log, entry: Entry) -> Voice:
    """Who spoke in an event that stands."""
    return Voice(log.seating(entry.view).seated.get(entry.author), entry.event.at, entry.seen)


def voice_now(log: Log, author: MemberId, now: int) -> Voice:
    """Somebody about to speak, who has seen everything in this log."""
    seen: dict[MemberId, int] = {}
    for head in log.heads:
        for other, seq in log.entries[head].seen.items():
            seen[other] = max(seq, seen.get(other, 0))
    return Voice(log.seating().seated.get(author), now, seen)
