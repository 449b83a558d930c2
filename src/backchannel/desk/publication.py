"""What a person does when something has become public: report it, and let a promise lapse for it."""

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.speaking import any_side, binding
from backchannel.errors import Refused
from backchannel.moves.pledge import standing as pledges
from backchannel.moves.promise import Fate, Lapse, Word
from backchannel.moves.publication import MAX_SOURCE, LetLapse, Publications, Published
from backchannel.moves.understanding import standing as understandings
from backchannel.said import joined, said


def report(
    room: Room, target: EventId, source: str, happened: int, *, now: int, by: str | None = None
) -> Entry:
    """Report that something said here was made public; everyone sees whose word that is."""
    may_act(room)
    if not 0 < len(source.strip()) <= MAX_SOURCE:
        raise Refused(said("Say in 1 to {max_source} letters where it was seen.", max_source=MAX_SOURCE))
    if happened > now:
        raise Refused("This has not happened yet by this desk's clock; report it when it has.")
    whose = any_side(room, by) if by is not None else None
    return act(room, "published", Published(target, whose, source.strip(), happened), now)


def let_lapse(room: Room, target: EventId, now: int) -> Entry:
    """Choose for this side that a promise, made public by another, shall bind nobody any more."""
    side = binding(room, now)
    sides, lapse, found = _promise(room, target, now)
    if side not in sides:
        raise Refused(
            said(
                "This is between {sides}; {side} has no word in it.", sides=joined(" and ", sides), side=side
            )
        )
    if lapse is not Lapse.ELECTION:
        raise Refused(
            said("This lapses by itself as soon as one of its sides reports it public.")
            if lapse is Lapse.AT_ONCE
            else said("This stands even if it is made public; speak to the other side.")
        )
    if found.word in {Word.KEPT, Word.LATE}:
        raise Refused("This has been performed; there is nothing left to lapse.")
    if found.ended is not None:
        raise Refused("This binds nobody any more; there is nothing left to lapse.")
    known = [one for one in found.reports if one.side in sides]
    if not known:
        raise Refused(
            "None of its sides has reported this public; report it first with `backchannel desk published`."
        )
    entry = room.log.entries[target]
    if any(side == one for _, one in read(room.log, Publications).choices(entry)):
        raise Refused(
            "Your side has chosen this already; it waits for the others, as nobody knows who published."
        )
    if any(one.body.by == side for one in known):
        raise Refused(
            "A side that published cannot elect: by a report in this room your side made this public."
        )
    return act(room, "lapse", LetLapse(target), now)


def _promise(room: Room, target: EventId, now: int) -> tuple[tuple[str, ...], Lapse, Fate]:
    """The sides of a pledge or understanding, its rule and what became of it."""
    pledge, understanding = pledges(room.log, now).get(target), understandings(room.log).get(target)
    if pledge is not None and pledge.body is not None:
        return (pledge.side, *pledge.body.to), Lapse(pledge.body.lapse), pledge.fate
    if understanding is not None and understanding.body is not None:
        return understanding.sides, Lapse(understanding.body.lapse), understanding.fate
    raise Refused(
        "Only a pledge or an understanding whose words have not gone can lapse; see `backchannel desk pledge show`."
    )
