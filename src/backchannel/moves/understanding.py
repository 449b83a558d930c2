"""Oral understandings: that something was agreed, between whom and when, and no word of what (docs/spec/moves/understanding.md).

What is said: an offer that names only a subject; each named side's yes or no.
What stands: who has confirmed, since when all have, and what became of it, read off the log.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import EventId
from backchannel.channel.likeness import plain
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Role
from backchannel.channel.reading import BodyReading, follows, in_order, listed, read
from backchannel.errors import Violation
from backchannel.moves.mandate import ENDING
from backchannel.moves.naming import check_ids, check_sides
from backchannel.moves.promise import LAPSES, Fate, Lapse, Promise, fate
from backchannel.moves.seal import speaks_for
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_SUBJECT = 200  # characters, as a sealed record has it
MOST_WORDS = 4  # of a text shown in the room that may stand in a row in a subject

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(  # a letter of a script that puts no space between words; two of them count as a word
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_READ = ((_WORD, MOST_WORDS + 1), (_UNSPACED, 2 * (MOST_WORDS + 1)))


class UnderstandingOffer(Record, frozen=True):
    """A side asks the named sides, its own among them, to confirm what was agreed by word of mouth.

    `due` is when it is to be performed, in milliseconds since 1970; `replaces` a paper that was handed back for it.
    """

    subject: str
    sides: tuple[str, ...]
    due: int | None
    lapse: str
    replaces: bytes | None


class UnderstandingConfirm(Record, frozen=True):
    """A named side's yes."""

    target: bytes


class UnderstandingDecline(Record, frozen=True):
    """A named side's no."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "understanding-offer": UnderstandingOffer,
    "understanding-confirm": UnderstandingConfirm,
    "understanding-decline": UnderstandingDecline,
}


class Status(StrEnum):
    """Where an understanding stands."""

    OFFERED = "offered"
    CONFIRMED = "confirmed"
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    LAPSED = "lapsed"
    DECLINED = "declined"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Understanding:
    """One understanding as it stands; `body` is None once its record has expired.

    `confirmed` and `declined` give each side's word in the order of the log; an offer is its own side's yes.
    """

    entry: Entry
    body: UnderstandingOffer | None
    confirmed: Mapping[str, Entry]
    declined: Mapping[str, Entry]
    fate: Fate
    status: Status

    @property
    def sides(self) -> tuple[str, ...]:
        return () if self.body is None else self.body.sides

    @property
    def awaits(self) -> tuple[str, ...]:
        """The sides that have said neither yes nor no."""
        return tuple(side for side in self.sides if side not in {*self.confirmed, *self.declined})

    @property
    def confirmed_at(self) -> int | None:
        """When the last named side confirmed, in milliseconds since 1970; None if one has not."""
        if not self.sides or set(self.confirmed) != set(self.sides):
            return None
        return max(entry.event.at for entry in self.confirmed.values())


def parse(kind: str, data: bytes) -> Record:
    """Read what is said towards an understanding, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, UnderstandingOffer):
        check_sides(body.sides, least=2)
        if not 0 < len(body.subject) <= MAX_SUBJECT or not plain(body.subject):
            raise Violation(
                said(
                    "The subject of an understanding is one plain line of at most {max_subject} letters.",
                    max_subject=MAX_SUBJECT,
                )
            )
        if body.lapse not in LAPSES:
            raise Violation(
                "This understanding does not say soundly what becomes of it when it is made public."
            )
        check_ids(*(() if body.replaces is None else (body.replaces,)))
    else:
        check_ids(getattr(body, "target", b""))
    return body


class Understandings(BodyReading):
    """Every understanding of a room, filed with what each side said to it."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)
    rests_on = ENDING

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.offers: dict[EventId, UnderstandingOffer | None] = {}
        self._answers: dict[EventId, list[EventId]] = {}

    def gone(self, entry: Entry) -> None:
        if entry.event.kind == "understanding-offer":
            self.offers[entry.id] = None

    def take(self, entry: Entry, body: Record) -> None:
        if isinstance(body, UnderstandingOffer):
            if may_offer(self.log, entry, body.sides):
                self.offers[entry.id] = body
        else:
            target = EventId(getattr(body, "target", b""))
            self._answers.setdefault(target, []).append(entry.id)

    def understanding(self, eid: EventId) -> Understanding:
        """Give one understanding as it stands."""
        entry, body = self.log.entries[eid], self.offers[eid]
        words: dict[str, Entry] = {}
        if body is not None:
            mine = speaks_for(self.log, entry)
            if mine is not None and mine in body.sides:
                words[mine] = entry  # spec understanding 3: an offer is its own side's yes
            for answer in in_order(self.log.entries[one] for one in self._answers.get(eid, ())):
                side = speaks_for(self.log, answer)
                in_time = body.due is None or answer.event.at <= body.due
                # spec understanding 3: a side's first word is its word
                if side is None or side not in body.sides or side in words:
                    continue
                if in_time and follows(answer, entry):
                    words[side] = answer
        declined = {s: one for s, one in words.items() if one.event.kind == "understanding-decline"}
        confirmed = {s: one for s, one in words.items() if s not in declined}
        whole = body is not None and set(confirmed) == set(body.sides)
        promise = Promise(
            entry,
            () if body is None else body.sides,
            body.sides if body is not None and whole else (),
            None if body is None else body.due,
            Lapse.NEVER if body is None else Lapse(body.lapse),
        )
        found = fate(self.log, promise)
        status = Status.GONE if body is None else _status(found, whole=whole, declined=bool(declined))
        return Understanding(entry, body, confirmed, declined, found, status)


def _status(found: Fate, *, whole: bool, declined: bool) -> Status:
    if declined:
        return Status.DECLINED
    if found.word is not None:
        return Status(found.word.value)
    if found.ended is not None:
        return Status.LAPSED
    return Status.CONFIRMED if whole else Status.OFFERED


def may_offer(log: Log, entry: Entry, sides: tuple[str, ...]) -> bool:
    """Whether an event's author may ask these sides to confirm something: one of their speakers, or a go-between."""
    member, side = log.people().get(entry.author), speaks_for(log, entry)
    return side in sides if side is not None else member is not None and member.role == Role.GO_BETWEEN


def standing(log: Log) -> dict[EventId, Understanding]:
    """Give every understanding of a room in the order in which they were offered."""
    found = read(log, Understandings)
    return {entry.id: found.understanding(entry.id) for entry in listed(log, found.offers)}


def repeated(subject: str, texts: Iterable[str]) -> str | None:
    """Give words of a subject that stand in a row in one of the texts, more than `MOST_WORDS`; None if there are none."""
    sought = [(pattern, size, runs) for pattern, size in _READ if (runs := _runs(pattern, size, subject))]
    for text in texts:
        for pattern, size, runs in sought:
            if shared := runs.keys() & _runs(pattern, size, text).keys():
                return min(shared, key=runs.__getitem__)
    return None


def _runs(pattern: re.Pattern[str], size: int, text: str) -> dict[str, int]:
    """Every run of so many words or letters, each with its first place."""
    words = pattern.findall(text.casefold())
    joint = "" if pattern is _UNSPACED else " "
    return {joint.join(words[at : at + size]): at for at in range(len(words) - size, -1, -1)}
