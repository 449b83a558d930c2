"""What a desk does by itself about soundings that its person has answered or opened: it takes what comes, says what is due, ends them.

A sounding's state is saved in the transaction that says what it says, and every message is read out of the saved bytes.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.reading import read
from backchannel.crypto.sounding.kept import How, outgoing
from backchannel.crypto.sounding.message import parse_message
from backchannel.crypto.sounding.params import Kind
from backchannel.crypto.sounding.party import Party
from backchannel.crypto.sounding.transcript import deadline_of
from backchannel.desk import sounding_ledger as ledger
from backchannel.desk.acting import act
from backchannel.desk.pledge import make as pledge
from backchannel.desk.room import Room
from backchannel.desk.sounding_deadlines import GRACE_MS, late, look_at_clock, past
from backchannel.desk.sounding_step import Offered, expired, given_up, heavy, offer, step, view_of
from backchannel.desk.sounding_store import (
    DONE,
    LEFT,
    UNDERWAY,
    Done,
    Left,
    Underway,
    View,
    add_keys,
    after,
    all_of,
    done,
    end,
    forget,
    heards,
    leave,
    left,
    save,
    seen_keys,
    underway,
)
from backchannel.errors import Refused, Violation
from backchannel.moves.sounding import MAX_MESSAGES, Opened, Soundings, SoundingSay
from backchannel.wire.codec import decode, encode

REPEAT_MS = (
    7 * 86_400_000
)  # after its last deadline, that a sounding may be repeated among those who are left
MOST_IN_AN_EVENT = 400_000  # bytes of messages: what a desk saves and posts without others having to wait


def drive(room: Room, now: int) -> None:
    """Go on with every sounding that this desk takes part in, and end what has passed its time; runs at every tick."""
    look_at_clock(room, now)
    if room.me not in room.seating.seated:
        return
    fresh, due = room.sounded != len(room.log.entries), room.sounding_due
    ready = room.reckoner.ready(room.id)
    if not fresh and (due is None or now < due) and not ready:
        return
    known = read(room.log, Soundings).opened
    for target in {*all_of(room, UNDERWAY), *all_of(room, DONE), *all_of(room, LEFT)} - known.keys():
        forget(room, target)
    room.reckoner.keep(room.id, all_of(room, UNDERWAY))
    for target in all_of(room, UNDERWAY):
        begun = underway(room, target)
        if begun is not None:
            go_on(room, known[target], begun, now)
    unanswered = [
        found
        for target, found in known.items()
        if room.me in found.people and underway(room, target) is None and done(room, target) is None
    ]
    for found in unanswered:
        stopped = read(room.log, Soundings).stopped(found.entry.id)
        if stopped is not None or past(room, found.params.deadlines[0], now):
            _pass_by(room, found, stopped, now)
    for target, heard in heards(room).items():
        if target in known and read(room.log, Soundings).count(target) > heard:
            _hear_late(room, known[target])
    room.sounding_due = _due(room, unanswered, now)
    # more may have come while something was reckoned
    room.sounded = 0 if ready else len(room.log.entries)


def _due(room: Room, unanswered: Sequence[Opened], now: int) -> int | None:
    """Give when something is to be done again without anything new having come, ms since 1970."""
    dues = [found.params.deadlines[0] for found in unanswered if done(room, found.entry.id) is None]
    lefts = [kept for kept in (left(room, target) for target in all_of(room, LEFT)) if kept is not None]
    dues += [kept.due for kept in lefts]
    begun = [one for one in (underway(room, target) for target in all_of(room, UNDERWAY)) if one is not None]
    dues += [one.view.due for one in begun]
    if any(one.sent < one.view.said for one in begun):
        return now
    return min(dues) + GRACE_MS if dues else None


def go_on(room: Room, found: Opened, begun: Underway, now: int) -> None:
    """Take what came, say what is due, and note the end; all is saved before anything is sent."""
    target = found.entry.id
    stopped = read(room.log, Soundings).stopped(target)
    # whoever knows that it was given up says nothing more, and takes only what came before
    then = _reckoned(room, found, begun, now if stopped is None else max(now, found.params.deadlines[2]))
    key = room.id, target
    over = past(room, then.view.due, now)
    if then.view.done is None and (over or (stopped is not None and room.reckoner.piece(key) is None)):
        room.reckoner.drop(key)
        by = found.people.index(stopped) if stopped in found.people else None
        party, view = given_up(then.party, by) if stopped is not None else expired(then.party)
        then = msgspec.structs.replace(then, party=party, view=view)
    batches = list(_batches(outgoing(then.party)[then.sent :])) if then.sent < then.view.said else []
    # a long answer goes out event by event, a tick for each, so that nobody waits for all of it
    saying = batches[:1] if heavy(found.params) else batches
    then = msgspec.structs.replace(then, sent=then.sent + sum(map(len, saying)))
    if then != begun:
        save(room, target, then)
        if found.params.parent and then.view.answered:
            _spend(room, found)
    for batch in saying:
        act(room, "sounding-say", SoundingSay(target, batch), now)
    if then.view.done is not None and then.sent == then.view.said:
        finish(room, found, then.party, then.view, now)


def _reckoned(room: Room, found: Opened, begun: Underway, now: int) -> Underway:
    """Give a sounding with what came taken in: at once, or once it has been reckoned beside the desk's loop; until then as it is."""
    key, untaken = (room.id, found.entry.id), _untaken(room, found, begun.taken)
    if not untaken and not begun.view.owed:
        return begun
    offered = [message for _, messages in untaken for message in messages]
    ids = tuple(eid for eid, _ in untaken)
    if not heavy(found.params) or begun.view.done is not None:
        party, view = step(begun.party, offered, now)
        return Underway(party, (*begun.taken, *ids), begun.sent, view)
    piece = room.reckoner.piece(key)
    if piece is not None and piece.began == begun.party:
        if not piece.ready:
            return begun
        party, known = piece.made()
        room.reckoner.drop(key)
        if not _too_late(found, party, begun.view.said, now):
            return Underway(party, (*begun.taken, *piece.takes), begun.sent, decode(known, View))

    def work() -> tuple[bytes, bytes]:
        after, view = step(begun.party, offered, now)
        return after, encode(view)

    room.reckoner.begin(key, begun.party, ids, work)
    return begun


