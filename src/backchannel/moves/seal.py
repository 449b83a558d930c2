"""Sealing as talk: a draft, keys for it, the frozen text, and the four steps to a sealed text (docs/spec/moves/seal.md).

What is said carries signatures only of the text itself, by keys that nobody owns; who said so stays deniable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backchannel.channel.event import ID_BYTES, EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Role
from backchannel.crypto.seals import PublicKey, Seal, b64
from backchannel.daylight.disclosure import Understanding
from backchannel.daylight.sealing import Agreed, Anchored, Holds, Sealing, Signed, Statement, follow, take
from backchannel.daylight.strict import date_of, moment
from backchannel.daylight.text import Draft, FrozenText, Kind, Lapse, Relation, passages_of
from backchannel.errors import Refused, Violation
from backchannel.wire.codec import Record, decode

SPEAKERS = frozenset({Role.PRINCIPAL, Role.AUTHORISED_ENVOY})
MAX_PASSAGES = 512


class ClosedTerm(Record, frozen=True):
    """A term that stays closed, under the label by which it is opened one day."""

    label: str
    text: str


class Spoken(Record, frozen=True):
    """An oral understanding of which the text keeps a closed record; `confirmed` in ms since 1970."""

    label: str
    subject: str
    sides: tuple[str, ...]
    confirmed: int
    lapse: str


class Earlier(Record, frozen=True):
    """An earlier sealed text by its digest, and what the new one is to it."""

    relation: str
    digest: bytes


class SealDraft(Record, frozen=True):
    """The words that are to be sealed; `order` is who anchors after whom, `dated` in ms since 1970."""

    title: str
    dated: int
    clauses: tuple[str, ...]
    terms: tuple[ClosedTerm, ...]
    understandings: tuple[Spoken, ...]
    kind: str
    lapse: str
    refers_to: tuple[Earlier, ...]
    sides: tuple[str, ...]
    order: tuple[str, ...]


class SealKey(Record, frozen=True):
    """A side's key, made for one draft; its two coordinates."""

    target: bytes
    x: bytes
    y: bytes


class SealText(Record, frozen=True):
    """The frozen text of a draft, by whoever drafted it."""

    target: bytes
    payload: bytes
    disclosures: tuple[str, ...]
    seed: bytes


class SealAgree(Record, frozen=True):
    """A side will seal the frozen text with this digest."""

    target: bytes
    digest: bytes


class SealSignature(Record, frozen=True):
    """A side's seal of the frozen text."""

    target: bytes
    protected: str
    signature: str


class SealHeld(Record, frozen=True):
    """A side holds all signatures."""

    target: bytes


class SealAnchor(Record, frozen=True):
    """A side says whose its key is."""

    target: bytes
    anchor: str


KINDS: Mapping[str, type[Record]] = {
    "seal-draft": SealDraft,
    "seal-key": SealKey,
    "seal-text": SealText,
    "seal-agree": SealAgree,
    "seal-signature": SealSignature,
    "seal-held": SealHeld,
    "seal-anchor": SealAnchor,
}


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft as it stands: `keys` holds the keys that each side gave for it, `texts` what was frozen of it."""

    entry: Entry
    draft: Draft
    sides: tuple[str, ...]
    order: tuple[str, ...]
    keys: Mapping[str, tuple[PublicKey, ...]]
    texts: tuple[EventId, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Sides that have given no key yet."""
        return tuple(side for side in self.sides if side not in self.keys)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen text as it stands, seen from nobody's side."""

    entry: Entry
    drafted: EventId
    sealing: Sealing


@dataclass(frozen=True, slots=True)
class Standing:
    """All drafts and frozen texts of a room, in the order of its log."""

    drafts: Mapping[EventId, Drafted]
    texts: Mapping[EventId, Frozen]


