"""Need to know: who may know a term, as its author's side says beside it (docs/spec/moves/need_to_know.md)."""

from collections.abc import Mapping

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, read, same_side
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_PEOPLE = 64
MAX_NAME = 120  # as a credential has it


class NeedToKnow(Record, frozen=True):
    """Only these people are to know what an event of this room says."""

    target: bytes
    people: tuple[str, ...]


KINDS: Mapping[str, type[Record]] = {"need-to-know": NeedToKnow}


def parse(kind: str, data: bytes) -> Record:
    """Read a list of who may know, or raise Violation."""
    body = decode(data, KINDS[kind])
    assert isinstance(body, NeedToKnow)
    named = all(0 < len(name) <= MAX_NAME for name in body.people) and len(set(body.people)) == len(
        body.people
    )
    if len(body.target) != ID_BYTES or not named or not 0 < len(body.people) <= MAX_PEOPLE:
        raise Violation(
            said(
                "A need-to-know list names what it is about and from 1 to {max_people} people, each once.",
                max_people=MAX_PEOPLE,
            )
        )
    return body


class Lists(BodyReading):
    """Every list of a room, filed under what it is about."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._said: dict[EventId, dict[EventId, NeedToKnow]] = {}

    def take(self, entry: Entry, body: Record) -> None:
        assert isinstance(body, NeedToKnow)
        self._said.setdefault(EventId(body.target), {})[entry.id] = body

    def targets(self) -> list[EventId]:
        """Everything that a list is about and that is here."""
        return [target for target in self._said if target in self.log.entries]

    def of(self, target: EventId) -> tuple[Entry, NeedToKnow] | None:
        """Give the list that stands for an event: the last that the side of its author made of it, having seen it."""
        said = self._said.get(target, {})
        listed = self.log.entries.get(target)
        if not said or listed is None:
            return None
        own = [
            one
            for one in in_order(self.log.entries[eid] for eid in said)
            if follows(one, listed) and same_side(self.log, one, listed)
        ]
        return (own[-1], said[own[-1].id]) if own else None


def standing(log: Log) -> list[tuple[EventId, Entry, NeedToKnow]]:
    """Give each event that a list stands for, with that list; in the order of the events' numbers, times and ids."""
    found = read(log, Lists)
    lists = [(target, *known) for target in found.targets() if (known := found.of(target)) is not None]

    def place(target: EventId) -> tuple[int, int, bytes]:
        event = log.entries[target].event
        return event.number, event.at, target

    return sorted(lists, key=lambda one: place(one[0]))
