"""Sentences for soundings, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.log import Entry
from backchannel.crypto.sounding.params import parse_params
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.sounding import SoundingOpen, SoundingSay, SoundingStop
from backchannel.said import said
from backchannel.wire.codec import Record


def _opened(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SoundingOpen)
    params = parse_params(body.params)
    binding = said(", binding") if params.binding else ""
    if len(params.options) == 1:
        return said(
            "puts out a feeler{binding}: {options}", binding=binding, options=one_line(params.options[0])
        )
    return said(
        "opens a sounding over {count} options{binding}, on {agenda}",
        count=len(params.options),
        binding=binding,
        agenda=one_line(body.agenda),
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    SoundingOpen: _opened,
    SoundingSay: said("takes part in a sounding"),
    SoundingStop: said("gives a sounding up"),
}
