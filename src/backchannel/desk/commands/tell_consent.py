"""Sentences for consent and for the interest of a go-between, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.consent import ConsentAsk, ConsentGive, ConsentRefuse
from backchannel.moves.interest import Interest
from backchannel.said import said
from backchannel.wire.codec import Record


def _asks(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, ConsentAsk)
    names = spoken_list(one_line(room.name(MemberId(mid))) for mid in body.people)
    return said("asks {names} to consent: {subject}", names=names, subject=one_line(body.subject))


def _declares(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Interest)
    return said("declares an interest of their own: {text}", text=one_line(body.text))


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    ConsentAsk: _asks,
    ConsentGive: said("consents"),
    ConsentRefuse: said("does not consent"),
    Interest: _declares,
}
