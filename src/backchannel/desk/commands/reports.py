"""`desk report`: how people talked in a room, as a draft of a text that the sides may seal."""

import argparse
import json

from backchannel.desk import reporting
from backchannel.desk.commands.answer import Answer, Json, room_of
from backchannel.desk.desk import Desk
from backchannel.desk.shown import lines as text_lines
from backchannel.said import said


def report(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = reporting.report(room.log)
    draft = reporting.draft_file(found, now)
    told = [line for clause in reporting.clauses(found) for line in text_lines(clause)]
    files: tuple[tuple[str, bytes], ...] = ()
    if args.to is not None:
        files = (("report.json", (json.dumps(draft, ensure_ascii=False, indent=1) + "\n").encode()),)
        told.append(
            said(
                "This is in the file as a draft. It is this desk's reading and nobody's word yet: change it with the"
                " other sides, then"
                " seal it with `backchannel desk seal draft`."
            )
        )
    value: dict[str, Json] = {**reporting.value(found), "draft": draft}
    return Answer(told, value, room, files)
