"""Sentences for pledges, oral understandings and what came of them, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.understanding import (
    UnderstandingConfirm,
    UnderstandingDecline,
    UnderstandingOffer,
    Understandings,
)
from backchannel.wire.codec import Record


def _offer(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, UnderstandingOffer)
    between = spoken_list(map(one_line, body.sides))
    return f"asks {between} to confirm an oral understanding on “{one_line(body.subject)}”"


def _confirm(room: Room, _entry: Entry, body: Record) -> str:
    return f"confirms {_understanding(room, body)}"


def _decline(room: Room, _entry: Entry, body: Record) -> str:
    return f"declines {_understanding(room, body)}"


def _understanding(room: Room, body: Record) -> str:
    offers = read(room.log, Understandings).offers
    offered = offers.get(EventId(getattr(body, "target", b"")))
    return "an understanding" if offered is None else f"the understanding on “{one_line(offered.subject)}”"


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    UnderstandingOffer: _offer,
    UnderstandingConfirm: _confirm,
    UnderstandingDecline: _decline,
}
