"""What a person does in a room: each act is checked for sense, then said to everyone there.

Every function here saves all of its act or nothing. It raises Refused, in one sentence with the way out, for an act
that means nothing or cannot stand. Items, motions and members are named by their ids; times are milliseconds since 1970.
"""

import hashlib
from collections.abc import Iterable, Sequence

from backchannel.channel.event import Erased, EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.channel.members import Approve, Leave, Motion, Remove, Retention, Seating
from backchannel.channel.parcel import Annex
from backchannel.desk.acting import act
from backchannel.desk.ageing import expire
from backchannel.desk.consenting import check_consent
from backchannel.desk.mandates import check_within
from backchannel.desk.room import Room
from backchannel.desk.room_store import set_state
from backchannel.desk.sending import may_act
from backchannel.desk.sunsets import may_talk
from backchannel.errors import Expired, Refused
from backchannel.moves.paper import (
    ITEMS,
    MAX_ATTACHMENT_BYTES,
    MAX_ATTACHMENTS,
    MAX_LABEL,
    MAX_TEXT,
    Attachment,
    Capacity,
    Carried,
    Front,
    HandBack,
    Mandate,
    Paper,
    Register,
    Rule,
    Term,
    Withdraw,
    parse,
    withdrawals,
)
from backchannel.said import joined, said
from backchannel.wire.codec import decode, encode

MAX_REASON = 2_000  # characters
GONE = {
    Erased.WITHDRAWN: said("was withdrawn"),
    Erased.HANDED_BACK: said("was handed back"),
    Erased.EXPIRED: said("has expired"),
}

File = tuple[str, bytes]


def show(
    room: Room,
    text: str,
    *,
    now: int,
    register: Register = Register.TALK,
    mandate: Mandate = Mandate.NOT_STATED,
    capacity: Capacity = Capacity.NOT_STATED,
    rule: Rule | None = None,
    expires: int | None = None,
    answers: Sequence[EventId] = (),
    carried: Carried | None = None,
    files: Sequence[File] = (),
    terms: Sequence[Term] = (),
    reply_by: int | None = None,
    returnable: bool = False,
    beyond_mandate: bool = False,
) -> Entry:
    """Show a paper to everyone in the room; without a rule of its own the room's applies.

    What goes beyond the mandate of this desk's person is refused, unless they say it all the same (`beyond_mandate`).
    """
    seating = may_act(room)
    may_talk(room, now)
    if not text.strip() and not files:
        raise Refused("There is nothing in this paper; write a text or attach a file.")
    if expires is not None and expires <= now:
        raise Expired("This paper would run out before it is shown; give a later time.")
    if reply_by is not None and reply_by <= now:
        raise Refused("The time to reply by has passed already; give a later one, or none.")
    if not beyond_mandate and carried is None:
        check_within(room, terms, mandate, now)
    paper = Paper(
        register=register,
        mandate=mandate,
        capacity=capacity,
        rule=seating.epoch.charter.rule if rule is None else rule,
        text=_text(text),
        expires=expires,
        answers=_answers(room, answers),
        carried=carried,
        attachments=_attachments(files),
        terms=tuple(dict.fromkeys(terms)),
        reply_by=reply_by,
        returnable=returnable,
    )
    annex = encode(Annex(tuple(data for _, data in files))) if files else b""
    return act(room, "paper", paper, now, annex=annex)


def note_front(
    room: Room,
    source: str,
    text: str,
    happened: int,
    answers: Sequence[EventId] = (),
    terms: Sequence[Term] = (),
    *,
    now: int,
) -> Entry:
    """Put something said or done in public on the room's record, with where it was seen and when it happened."""
    may_act(room)
    if not source.strip() or not text.strip():
        raise Refused("A note of a public event names its source and says what happened.")
    if len(source) > MAX_LABEL:
        raise Refused(
            said(
                "The source of a note has at most {max_label} characters; put the rest into its text.",
                max_label=MAX_LABEL,
            )
        )
    if happened > now:
        raise Refused("This has not happened yet by this desk's clock; note it when it has.")
    front = Front(source, _text(text), happened, _answers(room, answers), tuple(dict.fromkeys(terms)))
    return act(room, "front", front, now)


