"""Soundings as talk: one is opened, and its messages ride in the room's log (docs/spec/moves/sounding.md).

A feeler is a sounding over one option. What the messages mean is crypto/sounding; who may open one, and for whom, is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from backchannel.channel.event import ID_BYTES, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Role
from backchannel.channel.reading import BodyReading, read
from backchannel.crypto.sounding.params import Params, parse_params
from backchannel.errors import Violation
from backchannel.moves.seal import SPEAKERS
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_AGENDA = 200  # characters
MAX_MESSAGES = 64  # in one event; a sender splits so that the event stays under 1 MiB

Messages = Annotated[tuple[bytes, ...], Meta(max_length=MAX_MESSAGES)]


class SoundingOpen(Record, frozen=True):
    """A sounding and its opener's first messages; `agenda` is what it is about, for everybody's budget."""

    agenda: str
    params: bytes
    messages: Messages


class SoundingSay(Record, frozen=True):
    """Further messages of one side in a sounding."""

    target: bytes
    messages: Messages


EXPLORERS = SPEAKERS | {Role.EXPLORATORY_ENVOY}  # who may answer what binds nobody


class SoundingStop(Record, frozen=True):
    """That one of those who answer, or who opened it, gives a sounding up."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "sounding-open": SoundingOpen,
    "sounding-say": SoundingSay,
    "sounding-stop": SoundingStop,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A sounding that was opened soundly; `people` answer it, in the order of its sides."""

    entry: Entry
    agenda: str
    params: Params
    people: tuple[MemberId, ...]


def parse(kind: str, data: bytes) -> Record:
    """Read the opening of a sounding or messages of one, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, SoundingOpen):
        parse_params(body.params)
        if not 0 < len(body.agenda.strip()) <= len(body.agenda) <= MAX_AGENDA:
            raise Violation(
                said(
                    "A sounding says in 1 to {max_agenda} characters what it is about.", max_agenda=MAX_AGENDA
                )
            )
    elif isinstance(body, SoundingSay) and (len(body.target) != ID_BYTES or not body.messages):
        raise Violation("These messages belong to no sounding.")
    elif isinstance(body, SoundingStop) and len(body.target) != ID_BYTES:
        raise Violation("This gives up no sounding.")
    return body


class Soundings(BodyReading):
    """Every sounding of a room, and what was said in it, in the order in which it came."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.opened: dict[EventId, Opened] = {}
        self._said: dict[EventId, list[EventId]] = {}
        self._messages: dict[EventId, tuple[bytes, ...]] = {}
        self._stops: dict[EventId, list[Entry]] = {}

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, SoundingOpen):
            found = self._sound(entry, body)
            if found is None:
                return
            self.opened[entry.id] = found
        if isinstance(body, SoundingStop):
            found = self.opened.get(EventId(body.target))
            if found is not None and entry.author in {*found.people, found.entry.author}:
                self._stops.setdefault(found.entry.id, []).append(entry)
            return
        target = entry.id if isinstance(body, SoundingOpen) else EventId(getattr(body, "target", b""))
        self._said.setdefault(target, []).append(entry.id)
        self._messages[entry.id] = getattr(body, "messages", ())

    def _sound(self, entry: Entry, body: SoundingOpen) -> Opened | None:
        """Take an opening in if its sides are people who speak for different sides here, and its opener may ask them."""
        # spec 3
        params, people = parse_params(body.params), self.log.people()
        asked = [people.get(MemberId(side)) for side in params.sides]
        able = SPEAKERS if params.binding else EXPLORERS
        speaking = [one for one in asked if one is not None and one.role in able]
        opener = people.get(entry.author)
        if len(speaking) < len(asked) or len({one.side for one in speaking}) < len(asked) or opener is None:
            return None
        if entry.author not in params.sides and (opener.role != Role.GO_BETWEEN or params.parent):
            return None
        return Opened(entry, body.agenda, params, tuple(MemberId(side) for side in params.sides))

    def stopped(self, sounding: EventId) -> MemberId | None:
        """Give who has given a sounding up; of several the same one on every desk."""
        return (
            min((entry.id, entry.author) for entry in self._stops[sounding])[1]
            if sounding in self._stops
            else None
        )

    def count(self, sounding: EventId) -> int:
        """Count the events in which something was said in a sounding."""
        return len(self._said.get(sounding, ()))

    def said(self, sounding: EventId) -> list[tuple[Entry, tuple[bytes, ...]]]:
        """Give what was said in a sounding, as far as it came and is still here."""
        return [(self.log.entries[eid], self._messages[eid]) for eid in self._said.get(sounding, ())]


def opened(log: Log) -> Mapping[EventId, Opened]:
    """Give every sounding of a room."""
    return read(log, Soundings).opened
