"""Comparing safety words, as events of the room: who compares with whom and how far they are (docs/spec/comparing.md).

The order that matters is in the log: the commitment before the other's nonce, that nonce before the opened one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.channel.event import ID_BYTES, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.contacts.safety_words import NONCE_BYTES, check_commitment, halves, six_words
from backchannel.crypto.hashing import digest
from backchannel.errors import Violation
from backchannel.wire.codec import Record, decode


class WordsCommit(Record, frozen=True):
    """The first of two people binds themselves before having seen the other's nonce."""

    other: bytes
    commitment: bytes


class WordsAnswer(Record, frozen=True):
    """The second gives theirs, drawn without knowing the first's."""

    commit: bytes
    nonce: bytes


class WordsReveal(Record, frozen=True):
    """The first opens what was committed to."""

    commit: bytes
    nonce: bytes


class WordsCompared(Record, frozen=True):
    """One of the two has heard the other's words, and they were the right ones."""

    commit: bytes


KINDS: Mapping[str, type[Record]] = {
    "words-commit": WordsCommit,
    "words-answer": WordsAnswer,
    "words-reveal": WordsReveal,
    "words-compared": WordsCompared,
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One comparison as the log tells it; `compared` says which of the two found the words right, and when by their clock."""

    commit: EventId
    first: MemberId
    second: MemberId
    commitment: bytes
    roster_hash: bytes
    answer: bytes | None
    answer_seq: int
    reveal: bytes | None
    compared: Mapping[MemberId, int]

    def words(self) -> str | None:
        """Give the six words once both nonces are open; Violation if the first opens another than committed to."""
        if self.answer is None or self.reveal is None:
            return None
        check_commitment(self.commitment, self.roster_hash, self.reveal)
        return six_words(self.roster_hash, self.reveal, self.answer)

    def between(self, one: MemberId, other: MemberId) -> bool:
        return {one, other} == {self.first, self.second}

    def half_of(self, words: str, member: MemberId) -> tuple[str, str]:
        """Split the words: those a member's desk shows, and those its person must hear from the other."""
        first, second = halves(words)
        return (first, second) if member == self.first else (second, first)


def roster_hash(room: bytes, members: Mapping[MemberId, object]) -> bytes:
    """Hash everyone who is seated: an id covers all of a person's keys and their place (spec comparing 2)."""
    return digest("backchannel/roster/1", room, *sorted(members))


def parse_words(kind: str, data: bytes) -> Record:
    """Read the body of one of these events, or raise Violation."""
    body = decode(data, KINDS[kind])
    sound = True
    if isinstance(body, WordsCommit):
        sound = len(body.other) == ID_BYTES and len(body.commitment) == ID_BYTES
    elif isinstance(body, WordsAnswer | WordsReveal):
        sound = len(body.commit) == ID_BYTES and len(body.nonce) == NONCE_BYTES
    if not sound:
        raise Violation("This step of comparing words is not sound.")
    return body


def exchanges(log: Log) -> list[Exchange]:
    """Read every comparison off the log, in its order; a step that is not its author's or comes too early is nothing."""
    found: dict[EventId, Exchange] = {}
    if all(entry.event.kind not in KINDS for entry in log.entries.values()):
        return []
    for entry in log.ordered():
        if entry.event.kind not in KINDS or entry.void is not None:
            continue
        try:
            body = parse_words(entry.event.kind, entry.event.body)
        except Violation:
            continue
        if isinstance(body, WordsCommit):
            seated = log.seating(entry.view).seated
            other = MemberId(body.other)
            if other in seated and other != entry.author:
                found[entry.id] = Exchange(
                    entry.id, entry.author, other, body.commitment, roster_hash(log.room, seated),
                    None, 0, None, {},
                )  # fmt: skip
        elif isinstance(body, WordsAnswer | WordsReveal | WordsCompared):
            begun = found.get(EventId(body.commit))
            if begun is not None:
                found[begun.commit] = _step(begun, entry, body)
    return list(found.values())


def _step(begun: Exchange, entry: Entry, body: WordsAnswer | WordsReveal | WordsCompared) -> Exchange:
    """Give an exchange after one more step; unchanged if the step is not due or not this author's."""
    answer, seq, reveal, compared = begun.answer, begun.answer_seq, begun.reveal, begun.compared
    if isinstance(body, WordsAnswer) and entry.author == begun.second and answer is None:
        answer, seq = body.nonce, entry.event.seq
    elif isinstance(body, WordsReveal) and entry.author == begun.first and answer is not None:
        # spec comparing 3: opened only by somebody who had the other's nonce before their eyes
        if reveal is None and entry.seen.get(begun.second, 0) >= seq:
            reveal = body.nonce
    elif isinstance(body, WordsCompared) and entry.author in {begun.first, begun.second}:
        compared = {**begun.compared, entry.author: entry.event.at}
    return Exchange(
        begun.commit, begun.first, begun.second, begun.commitment, begun.roster_hash, answer, seq, reveal, compared
    )  # fmt: skip
