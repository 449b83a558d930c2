"""Sealing as talk: a draft, keys for it, the frozen text, and the four steps to a sealed text (docs/spec/moves/seal.md).

What is said carries signatures only of the text itself, by keys that nobody owns; who said so stays deniable.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from backchannel.channel.event import ID_BYTES, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Role
from backchannel.channel.reading import Reading, follows, in_order, read
from backchannel.crypto.seals import PublicKey, Seal, b64
from backchannel.daylight.disclosure import Understanding
from backchannel.daylight.sealing import Agreed, Anchored, Holds, Sealing, Signed, Statement, follow, take
from backchannel.daylight.strict import date_of, moment
from backchannel.daylight.text import Draft, FrozenText, Kind, Lapse, Relation, passages_of
from backchannel.errors import Refused, Violation
from backchannel.moves.authority import overstep
from backchannel.moves.mandate import ENDING
from backchannel.moves.paper import Term
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


class Sealings(Reading):
    """What is drafted, frozen, agreed, signed, held and anchored in a room.

    Whatever counts follows what it names, so that all it is judged by has been filed before it; and statements about one text
    form a join. So each event is judged once, when it is filed, and the same in any order of arrival.
    """

    kinds = frozenset(KINDS)
    rests_on = ENDING

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._drafts: dict[EventId, tuple[Entry, SealDraft]] = {}
        self._keys: dict[EventId, list[tuple[Entry, str, PublicKey]]] = {}
        self._texts: dict[EventId, Frozen] = {}
        self._of: dict[EventId, list[Entry]] = {}  # frozen texts by their draft

    def file(self, entry: Entry) -> None:
        if entry.void is not None or entry.erased is not None:
            return
        with suppress(Violation):  # it counts for nothing; the record shows that it was said
            self._judge(entry)

    def _judge(self, entry: Entry) -> None:
        body = parse(entry.event.kind, entry.event.body)
        side = speaks_for(self.log, entry)
        target = EventId(getattr(body, "target", b""))
        named = self._drafts[target][0] if target in self._drafts else None
        if isinstance(body, SealDraft):
            if side is None or side in body.sides:
                self._drafts[entry.id] = entry, body
        elif named is not None and follows(entry, named):
            if isinstance(body, SealText):
                self._freeze(entry, target, body)
            elif isinstance(body, SealKey) and side in self._drafts[target][1].sides:
                assert side is not None
                self._keys.setdefault(target, []).append((entry, side, PublicKey.of(body.x, body.y)))
        elif target in self._texts and side is not None:
            text = self._texts[target]
            if follows(entry, text.entry) and not isinstance(body, SealKey | SealText):
                self._texts[target] = replace(text, sealing=take(text.sealing, _statement(side, body)))

    def _freeze(self, entry: Entry, target: EventId, body: SealText) -> None:
        drafted, words = self._drafts[target]
        if drafted.author != entry.author:
            return
        frozen = FrozenText(body.payload, body.disclosures, body.seed)
        seen = [(side, key) for given, side, key in self._keys.get(target, ()) if follows(entry, given)]
        check_drafted(frozen, words, seen)
        self._texts[entry.id] = Frozen(entry, target, follow(frozen, words.order))
        self._of.setdefault(target, []).append(entry)

    def draft(self, eid: EventId) -> Drafted | None:
        """Give one draft as it stands."""
        if eid not in self._drafts:
            return None
        entry, body = self._drafts[eid]
        given = {key.id: (side, public) for key, side, public in self._keys.get(eid, ())}
        keys: dict[str, tuple[PublicKey, ...]] = {}
        for one in in_order(key for key, _, _ in self._keys.get(eid, ())):
            side, public = given[one.id]
            keys[side] = (*keys.get(side, ()), public)
        texts = tuple(text.id for text in in_order(self._of.get(eid, ())))
        return Drafted(entry, draft_of(body), body.sides, body.order, keys, texts)

    def text(self, eid: EventId) -> Frozen | None:
        """Give one frozen text as it stands."""
        return self._texts.get(eid)

    def key_givers(self, text: Frozen) -> dict[str, MemberId]:
        """Whose desk gave each key that a text lists, by side: these are the desks that can sign."""
        listed = text.sealing.keys
        return {
            side: entry.author
            for entry, side, key in self._keys.get(text.drafted, ())
            if side in listed and listed[side] == key
        }

    def standing(self) -> Standing:
        drafts = in_order(entry for entry, _ in self._drafts.values())
        found = {entry.id: self.draft(entry.id) for entry in drafts}
        texts = in_order(text.entry for text in self._texts.values())
        return Standing(
            {eid: one for eid, one in found.items() if one is not None},
            {entry.id: self._texts[entry.id] for entry in texts},
        )


def standing(log: Log) -> Standing:
    """Read off the log what is drafted, frozen, agreed, signed, held and anchored; the same for any order of arrival."""
    return read(log, Sealings).standing()


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


def seated_for(log: Log, entry: Entry) -> str | None:
    """The side for which an event's author sits here; None for a go-between, adviser, observer or explorer."""
    member = log.people().get(entry.author)
    return None if member is None or member.role not in SPEAKERS else member.side


def speaks_for(log: Log, entry: Entry, terms: Sequence[Term] = ()) -> str | None:
    """The side that an event binds, on these terms; None if its author sits for none, or went beyond the mandate they held."""
    side = seated_for(log, entry)
    return None if side is None or overstep(log, entry, terms) is not None else side


def check_drafted(frozen: FrozenText, words: SealDraft, keys: list[tuple[str, PublicKey]]) -> None:
    """Accept a frozen text only if it says what was drafted and lists keys that the sides gave, or raise Violation."""
    said = passages_of(frozen)
    given = all(pair in keys for pair in said.sides.items())
    if said.words != draft_of(words) or tuple(said.sides) != words.sides or not given:
        raise Violation("This frozen text is not what was drafted, or lists other keys than the sides gave.")
