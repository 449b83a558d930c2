"""Sentences for the steps towards a publication, after the name of who took them."""

from collections.abc import Callable, Mapping

from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.surface import SurfaceAgree, SurfaceLine, SurfacePropose, SurfaceRetract
from backchannel.said import said
from backchannel.wire.codec import Record


def _propose(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SurfacePropose)
    return said(
        "proposes to make a sealed text of {sides} public, for {audience}",
        sides=spoken_list(map(one_line, body.sides)),
        audience=one_line(body.audience),
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    SurfaceLine: said("gave their side's own words for the public on a sealed text"),
    SurfacePropose: _propose,
    SurfaceAgree: said("agrees to make a sealed text public as proposed"),
    SurfaceRetract: said("takes back their agreement to make a sealed text public"),
}
