"""Surfacing as talk: what of a sealed text is to be made public, agreed by every side before anything is (docs/spec/moves/surface.md)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from backchannel.channel.event import ID_BYTES, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import BodyReading, follows, in_order, read
from backchannel.daylight.disclosure import CLAUSE, is_name
from backchannel.daylight.strict import MAX_NAME, MAX_TITLE, MAX_WORDS, check_words, date_of
from backchannel.daylight.text import MAX_CLAUSES, MOST_SIDES
from backchannel.errors import Refused, Violation
from backchannel.moves.mandate import ENDING
from backchannel.moves.seal import MAX_PASSAGES, seated_for, speaks_for
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MOST_ACTS = 16  # of one person on one proposal: what they say beyond is not counted


class SurfaceLine(Record, frozen=True):
    """What the author's side would say of a text in public, in its own words; `text` is the digest of the text."""

    text: bytes
    words: str


class SurfacePropose(Record, frozen=True):
    """All terms of a publication; `at` is the earliest moment, in ms since 1970, `text` the digest of the sealed text.

    `opened` names the closed terms that are to be seen, `left_out` the clauses that are not, `lines` the ids of each side's own lines.
    """

    text: bytes
    sides: tuple[str, ...]
    audience: str
    at: int
    opened: tuple[str, ...]
    left_out: tuple[int, ...]
    narrative: str
    lines: tuple[bytes, ...]


class SurfaceAgree(Record, frozen=True):
    """The author's side agrees to a proposal as it stands, to all of it."""

    target: bytes


class SurfaceRetract(Record, frozen=True):
    """The author takes back their agreement to a proposal, or the proposal's own."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "surface-line": SurfaceLine,
    "surface-propose": SurfacePropose,
    "surface-agree": SurfaceAgree,
    "surface-retract": SurfaceRetract,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A side's own words on a text."""

    entry: Entry
    side: str
    text: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What would be published, whole: `lines` by side, in the order of `sides`."""

    text: bytes
    sides: tuple[str, ...]
    audience: str
    at_ms: int
    opened: tuple[str, ...]
    left_out: tuple[int, ...]
    narrative: str
    lines: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as it stands: who agrees, by side, and the acts by which they do."""

    entry: Entry
    terms: Terms
    agreed: Mapping[str, tuple[Entry, ...]]

    @property
    def missing(self) -> tuple[str, ...]:
        """Sides nobody of which agrees."""
        return tuple(side for side in self.terms.sides if side not in self.agreed)

    def unsettled(self, shown: Callable[[MemberId], Mapping[MemberId, int]]) -> tuple[str, ...]:
        """Sides of which nobody who agrees has shown, by how far into each author's chain they have read, to know every agreement.

        Once there is none, and none is missing, nothing that is still on its way can undo the agreement.
        """
        acts = [one for agreed in self.agreed.values() for one in agreed]

        def knows(mid: MemberId) -> bool:
            read_so_far = shown(mid)
            return all(read_so_far.get(one.author, 0) >= one.event.seq for one in acts)

        return tuple(
            side for side, agreed in self.agreed.items() if not any(knows(one.author) for one in agreed)
        )


