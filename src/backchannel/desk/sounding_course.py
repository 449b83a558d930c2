"""What a desk does by itself about soundings that its person has answered or opened: it takes what comes, says what is due, ends them.

A sounding's state is saved in the transaction that says what it says, and every message is read out of the saved bytes.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from backchannel.channel.reading import read
from backchannel.crypto.sounding.kept import How, outgoing
from backchannel.crypto.sounding.message import parse_message
from backchannel.crypto.sounding.params import Kind
from backchannel.crypto.sounding.party import Party
from backchannel.desk import sounding_ledger as ledger
from backchannel.desk.acting import act
from backchannel.desk.pledge import make as pledge
from backchannel.desk.room import Room
from backchannel.desk.sounding_deadlines import GRACE_MS, late, look_at_clock, past
from backchannel.desk.sounding_store import (
    DONE,
    LEFT,
    UNDERWAY,
    Done,
    Left,
    Underway,
    add_keys,
    all_of,
    done,
    end,
    forget,
    leave,
    left,
    save,
    seen_keys,
    underway,
)
from backchannel.errors import Refused, Violation
from backchannel.moves.sounding import MAX_MESSAGES, Opened, Soundings, SoundingSay

REPEAT_MS = (
    7 * 86_400_000
)  # after its last deadline, that a sounding may be repeated among those who are left
MOST_IN_AN_EVENT = 800_000  # bytes of messages; an event has 1 MiB at most


def drive(room: Room, now: int) -> None:
    """Go on with every sounding that this desk takes part in, and end what has passed its time; runs at every tick."""
    look_at_clock(room, now)
    if room.me not in room.seating.seated:
        return
    fresh, due = room.sounded != len(room.log.entries), room.sounding_due
    if not fresh and (due is None or now < due):
        return
    known = read(room.log, Soundings).opened
    for target in {*all_of(room, UNDERWAY), *all_of(room, DONE), *all_of(room, LEFT)} - known.keys():
        forget(room, target)
    for target in all_of(room, UNDERWAY):
        begun = underway(room, target)
        if begun is not None and (fresh or past(room, begun.due, now)):
            go_on(room, known[target], begun, now)
    unanswered = [
        found
        for target, found in known.items()
        if room.me in found.people and underway(room, target) is None and done(room, target) is None
    ]
    for found in unanswered:
        if past(room, found.params.deadlines[0], now):
            _pass_by(room, found, now)
    dues = [found.params.deadlines[0] for found in unanswered if done(room, found.entry.id) is None]
    lefts = [kept for kept in (left(room, target) for target in all_of(room, LEFT)) if kept is not None]
    dues += [kept.due for kept in lefts]
    dues += [begun.due for begun in (underway(room, target) for target in all_of(room, UNDERWAY)) if begun]
    room.sounding_due = min(dues) + GRACE_MS if dues else None
    room.sounded = len(room.log.entries)


def go_on(room: Room, found: Opened, begun: Underway, now: int) -> None:
    """Take what came, say what is due, and note the end; all is saved before anything is sent."""
    party, target = Party.resume(begun.party, 0, now=now), found.entry.id
    taken = _take(room, found, party, begun.taken)
    if party.due is not None and past(room, party.due, now):
        party.expire()
    saved = party.encode()
    said = outgoing(saved)
    save(room, target, Underway(saved, taken, len(said), party.due or 0))
    if found.params.parent and party.answered:
        _spend(room, found)
    for batch in _batches(said[begun.sent :]):
        act(room, "sounding-say", SoundingSay(target, batch), now)
    if party.ended is not None:
        finish(room, found, party, now)


def _spend(room: Room, again: Opened) -> None:
    """Let go of the answers that a re-run has now stated: they are stated in no other."""
    for target in all_of(room, LEFT):
        kept = left(room, target)
        if kept is not None and kept.inputs == again.params.parent:
            leave(room, target, None)


def _take(room: Room, found: Opened, party: Party, taken: Sequence[bytes]) -> tuple[bytes, ...]:
    """Have a state take what it has not taken yet; gives all that it has taken."""
    before = set(taken)
    fresh = [
        (entry, said)
        for entry, said in read(room.log, Soundings).said(found.entry.id)
        if entry.id not in before
    ]
    for entry, messages in fresh:
        side = found.people.index(entry.author) if entry.author in found.people else None
        for data in messages:
            with suppress(Violation):  # spec 3: what anybody could have made counts for nothing
                slot = parse_message(data).slot
                if slot in party.transcript.held or not late(found.params, entry, slot.round):
                    party.take(data, side)
    return (*taken, *(entry.id for entry, _ in fresh))


def _pass_by(room: Room, found: Opened, now: int) -> None:
    """End a sounding that this desk's person was asked in and has not answered in time."""
    party = Party.watch(found.params, seen_keys(room))
    _take(room, found, party, ())
    if party.ended is None:
        party.expire()
    finish(room, found, party, now)


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


def finish(room: Room, found: Opened, party: Party, now: int) -> Done:
    """Let go of the state, keep the outcome and the ledger's line; a binding joint yes is pledged."""
    ended, result, blame, params = party.ended, party.result(), party.blame(), found.params
    assert ended is not None
    came = Done(
        ended.how,
        result.joint if result else (),
        result.meet if result else False,
        tuple(params.sides[number] for number in ended.sides),
        blame.reason if blame else "",
        party.exposed,
        ended.round,
        party.inputs_name,
    )
    end(room, found.entry.id, came)
    if party.repeatable:
        kept = Left(party.encode(), came.inputs, max(now, params.deadlines[2]) + REPEAT_MS)
        leave(room, found.entry.id, kept)
    add_keys(room, party.used_keys)
    joint = ledger.OPEN if party.probed else ledger.NOTHING_LEARNT
    if result is not None:
        joint = len(result.joint) if params.kind is not Kind.THRESHOLD else int(result.meet)
    ledger.settle(room, params, joint)
    if ended.how is How.RESULT and params.binding and room.me in found.people:
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
