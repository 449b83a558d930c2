"""Sentences for preconditions, after the name of who said it."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.paper import ITEMS
from backchannel.moves.precondition import Precondition, PreconditionDrop, PreconditionPark
from backchannel.said import said
from backchannel.wire.codec import Record


def _stated(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Precondition)
    act = (
        said("puts on record as a precondition") if body.restates is None else said("restates a precondition")
    )
    return said(
        "{act} (said in {source}): {wording}",
        act=act,
        source=one_line(body.source),
        wording=one_line(body.wording),
    )


def _parked(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, PreconditionPark)
    target = room.log.entries.get(EventId(body.target))
    item = target is not None and target.event.kind in ITEMS
    return said(
        "lets {said} rest for their side, conceding nothing",
        said=said("#{event_number}", event_number=target.event.number)
        if item and target
        else said("a precondition"),
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Precondition: _stated,
    PreconditionPark: _parked,
    PreconditionDrop: said("drops a precondition of their side"),
}
