"""`desk need-to-know …`: who may know a term, and who holds it since when."""

import argparse

from backchannel.channel.event import EventId
from backchannel.channel.members import MEMBERSHIP_KINDS
from backchannel.desk import need_to_know
from backchannel.desk.commands.answer import Answer, Json, named, room_of, spoken_list
from backchannel.desk.commands.tell_need_to_know import label, list_line
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.errors import Refused
from backchannel.moves import need_to_know as lists
from backchannel.moves.paper import SHORTEST_ID, find, standing
from backchannel.said import said


def limit(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _target(room, args.which, now)
    people = [name.strip() for name in args.only]
    entry = need_to_know.limit(room, target, people, now)
    names = [member.name for member in room.seating.seated.values()]
    listed = lists.NeedToKnow(target, tuple(people))
    besides = need_to_know.outside(names, listed)
    lines = [
        said(
            "Every desk here shows that only {people} may know {label}.",
            people=spoken_list(map(one_line, people)),
            label=one_line(label(room, target)),
        )
    ]
    if besides:
        lines.append(
            said(
                "! {besides} can read it already: they are in this room.",
                besides=spoken_list(map(one_line, besides)),
            )
        )
    unknown = need_to_know.outside(people, lists.NeedToKnow(target, tuple(names)))
    if unknown:
        lines.append(
            said(
                "{unknown} may be told; nobody of that name is in this room.",
                unknown=spoken_list(map(one_line, unknown)),
            )
        )
    return Answer(lines, {"id": entry.id.hex(), "target": target.hex(), "also_read_by": list(besides)}, room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    found = lists.standing(room.log) if room.seated else []
    lines: list[str] = []
    values: list[Json] = []
    for target, told, listed in found:
        held = [(room.name(mid), since) for mid, since in need_to_know.holders(room, target)]
        lines.append(
            said(
                "{label} [{target}]: {list_line}",
                label=one_line(label(room, target)),
                target=target.hex()[:12],
                list_line=list_line(room, target),
            )
        )
        lines += [
            said("  {name} has it since {since}", name=one_line(name), since=date(since))
            for name, since in held
        ]
        value: dict[str, Json] = {
            "id": target.hex(),
            "label": label(room, target),
            "kind": room.log.entries[target].event.kind,
            "people": list(listed.people),
            "by": named(room, told.author),
            "by_name": room.name(told.author),
            "at_ms": told.event.at,
            "holders": [{"name": name, "since_ms": since} for name, since in held],
            "outside": list(need_to_know.outside((name for name, _ in held), listed)),
        }
        values.append(value)
    return Answer(lines or [said("No need-to-know list in this room.")], {"terms": values}, room)


def _target(room: Room, spoken: str, now: int) -> EventId:
    """Find an item by its label, or anything that was said here by the first letters of its id."""
    if not room.seated:
        raise Refused("Nothing has been said here yet.")
    letters = spoken.lower()
    hits = [
        eid
        for eid, entry in room.log.entries.items()
        if len(letters) >= SHORTEST_ID
        and eid.hex().startswith(letters)
        and entry.event.kind not in MEMBERSHIP_KINDS
    ]
    return hits[0] if len(hits) == 1 else find(standing(room.log, now), spoken).entry.id
