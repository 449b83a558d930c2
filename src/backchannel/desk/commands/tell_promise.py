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
from backchannel.said import said
from backchannel.wire.codec import Record


def _offer(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, UnderstandingOffer)
    between = spoken_list(map(one_line, body.sides))
    return said(
        "asks {between} to confirm an oral understanding on “{subject}”",
        between=between,
        subject=one_line(body.subject),
    )


def _confirm(room: Room, _entry: Entry, body: Record) -> str:
    return said("confirms {understanding}", understanding=_understanding(room, body))


def _decline(room: Room, _entry: Entry, body: Record) -> str:
    return said("declines {understanding}", understanding=_understanding(room, body))


def _pledge(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Pledge)
    return said("pledges to {to}: “{step}”", to=spoken_list(map(one_line, body.to)), step=brief(body.step))


def _acknowledge(room: Room, _entry: Entry, body: Record) -> str:
    return said("acknowledges {promise}", promise=_promise(room, body))


def _release(room: Room, _entry: Entry, body: Record) -> str:
    return said("lets go of {promise}", promise=_promise(room, body))


def _deed(room: Room, entry: Entry, body: Record) -> str:
    assert isinstance(body, Deed)
    member = room.member(entry.author)
    whose = body.by or (None if member is None else member.side)
    return said(
        "reports a deed{said} ({entry}): “{body}”",
        said=said(" of {whose}", whose=one_line(whose)) if whose else "",
        entry=entry.id.hex()[:12],
        body=brief(body.text),
    )


def _read(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, DeedReading)
    how = HOW.get(body.reading, one_line(body.reading))
    return said(
        "finds by the deed {target} that what was promised was {how}", target=body.target.hex()[:12], how=how
    )


def _broken(room: Room, _entry: Entry, body: Record) -> str:
    return said("calls broken {promise}", promise=_promise(room, body))


def _published(room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Published)
    by = "" if body.by is None else said(" by {by}", by=one_line(body.by))
    return said(
        "reports as made public{by} {promise}, seen in {source}",
        by=by,
        promise=_promise(room, body),
        source=one_line(body.source),
    )


def _lapse(room: Room, _entry: Entry, body: Record) -> str:
    return said("lets lapse {promise}", promise=_promise(room, body))


def _leak(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, Leak)
    return said("reports a leak") + (said(": “{body}”", body=brief(body.text)) if body.text else "")


def _line(_room: Room, _entry: Entry, body: Record) -> str:
    assert isinstance(body, LeakLine)
    return said(
        "proposes what all say ({purpose}): “{body}”", purpose=one_line(body.purpose), body=brief(body.text)
    )


def _promise(room: Room, body: Record) -> str:
    target = EventId(getattr(body, "target", b""))
    pledged = read(room.log, Pledges).pledges.get(target)
    if pledged is not None:
        return said("the pledge “{step}”", step=brief(pledged.step))
    if target in read(room.log, Understandings).offers:
        return _understanding(room, body)
    entry = room.log.entries.get(target)
    return (
        said("something not here")
        if entry is None
        else said("#{event_number}", event_number=entry.event.number)
    )


def _understanding(room: Room, body: Record) -> str:
    offers = read(room.log, Understandings).offers
    offered = offers.get(EventId(getattr(body, "target", b"")))
    return (
        said("an understanding")
        if offered is None
        else said("the understanding on “{subject}”", subject=one_line(offered.subject))
    )


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
    LeakLift: said("takes the alarm of a leak off"),
    LeakLine: _line,
    LeakLineAgree: said("will hold to the line that was proposed"),
    UnderstandingOffer: _offer,
    UnderstandingConfirm: _confirm,
    UnderstandingDecline: _decline,
}
