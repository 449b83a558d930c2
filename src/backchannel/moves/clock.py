"""Clocks: times that press on somebody, said by one person of the room (docs/spec/moves/clock.md).

What is said: when, what happens then, which sides feel it, and whether the world set it or a party. What stands: each
clock that nobody of its author's side has taken down.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, read, same_side
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_WHAT = 500  # characters
MAX_SIDES = 24
MAX_NAME = 120  # as a credential has it


class Clock(Record, frozen=True):
    """What happens at a time (ms since 1970), by whom it is felt, and whether the world imposed it (`hard`)."""

    what: str
    at: int
    felt_by: tuple[str, ...]
    hard: bool


class ClockDrop(Record, frozen=True):
    """The side that put a clock up takes it down."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {"clock": Clock, "clock-drop": ClockDrop}


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock that stands, as its author says it."""

    entry: Entry
    clock: Clock


def parse(kind: str, data: bytes) -> Record:
    """Read a clock or the taking down of one, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, Clock):
        named = all(0 < len(side) <= MAX_NAME for side in body.felt_by)
        sound = len(body.what.strip()) > 0 and len(body.what) <= MAX_WHAT and len(body.felt_by) <= MAX_SIDES
        if not (sound and named and len(set(body.felt_by)) == len(body.felt_by)):
            raise Violation(
                said(
                    "A clock says in at most {max_what} characters what happens, and names each side that feels it once.",
                    max_what=MAX_WHAT,
                )
            )
    elif isinstance(body, ClockDrop) and len(body.target) != ID_BYTES:
        raise Violation("What takes a clock down names no clock.")
    return body


class Clocks(BodyReading):
    """Every clock of a room, with what takes it down."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.bodies: dict[EventId, Clock] = {}
        self._drops: dict[EventId, list[EventId]] = {}

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, Clock):
            self.bodies[entry.id] = body
        elif isinstance(body, ClockDrop):
            self._drops.setdefault(EventId(body.target), []).append(entry.id)

    def stands(self, eid: EventId) -> bool:
        """Whether nobody of the side that put a clock up has taken it down."""
        clock = self.log.entries[eid]
        drops = (self.log.entries[drop] for drop in self._drops.get(eid, ()))
        return not any(follows(drop, clock) and same_side(self.log, drop, clock) for drop in drops)


def standing(log: Log) -> list[Standing]:
    """Give every clock that stands, the earliest time first; the same for any order of arrival."""
    found = read(log, Clocks)
    stand = (Standing(log.entries[eid], clock) for eid, clock in found.bodies.items() if found.stands(eid))
    return sorted(stand, key=lambda one: (one.clock.at, one.entry.id))
