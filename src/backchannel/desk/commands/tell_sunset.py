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
from backchannel.wire.codec import Record

CHOICES: Mapping[str, str] = {
    "continue": "to go on",
    "pause": "to pause",
    "close": "to close the room",
    "surface": "to bring what was agreed into the open",
}
WAYS: Mapping[str, str] = {
    "narrower-question": "take one question alone first",
    "go-between": "ask somebody whom all sides trust to go between",
    "caucus": "let each side talk by itself first, in a room of its own",
    "sunset": "agree on a time at which each side says whether to go on: `backchannel desk sunset set`",
}


def way(called: Impasse) -> str:
    """Say the way on that an impasse was called with."""
    about = f": {one_line(called.about)}" if called.about else ""
    return f"{WAYS[called.suggestion]}{about}"


def _proposed(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Sunset)
    return f"proposes a sunset: {date(body.at)}"


def _agreed(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SunsetAgree)
    known = read(room.log, Sunsets).bodies.get(EventId(body.target))
    return f"agrees to the sunset {'that is not here' if known is None else f'of {date(known.at)}'}"


def _chosen(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SunsetChoice)
    until = "" if body.until is None else f" until {date(body.until)}"
    return f"chooses {CHOICES[body.choice]}{until}, at the sunset of {date(body.due)}"


def _called(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Impasse)
    return f"calls an impasse: {one_line(body.text)}; a way on: {way(body)}"


def _lifted(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, ImpasseLift)
    known = read(room.log, Impasses).bodies.get(EventId(body.target))
    return f"lifts the impasse {'that is not here' if known is None else f'“{one_line(known.text)}”'}"


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Sunset: _proposed,
    SunsetAgree: _agreed,
    SunsetChoice: _chosen,
    Impasse: _called,
    ImpasseLift: _lifted,
}
