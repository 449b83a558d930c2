"""What a person does about soundings, and what the desk does by itself: it goes on with those that its person has answered.

A sounding's state is saved in the transaction that says what it says, and every message is read out of the saved bytes.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.channel.members import Role
from backchannel.channel.reading import read
from backchannel.crypto.hashing import digest
from backchannel.crypto.secret import Secret
from backchannel.crypto.sounding.kept import How, outgoing
from backchannel.crypto.sounding.params import CHUNK, Kind, Params, checked
from backchannel.crypto.sounding.party import Party
from backchannel.desk.acting import act
from backchannel.desk.pledge import make as pledge
from backchannel.desk.room import Room
from backchannel.desk.room_store import drop_state, set_state, state
from backchannel.desk.sending import may_act
from backchannel.errors import Expired, OutOfMandate, Refused, Violation
from backchannel.moves.seal import SPEAKERS
from backchannel.moves.sounding import MAX_MESSAGES, Opened, SoundingOpen, Soundings, SoundingSay
from backchannel.wire.codec import Record, decode, encode

BUDGET = 1_000  # options answered with one other side on one agenda, without a new decision of the person
MOST_IN_AN_EVENT = 800_000  # bytes of messages; an event has 1 MiB at most
DAY_MS = 86_400_000


class Underway(Secret, Record, frozen=True):
    """A sounding that this desk takes part in or watches: its state, what of the log it has taken, what it has said."""

    party: bytes
    taken: tuple[bytes, ...]
    sent: int


class Done(Record, frozen=True):
    """How a sounding ended here; `joint` are options by number, `sides` those named as absent or to blame."""

    how: str
    joint: tuple[int, ...]
    meet: bool
    sides: tuple[bytes, ...]
    reason: str
    exposed: bool


class Entered(Record, frozen=True):
    """The ledger's line for one sounding that this person answered; it stays when the words have expired.

    `options` are digests; `others` the sides that answered too; `refused` how many options got a no here, `joint` how many were
    accepted by all (-1: no result).
    """

    at: int
    agenda: str
    others: tuple[str, ...]
    kind: str
    options: tuple[bytes, ...]
    refused: int
    joint: int


@dataclass(frozen=True, slots=True)
class Stand:
    """A sounding as this desk has it: not answered here, under way, or done."""

    opened: Opened
    answered: bool
    missing: tuple[MemberId, ...]
    overdue: bool
    done: Done | None


def opening(
    room: Room,
    kind: Kind,
    options: Sequence[str],
    by: int,
    now: int,
    *,
    asked: Sequence[str] = (),
    batch: int = 0,
    poster: int = 0,
    binding: bool = False,
) -> Params:
    """Give the parameters of a sounding among one person for each side here; `by` is when answers are due.

    `asked` names people where a side has several who could answer, or where not all sides are to be asked.
    """
    me = may_act(room).seated[room.me]
    if me.role not in SPEAKERS and me.role != Role.GO_BETWEEN:
        raise OutOfMandate(
            f"You are here as {me.role}; who speaks for a side, or a go-between, opens soundings."
        )
    people = _asked(room, asked) + ([room.me] if me.role in SPEAKERS else [])
    if by <= now:
        raise Refused("The time by which answers are due has passed already; give a later one.")
    tag = "backchannel/sounding-head/1"
    params = Params(
        1,
        kind,
        tuple(sorted(people)),
        tuple(options),
        CHUNK,
        batch,
        poster,
        binding,
        (by, by + DAY_MS, by + 2 * DAY_MS),
        digest(tag, room.id, *sorted(room.log.heads)),
        secrets.token_bytes(32),
        b"",
    )
    if len(people) < 2:  # noqa: PLR2004 - a sounding is between people
        raise Refused("A sounding needs people here who speak for two sides at least; invite them.")
    if len(encode(params)) > MOST_IN_AN_EVENT:
        raise Refused("The options are too long together for one sounding; list fewer, or shorter ones.")
    try:
        return checked(decode(encode(params), Params))
    except Violation as violation:
        raise Refused(
            f"{violation} List 1 to 10,000 different options of at most 1,000 letters."
        ) from violation


def _asked(room: Room, names: Sequence[str]) -> list[MemberId]:
    """Choose one person of every other side who may answer for it, or those who are named."""
    seated = room.seating.seated
    own = seated[room.me].side if seated[room.me].role in SPEAKERS else None
    able = {mid: one for mid, one in sorted(seated.items()) if one.role in SPEAKERS and one.side != own}
    if names:
        wanted = {name.strip().casefold() for name in names}
        able = {mid: one for mid, one in able.items() if one.name.casefold() in wanted}
        if missing := wanted - {one.name.casefold() for one in able.values()}:
            raise Refused(f"Nobody here who speaks for another side is called {min(missing)}.")
    sides = [one.side for one in able.values()]
    if several := [side for side in sorted(set(sides)) if sides.count(side) > 1]:
        raise Refused(f"{several[0]} has several people here who could answer; name one with --with.")
    return list(able)


def posted_by(params: Params, poster: MemberId) -> Params:
    """Have one side post its limit: it counts from the first option, and the other from the last."""
    return msgspec.structs.replace(params, poster=params.sides.index(poster))


def open_sounding(
    room: Room, params: Params, agenda: str, marks: Sequence[bool] | None, now: int, *, mandate: bool = False
) -> Entry:
    """Put a sounding before the room, with this side's keys and, if it has made up its mind, its answers."""
    with room.changing():
        if room.me in params.sides:
            _allow(room, params, agenda, mandate=mandate)
            party = Party.open(params, params.sides.index(room.me), _seen(room))
            if marks is not None:
                party.mark(marks)
                _enter(room, params, agenda, marks, now)
        else:
            party = Party.watch(params, _seen(room))
        saved = party.encode()
        messages = outgoing(saved)
        entry = act(room, "sounding-open", SoundingOpen(agenda, encode(params), messages), now)
        _save(room, entry.id, Underway(saved, (entry.id,), len(messages)))
    return entry


