"""Sentences for standby texts, after the name of who spoke; none of them says what a text or its signal is."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import named
from backchannel.desk.room import Room
from backchannel.moves.standby import Standby, StandbyCancel, StandbyRelease, StandbySignal
from backchannel.wire.codec import Record


def _lodged(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Standby)
    return f"lodges a standby text with {named(room, MemberId(body.holder))}, to be released as theirs and only on a signal"


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Standby: _lodged,
    StandbySignal: "gives the signal for a standby text",
    StandbyRelease: "takes up a standby text as their own",
    StandbyCancel: "takes a standby text back; every desk lets go of it",
}
