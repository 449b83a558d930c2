"""Sentences for the steps towards a publication, after the name of who took them."""

from collections.abc import Callable, Mapping

from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.surface import SurfaceAgree, SurfaceLine, SurfacePropose, SurfaceRetract
from backchannel.wire.codec import Record


def _propose(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SurfacePropose)
    return f"proposes to make a sealed text of {spoken_list(map(one_line, body.sides))} public, for {one_line(body.audience)}"


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    SurfaceLine: "gave their side's own words for the public on a sealed text",
    SurfacePropose: _propose,
    SurfaceAgree: "agrees to make a sealed text public as proposed",
    SurfaceRetract: "takes back their agreement to make a sealed text public",
}
