"""Consent: nothing on a matter is put on record by those who wait for it until each of some people has said yes (docs/spec/moves/consent.md).

What is said: what consent is asked for, and of whom; a yes; a no, which also takes back.
What stands: who has consented, who has not yet, and what was said all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import ID_BYTES, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, listed, read
from backchannel.errors import Violation
from backchannel.moves.naming import check_ids
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_SUBJECT = 2_000  # characters
MAX_PEOPLE = 64


class ConsentAsk(Record, frozen=True):
    """Each of these people is asked to consent before anything on the subject is put on record."""

    subject: str
    people: tuple[bytes, ...]


class ConsentGive(Record, frozen=True):
    """One of them consents."""

    target: bytes


class ConsentRefuse(Record, frozen=True):
    """One of them does not, or not any more; or who asked takes it back."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "consent-ask": ConsentAsk,
    "consent-give": ConsentGive,
    "consent-refuse": ConsentRefuse,
}
# What puts something on record; of which a desk refuses its person the first saying.
RECORDED = frozenset(
    {"paper", "front", "pledge", "deed", "understanding-offer", "precondition", "standby", "seal-draft"}
)


class Status(StrEnum):
    """Where a question of consent stands."""

    OPEN = "open"
    GIVEN = "given"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Asking:
    """A question of consent as it stands; `body` is None once its words have gone. `said` has each person's last word."""

    entry: Entry
    body: ConsentAsk | None
    said: Mapping[MemberId, Entry]
    status: Status

    @property
    def given(self) -> tuple[MemberId, ...]:
        return tuple(mid for mid, one in self.said.items() if one.event.kind == "consent-give")

    @property
    def refused(self) -> tuple[MemberId, ...]:
        return tuple(mid for mid, one in self.said.items() if one.event.kind == "consent-refuse")

    @property
    def missing(self) -> tuple[MemberId, ...]:
        people = () if self.body is None else self.body.people
        return tuple(MemberId(mid) for mid in people if mid not in self.said)

    def binds(self, mid: MemberId) -> bool:
        """Whether somebody is to wait: who asked, and who has consented."""
        return self.status is Status.OPEN and (mid == self.entry.author or mid in self.given)


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of consent, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, ConsentAsk):
        named = all(len(mid) == ID_BYTES for mid in body.people) and len(set(body.people)) == len(body.people)
        subject = 0 < len(body.subject.strip()) <= len(body.subject) <= MAX_SUBJECT
        if not named or not subject or not 0 < len(body.people) <= MAX_PEOPLE:
            raise Violation(
                said(
                    "A question of consent names its subject and from 1 to {max_people} people, each once.",
                    max_people=MAX_PEOPLE,
                )
            )
    else:
        check_ids(getattr(body, "target", b""))
    return body


class Consents(BodyReading):
    """Every question of consent of a room, and what was said to it."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.asked: dict[EventId, ConsentAsk | None] = {}
        self._answers: dict[EventId, list[EventId]] = {}

    def gone(self, entry: Entry) -> None:
        if entry.event.kind == "consent-ask":
            self.asked[entry.id] = None

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, ConsentAsk):
            self.asked[entry.id] = body
        else:
            target = EventId(getattr(body, "target", b""))
            self._answers.setdefault(target, []).append(entry.id)

    def asking(self, eid: EventId, seen_by: Entry | None = None) -> Asking:
        """Give one question as it stands, or as the author of an event had seen it; KeyError if there is none."""
        entry, body = self.log.entries[eid], self.asked[eid]
        heard: dict[MemberId, Entry] = {}
        people = () if body is None else (*body.people, entry.author)
        for one in in_order(self.log.entries[eid] for eid in self._answers.get(eid, ())):
            known = seen_by is None or follows(seen_by, one)
            of_them = one.author in people and (one.author in (body.people if body else ()) or _no(one))
            if of_them and known and follows(one, entry):
                heard[one.author] = one
        if body is None:
            return Asking(entry, None, heard, Status.GONE)
        status = Status.REFUSED if any(map(_no, heard.values())) else Status.GIVEN
        if status is Status.GIVEN and not {MemberId(mid) for mid in body.people} <= heard.keys():
            status = Status.OPEN
        return Asking(entry, body, heard, status)


def _no(entry: Entry) -> bool:
    return entry.event.kind == "consent-refuse"


def standing(log: Log) -> list[Asking]:
    """Give every question of consent in the order of the log."""
    found = read(log, Consents)
    return [found.asking(entry.id) for entry in listed(log, found.asked)]


def awaited(log: Log, mid: MemberId) -> list[Asking]:
    """Give the questions for whose answers somebody waits before putting anything on record."""
    return [one for one in standing(log) if one.binds(mid)]


def early(log: Log, target: EventId) -> list[Entry]:
    """Give what those who were to wait put on record all the same, by what its author had seen (spec consent 3)."""
    found, ask = read(log, Consents), log.entries[target]
    return [
        entry
        for entry in log.ordered()
        if entry.event.kind in RECORDED
        and entry.void is None
        and follows(entry, ask)
        and found.asking(target, entry).binds(entry.author)
    ]