def parse(kind: str, data: bytes) -> Record:
    """Read what is said in surfacing, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, SurfaceLine):
        check_words(body.words, said("A line for the public"), MAX_WORDS, one_line=False)
        sound = len(body.text) == ID_BYTES
    elif isinstance(body, SurfacePropose):
        sound = _is_sound(body)
    else:
        sound = len(getattr(body, "target", b"")) == ID_BYTES
    if not sound:
        raise Violation("This does not say soundly what is to be made public.")
    return body


def _is_sound(body: SurfacePropose) -> bool:
    check_words(body.audience, said("The audience"), MAX_TITLE, one_line=True)
    for side in body.sides:
        check_words(side, said("A side's name"), MAX_NAME, one_line=True)
    if body.narrative:
        check_words(body.narrative, said("The narrative"), MAX_WORDS, one_line=False)
    try:
        date_of(body.at)
    except Refused as error:
        raise Violation("This proposal names no date of the calendar.") from error
    return (
        len(body.text) == ID_BYTES
        and len(set(body.sides)) == len(body.sides)
        and 1 < len(body.sides) <= MOST_SIDES
        and len(body.opened) <= MAX_PASSAGES
        and list(body.opened) == sorted(set(body.opened))
        and all(is_name(name) and not name.startswith(CLAUSE) for name in body.opened)
        and list(body.left_out) == sorted(set(body.left_out))
        and all(0 < number <= MAX_CLAUSES for number in body.left_out)
        and len(set(body.lines)) == len(body.lines) <= len(body.sides)
        and all(len(eid) == ID_BYTES for eid in body.lines)
    )


class Surfacings(BodyReading):
    """What is proposed to be made public, and who agrees; each proposal's few acts are judged by what each of them follows."""

    kinds = frozenset(KINDS)
    parse = staticmethod(parse)
    rests_on = ENDING

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._lines: dict[EventId, Line] = {}
        self._proposed: dict[EventId, tuple[Entry, Terms]] = {}
        self._acts: dict[EventId, list[Entry]] = {}  # agreeing and taking back, by proposal

    def take(self, entry: Entry, body: Record) -> None:
        # spec surface 3: whoever agreed may take it back, though their mandate has ended since
        said = seated_for if isinstance(body, SurfaceRetract) else speaks_for
        side = said(self.log, entry)
        match body:
            case SurfaceLine(text, words):
                if side is not None:
                    self._lines[entry.id] = Line(entry, side, text, words)
            case SurfacePropose():
                terms = self._terms(entry, body)
                if terms is not None and (side is None or side in terms.sides):
                    self._proposed[entry.id] = entry, terms
                    self._acts[entry.id] = [entry]
            case _:
                target = EventId(getattr(body, "target", b""))
                known = self._proposed.get(target)
                if known is not None and side in known[1].sides and follows(entry, known[0]):
                    acts = self._acts[target]
                    if sum(act.author == entry.author for act in acts) < MOST_ACTS:
                        acts.append(entry)

    def _terms(self, entry: Entry, body: SurfacePropose) -> Terms | None:
        lines = [self._lines.get(EventId(eid)) for eid in body.lines]
        said: dict[str, str] = {}
        for line in lines:
            # spec 2: each line was said by its own side, of this very text, where the proposer had seen it
            if line is None or line.text != body.text or not follows(entry, line.entry) or line.side in said:
                return None
            said[line.side] = line.words
        if not set(said) <= set(body.sides):
            return None
        ordered = {side: said[side] for side in body.sides if side in said}
        return Terms(
            body.text, body.sides, body.audience, body.at, body.opened, body.left_out, body.narrative, ordered
        )

    def lines(self, text: bytes) -> dict[str, Line]:
        """The last line of each side on a text."""
        found = in_order(line.entry for line in self._lines.values() if line.text == text)
        return {self._lines[entry.id].side: self._lines[entry.id] for entry in found}

    def proposal(self, eid: EventId) -> Proposed | None:
        """Give one proposal as it stands."""
        if eid not in self._proposed:
            return None
        entry, terms = self._proposed[eid]
        return Proposed(entry, terms, self._agreed(terms, in_order(self._acts[eid])))

    def _agreed(self, terms: Terms, acts: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
        """Who agrees after these acts, in an order in which each comes after what it follows."""
        counted: list[Entry] = []
        for act in acts:
            known = [one for one in counted if follows(act, one)]
            # spec 3: once its author has seen everybody agree, nothing is taken back
            if act.event.kind != "surface-retract" or set(terms.sides) - set(self._last(terms, known)):
                counted.append(act)
        return self._last(terms, counted)

    def _last(self, terms: Terms, counted: list[Entry]) -> dict[str, tuple[Entry, ...]]:
        last: dict[MemberId, Entry] = {}
        for act in counted:
            earlier = last.get(act.author)
            if earlier is None or follows(act, earlier):
                last[act.author] = act
        agreed: dict[str, tuple[Entry, ...]] = {}
        for act in last.values():
            side = speaks_for(self.log, act)
            if side is not None and act.event.kind != "surface-retract":
                agreed[side] = (*agreed.get(side, ()), act)
        return {side: agreed[side] for side in terms.sides if side in agreed}

    def standing(self) -> dict[EventId, Proposed]:
        found = {
            entry.id: self.proposal(entry.id)
            for entry in in_order(entry for entry, _ in self._proposed.values())
        }
        return {eid: one for eid, one in found.items() if one is not None}


def standing(log: Log) -> dict[EventId, Proposed]:
    """Read off the log every proposal and who agrees to it, in the order of the log; the same for any order of arrival."""
    return read(log, Surfacings).standing()
