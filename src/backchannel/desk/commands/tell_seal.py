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
from backchannel.wire.codec import Record


def _draft(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, SealDraft)
    return f"drafted “{one_line(body.title)}”, to be sealed by {spoken_list(map(one_line, body.sides))}"


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    SealDraft: _draft,
    SealKey: "gives a key made for a text to be sealed",
    SealText: "froze the text that is to be sealed",
    SealAgree: "agrees to seal the frozen text",
    SealSignature: "signed the frozen text, by a key that nobody owns yet",
    SealHeld: "holds every side's signature",
    SealAnchor: "said for everyone which key of the sealed text is theirs",
}
