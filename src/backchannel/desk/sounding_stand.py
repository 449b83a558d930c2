"""Where every sounding of a room stands on this desk."""

from dataclasses import dataclass

from backchannel.channel.event import MemberId
from backchannel.channel.reading import read
from backchannel.crypto.sounding.party import Party
from backchannel.desk.room import Room
from backchannel.desk.sounding_store import Done, done, underway
from backchannel.moves.sounding import Opened, Soundings


@dataclass(frozen=True, slots=True)
class Stand:
    """A sounding as this desk has it: not answered here, under way, or done."""

    opened: Opened
    answered: bool
    missing: tuple[MemberId, ...]
    overdue: bool
    done: Done | None


def standing(room: Room, now: int) -> list[Stand]:
    """Give every sounding of the room in the order of its record."""
    known = read(room.log, Soundings).opened
    return [_stand(room, known[entry.id], now) for entry in room.log.ordered() if entry.id in known]


def _stand(room: Room, found: Opened, now: int) -> Stand:
    target = found.entry.id
    ended, begun = done(room, target), underway(room, target)
    if ended is not None:
        return Stand(found, answered=True, missing=(), overdue=False, done=ended)
    if begun is None:
        said = {entry.author for entry, _ in read(room.log, Soundings).said(target)}
        missing = tuple(mid for mid in found.people if mid not in said)
        return Stand(
            found, answered=False, missing=missing, overdue=now >= found.params.deadlines[0], done=None
        )
    party = Party.resume(begun.party, 0)
    missing = tuple(found.people[number] for number in party.missing)
    asked_me = room.me in found.people and not party.answered
    return Stand(found, answered=not asked_me, missing=missing, overdue=now >= begun.due, done=None)
