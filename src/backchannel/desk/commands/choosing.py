"""Which one a person means: of the drafts, pledges, clocks and whatever else stands in a room."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk.room import Room
from backchannel.errors import Refused
from backchannel.moves.paper import SHORTEST_ID
from backchannel.said import said

T = TypeVar("T")


class Said(Protocol):
    """Something that stands because an event said it."""

    @property
    def entry(self) -> Entry: ...


S = TypeVar("S", bound=Said)


def choose(known: Mapping[EventId, T], spoken: str | None, what: str, listed: str) -> T:
    """Find one by the first letters of its id; the only one need not be named.

    `what` is what a person calls them, `listed` the command that lists them, such as `seal show`. Refused otherwise.
    """
    hits = [
        one
        for eid, one in known.items()
        if spoken is None or (len(spoken) >= SHORTEST_ID and eid.hex().startswith(spoken.lower()))
    ]
    if len(hits) == 1:
        return hits[0]
    if not hits:
        raise Refused(
            said(
                "There is no such {what} in this room; see them with `backchannel desk {listed}`.",
                what=what,
                listed=listed,
            )
        )
    raise Refused(
        said(
            "There is more than one {what}; name one by the first letters that `backchannel desk {listed}` gives.",
            what=what,
            listed=listed,
        )
    )


def placed(room: Room, found: Iterable[S]) -> list[S]:
    """Put things in the order in which the room's record has them."""
    by_id = {one.entry.id: one for one in found}
    return [by_id[entry.id] for entry in room.log.ordered() if entry.id in by_id]
