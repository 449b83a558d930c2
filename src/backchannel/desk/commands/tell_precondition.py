"""Sentences for preconditions, after the name of who said it."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.paper import ITEMS
from backchannel.moves.precondition import Precondition, PreconditionDrop, PreconditionPark
from backchannel.wire.codec import Record


def _stated(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Precondition)
    act = "puts on record as a precondition" if body.restates is None else "restates a precondition"
    return f"{act} (said in {one_line(body.source)}): {one_line(body.wording)}"


def _parked(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, PreconditionPark)
    target = room.log.entries.get(EventId(body.target))
    item = target is not None and target.event.kind in ITEMS
    return f"lets {f'#{target.event.number}' if item and target else 'a precondition'} rest for their side, conceding nothing"


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Precondition: _stated,
    PreconditionPark: _parked,
    PreconditionDrop: "drops a precondition of their side",
}
