"""People in a room: credentials, the epochs that seat them, and who is seated by the events one has seen.

Everything here is a function of a *view*: the set of membership events among an event's own ancestors. Two
desks with the same view read the same roster, whatever order the events came in (docs/spec/membership.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from backchannel.channel.event import ID_BYTES, Event, EventId, MemberId, audience_hash
from backchannel.crypto.hashing import digest
from backchannel.crypto.keys import check_public
from backchannel.crypto.secret import Secret
from backchannel.crypto.session import check_olm_key
from backchannel.errors import Violation
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


class Epoch(Record, frozen=True):
    """The keeper's statement of who is seated from here on and by which drop they are reached.

    `transport` is the hash of a Transport, which travels beside the event and is never kept in the log.
    """

    number: int
    charter: Charter
    roster: tuple[bytes, ...]
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
    """One member's yes to a request or a removal."""

    target: bytes


class Remove(Record, frozen=True):
    """One member asks that another leave; it stands by their own side's act, or by every other side's."""

    member: bytes
    reason: str


class Leave(Record, frozen=True):
    """The author goes."""


class Retention(Record, frozen=True):
    """How long the author's side lets texts live here; the strictest side wins."""

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
    seq: int
    body: Record


@dataclass(frozen=True, slots=True)
class Motion:
    """A request or a removal under way: who said yes, and which sides are still to be heard."""

    id: EventId
    author: MemberId
    subject: MemberId
    credential: Credential | None
    approvers: frozenset[MemberId]
    awaits: tuple[str, ...]
    carried: bool


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

    Raises Violation if no epoch is among them.
    """
    acts = list(acts)
    epochs = [act for act in acts if isinstance(act.body, Epoch)]
    if not epochs:
        raise Violation("This history has no beginning.")
    left = {act.author: act.id for act in acts if isinstance(act.body, Leave)}
    latest = _latest(epochs)
    epoch = _epoch(latest)
    everyone = {
        member_id(data): Member(member_id(data), parse_credential(data))
        for act in epochs
        for data in _epoch(act).roster
    }
    roster = [member_id(data) for data in epoch.roster]
    approvals: dict[bytes, set[MemberId]] = {}
    for act in acts:
        if isinstance(act.body, Approve):
            approvals.setdefault(act.body.target, set()).add(act.author)
    gone: dict[MemberId, EventId] = dict(left)
    motions: dict[EventId, Motion] = {}
    for act in acts:
        if isinstance(act.body, Remove):
            motions[act.id] = _removal(act, act.body, everyone, roster, approvals.get(act.id, set()))
    for motion in sorted(motions.values(), key=lambda motion: motion.id):
        if motion.carried:
            gone.setdefault(motion.subject, motion.id)
    seated = {mid: everyone[mid] for mid in roster if mid not in gone}
    for act in acts:
        if isinstance(act.body, Request):
            motions[act.id] = _admission(act, act.body, seated, approvals.get(act.id, set()))
    by_side = _retentions(acts, seated)
    return Seating(
        epoch=epoch,
        epoch_id=latest.id,
        seated=seated,
        gone=gone,
        keeper=_keeper(latest.author, roster, gone),
        motions=motions,
        retention_seconds=min([epoch.charter.retention_seconds, *by_side.values()]),
        retention_by_side=by_side,
    )


def _latest(epochs: list[Act]) -> Act:
    """The epoch in force: the highest number; of two, the one by whom the other still seats; then the lower id.

    Two of one number exist only where a keeper was removed while writing (spec membership 6).
    """
    top = max(_epoch(act).number for act in epochs)
    tied = [act for act in epochs if _epoch(act).number == top]
    rosters = [{member_id(data) for data in _epoch(act).roster} for act in tied]
    return min(tied, key=lambda act: (-sum(act.author in roster for roster in rosters), act.id))


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
    everyone: Mapping[MemberId, Member],
    roster: list[MemberId],
    approvers: set[MemberId],
) -> Motion:
    subject = MemberId(body.member)
    voices = {act.author} | approvers
    target = everyone.get(subject)
    if target is None or subject not in roster:
        return Motion(act.id, act.author, subject, None, frozenset(approvers), (), carried=False)
    others = {everyone[mid].side for mid in roster if everyone[mid].side != target.side}
    heard = {everyone[mid].side for mid in voices if mid in everyone and mid != subject}
    own = target.side in heard
    awaits = () if own else tuple(sorted(others - heard))
    carried = own or (bool(others) and not awaits)
    return Motion(act.id, act.author, subject, None, frozenset(approvers), awaits, carried)


def _admission(
    act: Act, body: Request, seated: Mapping[MemberId, Member], approvers: set[MemberId]
) -> Motion:
    """A member of every side says yes, and never one person alone where there are two (spec membership 5)."""
    subject = member_id(body.credential)
    heard = {seated[mid].side for mid in approvers if mid in seated}
    awaits = tuple(sorted({member.side for member in seated.values()} - heard))
    enough = len(approvers & set(seated)) >= min(2, len(seated))
    credential = parse_credential(body.credential)
    if not awaits and not enough:
        awaits = tuple(sorted({member.side for member in seated.values()}))
    return Motion(
        act.id, act.author, subject, credential, frozenset(approvers), awaits, carried=enough and not awaits
    )


def _retentions(acts: Iterable[Act], seated: Mapping[MemberId, Member]) -> dict[str, int]:
    """Each side's strictest present word: the last by each of its people, then the shortest."""
    last: dict[MemberId, Act] = {}
    for act in acts:
        stated = isinstance(act.body, Retention) and act.author in seated
        if stated and (act.author not in last or last[act.author].seq < act.seq):
            last[act.author] = act
    by_side: dict[str, int] = {}
    for mid, act in last.items():
        assert isinstance(act.body, Retention)
        side = seated[mid].side
        by_side[side] = min(by_side.get(side, act.body.seconds), act.body.seconds)
    return by_side