def parse(kind: str, data: bytes) -> Record:
    """Read what is said in sealing, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, SealDraft):
        draft_of(body)
        sound = len(set(body.sides)) == len(body.sides) > 1 and sorted(body.order) == sorted(body.sides)
        if not sound or len(body.clauses) + len(body.terms) + len(body.understandings) > MAX_PASSAGES:
            raise Violation("This draft does not say soundly which sides are to seal what.")
    else:
        target = getattr(body, "target", b"")
        if len(target) != ID_BYTES:
            raise Violation("This names no draft and no text.")
    return body


def draft_of(body: SealDraft) -> Draft:
    """Give the words of a draft as they would be sealed, or raise Violation."""
    try:
        kind, lapse = Kind(body.kind), Lapse(body.lapse)
        refers = sorted(
            ((Relation(one.relation), one.digest) for one in body.refers_to), key=lambda one: b64(one[1])
        )
        confirmed = [date_of(one.confirmed) for one in body.understandings]
        dated = moment(date_of(body.dated))  # as it will be sealed: to the second
    except (ValueError, Refused) as error:
        raise Violation("This draft says a thing that no sealed text can say.") from error
    terms = {one.label: one.text for one in body.terms}
    understandings = {
        one.label: Understanding(at, one.lapse, one.sides, one.subject)
        for one, at in zip(body.understandings, confirmed, strict=True)
    }
    if len(terms) != len(body.terms) or len(understandings) != len(body.understandings):
        raise Violation("Two closed terms of this draft have one label.")
    return Draft(body.title, dated, body.clauses, terms, understandings, kind, lapse, tuple(refers))


def standing(log: Log) -> Standing:
    """Read off the log what is drafted, frozen, agreed, signed, held and anchored; the same for any order of arrival."""
    drafts: dict[EventId, Drafted] = {}
    texts: dict[EventId, Frozen] = {}
    for entry in log.ordered():
        if entry.event.kind not in KINDS or entry.void is not None or entry.erased is not None:
            continue
        try:
            _read(log, entry, drafts, texts)
        except Violation:
            continue  # it counts for nothing; the record shows that it was said
    return Standing(drafts, texts)


def _read(log: Log, entry: Entry, drafts: dict[EventId, Drafted], texts: dict[EventId, Frozen]) -> None:
    body = parse(entry.event.kind, entry.event.body)
    side = speaks_for(log, entry)
    match body:
        case SealDraft():
            if side is None or side in body.sides:
                drafts[entry.id] = Drafted(entry, draft_of(body), body.sides, body.order, {}, ())
        case SealKey(target, x, y):
            drafted = drafts.get(EventId(target))
            if drafted is not None and side is not None and side in drafted.sides:
                given = (*drafted.keys.get(side, ()), PublicKey.of(x, y))
                drafts[EventId(target)] = replace(drafted, keys={**drafted.keys, side: given})
        case SealText(target, payload, disclosures, seed):
            drafted = drafts.get(EventId(target))
            if drafted is not None and drafted.entry.author == entry.author:
                frozen = FrozenText(payload, disclosures, seed)
                check_drafted(frozen, drafted)
                texts[entry.id] = Frozen(entry, EventId(target), follow(frozen, drafted.order))
                drafts[EventId(target)] = replace(drafted, texts=(*drafted.texts, entry.id))
        case _:
            frozen_text = texts.get(EventId(getattr(body, "target", b"")))
            if frozen_text is not None and side is not None:
                said = _statement(side, body)
                texts[frozen_text.entry.id] = replace(frozen_text, sealing=take(frozen_text.sealing, said))


def _statement(side: str, body: Record) -> Statement:
    match body:
        case SealAgree(_, digest):
            return Agreed(side, digest)
        case SealSignature(_, protected, signature):
            return Signed(side, Seal(protected, signature))
        case SealAnchor(_, anchor):
            return Anchored(side, anchor)
        case _:
            return Holds(side)


def speaks_for(log: Log, entry: Entry) -> str | None:
    """The side that an event's author may bind by sealing; None for a go-between, adviser, observer or explorer."""
    member = log.people().get(entry.author)
    return None if member is None or member.role not in SPEAKERS else member.side


def check_drafted(frozen: FrozenText, drafted: Drafted) -> None:
    """Accept a frozen text only if it says what was drafted and lists the keys that the sides gave, or raise Violation."""
    said = passages_of(frozen)
    given = all(key in drafted.keys.get(side, ()) for side, key in said.sides.items())
    if said.words != drafted.draft or tuple(said.sides) != drafted.sides or not given:
        raise Violation("This frozen text is not what was drafted, or lists other keys than the sides gave.")
