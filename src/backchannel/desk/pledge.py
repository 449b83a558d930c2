"""What a person does with pledges and deeds: promise, acknowledge, release, report a deed, say what it was worth."""

from collections.abc import Sequence

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.desk.acting import act
from backchannel.desk.commands.wording import STANDINGS, worded
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.speaking import any_side, binding, check_mandate, sides_named, speaking
from backchannel.errors import Blocked, Expired, Refused
from backchannel.moves.deed import (
    MAX_ANSWERED,
    MAX_DEED,
    MAX_REMARK,
    Deed,
    DeedReading,
    Done,
    How,
    PromiseBroken,
)
from backchannel.moves.deed import standing as deeds
from backchannel.moves.paper import Term
from backchannel.moves.pledge import (
    MAX_CONDITION,
    MAX_NAMED,
    MAX_STEP,
    Pledge,
    PledgeAcknowledge,
    Pledged,
    PledgeRelease,
    Status,
)
from backchannel.moves.pledge import standing as pledges
from backchannel.moves.promise import Fate, Lapse
from backchannel.moves.seal import SPEAKERS
from backchannel.moves.understanding import Understanding
from backchannel.moves.understanding import standing as understandings
from backchannel.said import joined, said

_END = {Status.LAPSED: said("made public and has lapsed"), Status.RELEASED: said("released")}


def make(
    room: Room,
    step: str,
    *,
    now: int,
    to: Sequence[str] = (),
    due: int | None = None,
    condition: str = "",
    lapse: Lapse = Lapse.ELECTION,
    answers: Sequence[EventId] = (),
    after: Sequence[EventId] = (),
    terms: Sequence[Term] = (),
    beyond: bool = False,
) -> Entry:
    """Promise a step for this side; without `to`, to every other side that somebody here speaks for.

    Said `beyond` one's mandate it binds nobody, and everyone sees that.
    """
    side = binding(room, now, terms=terms, beyond=beyond)
    sides = sides_named(room, to) if to else _others(room, side)
    if side in sides:
        raise Refused("A pledge is made to another side; name it with --to.")
    if not sides:
        raise Refused(
            "Nobody of another side in this room could acknowledge a pledge; invite a principal or envoy of theirs."
        )
    if not step.strip():
        raise Refused("Say what is promised.")
    if len(step) > MAX_STEP or len(condition) > MAX_CONDITION:
        raise Refused(
            said(
                "A step has at most {max_step} letters and its condition {max_condition}; say the rest in a paper.",
                max_step=MAX_STEP,
                max_condition=MAX_CONDITION,
            )
        )
    if due is not None and due <= now:
        raise Refused("The time by which it is to be done has passed already; give a later one, or none.")
    if max(len(set(answers)), len(set(after))) > MAX_NAMED:
        raise Refused(
            said(
                "A pledge answers at most {max_named} items and waits for at most {max_named} pledges.",
                max_named=MAX_NAMED,
            )
        )
    first = tuple(_pledge(room, eid, now).entry.id for eid in dict.fromkeys(after))
    body = Pledge(
        sides,
        step,
        due,
        condition.strip(),
        lapse,
        tuple(dict.fromkeys(answers)),
        first,
        tuple(dict.fromkeys(terms)),
    )
    return act(room, "pledge", body, now)


def acknowledge(room: Room, target: EventId, now: int, *, beyond: bool = False) -> Entry:
    """Take a pledge made to this side as binding; beyond one's mandate it binds nobody."""
    pledge, side = _to_us(room, target, now)
    check_mandate(room, now, terms=() if pledge.body is None else pledge.body.terms, beyond=beyond)
    if side in pledge.acknowledged:
        raise Refused("Your side has acknowledged this pledge already.")
    assert pledge.body is not None
    if pledge.body.due is not None and pledge.body.due < now:
        raise Expired("The time by which this was to be done has passed; ask for a new pledge.")
    if pledge.fate.ended is not None:
        raise Refused(said("This pledge was {end} already; ask for a new one.", end=_END[pledge.status]))
    return act(room, "pledge-acknowledge", PledgeAcknowledge(target), now)


def release(room: Room, target: EventId, now: int) -> Entry:
    """Let go of a pledge made to this side."""
    pledge, _ = _to_us(room, target, now)
    check_mandate(room, now)
    if pledge.status in {Status.KEPT, Status.LATE, Status.LAPSED, Status.RELEASED}:
        raise Refused(
            said(
                "The state of this pledge is: {status}; there is nothing to release.",
                status=worded(STANDINGS, pledge.status),
            )
        )
    return act(room, "pledge-release", PledgeRelease(target), now)