def objection(event: Event, before: Seating | None, *, is_root: bool) -> str | None:
    """Say why an event does not stand, judged by its own ancestors only; None if it stands.

    `before` is the seating among the event's ancestors, None if this desk holds none of them; only the epoch
    that seated this desk may stand then. Raises Violation for a body that is not of its kind.
    """
    if before is None:
        return None if is_root and event.kind == "epoch" else "it has no beginning before it"
    author = MemberId(event.author)
    if author not in before.seated:
        return "its author was not seated"
    if event.kind == "epoch":
        return _epoch_objection(event, decode(event.body, Epoch), before)
    if event.epoch != before.epoch.number or event.audience != before.audience_hash():
        return "it was not addressed to everyone in the room"
    if event.kind in MEMBERSHIP_KINDS:
        return _motion_objection(event, decode(event.body, MEMBERSHIP_KINDS[event.kind]), before)
    return None


def _motion_objection(event: Event, body: Record, before: Seating) -> str | None:
    if isinstance(body, Request):
        credential = parse_credential(body.credential)
        if credential.room != event.room:
            return "it asks for another room"
        if member_id(body.credential) in before.gone:
            return "those keys have left this room before"
        if len(before.due) >= MAX_MEMBERS:
            return f"the room is full at {MAX_MEMBERS}"
    if isinstance(body, Approve) and body.target not in before.motions:
        return "it approves nothing that was asked"
    if isinstance(body, Retention) and body.seconds <= 0:
        return "a retention must be positive"
    return None


def _epoch_objection(event: Event, body: Epoch, before: Seating) -> str | None:
    if event.author != before.keeper:
        return "only the keeper changes the room's keys"
    if body.number != before.epoch.number + 1 or event.epoch != body.number:
        return "its epoch does not follow the last"
    if body.roster != before.due:
        return "it seats people whom the sides did not approve"
    if body.charter != before.epoch.charter:
        return "it changes what the room is"
    if body.retention_seconds > before.retention_seconds:
        return "it keeps texts longer than a side allows"
    return None
