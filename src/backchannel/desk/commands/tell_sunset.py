"""Sentences for sunsets and impasses, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.moves.impasse import Impasse, ImpasseLift, Impasses
from backchannel.moves.sunset import Sunset, SunsetAgree, SunsetChoice, Sunsets
from backchannel.said import joined, said
from backchannel.wire.codec import Record

CHOICES: Mapping[str, str] = {
    "continue": said("to go on"),
    "pause": said("to pause"),
    "close": said("to close the room"),
    "surface": said("to bring what was agreed into the open"),
}
WAYS: Mapping[str, str] = {
    "narrower-question": said("take one question alone first"),
    "go-between": said("ask somebody whom all sides trust to go between"),
    "caucus": said("let each side talk by itself first, in a room of its own"),
    "sunset": said("agree on a time at which each side says whether to go on: `backchannel desk sunset set`"),
}


def way(called: Impasse) -> str:
    """Say the way on that an impasse was called with."""
    about = joined(": ", ("", one_line(called.about))) if called.about else ""
    return said("{ways}{about}", ways=WAYS[called.suggestion], about=about)


def _proposed(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Sunset)
    return said("proposes a sunset: {at}", at=date(body.at))


def _agreed(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SunsetAgree)
    known = read(room.log, Sunsets).bodies.get(EventId(body.target))
    return said(
        "agrees to the sunset {said}",
        said=said("that is not here") if known is None else said("of {at}", at=date(known.at)),
    )


def _chosen(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SunsetChoice)
    until = "" if body.until is None else said(" until {until}", until=date(body.until))
    return said(
        "chooses {choices}{until}, at the sunset of {due}",
        choices=CHOICES[body.choice],
        until=until,
        due=date(body.due),
    )


def _called(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Impasse)
    return said("calls an impasse: {body}; a way on: {way}", body=one_line(body.text), way=way(body))


def _lifted(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, ImpasseLift)
    known = read(room.log, Impasses).bodies.get(EventId(body.target))
    return said(
        "lifts the impasse {said}",
        said=said("that is not here") if known is None else said("“{known}”", known=one_line(known.text)),
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Sunset: _proposed,
    SunsetAgree: _agreed,
    SunsetChoice: _chosen,
    Impasse: _called,
    ImpasseLift: _lifted,
}
