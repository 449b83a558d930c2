"""People in a room: credentials, the epochs that seat them, and who is seated by the events one has seen.

Everything here is a function of a *view*: the set of membership events among an event's own ancestors. Two
desks with the same view read the same roster, whatever order the events came in (docs/spec/membership.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from backchannel.channel.event import ID_BYTES, EventId, MemberId, audience_hash
from backchannel.channel.likeness import plain
from backchannel.crypto.hashing import digest
from backchannel.crypto.keys import check_public
from backchannel.crypto.secret import Secret
from backchannel.crypto.session import check_olm_key
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode

MAX_MEMBERS = 24
ONE_TIME_KEYS = 32
MAX_NAME = 120
KEM_PUBLIC_BYTES = 1216
KEY_BYTES = 32


class Role(StrEnum):
    """A person's part in one room."""

    PRINCIPAL = "principal"
    AUTHORISED_ENVOY = "authorised-envoy"
    EXPLORATORY_ENVOY = "exploratory-envoy"
    GO_BETWEEN = "go-between"
    ADVISER = "adviser"
    OBSERVER = "observer"


ROLES: Mapping[str, str] = {
    Role.PRINCIPAL: said("principal"),
    Role.AUTHORISED_ENVOY: said("authorised-envoy"),
    Role.EXPLORATORY_ENVOY: said("exploratory-envoy"),
    Role.GO_BETWEEN: said("go-between"),
    Role.ADVISER: said("adviser"),
    Role.OBSERVER: said("observer"),
}  # as sentences say them


class RoomKind(StrEnum):
    """Which audience a room is."""

    PLENARY = "plenary"
    BILATERAL = "bilateral"
    CAUCUS = "caucus"
    SHUTTLE = "shuttle"


class Credential(Record, frozen=True):
    """A person's keys and place in one room; its hash is the member's id, so a changed key is another member."""

    version: int
    room: bytes
    name: str
    side: str
    role: str
    identity: bytes
    one_time_keys: tuple[bytes, ...]
    kem_public: bytes


class Charter(Record, frozen=True):
    """What a room is, said once by its founder."""

    title: str
    channel: str
    kind: str
    rule: str
    retention_seconds: int
    cell_size: int
    founded: int


class Pairing(Record, frozen=True):
    """Who opens the Olm session between two members, and with which of the other's one-time keys."""

    opener: bytes
    other: bytes
    one_time_key: bytes


class SideRetention(Record, frozen=True):
    """The shortest life of a text that a side has asked for."""

    side: str
    seconds: int


class Epoch(Record, frozen=True):
    """The keeper's statement of who is seated from here on and by which drop they are reached.

    `gone` are all members who ever left, ascending; `retention` what each side asked for so far, by side; both
    let a newcomer judge what follows as everybody else does. `transport` is the hash of a Transport, which travels beside the event and is never kept in the log.
    """

    number: int
    charter: Charter
    roster: tuple[bytes, ...]
    gone: tuple[bytes, ...]
    retention: tuple[SideRetention, ...]
    retention_seconds: int
    pairings: tuple[Pairing, ...]
    transport: bytes


class Transport(Secret, Record, frozen=True):
    """How members of one epoch reach each other; all of it secret from everyone else."""

    relay: str
    pin: bytes
    drop: bytes
    cell_size: int
    ttl_seconds: int
    room_key: bytes
    append: bytes
    read: bytes
    close: bytes


class Request(Record, frozen=True):
    """Somebody asks to come in; the credential is all of their keys and their place."""

    credential: bytes


class Approve(Record, frozen=True):
    """One member's yes to a request or a removal; `target` is a `motion_id`."""

    target: bytes


class Remove(Record, frozen=True):
    """One member asks that another leave; carried by somebody of their own side, or by every other side."""

    member: bytes
    reason: str


class Leave(Record, frozen=True):
    """The author goes."""


class Retention(Record, frozen=True):
    """How long the author's side lets texts live here; the strictest side wins, and none takes it back."""

    seconds: int


MEMBERSHIP_KINDS: Mapping[str, type[Record]] = {
    "epoch": Epoch,
    "request": Request,
    "approve": Approve,
    "remove": Remove,
    "leave": Leave,
    "retention": Retention,
}


def member_id(credential: bytes) -> MemberId:
    """Give the hash of all of a person's keys and role (spec membership 2)."""
    return MemberId(digest("backchannel/member/1", credential))


def motion_id(subject: MemberId, *, coming: bool) -> EventId:
    """Give what an approval names: a person's keys and place, and whether they are to come or to go."""
    return EventId(digest("backchannel/motion/1", b"come" if coming else b"go", subject))


def transport_hash(transport: Transport) -> bytes:
    return digest("backchannel/transport/1", encode(transport))


