"""Sentences for mandates, what checks them, and acceptances, after the name of who said it."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import named
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.accept import Accept
from backchannel.moves.mandate import (
    MandateAnswer,
    MandateChallenge,
    MandateChecked,
    MandateGiven,
    MandateRevoked,
)
from backchannel.wire.codec import Record


def _given(room: Room, entry: Entry, body: Record) -> str:
    assert isinstance(body, MandateGiven)
    what = f"{one_line(body.level)}: {one_line(body.purpose)}"
    if body.holder == entry.author:
        return f"says of their own mandate: {what}"
    return f"gives {named(room, MemberId(body.holder))} a mandate, {what}"


def _challenged(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, MandateChallenge)
    return f"asks {named(room, MemberId(body.holder))} to show their authority: {one_line(body.text)}"


def _answered(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, MandateAnswer)
    return f"answers a challenge{f': {one_line(body.text)}' if body.text else ' by what is on the record'}"


def _checked(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, MandateChecked)
    return f"says that their side has checked the authority they asked about: {one_line(body.how)}"


def _accepted(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Accept)
    target = room.log.entries.get(EventId(body.target))
    what = "something not here" if target is None else f"#{target.event.number}"
    return f"said to accept {what}; what that is worth stands beside it"


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    MandateGiven: _given,
    MandateRevoked: "revokes a mandate",
    MandateChallenge: _challenged,
    MandateAnswer: _answered,
    MandateChecked: _checked,
    Accept: _accepted,
}
