"""`desk pledge …`: promised steps, who owes them, and what the other side makes of them."""

import argparse

from backchannel.desk import pledge as acts
from backchannel.desk.commands.answer import Answer, Json, room_of, said_beyond, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.commands.deed import deed_line
from backchannel.desk.commands.promises import (
    LAPSE,
    choose_promise,
    fate_lines,
    fate_value,
    pledge_owed,
    words_value,
)
from backchannel.desk.commands.saying import term
from backchannel.desk.commands.tell_need_to_know import list_lines, list_value
from backchannel.desk.commands.wording import STANDINGS, worded
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.speaking import own_side
from backchannel.desk.when import date, moment, span
from backchannel.moves.paper import find
from backchannel.moves.paper import standing as items
from backchannel.moves.pledge import Pledged, Status, standing
from backchannel.moves.promise import Lapse
from backchannel.said import joined, said

LISTED = "pledge show"


def make(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known, shown = standing(room.log, now), items(room.log, now) if args.answers else []
    entry = acts.make(
        room,
        args.text,
        to=args.to or (),
        due=None if args.due is None else moment(args.due, now),
        condition=args.condition or "",
        lapse=Lapse(args.lapse),
        answers=[find(shown, one).entry.id for one in args.answers or ()],
        after=[choose(known, one, "pledge", LISTED).entry.id for one in args.after or ()],
        terms=[term(one) for one in args.states or ()],
        beyond=args.beyond_mandate,
        now=now,
    )
    if (told := said_beyond(room, entry)) is not None:
        return told
    found = standing(room.log, now)[entry.id]
    to = spoken_list(map(one_line, found.body.to if found.body else ()))
    line = said(
        "Your pledge is before {to}. It binds your side as soon as they acknowledge it; until then they are free.",
        to=to,
    )
    return Answer([line], pledge_value(room, found), room)


def acknowledge(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known = standing(room.log, now)
    waiting = {eid: one for eid, one in known.items() if own_side(room) in one.awaits}
    target = choose(
        waiting if args.which is None and waiting else known, args.which, "pledge", LISTED
    ).entry.id
    entry = acts.acknowledge(room, target, now, beyond=args.beyond_mandate)
    if (told := said_beyond(room, entry)) is not None:
        return told
    found = standing(room.log, now)[target]
    return Answer(
        [said("Acknowledged: from here on it binds {found_side}.", found_side=one_line(found.side))],
        pledge_value(room, found),
        room,
    )


def release(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = choose(standing(room.log, now), args.which, "pledge", LISTED).entry.id
    acts.release(room, target, now)
    found = standing(room.log, now)[target]
    return Answer(
        [said("Your side has let go of what {found_side} pledged.", found_side=one_line(found.side))],
        pledge_value(room, found),
        room,
    )


def broken(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = choose_promise(room, args.which, now)
    entry = acts.broken(room, target, " ".join(args.text), now)
    return Answer(
        [said("Everyone sees that your side calls this broken.")],
        {"broken": target.hex(), "id": entry.id.hex()},
        room,
    )


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known = standing(room.log, now)
    chosen = [choose(known, args.which, "pledge", LISTED)] if args.which else list(known.values())
    told = [] if args.json else chosen
    lines = [line for found in told for line in pledge_lines(room, found, now)]
    return Answer(
        lines or [said("Nothing is pledged in this room.")],
        {"pledges": [pledge_value(room, found) for found in chosen]},
        room,
    )


def pledge_lines(room: Room, found: Pledged, now: int) -> list[str]:
    heading = said("pledge {entry}", entry=found.entry.id.hex()[:12])
    if found.body is None:
        return [
            said(
                "{heading}  by {found_side}; its words have gone",
                heading=heading,
                found_side=one_line(found.side),
            )
        ]
    to = spoken_list(map(one_line, found.body.to))
    waits = (
        said(", waits for a pledge that is to be kept first") if found.blocked and found.outstanding else ""
    )
    lines = [
        said(
            "{heading}  by {found_side} to {to}: {status}{waits}",
            heading=heading,
            found_side=one_line(found.side),
            to=to,
            status=worded(STANDINGS, found.status),
            waits=waits,
        ),
        said(
            "  said by {name}, {at}",
            name=one_line(room.name(found.entry.author)),
            at=date(found.entry.event.at),
        ),
        *("  │ " + line for line in text_lines(found.body.step)),
    ]
    if found.body.condition:
        lines.append(said("  if {condition}", condition=one_line(found.body.condition)))
    if found.body.terms:
        stated = joined(
            "; ",
            (
                said("{issue}: {option}", issue=one_line(one.issue), option=one_line(one.option))
                for one in found.body.terms
            ),
        )
        lines.append(said("  states {stated}", stated=stated))
    if found.body.due is not None:
        left = found.body.due - now
        lines.append(
            said(
                "  by {due}, {said}",
                due=date(found.body.due),
                said=said("in {left}", left=span(left))
                if left >= 0
                else said("{left} ago", left=span(-left)),
            )
        )
    if found.body.after:
        lines.append(
            said(
                "  after {said}",
                said=spoken_list(said("pledge {eid}", eid=eid.hex()[:12]) for eid in found.body.after),
            )
        )
    lines.append(said("  {lapse}", lapse=LAPSE[Lapse(found.body.lapse)]))
    if found.status is Status.OFFERED:
        lines.append(said("  binds nobody until it is acknowledged; the other side is free until then"))
    lines += [
        said(
            "  acknowledged for {side} by {name}, {at}",
            side=one_line(side),
            name=one_line(room.name(entry.author)),
            at=date(entry.event.at),
        )
        for side, entry in found.acknowledged.items()
    ]
    lines += ["  " + deed_line(room, done) for done in found.fate.deeds]
    early = {done.entry.id.hex()[:12] for done in found.early}
    lines += [said("  ! deed {one} was done out of order", one=one) for one in sorted(early)]
    return [*lines, *list_lines(room, found.entry.id), *fate_lines(room, found.fate)]


def pledge_value(room: Room, found: Pledged) -> dict[str, Json]:
    body = found.body
    owes, owed = pledge_owed(room, found)
    return {
        "id": found.entry.id.hex(),
        "by_side": found.side,
        "by": room.name(found.entry.author),
        "to": [] if body is None else list(body.to),
        "step": None if body is None else body.step,
        "due_ms": None if body is None else body.due,
        "condition": None if body is None else body.condition,
        "lapse": None if body is None else body.lapse,
        "terms": [] if body is None else [{"issue": one.issue, "option": one.option} for one in body.terms],
        "answers": [] if body is None else [eid.hex() for eid in body.answers],
        "after": [] if body is None else [eid.hex() for eid in body.after],
        "at_ms": found.entry.event.at,
        "binding": found.binding,
        "acknowledged": words_value(room, found.acknowledged),
        "status": found.status.value,
        "blocked": found.blocked,
        "out_of_order": [done.entry.id.hex() for done in found.early],
        "owes": owes,
        "owed": owed,
        "need_to_know": list_value(room, found.entry.id),
        **fate_value(room, found.fate),
    }
