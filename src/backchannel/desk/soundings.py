"""What a person does about soundings: opens one, answers one, gives one up. What the desk then does by itself is in desk/sounding_course.py.

A sounding's state is saved in the transaction that says what it says, and every message is read out of the saved bytes.
"""

import secrets
from collections.abc import Container, Sequence

import msgspec

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.channel.members import ROLES, Role
from backchannel.channel.reading import read
from backchannel.crypto.hashing import digest
from backchannel.crypto.sounding.kept import outgoing
from backchannel.crypto.sounding.params import CHUNK, Kind, Params, checked
from backchannel.crypto.sounding.party import Party
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.sounding_course import finish, go_on
from backchannel.desk.sounding_ledger import allow, enter
from backchannel.desk.sounding_step import view_of
from backchannel.desk.sounding_store import Done, Underway, done, save, seen_keys, underway
from backchannel.errors import Expired, OutOfMandate, Refused, Violation
from backchannel.moves.seal import SPEAKERS
from backchannel.moves.sounding import EXPLORERS, Opened, SoundingOpen, Soundings, SoundingStop
from backchannel.said import said
from backchannel.wire.codec import decode, encode

DAY_MS = 86_400_000
MOST_PARAMS = 800_000  # bytes; an event has 1 MiB at most


def opening(
    room: Room,
    kind: Kind,
    options: Sequence[str],
    by: int,
    now: int,
    *,
    asked: Sequence[str] = (),
    sides: Sequence[bytes] = (),
    batch: int = 0,
    poster: int = 0,
    binding: bool = False,
) -> Params:
    """Give the parameters of a sounding among one person for each side here; `by` is when answers are due.

    `asked` names people where a side has several who could answer, or where not all sides are to be asked; with `sides` it is
    settled already who answers.
    """
    me = may_act(room).seated[room.me]
    able = SPEAKERS if binding else EXPLORERS
    if me.role not in able and me.role != Role.GO_BETWEEN:
        raise OutOfMandate(
            said(
                "You are here as {role}; only those who speak for a side, or a go-between, open soundings.",
                role=ROLES.get(me.role, me.role),
            )
        )
    people = list(sides) or [*_asked(room, asked, able), *([room.me] if me.role in able else [])]
    if by <= now:
        raise Refused("The time by which answers are due has passed already; give a later one.")
    tag = "backchannel/sounding-head/1"
    params = Params(
        1,
        kind,
        tuple(sorted(people)),
        tuple(options),
        CHUNK,
        batch,
        poster,
        binding,
        (by, by + DAY_MS, by + 2 * DAY_MS),
        digest(tag, room.id, *sorted(room.log.heads)),
        secrets.token_bytes(32),
        b"",
    )
    if len(people) < 2:  # noqa: PLR2004 - a sounding is between people
        raise Refused("A sounding needs people here who speak for two sides at least; invite them.")
    if len(encode(params)) > MOST_PARAMS:
        raise Refused("The options are too long together for one sounding; list fewer, or shorter ones.")
    try:
        return checked(decode(encode(params), Params))
    except Violation as violation:
        raise Refused(
            said(
                "{violation} List 1 to 10,000 different options of at most 1,000 letters.",
                violation=violation,
            )
        ) from violation


def _asked(room: Room, names: Sequence[str], allowed: Container[Role]) -> list[MemberId]:
    """Choose one person of every other side who speaks for it, or those who are named among all who may answer."""
    seated = room.seating.seated
    own = seated[room.me].side if seated[room.me].role in allowed else None
    roles = allowed if names else SPEAKERS
    able = {mid: one for mid, one in sorted(seated.items()) if one.role in roles and one.side != own}
    if names:
        wanted = {name.strip().casefold() for name in names}
        able = {mid: one for mid, one in able.items() if one.name.casefold() in wanted}
        if missing := wanted - {one.name.casefold() for one in able.values()}:
            raise Refused(
                said("Nobody here who speaks for another side is called {missing}.", missing=min(missing))
            )
    sides = [one.side for one in able.values()]
    if several := [side for side in sorted(set(sides)) if sides.count(side) > 1]:
        raise Refused(
            said(
                "{several} has several people here who could answer; name one with --with.",
                several=several[0],
            )
        )
    return list(able)


def posted_by(params: Params, poster: MemberId) -> Params:
    """Have one side post its limit: it counts from the first option, and the other from the last."""
    return msgspec.structs.replace(params, poster=params.sides.index(poster))


def open_sounding(
    room: Room, params: Params, agenda: str, marks: Sequence[bool] | None, now: int, *, mandate: bool = False
) -> Entry:
    """Put a sounding before the room, with this side's keys and, if it has made up its mind, its answers."""
    with room.changing():
        if room.me in params.sides:
            allow(room, params, agenda, mandate=mandate)
            party = Party.open(params, params.sides.index(room.me), seen_keys(room))
            if marks is not None:
                party.mark(marks)
                enter(room, params, agenda, marks.count(False), now)
        else:
            party = Party.watch(params, seen_keys(room))
        saved = party.encode()
        messages = outgoing(saved)
        entry = act(room, "sounding-open", SoundingOpen(agenda, encode(params), messages), now)
        save(room, entry.id, Underway(saved, (entry.id,), len(messages), view_of(party)))
    return entry


def answer(room: Room, target: EventId, marks: Sequence[bool], now: int, *, mandate: bool = False) -> None:
    """Answer a sounding for one's side, once; what follows is said by the desk as the others answer."""
    found = opened_here(room, target)
    may_act(room)
    if room.me not in found.people:
        raise OutOfMandate("This sounding asks other people; the one of your side who was asked answers it.")
    if now >= found.params.deadlines[0]:
        raise Expired("The time for answers to this sounding has passed; open another if all sides want one.")
    if done(room, target) is not None or read(room.log, Soundings).stopped(target) is not None:
        raise Refused("This sounding has ended; open another if all sides want one.")
    if found.params.parent:
        raise Refused(
            "This repeats a sounding on the answers that were given then; decide with `backchannel desk sound again`."
        )
    with room.changing():
        begun = underway(room, target)
        if begun is None:
            allow(room, found.params, found.agenda, mandate=mandate)
            party = Party.open(found.params, found.people.index(room.me), seen_keys(room))
            begun = Underway(party.encode(), (), 0, view_of(party))
        party = Party.resume(begun.party, 0)
        party.mark(marks, later=True)
        enter(room, found.params, found.agenda, marks.count(False), now)
        answered = msgspec.structs.replace(begun, party=party.encode(), view=view_of(party, owed=True))
        save(room, target, answered)
        go_on(room, found, answered, now)


def stop(room: Room, target: EventId, now: int) -> Done:
    """Give a sounding up, which everybody sees; past its deadline that names whom it still waited for."""
    found, begun = opened_here(room, target), underway(room, target)
    if begun is None:
        raise Refused(
            "This desk takes no part in this sounding, or it has ended; see it with `backchannel desk sound show`."
        )
    with room.changing():
        room.reckoner.drop((room.id, target))
        party = Party.resume(begun.party, 0)
        if party.ended is None and now >= begun.view.due:
            party.expire()
        elif party.ended is None:
            party.withdraw()
            act(room, "sounding-stop", SoundingStop(target), now)
        return finish(room, found, party.encode(), view_of(party), now)


def opened_here(room: Room, target: EventId) -> Opened:
    """Find a sounding by its id, or raise Refused."""
    found = read(room.log, Soundings).opened.get(target)
    if found is None:
        raise Refused("There is no such sounding in this room; see them with `backchannel desk sound show`.")
    return found
