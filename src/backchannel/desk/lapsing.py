"""What a change of keys leaves undone is said again by the desks of those who said it (docs/spec/membership.md 7).

Only what was said in the epoch in force counts, so a request, a yes or a wish that crossed with a new epoch, or was
still waiting when it came, lapses; its author's desk says it again, word for word, without troubling its person.
"""

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry
from backchannel.channel.members import (
    MEMBERSHIP_KINDS,
    Approve,
    Leave,
    Remove,
    Request,
    Retention,
    Seating,
    member_id,
    motion_id,
)
from backchannel.desk.room import Room
from backchannel.desk.sending import utter
from backchannel.wire.codec import decode


def repeat(room: Room, now: int) -> None:
    """Say again, in the epoch in force, what this desk's person said in an earlier one and what still has a point."""
    if room.repeated == len(room.log.entries):
        return
    seating = room.seating
    if room.me in seating.seated:
        own = [entry for entry in room.log.entries.values() if _own_act(room, entry)]
        current = seating.epoch.number
        said = {(entry.event.kind, entry.event.body) for entry in own if entry.event.epoch == current}
        for entry in own:
            words = (entry.event.kind, entry.event.body)
            if entry.event.epoch < current and words not in said and _due(room, seating, entry):
                said.add(words)
                utter(room, seating, *words, now)
    room.repeated = len(room.log.entries)


def _own_act(room: Room, entry: Entry) -> bool:
    return entry.author == room.me and entry.void is None and entry.event.kind in MEMBERSHIP_KINDS


def _due(  # noqa: PLR0911 - one return a kind
    room: Room, seating: Seating, entry: Entry
) -> bool:
    """Whether an act of ours from an earlier epoch is still undone and still wanted."""
    body = decode(entry.event.body, MEMBERSHIP_KINDS[entry.event.kind])
    # A wish that somebody go outlives one change of keys, not two: it was about the room as it was then.
    recent = entry.event.epoch == seating.epoch.number - 1
    match body:
        case Request():
            subject = member_id(body.credential)
            known = {member_id(data) for data in seating.epoch.roster} | set(seating.gone)
            return subject not in known and motion_id(subject, coming=True) not in seating.motions
        case Approve():
            motion = next((known for known in seating.motions.values() if known.id == body.target), None)
            if motion is None or motion.carried or room.me in motion.approvers:
                return False
            return recent or motion.credential is not None
        case Remove():
            return recent and MemberId(body.member) in seating.seated
        case Retention():
            side = seating.seated[room.me].side
            return body.seconds < seating.retention_by_side.get(side, seating.epoch.retention_seconds)
        case Leave():
            return True
        case _:
            return False