def answer(room: Room, target: EventId, marks: Sequence[bool], now: int, *, mandate: bool = False) -> None:
    """Answer a sounding for one's side, once; what follows is said by the desk as the others answer."""
    found = _opened(room, target)
    may_act(room)
    if room.me not in found.people:
        raise OutOfMandate("This sounding asks other people; the one of your side who was asked answers it.")
    if state(room.db, _done_name(target)) is not None:
        raise Refused("This sounding has ended; open another if all sides want one.")
    if now >= found.params.deadlines[0]:
        raise Expired("The time for answers to this sounding has passed; open another if all sides want one.")
    with room.changing():
        underway = _underway(room, target)
        if underway is None:
            _allow(room, found.params, found.agenda, mandate=mandate)
            party = Party.open(found.params, found.people.index(room.me), _seen(room))
            underway = Underway(party.encode(), (), 0)
        party = Party.resume(underway.party, 0)
        party.mark(marks)
        _enter(room, found.params, found.agenda, marks, now)
        _go_on(room, found, Underway(party.encode(), underway.taken, underway.sent), now)


def stop(room: Room, target: EventId, now: int) -> Done:
    """Give a sounding up; past its deadline that names whom it still waited for."""
    found, underway = _opened(room, target), _underway(room, target)
    if underway is None:
        raise Refused(
            "This desk takes no part in this sounding, or it has ended; see it with `backchannel desk sound show`."
        )
    with room.changing():
        party = Party.resume(underway.party, 0)
        if _overdue(found, party, now):
            party.expire()
        else:
            party.withdraw()
        return _finish(room, found, party, now)


def drive(room: Room, now: int) -> None:
    """Go on with every sounding that this desk takes part in; runs at every tick."""
    if room.sounded == len(room.log.entries) or room.me not in room.seating.seated:
        return
    known = read(room.log, Soundings).opened
    for target in _all(room, _NAME):
        underway = _underway(room, target)
        if target not in known:
            drop_state(room.db, _name(target))  # its words have expired
        elif underway is not None:
            _go_on(room, known[target], underway, now)
    for target in _all(room, _DONE):
        if target not in known:
            drop_state(room.db, _done_name(target))
    room.sounded = len(room.log.entries)


def standing(room: Room, now: int) -> list[Stand]:
    """Give every sounding of the room in the order of its record."""
    known = read(room.log, Soundings).opened
    return [_stand(room, known[entry.id], now) for entry in room.log.ordered() if entry.id in known]


def ledger(room: Room) -> list[Entered]:
    """Give what this person's answers may have told others, the oldest first."""
    rows = room.db.all("SELECT value FROM state WHERE name LIKE 'sounding-ledger/%'")
    return sorted((decode(value, Entered) for (value,) in rows), key=lambda one: one.at)


def _stand(room: Room, found: Opened, now: int) -> Stand:
    target = found.entry.id
    stored, underway = state(room.db, _done_name(target)), _underway(room, target)
    if stored is not None:
        return Stand(found, answered=True, missing=(), overdue=False, done=decode(stored, Done))
    if underway is None:
        said = {entry.author for entry, _ in read(room.log, Soundings).said(target)}
        missing = tuple(mid for mid in found.people if mid not in said)
        return Stand(
            found, answered=False, missing=missing, overdue=now >= found.params.deadlines[0], done=None
        )
    party = Party.resume(underway.party, 0)
    missing = tuple(found.people[number] for number in party.missing)
    asked_me = room.me in found.people and not party.answered
    return Stand(
        found, answered=not asked_me, missing=missing, overdue=_overdue(found, party, now), done=None
    )


def _overdue(found: Opened, party: Party, now: int) -> bool:
    stage = party.stage
    return stage is not None and now >= found.params.deadlines[stage.deadline]