@lru_cache(maxsize=512)
def parse_credential(data: bytes) -> Credential:
    """Read a credential all of whose keys can be used, or raise Violation."""
    credential = decode(data, Credential)
    sound = (
        credential.version == 1
        and len(credential.room) == ID_BYTES
        and 0 < len(credential.name) <= MAX_NAME
        and 0 < len(credential.side) <= MAX_NAME
        and plain(credential.name)
        and plain(credential.side)
        and credential.role in set(Role)
        and len(credential.identity) == KEY_BYTES
        and 0 < len(credential.one_time_keys) <= ONE_TIME_KEYS
        and all(len(key) == KEY_BYTES for key in credential.one_time_keys)
        and len(set(credential.one_time_keys)) == len(credential.one_time_keys)
        and len(credential.kem_public) == KEM_PUBLIC_BYTES
    )
    if not sound:
        raise Violation("This credential is not sound; ask for a new invitation.")
    check_public(credential.kem_public)
    for key in (credential.identity, *credential.one_time_keys):
        check_olm_key(key)
    return credential


@dataclass(frozen=True, slots=True)
class Member:
    """Someone who is or was seated."""

    id: MemberId
    credential: Credential

    @property
    def name(self) -> str:
        return self.credential.name

    @property
    def side(self) -> str:
        return self.credential.side

    @property
    def role(self) -> str:
        return self.credential.role


@dataclass(frozen=True, slots=True)
class Act:
    """A membership event that stands: who said it, and what it says."""

    id: EventId
    author: MemberId
    epoch: int
    body: Record


@dataclass(frozen=True, slots=True)
class Motion:
    """A request or a removal under way: who said yes, and which sides are still to be heard.

    `id` is what an approval names; `said` the event that asked, the one with the lowest id if several did.
    """

    id: EventId
    author: MemberId
    subject: MemberId
    credential: Credential | None
    approvers: frozenset[MemberId]
    awaits: tuple[str, ...]
    carried: bool
    said: EventId


@dataclass(frozen=True, slots=True)
class Seating:
    """Everything one view says about who is in the room."""

    epoch: Epoch
    epoch_id: EventId
    seated: Mapping[MemberId, Member]
    gone: Mapping[MemberId, EventId]
    keeper: MemberId
    motions: Mapping[EventId, Motion]
    retention_seconds: int
    retention_by_side: Mapping[str, int]

    @property
    def audience(self) -> tuple[MemberId, ...]:
        return tuple(self.seated)

    @property
    def due(self) -> tuple[bytes, ...]:
        """The roster the next epoch must have; equal to the present one if none is due."""
        staying = [data for data in self.epoch.roster if member_id(data) not in self.gone]
        present = {member_id(data) for data in self.epoch.roster} | set(self.gone)
        coming = sorted(
            (motion.id, encode(motion.credential))
            for motion in self.motions.values()
            if motion.carried and motion.credential is not None and motion.subject not in present
        )
        return (*staying, *(data for _, data in coming))

    @property
    def epoch_due(self) -> bool:
        """Whether the keeper owes the room a new epoch."""
        return self.due != self.epoch.roster or self.retention_seconds < self.epoch.retention_seconds

    def audience_hash(self) -> bytes:
        return audience_hash(self.audience, self.epoch.number)


def seating(acts: Iterable[Act]) -> Seating:
    """Read who is seated off the standing membership acts of one view, in any order (spec membership 4).

    Only the epoch in force counts, with what was said in it: what an epoch leaves undone lapses, so that a
    newcomer, who has nothing older, reads the same. Raises Violation if no epoch is among the acts.
    """
    acts = list(acts)
    epochs = [act for act in acts if isinstance(act.body, Epoch)]
    if not epochs:
        raise Violation("This history has no beginning.")
    top = max(act.epoch for act in epochs)
    latest = _preferred([act for act in epochs if act.epoch == top])
    before = [act for act in epochs if act.epoch == top - 1]
    removed: dict[MemberId, EventId] = {}
    if before:
        # A keeper whose removal crosses with an epoch of its own is removed all the same (spec membership 6).
        gone = _seated_by(_preferred(before), acts, {}).gone
        removed = {mid: act for mid, act in gone.items() if mid == latest.author}
    return _seated_by(latest, acts, removed)


def _seated_by(latest: Act, acts: Iterable[Act], removed: Mapping[MemberId, EventId]) -> Seating:
    """Read a seating off one epoch and what was said in it; `removed` are gone besides."""
    epoch = _epoch(latest)
    acts = sorted((act for act in acts if act.epoch == epoch.number), key=lambda act: act.id)
    people = {member_id(data): Member(member_id(data), parse_credential(data)) for data in epoch.roster}
    gone: dict[MemberId, EventId] = {**removed, **{MemberId(mid): latest.id for mid in epoch.gone}}
    gone |= {act.author: act.id for act in reversed(acts) if isinstance(act.body, Leave)}
    approvals: dict[bytes, set[MemberId]] = {}
    for act in acts:
        if isinstance(act.body, Approve):
            approvals.setdefault(act.body.target, set()).add(act.author)
    motions: dict[EventId, Motion] = {}
    for act in acts:
        if isinstance(act.body, Remove):
            motion = _removal(act, act.body, people, approvals, acts)
            motions.setdefault(motion.id, motion)
    for motion in motions.values():
        if motion.carried:
            gone.setdefault(motion.subject, motion.said)
    seated = {mid: member for mid, member in people.items() if mid not in gone}
    for act in acts:
        if isinstance(act.body, Request):
            motion = _admission(act, act.body, seated, approvals)
            motions.setdefault(motion.id, motion)
    by_side = _retentions(epoch, acts, seated)
    return Seating(
        epoch=epoch,
        epoch_id=latest.id,
        seated=seated,
        gone=gone,
        keeper=_keeper(latest.author, list(people), gone),
        motions=motions,
        retention_seconds=min([epoch.retention_seconds, *by_side.values()]),
        retention_by_side=by_side,
    )


