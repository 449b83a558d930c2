"""`desk published` and `desk lapse`: what became public, and what a promise is worth after it."""

import argparse

from backchannel.channel.reading import read
from backchannel.desk import publication as acts
from backchannel.desk.commands.answer import Answer, Json, room_of
from backchannel.desk.commands.promises import choose_anything, choose_promise, report_value
from backchannel.desk.desk import Desk
from backchannel.desk.when import moment
from backchannel.moves.pledge import standing as pledges
from backchannel.moves.promise import Fate
from backchannel.moves.publication import Publications
from backchannel.moves.understanding import standing as understandings
from backchannel.said import said


def published(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = choose_anything(room, args.target, now)
    acts.report(room, target, args.source, moment(args.at, now), by=args.by, now=now)
    lines = [said("Everyone in the room sees that you report this as public; it is your word.")]
    pledge, understanding = pledges(room.log, now).get(target), understandings(room.log).get(target)
    fate: Fate | None = None if pledge is None else pledge.fate
    fate = fate if understanding is None else understanding.fate
    if fate is not None and fate.ended is not None:
        lines.append(said("It has lapsed and binds nobody any more."))
    found: list[Json] = [
        report_value(room, one) for one in read(room.log, Publications).reports(room.entry(target))
    ]
    return Answer(
        lines, {"target": target.hex(), "published": found, "lapsed": bool(fate and fate.ended)}, room
    )


def lapse(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    target = choose_promise(room, args.target, now)
    acts.let_lapse(room, target, now)
    pledge, understanding = pledges(room.log, now).get(target), understandings(room.log).get(target)
    ended = (pledge is not None and pledge.fate.ended is not None) or (
        understanding is not None and understanding.fate.ended is not None
    )
    line = (
        said("It has lapsed by your side's choice and binds nobody any more.")
        if ended
        else said(
            "Your side's choice is on record; as nobody knows who published, it lapses when every side has chosen so."
        )
    )
    return Answer([line], {"target": target.hex(), "lapsed": ended}, room)
