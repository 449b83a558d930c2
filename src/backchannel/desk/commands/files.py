"""Commands on files: what lies beside papers, and the record as a file."""

import argparse

from backchannel.desk import acts
from backchannel.desk.commands.answer import Answer, Json, room_of
from backchannel.desk.desk import Desk
from backchannel.desk.shown import one_line, warnings
from backchannel.errors import Refused
from backchannel.moves.paper import Paper, find, standing
from backchannel.said import said


def attachments(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    items = standing(room.log, now) if room.seated else []
    chosen = items if args.item is None else [find(items, args.item)]
    lines: list[str] = []
    values: list[Json] = []
    for item in chosen:
        if isinstance(item.body, Paper):
            for file in item.body.attachments:
                lines.append(
                    said(
                        "{label}  {file}, {size} bytes",
                        label=one_line(item.label),
                        file=one_line(file.name),
                        size=file.size,
                    )
                )
                lines += [
                    said("  ! about this name: {warning}", warning=warning) for warning in warnings(file.name)
                ]
                values.append(
                    {"label": item.label, "name": file.name, "size": file.size, "sha256": file.digest.hex()}
                )
    return Answer(lines or [said("No files.")], {"attachments": values}, room)


def save(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    """Give the files of a paper for the command line to write; their names are made safe for a folder."""
    room = room_of(desk, args)
    item = find(standing(room.log, now) if room.seated else [], args.item)
    files = acts.attached(room, item.entry.id)
    if not files:
        raise Refused(said("{label} has no files beside it.", label=one_line(item.label)))
    named = [(said("{place}-{safe}", place=place, safe=safe) if _twice(files, safe) else safe, data)
             for place, (name, data) in enumerate(files, 1) for safe in [safe_name(name)]]  # fmt: skip
    value: dict[str, Json] = {"files": [{"name": name, "size": len(data)} for name, data in named]}
    return Answer(
        [said("{name}, {count} bytes", name=name, count=len(data)) for name, data in named],
        value,
        room,
        tuple(named),
    )


def _twice(files: list[tuple[str, bytes]], safe: str) -> bool:
    return sum(safe_name(name) == safe for name, _ in files) > 1


def safe_name(name: str) -> str:
    """Give a file name that can do no harm: no folders, nothing hidden, nothing that looks like an option."""
    kept = "".join(char if char.isalnum() or char in "._- " else "_" for char in name)
    return kept.strip(" .-")[:120] or "file"