def withdraw(room: Room, item: EventId, now: int) -> Entry:
    """Take back a paper of one's own: its text goes from every desk, that a text was shown remains."""
    may_act(room)
    entry = _item(room, item)
    if entry.author != room.me:
        raise Refused(
            said("Only {name} can withdraw this paper; you can answer it.", name=room.name(entry.author))
        )
    if entry.event.kind != "paper":
        raise Refused("A note of a public event cannot be withdrawn; answer it with a correction.")
    if item in withdrawals(room.log):
        raise Refused("This paper has been taken back already.")
    with room.changing():
        told = act(room, "withdraw", Withdraw(item), now)
        expire(room, now)
    return told


def hand_back(room: Room, item: EventId, now: int) -> Entry:
    """Hand back a paper that somebody showed as one that may be: its text goes from every desk, its author's too."""
    may_act(room)
    entry = _item(room, item)
    if entry.author == room.me:
        raise Refused("This paper is your own; take it back with `backchannel desk withdraw`.")
    if item in withdrawals(room.log):
        raise Refused("This paper has been taken back already.")
    paper = None if entry.erased is not None else parse(entry.event.kind, entry.event.body)
    if not isinstance(paper, Paper) or not paper.returnable:
        raise Refused(
            said(
                "{name} did not show this as a paper that may be handed back; ask them to withdraw it.",
                name=room.name(entry.author),
            )
        )
    with room.changing():
        told = act(room, "hand-back", HandBack(item), now)
        expire(room, now)
    return told


def admit(room: Room, motion: EventId, now: int) -> Entry:
    """Say yes to somebody's request to come in."""
    check_consent(room)
    asked = _motion(may_act(room), motion)
    if asked.credential is None:
        raise Refused("This asks that somebody leave, not that somebody come in; say yes to it with remove.")
    if asked.carried:
        raise Refused(
            said(
                "{credential} is admitted already; the room opens to them by itself.",
                credential=asked.credential.name,
            )
        )
    return _yes(room, asked, now)


def remove(room: Room, member: MemberId, reason: str, now: int) -> Entry:
    """Ask that somebody leave, or say yes to whoever asked first; their own side can decide it alone."""
    seating = may_act(room)
    if member == room.me:
        raise Refused("To go yourself, leave the room; a removal is for somebody else.")
    if member not in seating.seated:
        raise Refused(said("{name} is not in this room.", name=room.name(member)))
    if len(reason) > MAX_REASON:
        raise Refused(
            said(
                "A reason has at most {max_reason} characters; say the rest in a paper.",
                max_reason=MAX_REASON,
            )
        )
    asked = [
        motion
        for motion in seating.motions.values()
        if motion.subject == member and motion.credential is None and not motion.carried
    ]
    if not asked:
        return act(room, "remove", Remove(member, reason), now)
    mine = [motion for motion in asked if room.me == motion.author or room.me in motion.approvers]
    if mine:
        raise Refused(said("You have asked for this already; it waits for {sides}.", sides=_sides(mine[0])))
    return _yes(room, min(asked, key=lambda motion: motion.id), now)


def leave(room: Room, now: int) -> Entry:
    """Go from the room for good; what this desk holds of it stays readable here until it expires."""
    may_act(room)
    with room.changing():
        said = act(room, "leave", Leave(), now)
        room.left = True
        set_state(room.db, "left", b"1")
    return said


