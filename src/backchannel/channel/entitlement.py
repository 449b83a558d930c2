"""Whether an event stands: was its author entitled to it, by its own ancestors alone (docs/spec/membership.md 5, 6)."""

from backchannel.channel.event import Event, MemberId, audience_hash
from backchannel.channel.likeness import alike
from backchannel.channel.members import (
    MAX_MEMBERS,
    MEMBERSHIP_KINDS,
    Approve,
    Epoch,
    Remove,
    Request,
    Retention,
    Seating,
    member_id,
    next_epoch,
    parse_credential,
)
from backchannel.said import said
from backchannel.wire.codec import Record, decode


def objection(event: Event, before: Seating | None, *, is_root: bool) -> str | None:
    """Say why an event does not stand, judged by its own ancestors only; None if it stands.

    `before` is the seating among the event's ancestors, None if this desk holds none of them; only the epoch
    that seated this desk may stand then. Raises Violation for a body that is not of its kind.
    """
    if before is None:
        return None if is_root and event.kind == "epoch" else said("it has no beginning before it")
    author = MemberId(event.author)
    if author not in before.seated:
        return said("its author was not seated")
    if event.kind == "epoch":
        return _epoch_objection(event, decode(event.body, Epoch), before)
    if event.epoch != before.epoch.number or event.audience != before.audience_hash():
        return said("it was not addressed to everyone in the room")
    if event.kind in MEMBERSHIP_KINDS:
        return _motion_objection(event, decode(event.body, MEMBERSHIP_KINDS[event.kind]), before)
    return None


def _motion_objection(  # noqa: PLR0911 - one return a rule
    event: Event, body: Record, before: Seating
) -> str | None:
    if isinstance(body, Request):
        credential = parse_credential(body.credential)
        if credential.room != event.room:
            return said("it asks for another room")
        if member_id(body.credential) in before.gone:
            return said("those keys have left this room before")
        if member_id(body.credential) in before.seated:
            return said("those keys are in this room already")
        if any(alike(credential.name, member.name) for member in before.seated.values()):
            return said("the newcomer's name looks like that of somebody here")
        if len(before.due) >= MAX_MEMBERS:
            return said("the room is full at {max_members}", max_members=MAX_MEMBERS)
    if isinstance(body, Approve) and body.target not in before.motions:
        return said("it approves nothing that was asked")
    if isinstance(body, Remove) and body.member not in before.seated:
        return said("it removes nobody who is here")
    if isinstance(body, Retention) and body.seconds <= 0:
        return said("a retention must be positive")
    return None


def _epoch_objection(  # noqa: PLR0911 - one return a rule
    event: Event, body: Epoch, before: Seating
) -> str | None:
    if event.author != before.keeper:
        return said("only the keeper changes the room's keys")
    if not before.epoch_due:
        return said("no change of the room's keys was due")
    if body.number != before.epoch.number + 1 or event.epoch != body.number:
        return said("its epoch does not follow the last")
    if body.roster != before.due:
        return said("it seats people whom the sides did not approve")
    if body != next_epoch(before, body.transport):
        return said("it does not follow from what the room decided")
    if event.audience != audience_hash(tuple(map(member_id, body.roster)), body.number):
        return said("it was not addressed to everyone in the room")
    return None
