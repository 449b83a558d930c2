"""The sentence for a need-to-know list, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.commands.answer import Json, named, spoken_list
from backchannel.desk.need_to_know import holders, outside
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.need_to_know import Lists, NeedToKnow
from backchannel.moves.paper import ITEMS, Papers
from backchannel.said import said
from backchannel.wire.codec import Record

# What a person may limit besides papers, as they would name it.
_KINDS: Mapping[str, str] = {
    "clock": said("clock"),
    "deed": said("deed"),
    "leak-line": said("agreed line"),
    "mandate": said("mandate"),
    "pledge": said("pledge"),
    "precondition": said("precondition"),
    "script": said("script"),
    "seal-draft": said("draft"),
    "standby": said("lodged text"),
    "understanding-offer": said("understanding"),
}


def label(room: Room, target: EventId) -> str:
    """Name what a list is about: an item by its label, anything else by its kind and the first letters of its id."""
    entry = room.log.entries.get(target)
    if entry is None:
        return said("something not here ({target})", target=target.hex()[:12])
    if entry.event.kind in ITEMS:
        return read(room.log, Papers).label(entry)
    kind = _KINDS.get(entry.event.kind, said("act"))
    return said("{kind} {target}", kind=kind, target=target.hex()[:12])


def list_line(room: Room, target: EventId) -> str | None:
    """Say beside an event who may know it, whose word that is, and who has it besides; None without a list."""
    found = read(room.log, Lists).of(target)
    if found is None:
        return None
    told, listed = found
    besides = outside((room.name(mid) for mid, _ in holders(room, target)), listed)
    also = (
        said("; also in the hands of {besides}", besides=spoken_list(map(one_line, besides)))
        if besides
        else ""
    )
    return said(
        "only {people} may know this, says {author}{also}",
        people=spoken_list(map(one_line, listed.people)),
        author=named(room, told.author),
        also=also,
    )


def list_lines(room: Room, target: EventId) -> list[str]:
    """Give that line, indented, to stand among others; none without a list."""
    line = list_line(room, target)
    return [] if line is None else ["  " + line]


def list_value(room: Room, target: EventId) -> dict[str, Json] | None:
    """Give the list that stands for an event as a script sees it; None without one."""
    found = read(room.log, Lists).of(target)
    if found is None:
        return None
    said, listed = found
    return {"people": list(listed.people), "by": named(room, said.author), "at_ms": said.event.at}


def _limited(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, NeedToKnow)
    people = spoken_list(map(one_line, body.people))
    return said(
        "says that only {people} may know {label}",
        people=people,
        label=one_line(label(room, EventId(body.target))),
    )


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {NeedToKnow: _limited}
