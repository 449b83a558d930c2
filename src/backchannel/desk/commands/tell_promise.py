"""Sentences for pledges, oral understandings and what came of them, after the name of who spoke."""

from collections.abc import Callable, Mapping

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.commands.answer import spoken_list
from backchannel.desk.commands.deed import HOW
from backchannel.desk.commands.promises import brief
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.moves.deed import Deed, DeedReading, PromiseBroken
from backchannel.moves.leak import Leak, LeakLift, LeakLine, LeakLineAgree
from backchannel.moves.pledge import Pledge, PledgeAcknowledge, PledgeRelease, Pledges
from backchannel.moves.publication import LetLapse, Published
from backchannel.moves.understanding import (
    UnderstandingConfirm,
    UnderstandingDecline,
    UnderstandingOffer,
    Understandings,
)
from backchannel.wire.codec import Record


def _offer(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, UnderstandingOffer)
    between = spoken_list(map(one_line, body.sides))
    return f"asks {between} to confirm an oral understanding on “{one_line(body.subject)}”"


def _confirm(room: Room, _entry: Entry, body: Record) -> str:
    return f"confirms {_understanding(room, body)}"


def _decline(room: Room, _entry: Entry, body: Record) -> str:
    return f"declines {_understanding(room, body)}"


def _pledge(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Pledge)
    return f"pledges to {spoken_list(map(one_line, body.to))}: “{brief(body.step)}”"


def _acknowledge(room: Room, _entry: Entry, body: Record) -> str:
    return f"acknowledges {_promise(room, body)}"


def _release(room: Room, _entry: Entry, body: Record) -> str:
    return f"lets go of {_promise(room, body)}"


def _deed(room: Room, entry: Entry, body: Record) -> str:
    assert isinstance(body, Deed)
    member = room.member(entry.author)
    whose = body.by or (None if member is None else member.side)
    return f"reports a deed{f' of {one_line(whose)}' if whose else ''} ({entry.id.hex()[:12]}): “{brief(body.text)}”"


def _read(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, DeedReading)
    how = HOW.get(body.reading, one_line(body.reading))
    return f"finds by the deed {body.target.hex()[:12]} that what was promised was {how}"


def _broken(room: Room, _entry: Entry, body: Record) -> str:
    return f"calls broken {_promise(room, body)}"


def _published(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Published)
    by = "" if body.by is None else f" by {one_line(body.by)}"
    return f"reports as made public{by} {_promise(room, body)}, seen in {one_line(body.source)}"


def _lapse(room: Room, _entry: Entry, body: Record) -> str:
    return f"lets lapse {_promise(room, body)}"


def _leak(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Leak)
    return "reports a leak" + (f": “{brief(body.text)}”" if body.text else "")


def _line(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, LeakLine)
    return f"proposes what all say ({one_line(body.purpose)}): “{brief(body.text)}”"


def _promise(room: Room, body: Record) -> str:
    target = EventId(getattr(body, "target", b""))
    pledged = read(room.log, Pledges).pledges.get(target)
    if pledged is not None:
        return f"the pledge “{brief(pledged.step)}”"
    if target in read(room.log, Understandings).offers:
        return _understanding(room, body)
    entry = room.log.entries.get(target)
    return "something not here" if entry is None else f"#{entry.event.number}"


def _understanding(room: Room, body: Record) -> str:
    offers = read(room.log, Understandings).offers
    offered = offers.get(EventId(getattr(body, "target", b"")))
    return "an understanding" if offered is None else f"the understanding on “{one_line(offered.subject)}”"


SENTENCES: Mapping[type[Record], str | Callable[[Room, Entry, Record], str]] = {
    Pledge: _pledge,
    PledgeAcknowledge: _acknowledge,
    PledgeRelease: _release,
    Deed: _deed,
    DeedReading: _read,
    PromiseBroken: _broken,
    Published: _published,
    LetLapse: _lapse,
    Leak: _leak,
    LeakLift: "takes the alarm of a leak off",
    LeakLine: _line,
    LeakLineAgree: "will hold to the line that was proposed",
    UnderstandingOffer: _offer,
    UnderstandingConfirm: _confirm,
    UnderstandingDecline: _decline,
}
