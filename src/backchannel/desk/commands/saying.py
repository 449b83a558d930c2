"""Commands that say something to everyone in a room: say, withdraw, note; and the drafts they keep."""

import argparse
import base64
from collections.abc import Sequence
from dataclasses import replace

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk import acts, drafts
from backchannel.desk.commands.answer import Answer, check_seen, chosen, room_of
from backchannel.desk.commands.header import readers
from backchannel.desk.commands.items import gone_at, item_value
from backchannel.desk.commands.wording import REGISTERS, RULES, worded
from backchannel.desk.desk import Desk
from backchannel.desk.drafts import Draft, Fields
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, moment
from backchannel.errors import Moved, Refused
from backchannel.moves.paper import (
    Capacity,
    Carried,
    Item,
    Mandate,
    Manner,
    Paper,
    Register,
    Rule,
    find,
    standing,
)

OPTIONS = ("text", "register", "mandate", "capacity", "rule", "expires", "answers", "carried_for", "manner")


def audience(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    """Whom a text that is about to be written will reach."""
    room = room_of(desk, args)
    may_act(room)
    return Answer([readers(room)], {"readers": drafts.readers_hash(room), "audience": readers(room)}, room)


def say(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = chosen(desk, args.room)
    if args.discard_draft is not None:
        draft = drafts.draft_of(desk, room, _number(args.discard_draft))
        drafts.drop(desk, draft.id)
        return Answer([f"Draft {draft.id} is thrown away."], {"discarded": draft.id}, room)
    if args.draft is not None:
        draft = drafts.draft_of(desk, room, _number(args.draft))
        given = {name: getattr(args, name) for name in OPTIONS if getattr(args, name) is not None}
        draft = replace(draft, fields={**draft.fields, **given})
    else:
        if not args.text.strip() and not args.files:
            raise Refused("There is nothing in this paper; write a text or attach a file.")
        fields: Fields = {name: getattr(args, name) for name in OPTIONS}
        pinned = args.pinned or drafts.readers_hash_of(room.seating.audience if room.seated else ())
        draft = Draft(drafts.keep(desk, room, fields, pinned, now), fields, pinned, now)
    try:
        check_seen(room, args.seen)
        entry = _show(room, draft, args, now)
    except Refused as refused:
        kept = (
            f"{str(refused).rstrip('.')}. Your text is kept as draft {draft.id}: say it with `backchannel desk say --draft` and"
            " what is to be different."
        )
        raise type(refused)(kept) from refused
    drafts.drop(desk, draft.id)
    return _said(room, entry, now)


def _show(room: Room, draft: Draft, args: argparse.Namespace, now: int) -> Entry:
    may_act(room)
    if drafts.readers_hash(room) != draft.readers and not args.to_present_readers:
        raise Moved(
            f"The readers are others than when you wrote this: {readers(room)}; if it is for them, say it with --draft"
            " --to-present-readers."
        )
    fields = draft.fields
    items = standing(room.log, now)
    expires, rule, author = fields["expires"], fields["rule"], fields["carried_for"]
    if bool(author) != bool(fields["manner"]):
        raise Refused("To carry somebody's words give both --for NAME and --manner.")
    answers = fields["answers"] or []
    assert isinstance(answers, list)
    return acts.show(
        room,
        str(fields["text"]),
        register=Register(str(fields["register"] or Register.TALK.value)),
        mandate=Mandate(str(fields["mandate"] or Mandate.NOT_STATED.value)),
        capacity=Capacity(str(fields["capacity"] or Capacity.NOT_STATED.value)),
        rule=None if rule is None else Rule(str(rule)),
        expires=None if expires is None else moment(str(expires), now),
        answers=[find(items, spoken).entry.id for spoken in answers],
        carried=Carried(str(author), Manner(str(fields["manner"]))) if author else None,
        files=[(name, base64.b64decode(data)) for name, data in args.files],
        now=now,
    )


def _number(typed: str) -> int | None:
    if typed == "last":
        return None
    try:
        return int(typed)
    except ValueError as error:
        raise Refused(
            f"“{one_line(typed)}” is not the number of a draft; `backchannel desk status` lists them."
        ) from error


def _said(room: Room, entry: Entry, now: int) -> Answer:
    items = standing(room.log, now)
    by_id = {item.entry.id: item for item in items}
    item = by_id[entry.id]
    value = item_value(room, item, by_id, now)
    parts = [f"{one_line(item.label)} is said"]
    if isinstance(item.body, Paper):
        parts = [
            f"{one_line(item.label)} is said, {worded(REGISTERS, item.body.register)}, {worded(RULES, item.body.rule)}"
        ]
    parts += [readers(room), f"the text goes {date(gone_at(room, item))}"]
    return Answer(["; ".join(parts) + "."], value, room)


def withdraw(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    item = find(_items(room, now), args.item)
    acts.withdraw(room, item.entry.id, now)
    line = (
        f"{one_line(item.label)} is withdrawn: every desk in the room that runs unmodified software lets go of the text; that a"
        " text was shown remains."
    )
    return Answer([line], {"withdrawn": item.entry.id.hex(), "label": item.label}, room)


def note(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    answers: Sequence[EventId] = [find(_items(room, now), spoken).entry.id for spoken in args.answers or ()]
    entry = acts.note_front(room, args.source, args.text, moment(args.at, now), answers, now=now)
    return _said(room, entry, now)


def _items(room: Room, now: int) -> list[Item]:
    may_act(room)
    return standing(room.log, now)
