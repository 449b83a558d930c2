"""What binds the sides of a room, as a person and as a script see it: what was made of it, what ended it, who owes now."""

from collections.abc import Mapping

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.commands.answer import Json, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.wording import STANDINGS, worded
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.speaking import own_side
from backchannel.desk.when import date, span
from backchannel.errors import Refused
from backchannel.moves.paper import find
from backchannel.moves.paper import standing as items
from backchannel.moves.pledge import Pledge, Pledged
from backchannel.moves.pledge import Status as PledgeStatus
from backchannel.moves.pledge import standing as pledges
from backchannel.moves.promise import Fate, Lapse
from backchannel.moves.publication import Publications, Report
from backchannel.moves.understanding import Status, Understanding
from backchannel.moves.understanding import standing as understandings
from backchannel.said import said

LAPSE = {
    Lapse.AT_ONCE: said("lapses as soon as a side reports it public"),
    Lapse.ELECTION: said("if made public, a side that did not publish may let it lapse"),
    Lapse.NEVER: said("stands even if made public"),
}
MOST_SHOWN = 60  # characters of a step in one line
GOING_MS = 7 * 86_400_000  # what is still owed and goes within this is announced


def choose_promise(room: Room, spoken: str | None, now: int) -> EventId:
    """Find the pledge or understanding a person means, or raise Refused."""
    known: Mapping[EventId, Pledged | Understanding] = {**pledges(room.log, now), **understandings(room.log)}
    return choose(known, spoken, said("pledge or understanding"), "pledge show").entry.id


def choose_anything(room: Room, spoken: str, now: int) -> EventId:
    """Find the pledge, understanding or item a person means, or raise Refused."""
    try:
        return choose_promise(room, spoken, now)
    except Refused:
        return find(items(room.log, now), spoken).entry.id


def shortened(text: str) -> str:
    """Give the beginning of a text as it was written, without its line breaks; who shows it makes it safe."""
    words = " ".join(text.split())
    return words if len(words) <= MOST_SHOWN else f"{words[: MOST_SHOWN - 1]}…"


def brief(text: str) -> str:
    return one_line(text if len(text) <= MOST_SHOWN else said("{text}…", text=text[: MOST_SHOWN - 1]))


def words_value(room: Room, words: Mapping[str, Entry]) -> list[Json]:
    """What sides said, each with who said it and when."""
    return [
        {"side": side, "by": room.name(entry.author), "at_ms": entry.event.at}
        for side, entry in words.items()
    ]


def fate_value(room: Room, found: Fate) -> dict[str, Json]:
    return {
        "status_as": found.as_side,
        "kept_at_ms": found.kept_at,
        "deeds": [done.entry.id.hex() for done in found.deeds],
        "published": [report_value(room, report) for report in found.reports],
        "lapsed": None
        if found.ended is None or found.ended.why == "released"
        else {
            "why": found.ended.why,
            "by_side": found.ended.side,
            "by": room.name(found.ended.entry.author),
            "at_ms": found.ended.entry.event.at,
        },
    }


def reports_of(room: Room, entry: Entry) -> list[Report]:
    """What was reported of anything said in a room."""
    return read(room.log, Publications).reports(entry)


def report_value(room: Room, report: Report) -> dict[str, Json]:
    return {
        "by_side": report.body.by,
        "reported_by": room.name(report.entry.author),
        "reported_by_side": report.side,
        "source": report.body.source,
        "at_ms": report.body.happened,
        "reported_ms": report.entry.event.at,
    }


def fate_lines(room: Room, found: Fate) -> list[str]:
    lines = []
    if found.word is not None and found.as_side is not None:
        when = "" if found.kept_at is None else said(" on {kept_at}", kept_at=date(found.kept_at))
        lines.append(
            said(
                "  {word}{when}, as {as_side} sees it",
                word=worded(STANDINGS, found.word),
                when=when,
                as_side=one_line(found.as_side),
            )
        )
    lines += [report_line(room, report) for report in found.reports]
    if found.ended is not None:
        who, when = one_line(room.name(found.ended.entry.author)), date(found.ended.entry.event.at)
        how = {
            "at-once": said(
                "lapsed by its own rule when {who} reported it public, {when}", who=who, when=when
            ),
            "election": said(
                "lapsed by the choice of {ended_side}, said by {who}, {when}",
                ended_side=one_line(found.ended.side),
                who=who,
                when=when,
            ),
            "released": said("released, {when}", when=when),
            "not-ratified": said(
                "lapsed because {ended_side} did not ratify what it answers, said by {who}, {when}",
                ended_side=one_line(found.ended.side),
                who=who,
                when=when,
            ),
        }[found.ended.why]
        lines.append(said("  {how}: it binds nobody any more", how=how))
    return lines


def report_line(room: Room, report: Report) -> str:
    by = (
        said("by nobody knows whom")
        if report.body.by is None
        else said("by {by}", by=one_line(report.body.by))
    )
    return said(
        "  {name} reports it public, {by}, {happened}: {source}",
        name=one_line(room.name(report.entry.author)),
        by=by,
        happened=date(report.body.happened),
        source=one_line(report.body.source),
    )


def pledge_owed(room: Room, pledge: Pledged) -> tuple[bool, bool]:
    """Whether this desk's side owes a pledge now, and whether it is owed it."""
    mine, owed = room.credential.side, pledge.outstanding and not pledge.blocked
    return owed and mine == pledge.side, owed and mine in pledge.acknowledged


