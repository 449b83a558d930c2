"""What a person does towards an oral understanding: offer it to be confirmed, confirm, decline."""

import unicodedata
from collections.abc import Iterator, Sequence

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.members import Role
from backchannel.daylight.disclosure import Understanding as Record
from backchannel.daylight.strict import date_of
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.speaking import binding, check_mandate, own_side, sides_named
from backchannel.errors import Blocked, Expired, Refused, Violation
from backchannel.moves.promise import Lapse
from backchannel.moves.table import KINDS, parse
from backchannel.moves.understanding import (
    MAX_SUBJECT,
    MOST_WORDS,
    Understanding,
    UnderstandingConfirm,
    UnderstandingDecline,
    UnderstandingOffer,
    repeated,
    standing,
)
from backchannel.said import joined, said

# As a sealed record of an understanding says it.
SEALED_LAPSE = {Lapse.AT_ONCE: "lapses", Lapse.ELECTION: "election", Lapse.NEVER: "stands"}


def offer(
    room: Room,
    subject: str,
    sides: Sequence[str],
    *,
    now: int,
    due: int | None = None,
    lapse: Lapse = Lapse.ELECTION,
    replaces: EventId | None = None,
    beyond: bool = False,
) -> Entry:
    """Ask sides to confirm what was agreed by word of mouth; for one's own side the asking is the yes.

    Said `beyond` one's mandate it asks and binds nobody, and everyone sees that.
    """
    may_act(room)
    mine = own_side(room)
    if mine is None and room.credential.role != Role.GO_BETWEEN:
        raise Refused(
            "Only a principal, an authorised envoy or a go-between can offer an understanding; ask one of yours."
        )
    check_mandate(room, now, beyond=beyond)
    named = sides_named(room, [*([mine] if mine else []), *sides])
    if len(named) < 2:  # noqa: PLR2004 - an understanding is between two
        raise Refused("An understanding is between two sides or more; name the others with --with.")
    subject = unicodedata.normalize("NFC", subject).strip()
    if not 0 < len(subject) <= MAX_SUBJECT:
        raise Refused(
            said(
                "The subject of an understanding has from 1 to {max_subject} letters; say only what it is about.",
                max_subject=MAX_SUBJECT,
            )
        )
    if due is not None and due <= now:
        raise Refused(
            "The time by which it is to be performed has passed already; give a later one, or none."
        )
    # spec understanding 3: no wording stays
    if words := repeated(subject, _texts(room)):
        raise Refused(
            said(
                "This subject repeats “{words}” from a text shown in this room; say in at most {most_words} words of"
                " it what it is about.",
                words=words,
                most_words=MOST_WORDS,
            )
        )
    return act(room, "understanding-offer", UnderstandingOffer(subject, named, due, lapse, replaces), now)


def confirm(room: Room, target: EventId, now: int, *, beyond: bool = False) -> Entry:
    """Say this side's yes; it is binding once every named side has said so, and never if said beyond one's mandate."""
    _may_answer(room, target, now, beyond=beyond)
    return act(room, "understanding-confirm", UnderstandingConfirm(target), now)


def decline(room: Room, target: EventId, now: int) -> Entry:
    """Say this side's no."""
    _may_answer(room, target, now)
    return act(room, "understanding-decline", UnderstandingDecline(target), now)


def record(found: Understanding) -> Record:
    """Give the record of a confirmed understanding as a sealed text can keep it closed, or raise Blocked."""
    if found.confirmed_at is None or found.body is None:
        missing = (
            said(" Waiting for {awaits}.", awaits=joined(" and for ", found.awaits)) if found.awaits else ""
        )
        raise Blocked(
            said(
                "There is a record of an understanding only once every named side has confirmed it.{missing}",
                missing=missing,
            )
        )
    return Record(
        date_of(found.confirmed_at), SEALED_LAPSE[Lapse(found.body.lapse)], found.sides, found.body.subject
    )


def _may_answer(room: Room, target: EventId, now: int, *, beyond: bool | None = None) -> None:
    side, found = binding(room, now, beyond=beyond), standing(room.log).get(target)
    if found is None:
        raise Refused(
            "There is no such understanding in this room; see `backchannel desk understanding show`."
        )
    if found.body is None:
        raise Expired("What is on record of this understanding has expired; offer it anew.")
    if side not in found.sides:
        raise Refused(
            said(
                "This understanding is between {sides}; {side} has no word in it.",
                sides=joined(" and ", found.sides),
                side=side,
            )
        )
    if side in found.confirmed:
        raise Refused("Your side has confirmed this already, and a side's first word is its word.")
    if side in found.declined:
        raise Refused("Your side has declined this already; if it changed its mind, offer it anew.")
    if found.fate.ended is not None:
        raise Refused("This was made public and has lapsed already; offer it anew if it is still to hold.")
    if found.body.due is not None and found.body.due < now:
        raise Expired(
            "The time by which this was to be performed has passed; offer it anew with a later one."
        )


def _texts(room: Room) -> Iterator[str]:
    """Every text shown in the room that has not gone."""
    for entry in room.log.entries.values():
        if entry.event.kind in KINDS and entry.erased is None and entry.void is None:
            try:
                body = parse(entry.event.kind, entry.event.body)
            except Violation:
                continue  # an altered desk said it; it is shown as what cannot be read
            yield from (str(getattr(body, field, "")) for field in ("text", "step", "condition"))
            yield from getattr(body, "clauses", ())