def _too_late(found: Opened, party: bytes, before: int, now: int) -> bool:
    """Whether what was reckoned states something whose time has passed meanwhile."""
    fresh = outgoing(party)[before:]
    return any(now >= found.params.deadlines[deadline_of(parse_message(data).round)] for data in fresh)


def _untaken(room: Room, found: Opened, taken: Sequence[bytes]) -> list[tuple[EventId, list[Offered]]]:
    """Give what came of a sounding and was not taken yet, event by event."""
    before = set(taken)
    came = []
    for entry, messages in read(room.log, Soundings).said(found.entry.id):
        if entry.id in before:
            continue
        side = found.people.index(entry.author) if entry.author in found.people else None
        offered: list[Offered] = []
        for data in messages:
            with suppress(Violation):  # what is no message of a sounding counts for nothing
                offered.append((side, data, late(found.params, entry, parse_message(data).round)))
        came.append((entry.id, offered))
    return came


def _hear_late(room: Room, found: Opened) -> None:
    """Take what comes after the end: late words are nobody's fault, two for one place are."""
    target = found.entry.id
    ended, kept = done(room, target), after(room, target)
    if ended is None or kept is None:
        return
    party = Party.resume(kept, 0)
    offer(party, [(*said[:2], False) for _, messages in _untaken(room, found, ()) for said in messages])
    blame = party.blame()
    if blame is not None and not ended.reason:
        ended = msgspec.structs.replace(ended, reason=blame.reason, blamed=found.params.sides[blame.side])
    end(room, target, ended, party.encode_spent(), read(room.log, Soundings).count(target))


def _spend(room: Room, again: Opened) -> None:
    """Let go of the answers that a re-run has now stated: they are stated in no other."""
    for target in all_of(room, LEFT):
        kept = left(room, target)
        if kept is not None and kept.inputs == again.params.parent:
            leave(room, target, None)


def close(room: Room, found: Opened, by: MemberId, now: int) -> None:
    """End a sounding because somebody has given up what it belongs to."""
    target = found.entry.id
    begun = underway(room, target)
    if begun is None:
        _pass_by(room, found, by, now)
    elif begun.view.done is None:
        room.reckoner.drop((room.id, target))
        side = found.people.index(by) if by in found.people else None
        finish(room, found, *given_up(begun.party, side), now)


def _pass_by(room: Room, found: Opened, stopped: MemberId | None, now: int) -> None:
    """End a sounding that this desk's person was asked in and has not answered in time, or that somebody has given up."""
    party = Party.watch(found.params, seen_keys(room))
    offer(party, [message for _, messages in _untaken(room, found, ()) for message in messages])
    if party.ended is None and stopped is None:
        party.expire()
    elif party.ended is None:
        party.withdraw(found.people.index(stopped) if stopped in found.people else None)
    finish(room, found, party.encode(), view_of(party), now)


def _batches(messages: Sequence[bytes]) -> Iterator[tuple[bytes, ...]]:
    """Cut messages into as few events as they fit into."""
    batch: list[bytes] = []
    for data in messages:
        if batch and (len(batch) == MAX_MESSAGES or sum(map(len, batch)) + len(data) > MOST_IN_AN_EVENT):
            yield tuple(batch)
            batch = []
        batch.append(data)
    if batch:
        yield tuple(batch)


def finish(room: Room, found: Opened, party: bytes, view: View, now: int) -> Done:
    """Let go of the state, keep the outcome and the ledger's line; a binding joint yes is pledged."""
    came, params = view.done, found.params
    assert came is not None
    end(room, found.entry.id, came, party, read(room.log, Soundings).count(found.entry.id))
    if view.repeatable:
        leave(room, found.entry.id, Left(party, came.inputs, max(now, params.deadlines[2]) + REPEAT_MS))
    add_keys(room, view.keys)
    room.searched = -1  # a search may go on, although nothing more has come
    joint = ledger.OPEN if view.probed else ledger.NOTHING_LEARNT
    if came.how == How.RESULT:
        joint = len(came.joint) if params.kind is not Kind.THRESHOLD else int(came.meet)
    ledger.settle(room, params, joint)
    if came.how == How.RESULT and params.binding and room.me in found.people:
        _pledge(room, found, came, now)
    return came


def _pledge(room: Room, found: Opened, came: Done, now: int) -> None:
    """Promise the other sides what all have accepted, as was said before anybody answered."""
    people = room.log.people()
    sides = [people[mid].side for mid in found.people if mid != room.me]
    for option in came.joint:
        # who left meanwhile cannot be promised anything; the result stands all the same
        with suppress(Refused):
            pledge(room, found.params.options[option], now=now, to=sides)