def status_lines(room: Room, now: int) -> list[str]:
    """Say who owes what now, what is due soon, what waits for an answer, and what is owed and about to go."""
    lines = [
        line
        for pledge in pledges(room.log, now).values()
        if pledge.body is not None
        for line in _pledge_status(room, pledge, pledge.body, now)
    ]
    for found in understandings(room.log).values():
        if found.body is None:
            continue
        what = said(
            "understanding {entry}, “{subject}”",
            entry=found.entry.id.hex()[:12],
            subject=brief(found.body.subject),
        )
        if found.status is Status.OFFERED and own_side(room) in found.awaits:
            lines.append(
                said("{what}, waits for your side: `backchannel desk understanding confirm`", what=what)
            )
        if found.status is Status.CONFIRMED:
            if found.body.due is not None:
                lines.append(said("{what}: to be performed{due}", what=what, due=_due(found.body.due, now)))
            lines += _going_line(room, found.entry, what, now)
    return lines


def _pledge_status(room: Room, pledge: Pledged, body: Pledge, now: int) -> list[str]:
    what = said("“{step}” ({entry})", step=brief(body.step), entry=pledge.entry.id.hex()[:12])
    if own_side(room) in pledge.awaits:
        return [
            said(
                "{pledge_side} pledges {what}: `backchannel desk pledge acknowledge` makes it binding",
                pledge_side=one_line(pledge.side),
                what=what,
            )
        ]
    if not pledge.outstanding:
        return []
    owes, owed = pledge_owed(room, pledge)
    rest = {"what": what, "due": _due(body.due, now)}
    whom = spoken_list(map(one_line, pledge.acknowledged))
    if owes:
        line = said("you owe {whom}: {what}{due}", whom=whom, **rest)
    elif owed:
        line = said("{side} owes you: {what}{due}", side=one_line(pledge.side), **rest)
    else:
        line = said("{side} owes {whom}: {what}{due}", side=one_line(pledge.side), whom=whom, **rest)
    if pledge.blocked:
        line = said(
            "{what} of {pledge_side} waits for a pledge that is to be kept first",
            what=what,
            pledge_side=one_line(pledge.side),
        )
    return [line, *_going_line(room, pledge.entry, what, now)]


def gone_at(room: Room, entry: Entry) -> int:
    """When the words of a move must be gone, in milliseconds since 1970."""
    return entry.event.at + room.seating.retention_seconds * 1000


def _going_line(room: Room, entry: Entry, what: str, now: int) -> list[str]:
    at = gone_at(room, entry)
    if not now < at <= now + GOING_MS:
        return []
    return [
        said(
            "! {what} is still open and its words go {at}, in {at_2}: say it again if it is to last",
            what=what,
            at=date(at),
            at_2=span(at - now),
        )
    ]


def _due(due: int | None, now: int) -> str:
    if due is None:
        return ""
    left = due - now
    return (
        said(", overdue since {due}", due=date(due))
        if left < 0
        else said(", by {due}, in {left}", due=date(due), left=span(left))
    )


def status_value(room: Room, now: int) -> dict[str, Json]:
    """The same for a script: ids of what is owed, awaited, overdue, and what each is about."""
    known = pledges(room.log, now)
    talk = understandings(room.log)
    outstanding = {eid: one for eid, one in known.items() if one.outstanding}
    mine = own_side(room)

    waiting = {eid: one for eid, one in talk.items() if one.status is Status.OFFERED and mine in one.awaits}
    named: dict[str, Json] = {
        eid.hex(): {"words": shortened(one.body.step), "due_ms": one.body.due}
        for eid, one in known.items()
        if one.body is not None and (one.outstanding or mine in one.awaits)
    }
    named |= {
        eid.hex(): {"words": shortened(one.body.subject), "due_ms": one.body.due}
        for eid, one in waiting.items()
        if one.body is not None
    }

    def ids(chosen: list[EventId]) -> list[Json]:
        return [eid.hex() for eid in chosen]

    return {
        "owes": ids([eid for eid, one in outstanding.items() if pledge_owed(room, one)[0]]),
        "owed": ids([eid for eid, one in outstanding.items() if pledge_owed(room, one)[1]]),
        "due": ids([eid for eid, one in outstanding.items() if one.status is PledgeStatus.DUE]),
        "overdue": ids([eid for eid, one in outstanding.items() if one.status is PledgeStatus.OVERDUE]),
        "to_acknowledge": ids([eid for eid, one in known.items() if mine in one.awaits]),
        "to_confirm": ids(list(waiting)),
        "named": named,
        "going": [
            {"id": eid.hex(), "at_ms": gone_at(room, entry)}
            for eid, entry in [
                *((eid, one.entry) for eid, one in outstanding.items()),
                *((eid, one.entry) for eid, one in talk.items() if one.status is Status.CONFIRMED),
            ]
            if now < gone_at(room, entry) <= now + GOING_MS
        ],
    }


def alarm_lines(room: Room) -> list[str]:
    """Say which deeds were done out of order."""
    return [
        said(
            "{name} reports a deed of {by} ({entry}) before the step that was to come first was done: out of order",
            name=room.name(done.entry.author),
            by=done.by or said("somebody"),
            entry=done.entry.id.hex()[:12],
        )
        for pledge in pledges(room.log, 0).values()
        for done in pledge.early
    ]