def retention(room: Room, seconds: int, now: int) -> Entry:
    """Say how long this side lets texts live here; the strictest side wins."""
    seating = may_act(room)
    longest = seating.epoch.charter.retention_seconds
    if seconds <= 0:
        raise Refused("Texts are kept for some time at least; give for instance 7d.")
    if seconds > longest:
        raise Refused(
            said(
                "This room was opened with texts living at most {longest} seconds; it can only be less.",
                longest=longest,
            )
        )
    with room.changing():
        told = act(room, "retention", Retention(seconds), now)
        expire(room, now)
    return told


def read(room: Room, items: Iterable[EventId], now: int) -> list[EventId]:
    """Mark items as read by this person; gives those that were new to them."""
    unread = [eid for eid in items if _item(room, eid).author != room.me and room.times(eid)[1] is None]
    with room.changing():
        for eid in unread:
            room.mark_read(eid, now)
    room.owes_receipt |= bool(unread)
    return unread


def tell_read(room: Room, *, yes: bool) -> None:
    """Choose whether the others are told when this person has read something."""
    with room.changing():
        set_state(room.db, "tell_read", b"1" if yes else b"0")
    room.owes_receipt |= yes


def attached(room: Room, item: EventId) -> list[File]:
    """Give the files beside a paper; Refused if they are gone."""
    entry = _item(room, item)
    if entry.erased is not None:
        raise Refused(said("The files of this paper are gone: it {gone}.", gone=GONE[entry.erased]))
    paper = parse(entry.event.kind, entry.event.body)
    if not isinstance(paper, Paper) or not paper.attachments:
        return []
    data = decode(room.annex(item), Annex).files
    return [(named.name, file) for named, file in zip(paper.attachments, data, strict=True)]


def _yes(room: Room, motion: Motion, now: int) -> Entry:
    if room.me in motion.approvers:
        raise Refused(said("You have said yes already; this waits for {sides}.", sides=_sides(motion)))
    return act(room, "approve", Approve(motion.id), now)


def _motion(seating: Seating, motion: EventId) -> Motion:
    found = seating.motions.get(motion)
    if found is None:
        raise Refused("Nobody has asked for this here; see who asks with `backchannel desk requests`.")
    return found


def _sides(motion: Motion) -> str:
    return (
        said("somebody of {awaits}", awaits=joined(" and ", motion.awaits))
        if motion.awaits
        else said("nobody")
    )


def _item(room: Room, eid: EventId) -> Entry:
    entry = room.log.entries.get(eid)
    if entry is None or entry.event.kind not in ITEMS:
        raise Refused("There is no such item in this room; `backchannel desk show` lists them.")
    return entry


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Refused(
            said(
                "This text has {count} characters, {max_text} are allowed; attach it as a file instead.",
                count=len(text),
                max_text=MAX_TEXT,
            )
        )
    return text


def _answers(room: Room, answers: Sequence[EventId]) -> tuple[bytes, ...]:
    for eid in answers:
        if _item(room, eid).void is not None:
            raise Refused("The item this would answer counts for nothing; answer another.")
    if len(set(answers)) > MAX_ATTACHMENTS:
        raise Refused(
            said(
                "One item answers at most {max_attachments} others; write a second one.",
                max_attachments=MAX_ATTACHMENTS,
            )
        )
    return tuple(dict.fromkeys(answers))


def _attachments(files: Sequence[File]) -> tuple[Attachment, ...]:
    if len(files) > MAX_ATTACHMENTS:
        raise Refused(
            said(
                "A paper carries at most {max_attachments} files; show a second paper.",
                max_attachments=MAX_ATTACHMENTS,
            )
        )
    size = sum(len(data) for _, data in files)
    if size > MAX_ATTACHMENT_BYTES:
        raise Refused(
            said(
                "These files have {size} bytes, {max_attachment_bytes} are allowed; make them smaller or show them in parts.",
                size=size,
                max_attachment_bytes=MAX_ATTACHMENT_BYTES,
            )
        )
    return tuple(Attachment(name, len(data), hashlib.sha256(data).digest()) for name, data in files)
