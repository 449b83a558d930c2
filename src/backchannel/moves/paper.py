"""Papers: talk in a register, shown, answered, withdrawn, expired (docs/spec/moves/paper.md).

What is said: a paper, or a note of something that happened in public, or the withdrawal of one's own paper.
What stands: each paper with its answers, its crossings and its age, read off the log.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import ID_BYTES, Erased, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.errors import Refused, Violation
from backchannel.wire.codec import Record, decode

MAX_TEXT = 200_000  # characters
MAX_ATTACHMENTS = 8
MAX_ATTACHMENT_BYTES = 4 << 20  # all attachments of one paper together
MAX_LABEL = 200
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


class Paper(Record, frozen=True):
    """A text in a register.

    `expires` is in milliseconds since 1970; `answers` names earlier papers of the same room.
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


class Front(Record, frozen=True):
    """A note of something said or done in public, put on the room's record by one of its members."""

    source: str
    text: str
    happened: int
    answers: tuple[bytes, ...]


class Withdraw(Record, frozen=True):
    """The author takes a paper back: every desk lets go of the text, and that a text was shown remains."""

    target: bytes


KINDS: Mapping[str, type[Record]] = {"paper": Paper, "front": Front, "withdraw": Withdraw}
ITEMS = frozenset({"paper", "front"})


class Status(StrEnum):
    """Where a paper stands."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered item as it stands; `body` is None once its text is gone."""

    entry: Entry
    label: str
    body: Paper | Front | None
    status: Status
    answered_by: tuple[EventId, ...]
    crossed: tuple[EventId, ...]

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
    elif isinstance(body, Withdraw) and len(body.target) != ID_BYTES:
        raise Violation("This withdrawal names no paper.")
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


def withdrawals(log: Log) -> dict[EventId, EventId]:
    """Papers taken back by their own authors, each with the withdrawal."""
    found: dict[EventId, EventId] = {}
    for entry in log.entries.values():
        if entry.event.kind == "withdraw" and entry.void is None and entry.erased is None:
            try:
                body = parse("withdraw", entry.event.body)
            except Violation:
                continue
            assert isinstance(body, Withdraw)
            target = log.entries.get(EventId(body.target))
            if target is not None and target.author == entry.author and target.event.kind == "paper":
                found.setdefault(target.id, entry.id)
    return found


def standing(log: Log, now: int) -> list[Item]:
    """Read every item off the log in its order: what it says, who answered it, what it crossed."""
    entries = [entry for entry in log.ordered() if entry.event.kind in ITEMS]
    taken = withdrawals(log)
    names = _labels(log, entries)
    answers: dict[EventId, list[EventId]] = {}
    bodies: dict[EventId, Paper | Front | None] = {}
    voided: set[EventId] = {entry.id for entry in entries if entry.void is not None}
    for entry in entries:
        bodies[entry.id] = None
        if entry.erased is None:
            try:
                body = parse(entry.event.kind, entry.event.body)
            except Violation:
                voided.add(entry.id)
                continue
            assert isinstance(body, Paper | Front)
            bodies[entry.id] = body
            if entry.id not in voided:
                for target in body.answers:
                    answers.setdefault(EventId(target), []).append(entry.id)
    crossings = crossed(entries)
    return [
        Item(
            entry=entry,
            label=names[entry.id],
            body=bodies[entry.id],
            status=_status(
                entry, bodies[entry.id], now, withdrawn=entry.id in taken, void=entry.id in voided
            ),
            answered_by=tuple(answers.get(entry.id, ())),
            crossed=crossings.get(entry.id, ()),
        )
        for entry in entries
    ]


def _status(entry: Entry, body: Paper | Front | None, now: int, *, withdrawn: bool, void: bool) -> Status:
    if void:
        return Status.VOID
    if withdrawn or entry.erased is Erased.WITHDRAWN:
        return Status.WITHDRAWN
    if entry.erased is not None:
        return Status.EXPIRED
    if isinstance(body, Paper) and body.expires is not None and body.expires <= now:
        return Status.EXPIRED
    return Status.STANDING


def crossed(entries: list[Entry]) -> dict[EventId, tuple[EventId, ...]]:
    """Items written without sight of each other, from the log alone: neither follows the other.

    Items of one author never cross. What an item had seen of another author is a prefix of that author's
    chain, so the items it crossed are one run of it.
    """
    by_author: dict[MemberId, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.event.seq):
        by_author.setdefault(entry.author, []).append(entry)
    found: dict[EventId, set[EventId]] = {}
    for entry in entries:
        for author, chain in by_author.items():
            if author == entry.author:
                continue
            first = bisect_right(chain, entry.seen.get(author, 0), key=lambda other: other.event.seq)
            for other in chain[first:]:
                if other.seen.get(entry.author, 0) >= entry.event.seq:
                    break
                found.setdefault(entry.id, set()).add(other.id)
    return {eid: tuple(sorted(ids)) for eid, ids in found.items()}


def _labels(log: Log, entries: list[Entry]) -> dict[EventId, str]:
    """Give every item its label: `#7`, or `#7·Name` where two of one number crossed."""
    shared: dict[int, list[Entry]] = {}
    for entry in entries:
        shared.setdefault(entry.event.number, []).append(entry)
    labels: dict[EventId, str] = {}
    for number, same in shared.items():
        for entry in same:
            labels[entry.id] = (
                f"#{number}" if len(same) == 1 else f"#{number}·{author_name(log, entry.author)}"
            )
    return labels


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
        raise Refused(f"There is no item {spoken} in this room; `backchannel desk show` lists them.")
    if len(hits) > 1:
        named = " or ".join(item.label for item in hits)
        raise Refused(f"Two items crossed as #{wanted}; say {named}.")
    return hits[0]
