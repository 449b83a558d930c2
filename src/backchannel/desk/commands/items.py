"""One item of the record as a person and as a script see it."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

from backchannel.channel.event import EventId, MemberId
from backchannel.desk.commands.answer import Json, named, person_value
from backchannel.desk.commands.offers import accepted, offer_lines, offer_value, still_open
from backchannel.desk.commands.passing import while_paused
from backchannel.desk.commands.promises import report_line, report_value, reports_of, shortened
from backchannel.desk.commands.tell_need_to_know import list_line, list_value
from backchannel.desk.commands.wording import CAPACITIES, MANDATES, MANNERS, REGISTERS, ROLES, RULES, worded
from backchannel.desk.room import Room
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line, warnings
from backchannel.desk.when import date, span
from backchannel.moves.interest import standing as interests
from backchannel.moves.paper import Front, Item, Paper, Status, Term
from backchannel.said import joined, said

Items = Mapping[EventId, Item]
Receipts = Mapping[MemberId, tuple[int | None, int | None]]
LONG_DELAY_MS = 3_600_000  # between sending and receiving, from which on it is told in words


@dataclass(frozen=True, slots=True)
class Look:
    """How a terminal wants it."""

    plain: bool
    colour: bool

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Look":
        return cls(args.plain, args.colour)

    def strong(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text

    def bar(self, text: str) -> str:
        """Put a text's line behind a bar, so that nothing in it can pass for a heading."""
        return "    " + text if self.plain else "  │ " + text


def unread(room: Room, items: list[Item]) -> list[Item]:
    """Give what others said and this person has not read."""
    seen = room.seen()
    return [
        item
        for item in items
        if item.entry.author != room.me and item.body is not None and item.entry.id not in seen
    ]


def first_words(item: Item) -> str:
    """Give the beginning of what an item says, in one line; empty if its text is not here."""
    return "" if item.body is None else shortened(item.body.text)


def gone_at(room: Room, item: Item) -> int:
    """When the text of an item must be gone, in milliseconds since 1970."""
    latest = item.entry.event.at + room.seating.retention_seconds * 1000
    stated = item.body.expires if isinstance(item.body, Paper) else None
    return latest if stated is None else min(latest, stated)


def item_lines(room: Room, item: Item, items: Items, now: int, look: Look) -> list[str]:
    lines = [
        look.strong(said("{label}  {heading}", label=_label(item), heading=_heading(room, item))),
        "  " + _times(room, item),
    ]
    body = item.body
    if isinstance(body, Paper) and body.carried is not None:
        lines.append(
            said(
                "  in the name of {author}, {manner}: as delivered by {author_2}, not confirmed by {author}",
                author=one_line(body.carried.author),
                manner=worded(MANNERS, body.carried.manner),
                author_2=named(room, item.entry.author),
            )
        )
    lines += _stake_lines(room, item)
    if item.entry.id in room.log.secondhand:
        lines.append(said("  ! handed on by others; its author never sent it to this desk"))
    if body is not None:
        lines += ["  " + line for line in _links(item, items)]
    lines += _text_lines(room, item, look)
    lines += ["  " + line for line in offer_lines(room, item)]
    if body is not None and item.status is not Status.VOID:
        lines.append("  " + _until(room, item, now))
    lines += ["  " + line for line in _marks(room, item)]
    if isinstance(body, Paper) and body.reply_by is not None and still_open(room, item):
        left = body.reply_by - now
        lines.append(
            said(
                "  an answer is wanted by {reply_by}, {said}",
                reply_by=date(body.reply_by),
                said=said("in {left}", left=span(left)) if left > 0 else said("{left} ago", left=span(-left)),
            )
        )
    lines += [report_line(room, one) for one in reports_of(room, item.entry)]
    if item.answered_by:
        lines.append(said("  answered by {refs}", refs=_refs(item.answered_by, items)))
    elif (waited := unanswered_ms(item, now)) is not None and not accepted(room, item):
        lines.append(
            said(
                "  {said} for {waited}",
                said=said("unanswered") if item.open else said("no answer to it on this record,"),
                waited=span(waited),
            )
        )
    return lines


def _stake_lines(room: Room, item: Item) -> list[str]:
    """What a go-between has at stake stands beside all that they bring."""
    text = _stake(room, item)
    return [] if text is None else [said("  has an interest of their own: {text}", text=one_line(text))]


def _stake(room: Room, item: Item) -> str | None:
    declared = interests(room.log).get(item.entry.author)
    return None if declared is None or declared.body is None else declared.body.text


