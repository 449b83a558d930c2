"""Sentences for ratification, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.log import Entry
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.ratification import RatifyAsk, RatifyResult
from backchannel.said import said
from backchannel.wire.codec import Record


def _asks(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, RatifyAsk)
    return said("says that this is ad referendum: {subject}", subject=one_line(body.subject))


def _decides(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, RatifyResult)
    return said("says that it was ratified") if body.ratified else said("says that it was not ratified")


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    RatifyAsk: _asks,
    RatifyResult: _decides,
}
