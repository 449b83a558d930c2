"""`desk script …`: steps pinned beforehand, and an alarm when something comes otherwise."""

import argparse

from backchannel.channel.event import EventId
from backchannel.channel.reading import read
from backchannel.desk import scripts
from backchannel.desk.commands.answer import Answer, Json, named, room_of, spoken_list
from backchannel.desk.commands.choosing import choose
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.moves.paper import find
from backchannel.moves.paper import standing as items
from backchannel.moves.script import Came, How, Pinned, Scripts, standing
from backchannel.said import said

LISTED = "script show"
HOWS = {
    How.PINNED: said("as pinned"),
    How.WORDS: said("IN OTHER WORDS"),
    How.ORDER: said("OUT OF ORDER"),
    How.UNREADABLE: said("its words are not here"),
}


def pin(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    entry = scripts.pin(room, args.step, now)
    found = read(room.log, Scripts).script(entry.id)
    waits = spoken_list(map(one_line, sorted(set(found.sides) - set(found.agreed))))
    line = said("Pinned, once {waits} agrees.", waits=waits) if waits else said("Pinned, in words and order.")
    return Answer([line], _value(room, found), room)


def agree(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _choose(room, args.which)
    scripts.agree(room, target, now)
    line = said("Your side has pinned these steps.")
    return Answer([line], _value(room, read(room.log, Scripts).script(target)), room)


def step(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _choose(room, args.which)
    item = find(items(room.log, now), args.item)
    entry = scripts.step(room, target, args.number, item.entry.id, now)
    found = read(room.log, Scripts).script(target)
    (came,) = (one for one in found.came if one.entry.id == entry.id)
    line = said("Step {number}: {how}.", number=came.number, how=HOWS[came.how])
    return Answer([line], _value(room, found), room)


def go_on(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = _choose(room, args.which)
    scripts.go_on(room, target, now)
    line = said("Everyone sees that your side goes on all the same.")
    return Answer([line], _value(room, read(room.log, Scripts).script(target)), room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    found = standing(room.log) if room.seated else []
    lines = [line for one in found for line in _lines(room, one)]
    value: list[Json] = [_value(room, one) for one in found]
    return Answer(lines or [said("No script is pinned in this room.")], {"scripts": value}, room)


def alarm_lines(room: Room) -> list[str]:
    """Say, for everybody to see, what departs from a script."""
    return [
        said(
            "SCRIPT: step {number} came {how}, {at}; nobody has gone on yet",
            number=one.number,
            how=HOWS[one.how],
            at=date(one.entry.event.at),
        )
        for script in standing(room.log)
        for one in script.alarms
    ]


def _choose(room: Room, spoken: str | None) -> EventId:
    return choose({one.entry.id: one for one in standing(room.log)}, spoken, "script", LISTED).entry.id


def _lines(room: Room, one: Pinned) -> list[str]:
    heading = said(
        "script {entry}, put by {author}, {at}",
        entry=one.entry.id.hex()[:12],
        author=named(room, one.entry.author),
        at=date(one.entry.event.at),
    )
    if one.body is None:
        return [said("{heading}: its words have gone", heading=heading)]
    state = (
        said("pinned by {sides}", sides=spoken_list(map(one_line, sorted(one.agreed))))
        if one.agreed_by_all
        else said(
            "waits for {sides}", sides=spoken_list(map(one_line, sorted(set(one.sides) - set(one.agreed))))
        )
    )
    came = {each.number: each for each in one.came}
    lines = [said("{heading}: {state}", heading=heading, state=state)]
    for number, words in enumerate(one.body.steps, 1):
        lines.append(said("  {number}. {words}", number=number, words=one_line(words)))
        if number in came:
            lines.append("     " + _came_line(came[number], one))
    return lines


def _came_line(came: Came, script: Pinned) -> str:
    how, at = HOWS[came.how], date(came.entry.event.at)
    if came.how is How.PINNED:
        return said("came {at}, {how}", at=at, how=how)
    if came in script.alarms:
        return said("! came {at}, {how}: nobody goes on before every side says so", at=at, how=how)
    return said("came {at}, {how}; all go on in spite of it", at=at, how=how)


def _value(room: Room, one: Pinned) -> dict[str, Json]:
    return {
        "id": one.entry.id.hex(),
        "by": room.name(one.entry.author),
        "at_ms": one.entry.event.at,
        "steps": [] if one.body is None else list(one.body.steps),
        "sides": list(one.sides),
        "agreed": sorted(one.agreed),
        "pinned": one.agreed_by_all,
        "next": one.next,
        "came": [
            {
                "id": came.entry.id.hex(),
                "number": came.number,
                "item": came.item.hex(),
                "how": came.how.value,
                "at_ms": came.entry.event.at,
                "gone_on": sorted(came.gone_on),
                "alarm": came in one.alarms,
            }
            for came in one.came
        ],
    }
