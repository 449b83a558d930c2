"""Sentences for clocks, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.moves.clock import Clock, ClockDrop, Clocks
from backchannel.said import said
from backchannel.wire.codec import Record


def felt(clock: Clock) -> str:
    """Say on whom a clock presses, by its author's word, and who set it."""
    by = (
        said(", felt by {felt_by}", felt_by=spoken_list(map(one_line, clock.felt_by)))
        if clock.felt_by
        else ""
    )
    return said(
        "{by}; {said}", by=by, said=said("imposed by events") if clock.hard else said("set by a side")
    )


def _put_up(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Clock)
    return said(
        "puts up a clock: {at}, {what}{felt}", at=date(body.at), what=one_line(body.what), felt=felt(body)
    )


def _taken_down(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, ClockDrop)
    clock = read(room.log, Clocks).bodies.get(EventId(body.target))
    return said(
        "takes down the clock {said}",
        said=said("that is not here") if clock is None else said("“{what}”", what=one_line(clock.what)),
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Clock: _put_up,
    ClockDrop: _taken_down,
}