def unanswered_ms(item: Item, now: int) -> int | None:
    """How long an item has stood without an answer; a public event counts from when it happened."""
    if item.answered_by or item.status is not Status.STANDING or item.body is None:
        return None
    since = item.body.happened if isinstance(item.body, Front) else item.entry.event.at
    return now - since


def _marks(room: Room, item: Item) -> list[str]:
    """What else is to be known of an item: a long way, a paused room, a list of who may know it."""
    delay, listed = delay_ms(room, item), list_line(room, item.entry.id)
    return [
        *(
            [said("on its way for {delay}, by the two desks' clocks", delay=span(delay))]
            if delay and delay >= LONG_DELAY_MS
            else []
        ),
        *([said("! said while the room was paused by its sunset")] if while_paused(room, item.entry) else []),
        *([] if listed is None else [listed]),
    ]


def delay_ms(room: Room, item: Item, receipts: Receipts | None = None) -> int | None:
    """How long an item was on its way, by the two desks' clocks; of one's own the longest so far, None if nobody has it yet."""
    sent = item.entry.event.at
    if item.entry.author != room.me:
        received, _ = room.times(item.entry.id)
        return None if received is None else received - sent
    known = room.receipts(item.entry.id) if receipts is None else receipts
    there = [at for mid, (at, _) in known.items() if mid != room.me and at is not None]
    return max(there) - sent if there else None


def _label(item: Item) -> str:
    return one_line(item.label)


def _heading(room: Room, item: Item) -> str:
    member = room.member(item.entry.author)
    author = named(room, item.entry.author) + (
        ", " + worded(ROLES, member.role) if member is not None else ""
    )
    body = item.body
    if isinstance(body, Front):
        return said(
            "note of a public event by {author}: {source}, {happened}",
            author=author,
            source=one_line(body.source),
            happened=date(body.happened),
        )
    if body is None:
        return said("paper by {author}", author=author)
    capacity = worded(CAPACITIES, body.capacity)
    parts = [
        worded(REGISTERS, body.register),
        author,
        worded(MANDATES, body.mandate),
        *([capacity] if capacity else []),
    ]
    return joined(" · ", parts)


def _times(room: Room, item: Item) -> str:
    entry = item.entry
    parts = [said("sent {at}", at=date(entry.event.at))]
    if entry.author != room.me:
        received, read = room.times(entry.id)
        parts.append(said("received {received}", received="-" if received is None else date(received)))
        parts.append(said("not read yet") if read is None else said("read {read}", read=date(read)))
        return joined(" · ", parts)
    receipts = room.receipts(entry.id)
    addressed = room.log.seating(entry.view).seated
    for mid in (mid for mid in addressed if mid != room.me):
        received, read = receipts.get(mid, (None, None))
        if received is None:
            parts.append(said("not yet at {mid}", mid=named(room, mid)))
        else:
            parts.append(
                said("at {mid} {received}", mid=named(room, mid), received=date(received))
                + ("" if read is None else said(", read {read}", read=date(read)))
            )
    return joined(" · ", parts)


def _links(item: Item, items: Items) -> list[str]:
    assert item.body is not None
    lines = []
    if item.body.answers:
        lines.append(
            said("answers {refs}", refs=_refs(tuple(EventId(eid) for eid in item.body.answers), items))
        )
    if item.crossed:
        lines.append(
            said("crossed with {refs}: written without sight of each other", refs=_refs(item.crossed, items))
        )
    return lines


def _refs(ids: tuple[EventId, ...], items: Items) -> str:
    return joined(
        ", ",
        (
            one_line(items[eid].label)
            if eid in items
            else said("something not here ({eid})", eid=eid.hex()[:8])
            for eid in ids
        ),
    )


def _text_lines(room: Room, item: Item, look: Look) -> list[str]:
    if item.status in {Status.WITHDRAWN, Status.HANDED_BACK}:
        taken = None if item.taken_back is None else room.entry(item.taken_back)
        when = "" if taken is None else said(" on {at}", at=date(taken.event.at))
        who = said("its author withdrew it")
        if item.status is Status.HANDED_BACK:
            who = said("it was handed back") + (
                "" if taken is None else said(" by {author}", author=named(room, taken.author))
            )
        return [look.bar(said("[a text was shown here; {who}{when}]", who=who, when=when))]
    if item.status is Status.EXPIRED:
        return [look.bar(said("[a text was shown here; it has expired]"))]
    lines = []
    if item.status is Status.VOID:
        lines.append(
            said(
                "  ! this counts for nothing: {void}",
                void=one_line(item.entry.void) if item.entry.void else said("it cannot be read"),
            )
        )
    if item.body is None:
        return lines
    lines += [look.bar(line) for line in text_lines(item.body.text)]
    lines += ["  ! " + warning for warning in warnings(item.body.text)]
    if item.body.terms:
        stated = joined(
            "; ",
            (
                said("{issue}: {option}", issue=one_line(term.issue), option=one_line(term.option))
                for term in item.body.terms
            ),
        )
        lines.append(said("  states {stated}", stated=stated))
    if isinstance(item.body, Paper) and item.body.returnable:
        lines.append(said("  may be handed back, and then nobody has its text"))
    if isinstance(item.body, Paper):
        for file in item.body.attachments:
            lines.append(said("  file: {file}, {size} bytes", file=one_line(file.name), size=file.size))
            lines += [
                said("  ! about this file's name: {warning}", warning=warning)
                for warning in warnings(file.name)
            ]
    return lines


