"""Papers: talk in a register, shown, answered, withdrawn, expired (docs/spec/moves/paper.md).

What is said: a paper, or a note of something that happened in public, or the withdrawal of one's own paper.
What stands: each paper with its answers, its crossings and its age, read off the log.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from backchannel.channel.event import ID_BYTES, Erased, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import MEMBERSHIP_KINDS
from backchannel.channel.reading import Reading, follows, in_order, read
from backchannel.channel.words import KINDS as WORDS_KINDS
from backchannel.errors import Refused, Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_TEXT = 200_000  # characters
MAX_ATTACHMENTS = 8
MAX_ATTACHMENT_BYTES = 4 << 20  # all attachments of one paper together
MAX_LABEL = 200
MAX_TERMS = 64
SHORTEST_ID = 6  # letters of an id that a person may type for the whole


class Register(StrEnum):
    """How much a paper weighs; only its author raises it, by a new paper."""

    TALK = "talk"
    NON_PAPER = "non-paper"
    CONDITIONAL = "conditional"
    FORMAL = "formal"


class Mandate(StrEnum):
    """What the author says of their authority for this paper."""

    AUTHORISED = "authorised"
    EXPLORATORY = "exploratory"
    NOT_STATED = "not-stated"


class Capacity(StrEnum):
    """Whether the author speaks on instructions or for themselves."""

    INSTRUCTED = "on-instructions"
    PERSONAL = "personal"
    NOT_STATED = "not-stated"


class Rule(StrEnum):
    """What a reader may do with a paper outside the room."""

    FOR_YOU_ONLY = "for-you-only"
    SUBSTANCE = "substance"
    HYPOTHETICAL = "hypothetical"
    VERBATIM = "verbatim"


class Manner(StrEnum):
    """How a carrier brings somebody else's words."""

    VERBATIM = "verbatim"
    PARAPHRASE = "paraphrase"
    OWN_WORDS = "own-words"


# Membership of a set is asked once an item of a record.
_REGISTERS, _MANDATES, _CAPACITIES = frozenset(Register), frozenset(Mandate), frozenset(Capacity)
_RULES = frozenset(Rule)


class Carried(Record, frozen=True):
    """In whose name a carrier speaks; shown as delivered by the carrier, never as the named author's act."""

    author: str
    manner: str


class Attachment(Record, frozen=True):
    """A file beside a paper; `digest` is SHA-256 of its bytes, which travel and are kept apart from the log."""

    name: str
    size: int
    digest: bytes


class Term(Record, frozen=True):
    """What a paper or a public event states on one issue, in the names that this room uses for both."""

    issue: str
    option: str


class Paper(Record, frozen=True):
    """A text in a register.

    `expires` and `reply_by` are in milliseconds since 1970; `answers` names earlier papers of the same room;
    `returnable` lets any reader hand it back, after which no desk holds its text.
    """

    register: str
    mandate: str
    capacity: str
    rule: str
    text: str
    expires: int | None
    answers: tuple[bytes, ...]
    carried: Carried | None
    attachments: tuple[Attachment, ...]
    terms: tuple[Term, ...]
    reply_by: int | None
    returnable: bool


class Front(Record, frozen=True):
    """A note of something said or done in public, put on the room's record by one of its members."""

    source: str
    text: str
    happened: int
    answers: tuple[bytes, ...]
    terms: tuple[Term, ...]


class Withdraw(Record, frozen=True):
    """The author takes a paper back: every desk lets go of the text, and that a text was shown remains."""

    target: bytes


