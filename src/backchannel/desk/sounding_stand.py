"""Where every sounding of a room stands on this desk."""

from collections.abc import Iterable
from dataclasses import dataclass

from backchannel.channel.event import MemberId
from backchannel.channel.reading import read
from backchannel.crypto.sounding.params import Params
from backchannel.desk.room import Room
from backchannel.desk.sounding_store import UNDERWAY, Done, all_of, done, underway
from backchannel.moves.sounding import Opened, Soundings


@dataclass(frozen=True, slots=True)
class Stand:
    """A sounding as this desk has it: not answered here, under way, or done."""

    opened: Opened
    answered: bool
    missing: tuple[MemberId, ...]
    overdue: bool
    done: Done | None
    reckoned: int = 0  # options dealt with so far, of `whole`
    reckoning: bool = False  # whether this desk is at work on it
    round: int = (
        0  # what is awaited: 0 that everybody takes part, 1 closed answers, 2 that they are opened together
    )


def whole(params: Params) -> int:
    """How many options all sides' inputs and shares deal with at most, as progress counts them."""
    return 2 * len(params.sides) * len(params.options)


def standing(room: Room, now: int) -> list[Stand]:
    """Give every sounding of the room in the order of its record."""
    known = read(room.log, Soundings).opened
    return [_stand(room, known[entry.id], now) for entry in room.log.ordered() if entry.id in known]


def reckoning(rooms: Iterable[Room], now: int) -> tuple[int, int]:
    """Give how many options are dealt with, and of how many, in all soundings that this desk is at work on; 0 of 0 if there is none."""
    busy = [
        one
        for room in rooms
        if all_of(room, UNDERWAY)
        for one in standing(room, now)
        if one.reckoning and one.done is None
    ]
    return sum(one.reckoned for one in busy), sum(whole(one.opened.params) for one in busy)


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
    view = begun.view
    missing = tuple(found.people[number] for number in view.missing)
    if room.me in missing and view.answered:
        missing = tuple(mid for mid in missing if mid != room.me)
    asked_me = room.me in found.people and not view.answered
    piece = room.reckoner.piece((room.id, target))
    reckoned = min(view.reckoned + (piece.tally.count if piece else 0), whole(found.params))
    busy = piece is not None or view.owed or begun.sent < view.said
    deadlines = found.params.deadlines
    return Stand(
        found, not asked_me, missing, overdue=now >= view.due, done=None, reckoned=reckoned, reckoning=busy,
        round=deadlines.index(view.due) if view.due in deadlines else 0,
    )  # fmt: skip
