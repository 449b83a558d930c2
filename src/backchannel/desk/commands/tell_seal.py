"""Sentences for the steps towards a sealed text, after the name of who took them."""

from collections.abc import Callable, Mapping

from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.seal import (
    SealAgree,
    SealAnchor,
    SealDraft,
    SealHeld,
    SealKey,
    SealSignature,
    SealText,
)
from backchannel.said import said
from backchannel.wire.codec import Record


def _draft(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SealDraft)
    return said(
        "drafted “{body_title}”, to be sealed by {sides}",
        body_title=one_line(body.title),
        sides=spoken_list(map(one_line, body.sides)),
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    SealDraft: _draft,
    SealKey: said("gives a key made for a text to be sealed"),
    SealText: said("froze the text that is to be sealed"),
    SealAgree: said("agrees to seal the frozen text"),
    SealSignature: said("signed the frozen text, by a key that nobody owns yet"),
    SealHeld: said("holds every side's signature"),
    SealAnchor: said("said for everyone which key of the sealed text is theirs"),
}
