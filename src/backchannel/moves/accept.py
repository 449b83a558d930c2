"""Accepting an offer, for one's side (docs/spec/moves/accept.md): what is said; moves/offer.py says what counts."""

from collections.abc import Mapping

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading
from backchannel.errors import Violation
from backchannel.wire.codec import Record, decode


class Accept(Record, frozen=True):
    """The author's side takes an offer as it stands."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {"accept": Accept}


def parse(kind: str, data: bytes) -> Record:
    """Read an acceptance, or raise Violation."""
    body = decode(data, KINDS[kind])
    if not isinstance(body, Accept) or len(body.target) != ID_BYTES:
        raise Violation("This accepts nothing.")
    return body


class Acceptances(BodyReading):
    """Everything that was said to accept something, filed under what it names."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._of: dict[EventId, list[EventId]] = {}

    def take(self, entry: Entry, body: Record) -> None:
        assert isinstance(body, Accept)
        self._of.setdefault(EventId(body.target), []).append(entry.id)

    def of(self, target: EventId) -> list[Entry]:
        """What would accept an item, in no order."""
        return [self.log.entries[eid] for eid in self._of.get(target, ())]