def _until(room: Room, item: Item, now: int) -> str:
    gone = gone_at(room, item)
    rule = worded(RULES, item.body.rule) + " · " if isinstance(item.body, Paper) else ""
    stated = isinstance(item.body, Paper) and item.body.expires == gone
    return said(
        "{rule}{said} {gone}, in {gone_2}",
        rule=rule,
        said=said("expires") if stated else said("kept until"),
        gone=date(gone),
        gone_2=span(gone - now),
    )


def item_value(room: Room, item: Item, items: Items, now: int) -> dict[str, Json]:
    entry = item.entry
    member = room.member(entry.author)
    received, read = room.times(entry.id)
    receipts = room.receipts(entry.id)
    value: dict[str, Json] = {
        "id": entry.id.hex(),
        "number": entry.event.number,
        "label": item.label,
        "kind": entry.event.kind,
        "status": item.status.value,
        "void": entry.void,
        "secondhand": entry.id in room.log.secondhand,
        "author": {"id": entry.author.hex()} if member is None else person_value(entry.author, member),
        "mine": entry.author == room.me,
        "interest": _stake(room, item),
        "at_ms": entry.event.at,
        "received_ms": received,
        "read_ms": read,
        "delay_ms": delay_ms(room, item, receipts),
        "need_to_know": list_value(room, item.entry.id),
        "while_paused": while_paused(room, item.entry),
        "receipts": [
            {"who": named(room, mid), "name": room.name(mid), "received_ms": there, "read_ms": seen}
            for mid, (there, seen) in sorted(receipts.items())
            if mid != room.me
        ],
        "crossed": _labels(item.crossed, items),
        "answered_by": _labels(item.answered_by, items),
        "open": still_open(room, item),
        "unanswered_ms": None if accepted(room, item) else unanswered_ms(item, now),
        **offer_value(room, item),
        "taken_back": _taken_value(room, item),
        "gone_ms": gone_at(room, item),
        "published": [report_value(room, one) for one in reports_of(room, entry)],
    }
    if isinstance(item.body, Front):
        return value | {
            "source": item.body.source,
            "happened_ms": item.body.happened,
            "text": item.body.text,
            "answers": _labels(item.body.answers, items),
            "terms": _terms(item.body.terms),
        }
    return value | _paper_value(item.body, items)


def _paper_value(paper: Paper | None, items: Items) -> dict[str, Json]:
    if paper is None:
        return {"text": None}
    carried = paper.carried
    return {
        "register": paper.register,
        "mandate": paper.mandate,
        "capacity": paper.capacity,
        "rule": paper.rule,
        "text": paper.text,
        "expires_ms": paper.expires,
        "answers": _labels(paper.answers, items),
        "carried": None
        if carried is None
        else {"author": carried.author, "manner": carried.manner, "confirmed": False},
        "attachments": [
            {"name": file.name, "size": file.size, "sha256": file.digest.hex()} for file in paper.attachments
        ],
        "terms": _terms(paper.terms),
        "reply_by_ms": paper.reply_by,
        "returnable": paper.returnable,
        "warnings": warnings(paper.text),
    }


def _taken_value(room: Room, item: Item) -> Json:
    """Who took a paper back, and when; None if nobody did."""
    if item.taken_back is None:
        return None
    taken = room.entry(item.taken_back)
    return {"how": item.status.value, "by": named(room, taken.author), "at_ms": taken.event.at}


def _terms(terms: tuple[Term, ...]) -> list[Json]:
    return [{"issue": term.issue, "option": term.option} for term in terms]


def _labels(ids: tuple[EventId, ...] | tuple[bytes, ...], items: Items) -> list[Json]:
    return [items[EventId(eid)].label if eid in items else eid.hex() for eid in ids]