def report(
    room: Room,
    text: str,
    happened: int,
    *,
    now: int,
    promises: Sequence[EventId] = (),
    note: EventId | None = None,
    by: str | None = None,
) -> Entry:
    """Say that something was done; everyone sees whose word that is."""
    may_act(room)
    if not text.strip() or len(text) > MAX_DEED:
        raise Refused(said("Say in 1 to {max_deed} letters what was done.", max_deed=MAX_DEED))
    if happened > now:
        raise Refused("This has not happened yet by this desk's clock; report it when it has.")
    if len(set(promises)) > MAX_ANSWERED:
        raise Refused(
            said(
                "One deed answers at most {max_answered} promises; report it twice.",
                max_answered=MAX_ANSWERED,
            )
        )
    if note is not None and room.entry(note).event.kind != "front":
        raise Refused("This item is no note of a public event; note it first with `backchannel desk note`.")
    whose = any_side(room, by) if by is not None else None
    return act(room, "deed", Deed(tuple(dict.fromkeys(promises)), note, whose, happened, text), now)


def read_deed(room: Room, target: EventId, how: How, text: str, now: int) -> Entry:
    """Say for this side what a deed was worth, as the side that something was promised."""
    side, done = binding(room, now), deeds(room.log).get(target)
    if done is None:
        raise Refused("There is no such deed in this room; see `backchannel desk deed show`.")
    if done.body is None:
        raise Expired("The words of this deed have gone; report it again.")
    _check_remark(text)
    _check_judge(room, done, side, now)
    return act(room, "deed-read", DeedReading(target, how, text), now)


def broken(room: Room, target: EventId, text: str, now: int) -> Entry:
    """Say for this side that what it was promised was not done, once the time for it has passed."""
    side = binding(room, now)
    _check_remark(text)
    understanding = understandings(room.log).get(target)
    if understanding is not None:
        _check_broken_understanding(understanding, side, now)
        return act(room, "promise-broken", PromiseBroken(target, text), now)
    pledge, side = _to_us(room, target, now)
    if side not in pledge.acknowledged:
        raise Blocked(
            "Your side has not acknowledged this pledge, so it owes you nothing; acknowledge it first."
        )
    assert pledge.body is not None
    _check_fallen_due(pledge.body.due, now)
    if pledge.blocked:
        raise Blocked("This pledge waits for another that is to be kept first; nothing is owed yet.")
    _check_live(pledge.fate, pledge.body.due)
    return act(room, "promise-broken", PromiseBroken(target, text), now)


def _others(room: Room, side: str) -> tuple[str, ...]:
    seated = room.seating.seated.values()
    return tuple(sorted({member.side for member in seated if member.role in SPEAKERS} - {side}))


def _pledge(room: Room, target: EventId, now: int) -> Pledged:
    found = pledges(room.log, now).get(target)
    if found is None:
        raise Refused("There is no such pledge in this room; see `backchannel desk pledge show`.")
    return found


def _to_us(room: Room, target: EventId, now: int) -> tuple[Pledged, str]:
    side, found = speaking(room), _pledge(room, target, now)
    if found.body is None:
        raise Expired("The words of this pledge have gone; ask for a new one.")
    if side == found.side or side not in found.body.to:
        raise Refused(
            said(
                "This pledge is made by {found_side} to {to}; only they can say this of it.",
                found_side=found.side,
                to=joined(" and ", found.body.to),
            )
        )
    return found, side


def _check_remark(text: str) -> None:
    if len(text) > MAX_REMARK:
        raise Refused(
            said("A remark has at most {max_remark} letters; say the rest in a paper.", max_remark=MAX_REMARK)
        )


def _check_judge(room: Room, done: Done, side: str, now: int) -> None:
    """Refuse a reading that would count for nothing: of one's own deed, or of what was promised to others."""
    if done.own(side):
        raise Refused(
            "Your side reports this deed as its own; what it was worth is for the other side to say."
        )
    assert done.body is not None
    known = pledges(room.log, now)
    talk = understandings(room.log)
    answered = [EventId(eid) for eid in done.body.pledges if eid in known or eid in talk]
    ours = [
        eid
        for eid in answered
        if (eid in known and side in known[eid].acknowledged) or (eid in talk and side in talk[eid].sides)
    ]
    if answered and not ours:
        raise Refused(
            "What this deed answers was not promised to your side, or your side has not acknowledged it; only the side"
            " to which it was promised can say what it was worth."
        )


def _check_broken_understanding(found: Understanding, side: str, now: int) -> None:
    if found.body is None:
        raise Expired("What is on record of this understanding has expired.")
    if side not in found.sides:
        raise Refused(
            said(
                "This understanding is between {sides}; {side} has no word in it.",
                sides=joined(" and ", found.sides),
                side=side,
            )
        )
    if found.confirmed_at is None:
        raise Blocked("Not every named side has confirmed this understanding, so nothing is owed by it.")
    _check_fallen_due(found.body.due, now)
    _check_live(found.fate, found.body.due)


def _check_live(found: Fate, due: int | None) -> None:
    """Refuse to call broken what had ended before it fell due."""
    ended = found.ended
    if ended is not None and (ended.why == "released" or due is None or due >= ended.entry.event.at):
        raise Refused("This had lapsed or been released before its time came; nothing is owed by it.")


def _check_fallen_due(due: int | None, now: int) -> None:
    if due is not None and now <= due:
        raise Refused("The time for this has not passed yet; what is not yet due is not broken.")
