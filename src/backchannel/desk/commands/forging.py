"""`backchannel forge`: a conversation that never was, read by the code that reads real ones."""

import argparse

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry
from backchannel.desk.commands.answer import Answer, Json, person, room_of
from backchannel.desk.commands.items import Look, item_lines, item_value
from backchannel.desk.desk import Desk
from backchannel.desk.forging import forge as forged
from backchannel.desk.room import Room
from backchannel.errors import Refused
from backchannel.moves.paper import standing
from backchannel.said import joined, said

EXPLANATION = said(
    "What follows was never said. This desk made it a moment ago from its own secrets and the others' public keys; the code"
    " that takes in real messages decrypted it, checked it and entered it in the record, and then all of it was undone."
    " Nothing was sent. Whoever can read a conversation can make one: so no copy of talk, not even with every key of a"
    " reader, proves to anybody else who said it."
)


def forge(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    told = [_line(room, line) for line in args.lines]

    def look(at: Room, entries: list[Entry]) -> tuple[list[str], list[Json]]:
        items = standing(at.log, now)
        by_id = {item.entry.id: item for item in items}
        lines: list[str] = []
        for entry in entries:
            lines += [*item_lines(at, by_id[entry.id], by_id, now, Look.of(args)), ""]
        return lines, [item_value(at, by_id[entry.id], by_id, now) for entry in entries]

    lines, values = forged(room, told, now, look)
    names = joined(", ", dict.fromkeys((person(room.seating.seated[mid]) for mid, _ in told)))
    heading = said("A forged conversation in the name of {names}", names=names)
    return Answer(
        [heading, "", EXPLANATION, "", *lines], {"forged": values, "explanation": EXPLANATION}, room
    )


def _line(room: Room, spoken: str) -> tuple[MemberId, str]:
    name, colon, text = spoken.partition(":")
    if not colon or not text.strip():
        raise Refused("Write each line as NAME: TEXT, for instance “Boris: We accept.”.")
    return room.find_member(name.strip()).id, text.strip()