def _preferred(tied: list[Act]) -> Act:
    """Of two epochs of one number, by a keeper who tells two stories, the one with the lower id."""
    return min(tied, key=lambda act: act.id)


def _epoch(act: Act) -> Epoch:
    assert isinstance(act.body, Epoch)
    return act.body


def _keeper(author: MemberId, roster: list[MemberId], gone: Mapping[MemberId, EventId]) -> MemberId:
    """The author of the last epoch keeps the room; if gone, the longest seated who stays (spec membership 6)."""
    if author not in gone:
        return author
    return next((mid for mid in roster if mid not in gone), author)


def _removal(
    act: Act,
    body: Remove,
    people: Mapping[MemberId, Member],
    approvals: Mapping[bytes, set[MemberId]],
    acts: list[Act],
) -> Motion:
    """Somebody of their own side says so, or somebody of every other side; also if they have left since (spec 5)."""
    subject = MemberId(body.member)
    mid = motion_id(subject, coming=False)
    askers = {
        other.author for other in acts if isinstance(other.body, Remove) and other.body.member == subject
    }
    approvers = frozenset(askers | approvals.get(mid, set()))
    target = people.get(subject)
    if target is None:
        return Motion(mid, act.author, subject, None, approvers, (), carried=False, said=act.id)
    others = {member.side for member in people.values() if member.side != target.side}
    heard = {people[voice].side for voice in approvers if voice in people and voice != subject}
    own = target.side in heard
    awaits = () if own else tuple(sorted(others - heard))
    carried = own or (bool(others) and not awaits)
    return Motion(mid, act.author, subject, None, approvers, awaits, carried, said=act.id)


def _admission(
    act: Act, body: Request, seated: Mapping[MemberId, Member], approvals: Mapping[bytes, set[MemberId]]
) -> Motion:
    """A member of every side says yes, and never one person alone where there are two (spec membership 5)."""
    subject = member_id(body.credential)
    mid = motion_id(subject, coming=True)
    approvers = approvals.get(mid, set()) & set(seated)
    awaits = tuple(
        sorted(
            {member.side for member in seated.values()} - {seated[approver].side for approver in approvers}
        )
    )
    enough = len(approvers) >= min(2, len(seated))
    if not awaits and not enough:
        awaits = tuple(sorted({member.side for member in seated.values()}))
    return Motion(
        mid,
        act.author,
        subject,
        parse_credential(body.credential),
        frozenset(approvers),
        awaits,
        carried=enough and not awaits,
        said=act.id,
    )


def _retentions(epoch: Epoch, acts: Iterable[Act], seated: Mapping[MemberId, Member]) -> dict[str, int]:
    """Each side's shortest word, in this epoch or before."""
    by_side = {known.side: known.seconds for known in epoch.retention}
    for act in acts:
        if isinstance(act.body, Retention) and act.author in seated:
            side = seated[act.author].side
            by_side[side] = min(by_side.get(side, act.body.seconds), act.body.seconds)
    return by_side


def pairings(staying: Sequence[MemberId], coming: Sequence[bytes]) -> tuple[Pairing, ...]:
    """Those present open to each newcomer, and of two newcomers the one named first; each with a key of its own."""
    pairs: list[Pairing] = []
    present = list(staying)
    for data in coming:
        mid, keys = member_id(data), parse_credential(data).one_time_keys
        if len(present) > len(keys):
            raise Violation("A newcomer brought too few one-time keys.")
        pairs += [Pairing(opener, mid, key) for opener, key in zip(present, keys, strict=False)]
        present.append(mid)
    return tuple(pairs)


def next_epoch(before: Seating, transport: bytes) -> Epoch:
    """The one epoch that may follow a seating; only how the room is reached is the keeper's to choose."""
    due = before.due
    seated = {member_id(data) for data in before.epoch.roster}
    staying = [member_id(data) for data in due if member_id(data) in seated]
    coming = [data for data in due if member_id(data) not in seated]
    return Epoch(
        number=before.epoch.number + 1,
        charter=before.epoch.charter,
        roster=due,
        gone=tuple(sorted(before.gone)),
        retention=tuple(
            SideRetention(side, before.retention_by_side[side]) for side in sorted(before.retention_by_side)
        ),
        retention_seconds=before.retention_seconds,
        pairings=pairings(staying, coming),
        transport=transport,
    )
