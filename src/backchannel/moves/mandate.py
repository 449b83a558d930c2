"""Mandates: for what somebody speaks, on whose authority, within which limits, until when (docs/spec/moves/mandate.md).

What is said: a mandate, given by a principal to an envoy of their side or claimed by somebody for themself; its revocation; a
challenge, what answers it, and that it was checked. What stands: each mandate, and who had vouched for it or checked it.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import ID_BYTES, EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Epoch, Member, Role, parse_credential
from backchannel.channel.reading import Reading, follows, in_order
from backchannel.errors import Violation
from backchannel.moves.paper import MAX_LABEL, MAX_TERMS, Term
from backchannel.moves.voice import Voice
from backchannel.wire.codec import Record, decode

MOST_HELD = 64  # of one giver's mandates for one holder, the latest: nobody makes reading dear by many
MAX_WORDS = 2_000  # characters of what a mandate is for, of a challenge, of how it was checked
ENVOYS = frozenset({Role.AUTHORISED_ENVOY, Role.EXPLORATORY_ENVOY})


class Level(StrEnum):
    """What its holder may do under a mandate: bind the side, or only explore."""

    AUTHORISED = "authorised"
    EXPLORATORY = "exploratory"


class Limit(Record, frozen=True):
    """An issue that a mandate covers, and the options it allows there; none named: all."""

    issue: str
    options: tuple[str, ...]


class MandateGiven(Record, frozen=True):
    """Somebody may speak; a claim if the holder says it. `starts` and `until` in ms since 1970; without limits: on everything."""

    holder: bytes
    purpose: str
    level: str
    limits: tuple[Limit, ...]
    starts: int | None
    until: int | None


class MandateRevoked(Record, frozen=True):
    """A mandate ends, for whoever has seen this."""

    target: bytes


class MandateChallenge(Record, frozen=True):
    """Somebody of another side asks a holder to show their authority, by an act that the two agree on."""

    holder: bytes
    text: str


class MandateAnswer(Record, frozen=True):
    """The challenged side says which act answers a challenge; `item` is where the room's record has it."""

    target: bytes
    text: str
    item: bytes | None


class MandateChecked(Record, frozen=True):
    """The challenger's side has seen the act, and how; `item` is where the room's record has it."""

    target: bytes
    how: str
    item: bytes | None


KINDS: Mapping[str, type[Record]] = {
    "mandate": MandateGiven,
    "mandate-revoke": MandateRevoked,
    "mandate-challenge": MandateChallenge,
    "mandate-answer": MandateAnswer,
    "mandate-checked": MandateChecked,
}

ENDING = frozenset(
    {"mandate", "mandate-revoke"}
)  # by which it is judged whether somebody still speaks for a side


def parse(kind: str, data: bytes) -> Record:
    """Read what is said of mandates, or raise Violation."""
    body = decode(data, KINDS[kind])
    match body:
        case MandateGiven():
            named = len(body.holder) == ID_BYTES
            worded = 0 < len(body.purpose) <= MAX_WORDS and body.level in set(Level)
            timed = body.starts is None or body.until is None or body.starts < body.until
            if not (named and worded and timed and _sound_limits(body.limits)):
                raise Violation("This mandate does not say soundly who may speak, for what, and until when.")
        case MandateChallenge(holder, text):
            if len(holder) != ID_BYTES or not 0 < len(text) <= MAX_WORDS:
                raise Violation("This challenge names nobody or asks nothing.")
        case MandateAnswer(target, text, item) | MandateChecked(target, text, item):
            said = 0 < len(text) <= MAX_WORDS or (item is not None and not text)
            if len(target) != ID_BYTES or not said or (item is not None and len(item) != ID_BYTES):
                raise Violation("This answers no challenge, or does not say how.")
        case MandateRevoked(target):
            if len(target) != ID_BYTES:
                raise Violation("This revokes no mandate.")
    return body


def _sound_limits(limits: tuple[Limit, ...]) -> bool:
    issues = [limit.issue for limit in limits]
    options = [option for limit in limits for option in limit.options]
    return (
        len(limits) <= MAX_TERMS
        and len(options) <= MAX_TERMS
        and len(set(issues)) == len(issues)
        and all(len(set(limit.options)) == len(limit.options) for limit in limits)
        and all(0 < len(name) <= MAX_LABEL for name in (*issues, *options))
    )


