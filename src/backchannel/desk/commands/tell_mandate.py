"""Sentences for mandates, what checks them, and acceptances, after the name of who said it."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import named
from backchannel.desk.commands.wording import LEVELS, worded
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
from backchannel.said import joined, said
from backchannel.wire.codec import Record


def _given(room: Room, entry: Entry, body: Record) -> str:
    assert isinstance(body, MandateGiven)
    what = said("{level}: {purpose}", level=worded(LEVELS, body.level), purpose=one_line(body.purpose))
    if body.holder == entry.author:
        return said("says of their own mandate: {what}", what=what)
    return said("gives {who} a mandate, {what}", who=named(room, MemberId(body.holder)), what=what)


def _challenged(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, MandateChallenge)
    return said(
        "asks {who} to show their authority: {body}",
        who=named(room, MemberId(body.holder)),
        body=one_line(body.text),
    )


def _answered(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, MandateAnswer)
    return said(
        "answers a challenge{body}",
        body=joined(": ", ("", one_line(body.text))) if body.text else said(" by what is on the record"),
    )


def _checked(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, MandateChecked)
    return said(
        "says that their side has checked the authority they asked about: {how}", how=one_line(body.how)
    )


def _accepted(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Accept)
    target = room.log.entries.get(EventId(body.target))
    what = (
        said("something not here")
        if target is None
        else said("#{event_number}", event_number=target.event.number)
    )
    return said("said to accept {what}; what that is worth stands beside it", what=what)


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    MandateGiven: _given,
    MandateRevoked: said("revokes a mandate"),
    MandateChallenge: _challenged,
    MandateAnswer: _answered,
    MandateChecked: _checked,
    Accept: _accepted,
}