def _go_on(room: Room, found: Opened, underway: Underway, now: int) -> None:
    """Take what came, say what is due, and note the end; all is saved before anything is sent."""
    party, target = Party.resume(underway.party, 0), found.entry.id
    taken = list(underway.taken)
    for entry, messages in read(room.log, Soundings).said(target):
        if entry.id in taken:
            continue
        taken.append(entry.id)
        side = found.people.index(entry.author) if entry.author in found.people else None
        for data in messages:
            try:
                party.take(data, side)
            except Violation:
                continue  # spec 3: what anybody could have made counts for nothing
    saved = party.encode()
    said = outgoing(saved)
    fresh = said[underway.sent :]
    _save(room, target, Underway(saved, tuple(taken), len(said)))
    for batch in _batches(fresh):
        act(room, "sounding-say", SoundingSay(target, batch), now)
    if party.ended is not None:
        _finish(room, found, party, now)


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


def _finish(room: Room, found: Opened, party: Party, now: int) -> Done:
    """Let go of the state, keep the outcome and the ledger's line; a binding joint yes is pledged."""
    ended, result, blame = party.ended, party.result(), party.blame()
    assert ended is not None
    done = Done(
        ended.how,
        result.joint if result else (),
        result.meet if result else False,
        tuple(found.params.sides[number] for number in ended.sides),
        blame.reason if blame else "",
        party.exposed,
    )
    target = found.entry.id
    set_state(room.db, _done_name(target), encode(done))
    drop_state(room.db, _name(target))
    keys = state(room.db, _KEYS) or b""
    set_state(room.db, _KEYS, keys + b"".join(party.used_keys))
    entered = state(room.db, _ledger_name(found.params))
    if entered is not None and result is not None:
        line = decode(entered, Entered)
        joint = len(result.joint) if found.params.kind is not Kind.THRESHOLD else int(result.meet)
        fields = (line.at, line.agenda, line.others, line.kind, line.options, line.refused, joint)
        set_state(room.db, _ledger_name(found.params), encode(Entered(*fields)))
    if ended.how is How.RESULT and found.params.binding and room.me in found.people:
        _pledge(room, found, done, now)
    return done


def _pledge(room: Room, found: Opened, done: Done, now: int) -> None:
    """Promise the other sides what all have accepted, as was said before anybody answered."""
    people = room.log.people()
    sides = [people[mid].side for mid in found.people if mid != room.me]
    for option in done.joint:
        with suppress(
            Refused
        ):  # who left meanwhile cannot be promised anything; the result stands all the same
            pledge(room, found.params.options[option], now=now, to=sides)


def _allow(room: Room, params: Params, agenda: str, *, mandate: bool) -> None:
    """Refuse what would let others probe this side further than its person has decided."""
    if mandate:
        return
    others, named = set(_sides(room, params)), set(_digests(room, params))
    spent = 0
    for line in ledger(room):
        if others.isdisjoint(line.others):
            continue
        if not named.isdisjoint(line.options):
            raise Refused(
                "An option of this sounding was sounded with them before, and two answers tell more than one; if you decide on it"
                " anew, add --new-mandate."
            )
        spent += len(line.options) if line.agenda == agenda else 0
    if spent + len(named) > BUDGET:
        raise Refused(
            f"This would be {spent + len(named)} options answered with them on “{agenda}”, more than {BUDGET}; if you decide on it"
            " anew, add --new-mandate."
        )


def _enter(room: Room, params: Params, agenda: str, marks: Sequence[bool], now: int) -> None:
    refused = sum(not mark for mark in marks)
    line = Entered(now, agenda, _sides(room, params), params.kind, _digests(room, params), refused, -1)
    set_state(room.db, _ledger_name(params), encode(line))


def _sides(room: Room, params: Params) -> tuple[str, ...]:
    """The other sides that answer a sounding."""
    people = room.log.people()
    return tuple(sorted({people[MemberId(side)].side for side in params.sides if side != room.me}))


def _digests(room: Room, params: Params) -> tuple[bytes, ...]:
    return tuple(
        digest("backchannel/sounding-option/1", room.id, option.encode()) for option in params.options
    )


def _seen(room: Room) -> list[bytes]:
    keys = state(room.db, _KEYS) or b""
    return [keys[at : at + 32] for at in range(0, len(keys), 32)]


def _opened(room: Room, target: EventId) -> Opened:
    found = read(room.log, Soundings).opened.get(target)
    if found is None:
        raise Refused("There is no such sounding in this room; see them with `backchannel desk sound show`.")
    return found


def _underway(room: Room, target: EventId) -> Underway | None:
    stored = state(room.db, _name(target))
    return None if stored is None else decode(stored, Underway)


def _save(room: Room, target: EventId, underway: Underway) -> None:
    set_state(room.db, _name(target), encode(underway))


def _all(room: Room, prefix: str) -> list[EventId]:
    rows = room.db.all("SELECT name FROM state WHERE name LIKE ?", f"{prefix}%")
    return [EventId(bytes.fromhex(str(name).removeprefix(prefix))) for (name,) in rows]


_NAME, _DONE, _KEYS = "sounding/", "sounding-done/", "sounding-keys"


def _name(target: EventId) -> str:
    return f"{_NAME}{target.hex()}"


def _done_name(target: EventId) -> str:
    return f"{_DONE}{target.hex()}"


def _ledger_name(params: Params) -> str:
    return f"sounding-ledger/{params.sid.hex()}"