@dataclass(frozen=True, slots=True)
class Given:
    """A mandate as it was given or claimed; `giver` and `holder` as they were seated then."""

    entry: Entry
    body: MandateGiven
    giver: Member
    holder: Member

    @property
    def asserted(self) -> bool:
        """Whether its holder alone says so."""
        return self.giver.id == self.holder.id

    @property
    def from_ms(self) -> int:
        """When it takes effect: never before it was said."""
        return max(self.entry.event.at, self.body.starts or self.entry.event.at)

    @property
    def authorised(self) -> bool:
        return self.body.level == Level.AUTHORISED

    def covers(self, term: Term) -> bool:
        """Whether what is stated on an issue lies within the limits; names are compared letter by letter."""
        if not self.body.limits:
            return True
        return any(
            limit.issue == term.issue and (not limit.options or term.option in limit.options)
            for limit in self.body.limits
        )


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge with what answered it and who of the challenger's side saw it, each in the order of the log."""

    entry: Entry
    body: MandateChallenge
    challenger: Member
    holder: Member
    answers: Sequence[tuple[Entry, MandateAnswer]]
    checks: Sequence[tuple[Entry, MandateChecked]]


class Status(StrEnum):
    """Where a mandate stands."""

    STANDING = "standing"
    NOT_YET = "not-yet"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Mandates(Reading):
    """Every mandate of a room, filed under its holder; revocations, challenges, answers and checks under what they are about."""

    kinds = frozenset({*KINDS, "epoch"})

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.given: dict[EventId, Given] = {}
        self._of: dict[
            MemberId, dict[MemberId, list[Given]]
        ] = {}  # by holder and giver, in the giver's order
        self._revocations: dict[EventId, dict[MemberId, Entry]] = {}  # the first of each author
        self._challenges: dict[EventId, tuple[Entry, MandateChallenge]] = {}
        self._asked: dict[MemberId, list[EventId]] = {}
        self._steps: dict[EventId, list[tuple[Entry, MandateAnswer | MandateChecked]]] = {}
        self._gone: dict[
            MemberId, list[tuple[Entry, Member]]
        ] = {}  # mandates without words, by who said them
        self._first_seated: dict[str, list[Entry]] = {}  # the first epochs that seat a principal of a side

    def file(self, entry: Entry) -> None:
        if entry.void is not None:
            return
        if entry.event.kind == "epoch":
            self._file_epoch(entry)
            return
        author = self._seated(entry)[entry.author]
        if entry.erased is not None:
            if entry.event.kind == "mandate":
                self._gone.setdefault(entry.author, []).append((entry, author))
            return
        try:
            body = parse(entry.event.kind, entry.event.body)
        except Violation:
            return
        self._file_said(entry, body, author)

    def _file_said(self, entry: Entry, body: Record, author: Member) -> None:
        match body:
            case MandateGiven():
                self._file_given(entry, body, author)
            case MandateRevoked(target):
                given = self.given.get(EventId(target))
                if given is not None and follows(entry, given.entry) and _may_revoke(author, given):
                    self._revocations.setdefault(given.entry.id, {}).setdefault(author.id, entry)
            case MandateChallenge():
                challenged = self._seated(entry).get(MemberId(body.holder))
                if challenged is not None and challenged.side != author.side:
                    self._challenges[entry.id] = (entry, body)
                    self._asked.setdefault(challenged.id, []).append(entry.id)
            case MandateAnswer(target) | MandateChecked(target):
                self._steps.setdefault(EventId(target), []).append((entry, body))

    def _file_epoch(self, entry: Entry) -> None:
        for data in decode(entry.event.body, Epoch).roster:
            credential = parse_credential(data)
            first = self._first_seated.setdefault(credential.side, [])
            if credential.role == Role.PRINCIPAL and not any(follows(entry, earlier) for earlier in first):
                first.append(entry)

    def _file_given(self, entry: Entry, body: MandateGiven, giver: Member) -> None:
        holder = self._seated(entry).get(MemberId(body.holder))
        # spec mandate 3: a principal gives it to an envoy of their own side; for oneself anybody may only claim it
        if holder is None or not (holder.id == giver.id or may_give(giver, holder)):
            return
        given = self.given[entry.id] = Given(entry, body, giver, holder)
        self._of.setdefault(holder.id, {}).setdefault(giver.id, []).append(given)

    def _seated(self, entry: Entry) -> Mapping[MemberId, Member]:
        return self.log.seating(entry.view).seated

    def of(self, voice: Voice) -> list[Given]:
        """The mandates of somebody who speaks that they had seen, whatever became of them; the latest of each giver, oldest first."""
        by_giver = {} if voice.member is None else self._of.get(voice.member.id, {})
        found: list[Given] = []
        for giver, chain in by_giver.items():
            seen = bisect_right(chain, voice.seen.get(giver, 0), key=lambda given: given.entry.event.seq)
            found += chain[max(0, seen - MOST_HELD) : seen]
        return sorted(
            found, key=lambda given: (given.entry.event.epoch, given.entry.event.at, given.entry.id)
        )

    def in_force(self, given: Given, voice: Voice) -> bool:
        """Whether somebody spoke under this mandate: in effect by their clock, and not revoked as far as they had seen."""
        return self.status_for(given, voice) is Status.STANDING

    def status_for(self, given: Given, voice: Voice) -> Status:
        """Where a mandate stood when its holder spoke."""
        if any(voice.saw(revocation) for revocation in self.revocations(given)):
            return Status.REVOKED
        return _timed(given, voice.at)

    def status(self, given: Given, now: int) -> Status:
        """Where a mandate stands by all that this desk holds."""
        return Status.REVOKED if self.revocations(given) else _timed(given, now)

    def revocations(self, given: Given) -> list[Entry]:
        """What ends a mandate, in order: its holder lays it down, or a principal of the holder's side says so."""
        return in_order(self._revocations.get(given.entry.id, {}).values())

    def challenge(self, eid: EventId) -> Challenge | None:
        """A challenge as it stands."""
        found = self._challenges.get(eid)
        if found is None:
            return None
        entry, body = found
        seated = self._seated(entry)
        challenger, holder = seated[entry.author], seated[MemberId(body.holder)]
        steps = {step.id: (step, said) for step, said in self._steps.get(eid, ()) if follows(step, entry)}
        ordered = [steps[step.id] for step in in_order(step for step, _ in steps.values())]
        return Challenge(
            entry=entry,
            body=body,
            challenger=challenger,
            holder=holder,
            answers=[
                (step, said)
                for step, said in ordered
                if isinstance(said, MandateAnswer) and self._side(step) == holder.side
            ],
            checks=[
                (step, said)
                for step, said in ordered
                if isinstance(said, MandateChecked) and self._side(step) == challenger.side
            ],
        )

    def challenges(self) -> list[Challenge]:
        """Every challenge, in no order."""
        found = (self.challenge(eid) for eid in self._challenges)
        return [challenge for challenge in found if challenge is not None]

    def checks(self, given: Given) -> list[tuple[Challenge, Entry, MandateChecked]]:
        """Who of another side checked the authority of a mandate's holder after it was given, in order."""
        found = {
            step.id: (challenge, step, said)
            for eid in self._asked.get(given.holder.id, ())
            if (challenge := self.challenge(eid)) is not None
            for step, said in challenge.checks
            if follows(step, given.entry)
        }
        return [found[step.id] for step in in_order(step for _, step, _ in found.values())]

    def gone_of(self, voice: Voice) -> bool:
        """Whether something that a speaker said of a mandate has no words any more."""
        own = [] if voice.member is None else self._gone.get(voice.member.id, [])
        return any(voice.saw(entry) for entry, _ in own)

    def gone_of_principals(self, voice: Voice) -> bool:
        """Whether a mandate by a principal of the speaker's side has no words any more: nobody can tell whose it was."""
        side = None if voice.member is None else voice.member.side
        return any(
            author.role == Role.PRINCIPAL and author.side == side and voice.saw(entry)
            for entries in self._gone.values()
            for entry, author in entries
        )

    def had_principal(self, side: str, voice: Voice) -> bool:
        """Whether a principal of a side was ever in the room, as far as somebody who speaks has seen."""
        return any(voice.saw(entry) for entry in self._first_seated.get(side, ()))

    def _side(self, entry: Entry) -> str:
        return self._seated(entry)[entry.author].side


def may_give(giver: Member, holder: Member) -> bool:
    """Whether a person can vouch for another: a principal for an envoy of the same side."""
    return (
        giver.role == Role.PRINCIPAL
        and giver.side == holder.side
        and holder.role in ENVOYS
        and giver.id != holder.id
    )


def _may_revoke(author: Member, given: Given) -> bool:
    return author.id == given.holder.id or (
        author.role == Role.PRINCIPAL and author.side == given.holder.side
    )


def _timed(given: Given, at: int) -> Status:
    starts, until = given.body.starts, given.body.until
    # spec mandate 3: who was told of it may use it though their clock be slow
    if starts is not None and starts > given.entry.event.at and at < starts:
        return Status.NOT_YET
    return Status.EXPIRED if until is not None and at >= until else Status.STANDING
