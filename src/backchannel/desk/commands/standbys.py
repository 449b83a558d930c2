"""`desk standby …`: a text lodged with a third person until a signal."""

import argparse

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.desk import acts, need_to_know, standbys
from backchannel.desk.commands.answer import Answer, Json, named, room_of, spoken_list, title
from backchannel.desk.commands.choosing import choose
from backchannel.desk.desk import Desk
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.shown import lines as text_lines
from backchannel.desk.shown import one_line
from backchannel.desk.when import date
from backchannel.moves.standby import Lodged, Standby, Status, standing
from backchannel.said import said

LISTED = "standby show"


def lodge(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room = room_of(desk, args)
    may_act(room)
    holder = room.find_member(args.holder)
    if not args.beyond_list:
        need_to_know.check(desk, room, args.text)
    text = Standby(holder.id, args.signal.strip(), args.issued_as.strip(), args.text)
    entry = standbys.lodge(room, text, now, readers_know=args.readers_know)
    lines = [
        said(
            "The text is lodged with {holder}. Their desk releases it only after `backchannel desk standby signal`.",
            holder=named(room, holder.id),
        )
    ]
    also = standbys.others(room, holder.id)
    if also:
        lines.append(
            said("! {also} can read it too: they are in this room.", also=spoken_list(map(one_line, also)))
        )
    return Answer(lines, {"id": entry.id.hex(), "also_read_by": list(also)}, room)


def signal(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room, lodged = _chosen(desk, args, mine=True)
    entry = standbys.signal(room, lodged.entry.id, now)
    who = said("its holder") if lodged.holder is None else named(room, lodged.holder)
    return Answer(
        [said("The signal is given; {who} may release the text.", who=who)], {"id": entry.id.hex()}, room
    )


def cancel(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    room, lodged = _chosen(desk, args, mine=True)
    entry = standbys.cancel(room, lodged.entry.id, now)
    line = said("The text is taken back: every desk in the room that runs unmodified software lets go of it.")
    return Answer([line], {"id": entry.id.hex(), "cancelled": lodged.entry.id.hex()}, room)


def release(desk: Desk, args: argparse.Namespace, now: int) -> Answer:
    """Take the text up, and say it in a room or give it out; if the paper cannot be said, nothing is released."""
    room, lodged = _chosen(desk, args, mine=False)
    target = lodged.entry.id
    value: dict[str, Json] = {"released": target.hex(), "to": None, "item": None}
    if args.to is None:
        _, text = standbys.release(room, target, now)
        lines = [
            said("The text is yours to make public:"),
            *("  │ " + line for line in text_lines(text.text)),
        ]
        return Answer(lines, {**value, "text": text.text, "as": text.issued_as}, room)
    there = desk.find_room(args.to)
    with there.changing(), room.changing():
        _, text = standbys.release(room, target, now)
        if not args.beyond_list:
            need_to_know.check(desk, there, text.text)
        told: Entry = acts.show(there, text.text, now=now)
    label = said("#{event_number}", event_number=told.event.number)
    line = said(
        "The text is said as your own paper, {label} in “{title}”.", label=label, title=title(desk, there)
    )
    value |= {"to": there.id.hex(), "item": label, "text": text.text, "as": text.issued_as}
    return Answer([line], value, room)


def show(desk: Desk, args: argparse.Namespace, now: int) -> Answer:  # noqa: ARG001
    room = room_of(desk, args)
    found = standing(room.log) if room.seated else []
    lines = [line for lodged in found for line in _lines(room, lodged)]
    values: list[Json] = [_value(room, lodged) for lodged in found]
    return Answer(lines or [said("No standby text in this room.")], {"standby": values}, room)


def _chosen(desk: Desk, args: argparse.Namespace, *, mine: bool) -> tuple[Room, Lodged]:
    """Find the text that is meant; one that need not be named is one's own, lodged or held, that is still open."""
    room = room_of(desk, args)
    known: dict[EventId, Lodged] = {one.entry.id: one for one in (standing(room.log) if room.seated else [])}
    if args.which is None:
        known = {
            eid: one
            for eid, one in known.items()
            if one.status in {Status.LODGED, Status.SIGNALLED}
            and (one.entry.author if mine else one.holder) == room.me
        }
    return room, choose(known, args.which, "standby text", LISTED)


def _party(room: Room, lodged: Lodged) -> bool:
    """Whether this desk's person lodged or holds the text: its words are on no other screen."""
    return room.me in {lodged.entry.author, lodged.holder}


def _holder(room: Room, holder: MemberId | None) -> str:
    return said("nobody any more") if holder is None else named(room, holder)


def heading(room: Room, lodged: Lodged) -> str:
    """Say in one line what stands, without any of its words."""
    told = said(
        "standby text by {author}, held by {holder}",
        author=named(room, lodged.entry.author),
        holder=_holder(room, lodged.holder),
    )
    for status, act, sentence in (
        (Status.RELEASED, lodged.released, said("{told}: released {at}")),
        (Status.CANCELLED, lodged.cancelled, said("{told}: cancelled {at}")),
        (Status.SIGNALLED, lodged.signalled, said("{told}: signalled {at}")),
    ):
        if lodged.status is status and act is not None:
            return said(sentence, told=told, at=date(act.event.at))
    return said("{told}: lodged {at}, no signal yet", told=told, at=date(lodged.entry.event.at))


def _lines(room: Room, lodged: Lodged) -> list[str]:
    lines = [said("{heading} [{entry}]", heading=heading(room, lodged), entry=lodged.entry.id.hex()[:12])]
    if lodged.body is not None and _party(room, lodged):
        lines.append(said("  signal: {signal}", signal=one_line(lodged.body.signal)))
        if lodged.body.issued_as:
            lines.append(said("  to be issued as {issued_as}", issued_as=one_line(lodged.body.issued_as)))
        lines += ["  │ " + line for line in text_lines(lodged.body.text)]
        lines.append(said("  its words go {gone_at}", gone_at=date(gone_at(room, lodged))))
    return lines


def gone_at(room: Room, lodged: Lodged) -> int:
    """When the words of a standby text must be gone, in milliseconds since 1970."""
    return lodged.entry.event.at + room.seating.retention_seconds * 1000


def _value(room: Room, lodged: Lodged) -> dict[str, Json]:
    body = lodged.body if _party(room, lodged) else None

    def at(entry: Entry | None) -> int | None:
        return None if entry is None else entry.event.at

    return {
        "id": lodged.entry.id.hex(),
        "by": named(room, lodged.entry.author),
        "by_name": room.name(lodged.entry.author),
        "holder": None if lodged.holder is None else named(room, lodged.holder),
        "holder_name": None if lodged.holder is None else room.name(lodged.holder),
        "signal": None if body is None else body.signal,
        "as": None if body is None else body.issued_as,
        "text": None if body is None else body.text,
        "status": lodged.status.value,
        "at_ms": lodged.entry.event.at,
        "signalled_ms": at(lodged.signalled),
        "released_ms": at(lodged.released),
        "cancelled_ms": at(lodged.cancelled),
        "gone_ms": gone_at(room, lodged),
        "mine": lodged.entry.author == room.me,
        "held": lodged.holder == room.me,
    }


def due_lines(room: Room, now: int, soon_ms: int) -> list[str]:
    """Say what a standby text asks of this desk's person, and that its words are about to go."""
    lines = []
    for lodged in standing(room.log):
        if not _party(room, lodged) or lodged.body is None:
            continue
        if lodged.status is Status.SIGNALLED and lodged.holder == room.me:
            lines.append(said("the signal for a standby text is given: `backchannel desk standby release`"))
        if lodged.status in {Status.LODGED, Status.SIGNALLED} and gone_at(room, lodged) <= now + soon_ms:
            lines.append(
                said(
                    "! {heading}; its words go {gone_at}, lodge it anew",
                    heading=heading(room, lodged),
                    gone_at=date(gone_at(room, lodged)),
                )
            )
    return lines
