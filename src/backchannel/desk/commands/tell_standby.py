"""Sentences for standby texts, after the name of who spoke; none of them says what a text or its signal is."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import named
from backchannel.desk.room import Room
from backchannel.moves.standby import Standby, StandbyCancel, StandbyRelease, StandbySignal
from backchannel.said import said
from backchannel.wire.codec import Record


def _lodged(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Standby)
    return said(
        "lodges a standby text with {who}, to be released as theirs and only on a signal",
        who=named(room, MemberId(body.holder)),
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Standby: _lodged,
    StandbySignal: said("gives the signal for a standby text"),
    StandbyRelease: said("takes up a standby text as their own"),
    StandbyCancel: said("takes a standby text back; every desk lets go of it"),
}
