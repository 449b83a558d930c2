"""`desk report`: how people talked in a room, as a draft of a text that the sides may seal."""

import argparse
import json

from backchannel.desk import reporting
from backchannel.desk.commands import report_words
from backchannel.desk.commands.answer import Answer, Json, room_of
from backchannel.desk.desk import Desk
from backchannel.desk.shown import one_line
from backchannel.said import harmless, said


def report(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    found = reporting.report(room.log)
    draft = report_words.draft_file(found, now, args.wording)
    told = [harmless(line, one_line) for lines in report_words.clauses(found) for line in lines]
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
