"""Speaking for a side in a room: who may, and which sides can be spoken to."""

from collections.abc import Iterable

from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.errors import Refused
from backchannel.moves.seal import SPEAKERS


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
                f"Nobody in this room may speak for “{name}”; there are {', '.join(speaking_here) or 'no such sides'}."
            )
        found.append(hits[0])
    return tuple(dict.fromkeys(found))


def any_side(room: Room, spoken: str) -> str:
    """Name a side as it is called in the room, or as the person calls one that is not in it."""
    here = {member.side for member in room.seating.seated.values()}
    return next(
        (side for side in sorted(here) if side.casefold() == spoken.strip().casefold()), spoken.strip()
    )
