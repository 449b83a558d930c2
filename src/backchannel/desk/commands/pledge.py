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
    if (said := said_beyond(room, entry)) is not None:
        return said
    found = standing(room.log, now)[entry.id]
    to = spoken_list(map(one_line, found.body.to if found.body else ()))
    line = f"Your pledge is before {to}. It binds your side as soon as they acknowledge it; until then they are free."
    return Answer([line], pledge_value(room, found), room)


def acknowledge(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known = standing(room.log, now)
    waiting = {eid: one for eid, one in known.items() if own_side(room) in one.awaits}
    target = choose(
        waiting if args.which is None and waiting else known, args.which, "pledge", LISTED
    ).entry.id
    entry = acts.acknowledge(room, target, now, beyond=args.beyond_mandate)
    if (said := said_beyond(room, entry)) is not None:
        return said
    found = standing(room.log, now)[target]
    return Answer(
        [f"Acknowledged: from here on it binds {one_line(found.side)}."], pledge_value(room, found), room
    )


def release(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = choose(standing(room.log, now), args.which, "pledge", LISTED).entry.id
    acts.release(room, target, now)
    found = standing(room.log, now)[target]
    return Answer(
        [f"Your side has let go of what {one_line(found.side)} pledged."], pledge_value(room, found), room
    )


def broken(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = choose_promise(room, args.which, now)
    entry = acts.broken(room, target, " ".join(args.text), now)
    return Answer(
        ["Everyone sees that your side calls this broken."],
        {"broken": target.hex(), "id": entry.id.hex()},
        room,
    )


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    known = standing(room.log, now)
    chosen = [choose(known, args.which, "pledge", LISTED)] if args.which else list(known.values())
    lines = [line for found in chosen for line in pledge_lines(room, found, now)]
    return Answer(
        lines or ["Nothing is pledged in this room."],
        {"pledges": [pledge_value(room, found) for found in chosen]},
        room,
    )


def pledge_lines(room: Room, found: Pledged, now: int) -> list[str]:
    heading = f"pledge {found.entry.id.hex()[:12]}"
    if found.body is None:
        return [f"{heading}  by {one_line(found.side)}; its words have gone"]
    to = spoken_list(map(one_line, found.body.to))
    waits = ", waits for a pledge that is to be kept first" if found.blocked and found.outstanding else ""
    lines = [
        f"{heading}  by {one_line(found.side)} to {to}: {found.status.value}{waits}",
        f"  said by {one_line(room.name(found.entry.author))}, {date(found.entry.event.at)}",
        *(f"  │ {line}" for line in text_lines(found.body.step)),
    ]
    if found.body.condition:
        lines.append(f"  if {one_line(found.body.condition)}")
    if found.body.terms:
        stated = "; ".join(f"{one_line(one.issue)}: {one_line(one.option)}" for one in found.body.terms)
        lines.append(f"  states {stated}")
    if found.body.due is not None:
        left = found.body.due - now
        lines.append(
            f"  by {date(found.body.due)}, {f'in {span(left)}' if left >= 0 else f'{span(-left)} ago'}"
        )
    if found.body.after:
        lines.append(f"  after {spoken_list(f'pledge {eid.hex()[:12]}' for eid in found.body.after)}")
    lines.append(f"  {LAPSE[Lapse(found.body.lapse)]}")
    if found.status is Status.OFFERED:
        lines.append("  binds nobody until it is acknowledged; the other side is free until then")
    lines += [
        f"  acknowledged for {one_line(side)} by {one_line(room.name(entry.author))}, {date(entry.event.at)}"
        for side, entry in found.acknowledged.items()
    ]
    lines += [f"  {deed_line(room, done)}" for done in found.fate.deeds]
    early = {done.entry.id.hex()[:12] for done in found.early}
    lines += [f"  ! deed {one} was done out of order" for one in sorted(early)]
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