class HandBack(Record, frozen=True):
    """A reader hands a paper back that was shown as one that may be: every desk lets go of the text."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {
    "paper": Paper,
    "front": Front,
    "withdraw": Withdraw,
    "hand-back": HandBack,
}
ITEMS = frozenset({"paper", "front"})
# Who is here and what was taken back stays on the record; the words of every other event, of unknown kinds too, expire.
LASTING = frozenset(
    {
        *MEMBERSHIP_KINDS,
        *WORDS_KINDS,
        "withdraw",
        "hand-back",
        "standby-cancel",
        "sunset",
        "sunset-agree",
        "sunset-choice",
    }
)


class Status(StrEnum):
    """Where a paper stands."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    HANDED_BACK = "handed-back"
    EXPIRED = "expired"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered item as it stands; `body` is None once its text is gone, `taken_back` the act that took it back."""

    entry: Entry
    label: str
    body: Paper | Front | None
    status: Status
    answered_by: tuple[EventId, ...]
    crossed: tuple[EventId, ...]
    taken_back: EventId | None = None

    @property
    def open(self) -> bool:
        """Whether a paper still waits for an answer."""
        return self.status is Status.STANDING and self.entry.event.kind == "paper" and not self.answered_by


def parse(kind: str, data: bytes) -> Record:
    """Read the body of a paper, a front-channel note or a withdrawal, or raise Violation."""
    body = decode(data, KINDS[kind])
    if isinstance(body, Paper):
        _check_paper(body)
    elif isinstance(body, Front):
        if not (0 < len(body.source) <= MAX_LABEL and 0 < len(body.text) <= MAX_TEXT):
            raise Violation("This note of a public event has no text or too much of it.")
        _check_answers(body.answers)
        check_terms(body.terms)
    elif isinstance(body, Withdraw | HandBack) and len(body.target) != ID_BYTES:
        raise Violation("What takes a paper back names no paper.")
    return body


def _check_paper(paper: Paper) -> None:
    sound = (
        paper.register in _REGISTERS
        and paper.mandate in _MANDATES
        and paper.capacity in _CAPACITIES
        and paper.rule in _RULES
        and len(paper.text) <= MAX_TEXT
        and (paper.text or paper.attachments)
        and len(paper.attachments) <= MAX_ATTACHMENTS
        and sum(file.size for file in paper.attachments) <= MAX_ATTACHMENT_BYTES
        and all(file.size >= 0 and len(file.digest) == ID_BYTES for file in paper.attachments)
        and all(0 < len(file.name) <= MAX_LABEL and "/" not in file.name for file in paper.attachments)
    )
    if not sound:
        raise Violation("This paper is not sound.")
    if paper.carried is not None and (
        paper.carried.manner not in set(Manner) or not 0 < len(paper.carried.author) <= MAX_LABEL
    ):
        raise Violation("This paper does not say in whose name it is carried.")
    _check_answers(paper.answers)
    check_terms(paper.terms)


def check_terms(terms: tuple[Term, ...]) -> None:
    """Accept what is stated on issues only if every issue and option has a name and none is stated twice, or raise Violation."""
    named = all(0 < len(name) <= MAX_LABEL for term in terms for name in (term.issue, term.option))
    if not named or len(terms) > MAX_TERMS or len(set(terms)) != len(terms):
        raise Violation("What is stated on an issue names an issue and an option, each once.")


def _check_answers(answers: tuple[bytes, ...]) -> None:
    if len(answers) > MAX_ATTACHMENTS or any(len(eid) != ID_BYTES for eid in answers):
        raise Violation("This paper answers something that is not a paper.")


def stated_expiry(entry: Entry) -> int | None:
    """When a paper says its text must be gone, in milliseconds since 1970; None if it does not say."""
    if entry.event.kind != "paper" or entry.erased is not None:
        return None
    try:
        paper = parse("paper", entry.event.body)
    except Violation:
        return None
    assert isinstance(paper, Paper)
    return paper.expires


@dataclass(frozen=True, slots=True)
class _Standing:
    """All items as they stood when so many events had arrived, good from one end of a text until the next."""

    items: list[Item]
    arrived: int
    since: float
    until: float


class Papers(Reading):
    """Every item of a room, filed under its number, its author and what it answers."""

    kinds = frozenset(KINDS)

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.bodies: dict[EventId, Paper | Front | None] = {}
        self._unsound: set[EventId] = set()
        self._numbered: dict[int, list[EventId]] = {}
        self._chains: dict[MemberId, list[Entry]] = {}  # items by author, each author's in their order
        self._answers: dict[EventId, list[EventId]] = {}
        self._takings: dict[
            EventId, list[EventId]
        ] = {}  # what takes a paper back: withdrawals and handings back
        self._standing: _Standing | None = None

    def file(self, entry: Entry) -> None:
        if entry.event.kind in ITEMS:
            self._numbered.setdefault(entry.event.number, []).append(entry.id)
            insort(self._chains.setdefault(entry.author, []), entry, key=lambda other: other.event.seq)
            self.bodies[entry.id] = None
        if entry.erased is not None:
            return
        try:
            body = parse(entry.event.kind, entry.event.body)
        except Violation:
            self._unsound.add(entry.id)
            return
        if isinstance(body, Withdraw | HandBack):
            if entry.void is None:
                self._takings.setdefault(EventId(body.target), []).append(entry.id)
            return
        assert isinstance(body, Paper | Front)
        self.bodies[entry.id] = body
        if entry.void is None:
            for target in body.answers:
                self._answers.setdefault(EventId(target), []).append(entry.id)

    def standing(self, now: int) -> list[Item]:
        """Give every item in the order of the log; read anew only when something came or ran out since the last time."""
        kept = self._standing
        if kept is None or kept.arrived != len(self.log.arrived) or not kept.since <= now < kept.until:
            papers = [body for body in self.bodies.values() if isinstance(body, Paper)]
            ends = [paper.expires for paper in papers if paper.expires is not None]
            kept = self._standing = _Standing(
                [self.item(entry.id, now) for entry in self.log.ordered() if entry.event.kind in ITEMS],
                len(self.log.arrived),
                max((end for end in ends if end <= now), default=-inf),
                min((end for end in ends if end > now), default=inf),
            )
        return list(kept.items)

    def item(self, eid: EventId, now: int) -> Item:
        """Give one item as it stands."""
        entry = self.log.entries[eid]
        taken = self.taken_back(eid)
        return Item(
            entry=entry,
            label=self.label(entry),
            body=self.bodies[eid],
            status=self._status(entry, now, taken),
            answered_by=tuple(one.id for one in self._in_order(self._answers.get(eid, ()))),
            crossed=self.crossed(entry),
            taken_back=None if taken is None else taken.id,
        )

    def label(self, entry: Entry) -> str:
        """Name an item `#7`, or `#7·Name` where two of one number crossed."""
        number = entry.event.number
        alone = len(self._numbered[number]) == 1
        return f"#{number}" if alone else f"#{number}·{author_name(self.log, entry.author)}"

    def taken_back(self, eid: EventId) -> Entry | None:
        """What took a paper back: its author's withdrawal before anybody's handing it back, each the first of its kind."""
        return min(self.takings(eid), key=lambda taking: taking.event.kind != "withdraw", default=None)

    def takings(self, eid: EventId) -> list[Entry]:
        """Everything that takes a paper back, in order."""
        target = self.log.entries.get(eid)
        if target is None or target.event.kind != "paper":
            return []
        return [
            taking
            for taking in self._in_order(self._takings.get(eid, ()))
            if follows(taking, target) and self._may_take(taking, target)
        ]

    def _may_take(self, taking: Entry, target: Entry) -> bool:
        if taking.event.kind == "withdraw":
            return taking.author == target.author
        body = self.bodies[target.id]
        # spec paper 3: once the text is gone nobody can tell any more whether it could be handed back, and nothing is lost
        returnable = not isinstance(body, Paper) or body.returnable
        return taking.author != target.author and returnable

    def crossed(self, entry: Entry) -> tuple[EventId, ...]:
        """Items written without sight of this one: neither follows the other.

        Items of one author never cross. What an item had seen of another author is a prefix of that author's
        chain, so the items it crossed are one run of it.
        """
        found: set[EventId] = set()
        for author, chain in self._chains.items():
            if author == entry.author:
                continue
            first = bisect_right(chain, entry.seen.get(author, 0), key=lambda other: other.event.seq)
            for other in chain[first:]:
                if other.seen.get(entry.author, 0) >= entry.event.seq:
                    break
                found.add(other.id)
        return tuple(sorted(found))

    def targets(self) -> list[EventId]:
        """What somebody wanted to take back."""
        return list(self._takings)

    def _in_order(self, ids: Iterable[EventId]) -> list[Entry]:
        return in_order(self.log.entries[eid] for eid in ids)

    def _status(self, entry: Entry, now: int, taken: Entry | None) -> Status:
        body = self.bodies[entry.id]
        if entry.void is not None or entry.id in self._unsound:
            return Status.VOID
        if entry.erased is Erased.WITHDRAWN or (taken is not None and taken.event.kind == "withdraw"):
            return Status.WITHDRAWN
        if entry.erased is Erased.HANDED_BACK or taken is not None:
            return Status.HANDED_BACK
        late = isinstance(body, Paper) and body.expires is not None and body.expires <= now
        return Status.EXPIRED if late or entry.erased is not None else Status.STANDING


def withdrawals(log: Log) -> dict[EventId, EventId]:
    """Papers taken back, each with the act that took it back: a withdrawal by its author or a handing back."""
    papers = read(log, Papers)
    found = {eid: papers.taken_back(eid) for eid in papers.targets()}
    return {eid: taking.id for eid, taking in found.items() if taking is not None}


def standing(log: Log, now: int) -> list[Item]:
    """Give every item in the order of the log: what it says, who answered it, what it crossed."""
    return read(log, Papers).standing(now)


def author_name(log: Log, author: MemberId) -> str:
    """The name an author was seated under, or the start of their id."""
    member = log.people().get(author)
    return author.hex()[:8] if member is None else member.name


def find(items: list[Item], spoken: str) -> Item:
    """Find the item a person means by `7`, `#7`, `7·Name`, `7.Name` or the start of an id; Refused otherwise."""
    wanted = spoken.strip().lstrip("#").replace(".", "·", 1)
    hits = [item for item in items if item.label[1:].casefold() == wanted.casefold()]
    if not hits:
        hits = [item for item in items if item.label[1:].split("·")[0] == wanted]
    if not hits and len(wanted) >= SHORTEST_ID:
        hits = [item for item in items if item.entry.id.hex().startswith(wanted.lower())]
    if not hits:
        raise Refused(
            said("There is no item {spoken} in this room; `backchannel desk show` lists them.", spoken=spoken)
        )
    if len(hits) > 1:
        named = " or ".join(item.label for item in hits)
        raise Refused(said("Two items crossed as #{wanted}; say {named}.", wanted=wanted, named=named))
    return hits[0]
