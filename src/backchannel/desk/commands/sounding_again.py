"""`desk sound again`: a sounding that lacks somebody's last word, once more among the others, if each of them so decides."""

import argparse

from backchannel.channel.event import EventId
from backchannel.crypto.sounding.kept import How
from backchannel.desk import sounding_again
from backchannel.desk.commands.answer import Answer, named, room_of, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.sounding_stand import standing
from backchannel.desk.sounding_store import LEFT, all_of, left
from backchannel.desk.when import moment
from backchannel.errors import Refused
from backchannel.said import said


def consequence(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    """Say what a re-run may show, before anybody decides on it."""
    room = room_of(desk, args)
    target = _which(room, args.which, now)
    return Answer([_warning(room, target)], {"sounding": target.hex()}, room)


def again(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _which(room, args.which, now)
    told = _warning(room, target)
    opened = sounding_again.again(room, target, moment(args.by, now), now)
    found = next(one for one in standing(room, now) if one.opened.entry.id == opened)
    lines = [
        said("You have decided to repeat it; your desk states the answers that you gave then, and no others.")
    ]
    if found.done is None:
        lines.append(said("It waits for {mid}.", mid=spoken_list(named(room, mid) for mid in found.missing)))
    elif found.done.how == How.RESULT:
        lines.append(said("It has a result: `backchannel desk sound show`."))
    return Answer([told, *lines], {"sounding": opened.hex()}, room)


def _warning(room: Room, target: EventId) -> str:
    away = sounding_again.absent(room, target)
    first, _ = sounding_again.kept_for(room, target)
    names = spoken_list(named(room, mid) for mid in away)
    rest = spoken_list(named(room, mid) for mid in first.people if mid not in away)
    binds = (
        said(" It binds: what all of these accept they promise each other.") if first.params.binding else ""
    )
    return said(
        "This repeats the sounding without {names}, among {rest}, on the answers you gave, and shows which options all"
        " of these accept. If the word that is missing comes after all, both results together show what {names} alone"
        " rejected; and whoever keeps a word back can bring this about, to learn more of you than you meant to show."
        " It happens only if each of you decides so, and cannot be taken back.{binds}",
        names=names,
        rest=rest,
        binds=binds,
    )


def _which(room: Room, spoken: str | None, now: int) -> EventId:
    """Choose a sounding that can be repeated here, by its own id or by that of a re-run that somebody opened."""
    known = {one.opened.entry.id: one for one in standing(room, now)}
    able = {target: known[target] for target in all_of(room, LEFT) if target in known and left(room, target)}
    if spoken is not None:
        return choose(known, spoken, "sounding", "sound show").opened.entry.id
    if not able:
        raise Refused(sounding_again.CANNOT)
    return choose(able, None, "sounding", "sound show").opened.entry.id
