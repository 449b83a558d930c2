"""Sentences for scripts, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.log import Entry
from backchannel.desk.room import Room
from backchannel.moves.script import Script, ScriptAgree, ScriptGoOn, ScriptStep
from backchannel.said import said
from backchannel.wire.codec import Record


def _pins(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Script)
    return said("pins a script of {count} steps", count=len(body.steps))


def _came(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, ScriptStep)
    return said("says that step {number} of a script came", number=body.number)


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Script: _pins,
    ScriptAgree: said("agrees to a script"),
    ScriptStep: _came,
    ScriptGoOn: said("goes on in spite of what departs from a script"),
}
