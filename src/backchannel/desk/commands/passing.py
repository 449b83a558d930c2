"""What time has done to a room: how long it has been in the shadow, silent and unmoved; its sunset; an impasse."""

from dataclasses import dataclass

from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import Json, named, spoken_list
from backchannel.desk.commands.tell_sunset import CHOICES, way
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, span
from backchannel.moves.impasse import Called
from backchannel.moves.impasse import standing as impasses
from backchannel.moves.paper import standing as papers
from backchannel.moves.sunset import Proposal, Standing, State, proposals
from backchannel.moves.sunset import standing as sunset
from backchannel.said import said

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Shadow:
    """For how long a room exists on this desk, in whole days; since its last item and since the last that stated a term, in ms."""

    days: int
    silent_ms: int | None
    unmoved_ms: int | None


def shadow(room: Room, now: int) -> Shadow:
    """Read off a room how long it has been there, silent and unmoved; by the times that events name."""
    items = [item for item in papers(room.log, now) if item.entry.void is None]
    moved = [item.entry.event.at for item in items if item.body is not None and item.body.terms]
    begun = room.entry(room.log.root).event.at
    return Shadow(
        max(0, now - begun) // DAY_MS,
        max(0, now - max(item.entry.event.at for item in items)) if items else None,
        max(0, now - max(moved)) if moved else None,
    )


def passing_lines(room: Room, now: int) -> list[str]:
    if not room.seated:
        return []
    found = shadow(room, now)
    days = said("{count} day" if found.days == 1 else "{count} days", count=found.days)
    silent = (
        said("nothing said yet")
        if found.silent_ms is None
        else said("silent for {silent_ms}", silent_ms=span(found.silent_ms))
    )
    unmoved = (
        said("no term stated")
        if found.unmoved_ms is None
        else said("no term moved for {unmoved_ms}", unmoved_ms=span(found.unmoved_ms))
    )
    return [
        said("in the shadow for {days}; {silent}; {unmoved}", days=days, silent=silent, unmoved=unmoved),
        *sunset_lines(room, now),
        *impasse_lines(room, now),
    ]


def passing_value(room: Room, now: int) -> dict[str, Json]:
    if not room.seated:
        return {}
    found = shadow(room, now)
    return {
        "shadow_days": found.days,
        "silent_ms": found.silent_ms,
        "unmoved_ms": found.unmoved_ms,
        "sunset": sunset_value(room, now),
        "impasses": [impasse_value(room, one) for one in impasses(room.log)],
    }


def sunset_lines(room: Room, now: int) -> list[str]:
    """Say what a room's sunset is, and what waits for whom."""
    found = sunset(room.log, now)
    lines = [] if found is None else [_standing_line(found, now)]
    if found is not None:
        lines += [
            said(
                "  {one_side} chooses {choices}",
                one_side=one_line(one.side),
                choices=CHOICES[one.said.choice],
            )
            + ("" if one.said.until is None else said(" until {until}", until=date(one.said.until)))
            + said(", says {author}", author=named(room, one.entry.author))
            for one in found.choices
        ]
    for one in open_proposals(room, found, now):
        lines.append(
            said(
                "sunset proposed by {author} [{entry}]: {at}; waits for {missing}: `backchannel desk sunset agree`",
                author=named(room, one.entry.author),
                entry=one.entry.id.hex()[:12],
                at=date(one.at),
                missing=spoken_list(map(one_line, one.missing)),
            )
        )
    return lines


def while_paused(room: Room, entry: Entry) -> bool:
    """Whether a paper was said in a room that was paused or closed by what its author had seen, at the time it names."""
    if entry.event.kind != "paper":
        return False
    found = sunset(room.log, entry.event.at, entry)
    return found is not None and found.state in {State.PAUSED, State.CLOSED}


def _standing_line(found: Standing, now: int) -> str:
    due = date(found.due)
    awaits = (
        said("; it waits for {awaits}", awaits=spoken_list(map(one_line, found.awaits)))
        if found.awaits
        else ""
    )
    match found.state:
        case State.BEFORE | State.CONTINUE:
            goes_on = said("every side chose to go on; ") if found.state is State.CONTINUE else ""
            return said(
                "{goes_on}sunset {due}, in {due_2}: then each side chooses, and silence is pause",
                goes_on=goes_on,
                due=due,
                due_2=span(found.due - now),
            )
        case State.PAUSED:
            return said(
                "! paused since its sunset, {due}{awaits}: `backchannel desk sunset choose`",
                due=due,
                awaits=awaits,
            )
        case State.SURFACE:
            return said(
                "every side chose, at the sunset of {due}, to bring what was agreed into the open", due=due
            )
        case State.CLOSED:
            return said(
                "! closed at its sunset, {due}, by {choices_side}; it opens again if every side agrees to a new sunset",
                due=due,
                choices_side=one_line(found.choices[-1].side),
            )


def open_proposals(room: Room, found: Standing | None, now: int) -> list[Proposal]:
    """Give what was proposed after the sunset in force, and still can be agreed to."""
    known = proposals(room.log)
    place = (
        -1
        if found is None
        else next(i for i, one in enumerate(known) if one.entry.id == found.proposal.entry.id)
    )
    return [one for one in known[place + 1 :] if one.missing and one.at > now]


def sunset_value(room: Room, now: int) -> dict[str, Json] | None:
    found = sunset(room.log, now)
    waiting: list[Json] = [
        {
            "id": one.entry.id.hex(),
            "at_ms": one.at,
            "by": named(room, one.entry.author),
            "agreed": list(one.agreed),
            "missing": list(one.missing),
        }
        for one in open_proposals(room, found, now)
    ]
    if found is None:
        return (
            {"id": None, "at_ms": None, "state": "proposed", "choices": [], "proposed": waiting}
            if waiting
            else None
        )
    return {
        "id": found.proposal.entry.id.hex(),
        "at_ms": found.due,
        "first_ms": found.proposal.at,
        "state": found.state.value,
        "due": found.due <= now and not found.settled,
        "choices": [
            {
                "side": one.side,
                "by": named(room, one.entry.author),
                "by_name": room.name(one.entry.author),
                "choice": one.said.choice,
                "until_ms": one.said.until,
                "at_ms": one.entry.event.at,
            }
            for one in found.choices
        ],
        "awaits": list(found.awaits),
        "sides": list(found.proposal.sides),
        "proposed": waiting,
    }


def impasse_lines(room: Room, now: int) -> list[str]:
    lines = []
    for one in impasses(room.log):
        if one.lifted is None:
            since = span(now - one.entry.event.at)
            lines.append(
                said(
                    "! impasse called by {author} {since} ago [{entry}]: {body}",
                    author=named(room, one.entry.author),
                    since=since,
                    entry=one.entry.id.hex()[:12],
                    body=one_line(one.body.text),
                )
            )
            lines.append(said("  a way on: {way}", way=way(one.body)))
    return lines


def impasse_value(room: Room, one: Called) -> dict[str, Json]:
    author = room.member(one.entry.author)
    return {
        "id": one.entry.id.hex(),
        "by": named(room, one.entry.author),
        "by_name": room.name(one.entry.author),
        "side": None if author is None else author.side,
        "text": one.body.text,
        "suggestion": one.body.suggestion,
        "about": one.body.about or None,
        "at_ms": one.entry.event.at,
        "status": "called" if one.lifted is None else "lifted",
        "lifted_ms": None if one.lifted is None else one.lifted.event.at,
        "lifted_by": None if one.lifted is None else named(room, one.lifted.author),
    }
