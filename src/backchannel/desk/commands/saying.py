"""Commands that say something to everyone in a room: say, withdraw, note; and the drafts they keep."""

import argparse
import base64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from backchannel.channel.log import Entry
from backchannel.desk import acts, drafts, need_to_know
from backchannel.desk.commands.answer import Answer, check_seen, chosen, room_of
from backchannel.desk.commands.header import readers
from backchannel.desk.commands.items import gone_at, item_value
from backchannel.desk.commands.offers import offer_lines
from backchannel.desk.commands.wording import REGISTERS, RULES, worded
from backchannel.desk.desk import Desk
from backchannel.desk.drafts import Draft, Fields
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import one_line
from backchannel.desk.when import date, moment
from backchannel.errors import Moved, Refused, Unavailable
from backchannel.moves.paper import (
    Capacity,
    Carried,
    Front,
    Item,
    Mandate,
    Manner,
    Paper,
    Register,
    Rule,
    Status,
    Term,
    find,
    parse,
    standing,
)
from backchannel.said import clause, joined, said

OPTIONS = (
    *("text", "register", "mandate", "capacity", "rule", "expires", "answers", "carried_for", "manner"),
    *("states", "reply_by", "returnable"),
)


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
        return Answer([said("Draft {draft} is thrown away.", draft=draft.id)], {"discarded": draft.id}, room)
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
        if not args.beyond_list:
            need_to_know.check(desk, room, str(draft.fields["text"]))
        entry, answered = _show(room, draft, args, now)
    except Refused as refused:
        if getattr(args, "sheet", ""):  # of a page, which keeps the whole form
            with suppress(Unavailable):
                drafts.drop(desk, draft.id)
            raise
        kept = said(
            "{refused}. Your text is kept as draft {draft}: say it with `backchannel desk say --draft` and what is to"
            " be different.",
            refused=clause(str(refused)),
            draft=draft.id,
        )
        raise type(refused)(kept) from refused
    with suppress(Unavailable):  # the disk is full: it is said all the same, and `drafts` sees that
        drafts.drop(desk, draft.id)
    return _said(room, entry, answered, now)


def _show(room: Room, draft: Draft, args: argparse.Namespace, now: int) -> tuple[Entry, list[Item]]:
    may_act(room)
    if drafts.readers_hash(room) != draft.readers and not args.to_present_readers:
        raise Moved(
            said(
                "The readers are others than when you wrote this: {readers}; if it is for them, say it with --draft"
                " --to-present-readers.",
                readers=readers(room),
            )
        )
    fields = draft.fields
    expires, rule, author = fields["expires"], fields["rule"], fields["carried_for"]
    reply_by, states = fields["reply_by"], fields["states"] or []
    if bool(author) != bool(fields["manner"]):
        raise Refused("To carry somebody's words give both --for NAME and --manner.")
    answers = fields["answers"] or []
    assert isinstance(answers, list)
    assert isinstance(states, list)
    answered = _found(room, answers, now)
    entry = acts.show(
        room,
        str(fields["text"]),
        register=Register(str(fields["register"] or Register.TALK.value)),
        mandate=Mandate(str(fields["mandate"] or Mandate.NOT_STATED.value)),
        capacity=Capacity(str(fields["capacity"] or Capacity.NOT_STATED.value)),
        rule=None if rule is None else Rule(str(rule)),
        expires=None if expires is None else moment(str(expires), now),
        answers=[item.entry.id for item in answered],
        carried=Carried(str(author), Manner(str(fields["manner"]))) if author else None,
        files=[(name, base64.b64decode(data)) for name, data in args.files],
        terms=[term(one) for one in states],
        reply_by=None if reply_by is None else moment(str(reply_by), now),
        returnable=bool(fields["returnable"]),
        beyond_mandate=args.beyond_mandate,
        now=now,
    )
    return entry, answered


def _found(room: Room, spoken: Sequence[str], now: int) -> list[Item]:
    items = standing(room.log, now) if spoken else []
    return [find(items, one) for one in spoken]


def _number(typed: str) -> int | None:
    if typed == "last":
        return None
    try:
        return int(typed)
    except ValueError as error:
        raise Refused(
            said(
                "“{typed}” is not the number of a draft; `backchannel desk status` lists them.",
                typed=one_line(typed),
            )
        ) from error


def _said(room: Room, entry: Entry, answered: Sequence[Item], now: int) -> Answer:
    # It follows all that is here, so it crossed nothing, is answered by nothing and has its number alone.
    body = parse(entry.event.kind, entry.event.body)
    assert isinstance(body, Paper | Front)
    item = Item(
        entry, said("#{event_number}", event_number=entry.event.number), body, Status.STANDING, (), ()
    )
    value = item_value(room, item, {other.entry.id: other for other in answered}, now)
    parts = [said("{label} is said", label=one_line(item.label))]
    if isinstance(item.body, Paper):
        parts = [
            said(
                "{label} is said, {register}, {rule}",
                label=one_line(item.label),
                register=worded(REGISTERS, item.body.register),
                rule=worded(RULES, item.body.rule),
            )
        ]
    parts += [readers(room), said("the text goes {gone_at}", gone_at=date(gone_at(room, item)))]
    return Answer([joined("; ", parts) + ".", *offer_lines(room, item)], value, room)


def withdraw(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    (item,) = _found(room, [args.item], now)
    acts.withdraw(room, item.entry.id, now)
    line = said(
        "{label} is withdrawn: every desk in the room that runs unmodified software lets go of the text; that a text"
        " was shown remains.",
        label=one_line(item.label),
    )
    return Answer([line], {"withdrawn": item.entry.id.hex(), "label": item.label}, room)


def note(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    answered = _found(room, args.answers or (), now)
    ids = [item.entry.id for item in answered]
    terms = [term(one) for one in args.states or ()]
    if not args.beyond_list:
        need_to_know.check(desk, room, args.text)
    entry = acts.note_front(room, args.source, args.text, moment(args.at, now), ids, terms, now=now)
    return _said(room, entry, answered, now)


def hand_back(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    (item,) = _found(room, [args.item], now)
    acts.hand_back(room, item.entry.id, now)
    line = said(
        "{label} is handed back: every desk in the room that runs unmodified software lets go of the text; that it was"
        " shown and handed back remains.",
        label=one_line(item.label),
    )
    return Answer([line], {"handed_back": item.entry.id.hex(), "label": item.label}, room)


def term(spoken: str) -> Term:
    """Read `ISSUE=OPTION` as a person types it, or raise Refused."""
    issue, equals, option = (part.strip() for part in spoken.partition("="))
    if not (issue and equals and option):
        raise Refused(
            said(
                "“{spoken}” does not state anything on an issue; write ISSUE=OPTION.", spoken=one_line(spoken)
            )
        )
    return Term(issue, option)
