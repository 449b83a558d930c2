"""What a person does about preconditions: put one on record in its public wording, let it rest, restate or drop it."""

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.members import ROLES
from backchannel.channel.reading import read
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.speaking import check_mandate
from backchannel.errors import OutOfMandate, Refused
from backchannel.moves.paper import MAX_LABEL
from backchannel.moves.precondition import (
    MAX_WORDING,
    Demand,
    Precondition,
    PreconditionDrop,
    PreconditionPark,
    Preconditions,
    Status,
)
from backchannel.moves.seal import SPEAKERS
from backchannel.said import said


def state(
    room: Room,
    wording: str,
    source: str,
    now: int,
    *,
    instead_of: Demand | None = None,
    beyond: bool | None = None,
) -> Entry:
    """Put a precondition of one's side on record in the words it says in public; `instead_of` is the wording it replaces."""
    side = _speaking(room, now, beyond=beyond)
    if not wording.strip() or not source.strip():
        raise Refused("A precondition has the public wording, after --, and with --source where it was said.")
    if len(source) > MAX_LABEL or len(wording) > MAX_WORDING:
        raise Refused(
            said(
                "A precondition has at most {max_wording} characters and its source {max_label}; give the heart of it.",
                max_wording=MAX_WORDING,
                max_label=MAX_LABEL,
            )
        )
    if instead_of is not None:
        _own(instead_of, side)
    restates = None if instead_of is None else instead_of.entry.id
    return act(room, "precondition", Precondition(wording, source, restates), now)


def park(room: Room, target: EventId, now: int, *, beyond: bool | None = None) -> Entry:
    """Let a demand rest for one's side: neither conceded nor withdrawn."""
    side = _speaking(room, now, beyond=beyond)
    demand = read(room.log, Preconditions).demand(target)
    if demand is None:
        raise Refused("Only a precondition, a paper or a note can be parked.")
    if demand.status is Status.DROPPED:
        raise Refused("This has been dropped or taken back already; there is nothing to park.")
    if any(by.side == side for _, by in demand.parked):
        raise Refused("Your side has parked this already.")
    return act(room, "precondition-park", PreconditionPark(target), now)


def drop(room: Room, demand: Demand, now: int) -> Entry:
    """Take a precondition of one's side off the record, for everyone to see."""
    _own(demand, _speaking(room, now))
    return act(room, "precondition-drop", PreconditionDrop(demand.entry.id), now)


def _own(demand: Demand, side: str) -> None:
    if demand.side != side:
        raise Refused(
            said(
                "Only {demand_side} can drop or restate this; your side can park it.", demand_side=demand.side
            )
        )
    if demand.status is Status.DROPPED:
        raise Refused("This has been dropped or restated already.")


def _speaking(room: Room, now: int, *, beyond: bool | None = None) -> str:
    me = may_act(room).seated[room.me]
    if me.role not in SPEAKERS:
        raise OutOfMandate(
            said(
                "You are here as {role}; only a principal or authorised envoy of {me_side} speaks of its preconditions.",
                role=ROLES.get(me.role, me.role),
                me_side=me.side,
            )
        )
    check_mandate(room, now, beyond=beyond)
    return me.side
