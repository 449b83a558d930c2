"""Standby texts: lodged with a third person, who releases them as their own, and only on a signal (docs/spec/moves/standby.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import ID_BYTES, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import Reading, follows, in_order, read
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_TEXT = 200_000  # characters, as a paper has
MAX_SIGNAL = 500
MAX_NAME = 200


class Standby(Record, frozen=True):
    """A text and the member who holds it; `signal` is what will be said or done, `issued_as` in what capacity it is issued."""

    holder: bytes
    signal: str
    issued_as: str
    text: str


class StandbySignal(Record, frozen=True):
    """The signal: its lodger says that the text may be released."""

    target: bytes


class StandbyRelease(Record, frozen=True):
    """The holder has taken the text up as their own."""

    target: bytes


class StandbyCancel(Record, frozen=True):
    """The lodger takes the text back: every desk lets go of it; `holder` is said again, as the text is gone then."""

    target: bytes
    holder: bytes


KINDS: Mapping[str, type[Record]] = {
    "standby": Standby,
    "standby-signal": StandbySignal,
    "standby-release": StandbyRelease,
    "standby-cancel": StandbyCancel,
}


class Status(StrEnum):
    """How far a standby text has come."""

    LODGED = "lodged"
    SIGNALLED = "signalled"
    RELEASED = "released"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Lodged:
    """A standby text as it stands; `body` is None once its words have gone."""

    entry: Entry
    body: Standby | None
    holder: MemberId | None
    status: Status
    signalled: Entry | None
    released: Entry | None
    cancelled: Entry | None


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of a standby text, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, Standby):
        sound = (
            len(body.holder) == ID_BYTES
            and len(body.text.strip()) > 0
            and len(body.text) <= MAX_TEXT
            and len(body.signal.strip()) > 0
            and len(body.signal) <= MAX_SIGNAL
            and len(body.issued_as) <= MAX_NAME
        )
        if not sound:
            raise Violation(
                said(
                    "A standby text names its holder and its signal, the signal in at most {max_signal} characters,"
                    " the capacity in {max_name}, the text in {max_text}.",
                    max_signal=MAX_SIGNAL,
                    max_name=MAX_NAME,
                    max_text=MAX_TEXT,
                )
            )
    elif any(len(getattr(body, name)) != ID_BYTES for name in body.__struct_fields__):
        raise Violation("This names no standby text.")
    return body


class Standbys(Reading):
    """Every standby text of a room, with what was said of it."""

    kinds = frozenset(KINDS)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.bodies: dict[EventId, Standby | None] = {}
        self._said: dict[EventId, list[EventId]] = {}
        self._holders: dict[EventId, MemberId] = {}  # as cancellations name them

    def file(self, entry: Entry) -> None:
        if entry.void is not None:
            return
        lodging = entry.event.kind == "standby"
        if lodging and entry.erased is not None:
            self.bodies[entry.id] = None
        if entry.erased is not None:
            return
        try:
            body = parse(entry.event.kind, entry.event.body)
        except Violation:
            return  # it counts for nothing; the record shows that it was said
        if isinstance(body, Standby):
            self.bodies[entry.id] = body
        elif isinstance(body, StandbySignal | StandbyRelease | StandbyCancel):
            self._said.setdefault(EventId(body.target), []).append(entry.id)
            if isinstance(body, StandbyCancel):
                self._holders[entry.id] = MemberId(body.holder)

    def lodged(self, eid: EventId) -> Lodged:
        """Give one standby text as it stands."""
        entry, body = self.log.entries[eid], self.bodies[eid]
        said = in_order(self.log.entries[one] for one in self._said.get(eid, ()))
        own = [one for one in said if one.author == entry.author and follows(one, entry)]
        signals, cancels = _of(own, "standby-signal"), _of(own, "standby-cancel")
        named = {self._holders[one.id] for one in cancels} if body is None else {MemberId(body.holder)}
        holder = min(named, default=None)
        releases = [
            one
            for one in _of(said, "standby-release")
            if one.author == holder and any(follows(one, signal) for signal in signals)
        ]
        # spec standby 3: what is released cannot be taken back by somebody who has seen it
        cancels = [
            one
            for one in cancels
            if self._holders[one.id] == holder and not any(follows(one, release) for release in releases)
        ]
        status = Status.SIGNALLED if signals else Status.LODGED
        if cancels:
            status = Status.CANCELLED
        if releases:
            status = Status.RELEASED
        return Lodged(entry, body, holder, status, _first(signals), _first(releases), _first(cancels))


def _of(said: Iterable[Entry], kind: str) -> list[Entry]:
    return [one for one in said if one.event.kind == kind]


def _first(said: list[Entry]) -> Entry | None:
    return said[0] if said else None


def standing(log: Log) -> list[Lodged]:
    """Give every standby text whose words are here or that was cancelled, the oldest first; the same for any order of arrival."""
    found = read(log, Standbys)
    lodged = (found.lodged(eid) for eid in found.bodies)
    shown = [one for one in lodged if one.body is not None or one.cancelled is not None]
    return sorted(shown, key=lambda one: (one.entry.event.at, one.entry.id))


def cancelled(log: Log) -> list[EventId]:
    """Give the texts that their lodgers took back, which every desk lets go of."""
    found = read(log, Standbys)
    return [eid for eid in found.bodies if found.lodged(eid).cancelled is not None]
