"""A sounding that lacks somebody's last word, once more among the others and on the same answers, if each of their people so decides.

docs/spec/sounding.md 11. Nothing is done here on behalf of whoever is absent.
"""

import secrets

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.reading import read
from backchannel.crypto.hashing import digest
from backchannel.crypto.sounding.kept import outgoing
from backchannel.crypto.sounding.party import Party
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.sounding_course import finish, go_on
from backchannel.desk.sounding_ledger import enter
from backchannel.desk.sounding_step import view_of
from backchannel.desk.sounding_store import LEFT, Left, Underway, all_of, done, leave, left, save, underway
from backchannel.errors import Expired, Refused
from backchannel.moves.sounding import Opened, SoundingOpen, Soundings
from backchannel.said import said
from backchannel.wire.codec import encode

DAY_MS = 86_400_000
CANNOT = said(
    "This sounding cannot be repeated here: only one that lacks somebody's last word can, once, within a week, by those who gave"
    " theirs."
)


def again(room: Room, target: EventId, by: int, now: int) -> EventId:
    """Take part in the re-run of a sounding, or open it; gives the re-run's id. `by` is when the others' decisions are due."""
    may_act(room)
    first, kept = kept_for(room, target)
    if room.me not in first.people:
        raise Refused("Those who answered this sounding decide whether it is repeated.")
    with room.changing():
        for found in of_parent(room, kept.inputs):
            if underway(room, found.entry.id) is not None:
                raise Refused("You have decided on this already; it waits for the others.")
            if done(room, found.entry.id) is None and now < found.params.deadlines[0] and _fits(kept, found):
                _join(room, kept, found, now)
                return found.entry.id
        return _open(room, first, kept, by, now)


def kept_for(room: Room, target: EventId) -> tuple[Opened, Left]:
    """Find the sounding that a re-run repeats, by its own id or by the re-run's; Refused if this desk cannot repeat it."""
    known = read(room.log, Soundings).opened
    parent = known[target].params.parent if target in known else b""
    for name in all_of(room, LEFT):
        kept = left(room, name)
        if kept is not None and name in known and (name == target or (parent and kept.inputs == parent)):
            return known[name], kept
    raise Refused(CANNOT)


def absent(room: Room, target: EventId) -> tuple[MemberId, ...]:
    """Give who was named when a sounding ended, that can be repeated without them."""
    first, _ = kept_for(room, target)
    ended = done(room, first.entry.id)
    return tuple(map(MemberId, ended.sides)) if ended else ()


def of_parent(room: Room, inputs: bytes) -> list[Opened]:
    """Give the re-runs of a sounding, by the name of its inputs, in the order of the record."""
    known = read(room.log, Soundings).opened
    found = [known[entry.id] for entry in room.log.ordered() if entry.id in known]
    return [one for one in found if one.params.parent == inputs]


def drive(room: Room, now: int) -> None:
    """Let go of what nobody repeated in time; go over to the earlier of two re-runs; runs at every tick before the soundings go on."""
    due = room.sounding_due
    if room.sounded == len(room.log.entries) and (due is None or now < due):
        return
    for target in all_of(room, LEFT):
        kept = left(room, target)
        if kept is None:
            continue
        if now >= kept.due:
            leave(room, target, None)
            continue
        _go_over(room, kept, now)


def _go_over(room: Room, kept: Left, now: int) -> None:
    """Of re-runs that crossed the earliest counts; whoever only follows follows it."""
    fitting = [found for found in of_parent(room, kept.inputs) if _fits(kept, found)]
    open_here = [found for found in fitting if done(room, found.entry.id) is None]
    mine = [found for found in open_here if underway(room, found.entry.id) is not None]
    if not open_here or open_here[0] in mine or now >= open_here[0].params.deadlines[0]:
        return
    watches = room.me not in open_here[0].people
    if not mine and not watches:
        return
    for found in mine:
        begun = underway(room, found.entry.id)
        assert begun is not None
        party = Party.resume(begun.party, 0)
        party.withdraw()
        finish(room, found, party.encode(), view_of(party), now)
    _join(room, kept, open_here[0], now)


def _fits(kept: Left, found: Opened) -> bool:
    """Whether a re-run is of just those who are left, over the same options."""
    what = found.params
    return Party.resume(kept.party, 0).repeated(what.head, what.nonce, what.deadlines) == what


def _join(room: Room, kept: Left, found: Opened, now: int) -> None:
    if now >= found.params.deadlines[0]:
        raise Expired("The time to decide on this has passed.")
    first = Party.resume(kept.party, 0)
    refused = first.refused
    party = first.repeat(found.params)
    begun = Underway(party.encode(), (), 0, view_of(party))
    if room.me in found.people:
        enter(room, found.params, found.agenda, refused, now)
    save(room, found.entry.id, begun)
    go_on(room, found, begun, now)


def _open(room: Room, first: Opened, kept: Left, by: int, now: int) -> EventId:
    if by <= now:
        raise Refused("The time by which the others are to decide has passed already; give a later one.")
    party = Party.resume(kept.party, 0)
    head = digest("backchannel/sounding-head/1", room.id, *sorted(room.log.heads))
    params = party.repeated(head, secrets.token_bytes(32), (by, by + DAY_MS, by + 2 * DAY_MS))
    refused = party.refused
    party = party.repeat(params)
    saved = party.encode()
    messages = outgoing(saved)
    entry = act(room, "sounding-open", SoundingOpen(first.agenda, encode(params), messages), now)
    save(room, entry.id, Underway(saved, (entry.id,), len(messages), view_of(party)))
    enter(room, params, first.agenda, refused, now)
    return entry.id
