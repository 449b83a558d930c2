"""Speaking for a side in a room: who may, and which sides can be spoken to."""

from collections.abc import Iterable, Sequence

from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.errors import OutOfMandate, Refused
from backchannel.moves.authority import objection
from backchannel.moves.paper import Mandate, Term
from backchannel.moves.seal import SPEAKERS
from backchannel.moves.voice import voice_now
from backchannel.said import joined, said


def own_side(room: Room) -> str | None:
    """The side this person may bind; None for a go-between, adviser, observer or explorer."""
    return room.credential.side if room.credential.role in SPEAKERS else None


def speaking(room: Room) -> str:
    """Give the side this person binds by what they say, or raise Refused."""
    may_act(room)
    side = own_side(room)
    if side is None:
        raise Refused(
            "Only a principal or an authorised envoy can bind a side; ask one of yours to say this."
        )
    return side


def binding(room: Room, now: int, *, terms: Sequence[Term] = (), beyond: bool | None = None) -> str:
    """Give the side this person binds by what they say now, or raise OutOfMandate if their mandate does not reach so far.

    `beyond` says it all the same; None where it cannot be said beyond a mandate at all.
    """
    side = speaking(room)
    check_mandate(room, now, terms=terms, beyond=beyond)
    return side


def check_mandate(room: Room, now: int, *, terms: Sequence[Term] = (), beyond: bool | None = None) -> None:
    """Refuse to bind a side beyond the mandate that this desk's person holds; who holds none is judged by their role."""
    flaw = (
        None if beyond else objection(room.log, voice_now(room.log, room.me, now), terms, Mandate.AUTHORISED)
    )
    if flaw is None:
        return
    way = (
        ""
        if beyond is None
        else said(
            ", or say it all the same with --beyond-mandate: everyone then sees that it goes beyond your mandate and"
            " binds nobody"
        )
    )
    raise OutOfMandate(
        said(
            "This would not be the word of your side, because {flaw}: ask your principal for a mandate{way}.",
            flaw=flaw,
            way=way,
        )
    )


def sides_named(room: Room, spoken: Iterable[str]) -> tuple[str, ...]:
    """Find the sides a person names, each once; Refused if nobody here may speak for one of them."""
    seated = room.seating.seated.values()
    speaking_here = sorted({member.side for member in seated if member.role in SPEAKERS})
    found = []
    for name in spoken:
        hits = [side for side in speaking_here if side == name] or [
            side for side in speaking_here if side.casefold() == name.strip().casefold()
        ]
        if len(hits) != 1:
            raise Refused(
                said(
                    "Nobody in this room may speak for “{name}”; there are {speaking_here}.",
                    name=name,
                    speaking_here=joined(", ", speaking_here) or said("no such sides"),
                )
            )
        found.append(hits[0])
    return tuple(dict.fromkeys(found))


def any_side(room: Room, spoken: str) -> str:
    """Name a side as it is called in the room, or as the person calls one that is not in it."""
    here = {member.side for member in room.seating.seated.values()}
    return next(
        (side for side in sorted(here) if side.casefold() == spoken.strip().casefold()), spoken.strip()
    )
