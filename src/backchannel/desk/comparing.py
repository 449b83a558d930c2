"""Two people compare six words outside the room, and their desks do the rest (docs/spec/comparing.md).

One begins; the other's desk answers and the first opens by themselves. Then each desk shows three words and its
person types the three that the other reads out: there is nothing to click.
"""

from dataclasses import dataclass
from enum import StrEnum

from backchannel.channel.event import MemberId
from backchannel.channel.log import Entry
from backchannel.channel.members import Request, member_id
from backchannel.channel.words import (
    Exchange,
    WordsAnswer,
    WordsCommit,
    WordsCompared,
    WordsReveal,
    exchanges,
    roster_hash,
)
from backchannel.contacts.safety_words import check_heard, commit, new_nonce
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act, say
from backchannel.desk.when import date
from backchannel.errors import Blocked, Refused, Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode


class Stand(StrEnum):
    """How far this desk is with one person."""

    WAITING = "waiting"  # for the other's desk
    READY = "ready"  # for the two people
    COMPARED = "compared"
    DIFFERENT = "different"  # other words were typed, or what was opened was not what was promised


class Kept(Record, frozen=True):
    """What this desk keeps of its comparison with one person: their exchange and our nonce until it is opened."""

    commit: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """What the desk shows for one person; `mine` are the three words to read out, empty until there are any."""

    member: MemberId
    stand: Stand
    mine: str
    at: int


def begin(room: Room, member: MemberId, now: int) -> Entry:
    """Start comparing with somebody seated here; their desk answers by itself."""
    seating = may_act(room)
    if member == room.me:
        raise Refused("Words are compared with somebody else.")
    if member not in seating.seated:
        raise Refused(said("{name} is not in this room.", name=room.name(member)))
    nonce = new_nonce()
    bound = commit(roster_hash(room.id, seating.seated), nonce)
    with room.changing():
        entry = say(room, "words-commit", encode(WordsCommit(member, bound)), now)
        _keep(room, member, Stand.WAITING, Kept(entry.id, nonce), now)
    return entry


def words(room: Room, member: MemberId) -> Words | None:
    """Give what there is to read out to somebody, or None if nothing is under way."""
    found = _under_way(room, member)
    if found is None:
        return None
    exchange, stand, _, at = found
    if stand is Stand.WAITING:
        return Words(member, stand, "", at)
    try:
        six = exchange.words()
    except Violation:
        return Words(member, Stand.DIFFERENT, "", at)
    return Words(member, stand, exchange.half_of(six, room.me)[0] if six else "", at)


def heard(room: Room, member: MemberId, typed: str, now: int) -> Entry:
    """Take the three words that somebody read out; Violation, and remembered, if they are other words."""
    may_act(room)
    found = _under_way(room, member)
    six = None if found is None else found[0].words()
    if found is None or six is None:
        raise Blocked(
            said(
                "There are no words to compare with {name} yet; begin, and wait for their desk.",
                name=room.name(member),
            )
        )
    exchange, _, kept, _ = found
    try:
        check_heard(exchange.half_of(six, room.me)[1], typed)
    except Violation:
        with room.changing():
            _keep(room, member, Stand.DIFFERENT, kept, now)
        raise
    with room.changing():
        _keep(room, member, Stand.COMPARED, kept, now)
        return say(room, "words-compared", encode(WordsCompared(exchange.commit)), now)


def alarms(room: Room) -> list[str]:
    """Give one loud sentence for everybody whose words were not the right ones."""
    rows = room.db.all("SELECT member FROM comparisons WHERE state = ?", Stand.DIFFERENT)
    return [
        said(
            "The words compared with {name} were different: somebody may be between you; do not go on.",
            name=room.name(MemberId(mid)),
        )
        for (mid,) in rows
        if mid in room.seating.seated
    ]


def drive(room: Room, now: int) -> None:
    """Answer whoever compares with us and open what we committed to, once each; runs at every tick."""
    if room.worded == len(room.log.entries) or room.me not in room.seating.seated:
        return
    newest: dict[MemberId, Exchange] = {}
    for exchange in exchanges(room.log):
        other = exchange.second if exchange.first == room.me else exchange.first
        if room.me in {exchange.first, exchange.second} and other in room.seating.seated:
            newest[other] = exchange
    for other, exchange in newest.items():
        row = room.db.one("SELECT state, value FROM comparisons WHERE member = ?", other)
        kept = None if row is None else decode(row[1], Kept)
        state = None if row is None or kept is None or kept.commit != exchange.commit else Stand(row[0])
        if exchange.second == room.me:
            if exchange.answer is None and state is None:
                say(room, "words-answer", encode(WordsAnswer(exchange.commit, new_nonce())), now)
                _keep(room, other, Stand.WAITING, Kept(exchange.commit, b""), now)
        elif exchange.answer is not None and exchange.reveal is None and state is Stand.WAITING and kept:
            say(room, "words-reveal", encode(WordsReveal(exchange.commit, kept.nonce)), now)
            _keep(room, other, Stand.READY, Kept(exchange.commit, b""), now)
        if exchange.reveal is not None and state is Stand.WAITING:
            _keep(room, other, _judged(exchange), Kept(exchange.commit, b""), now)
    room.worded = len(room.log.entries)


def _judged(exchange: Exchange) -> Stand:
    try:
        exchange.words()
    except Violation:
        return Stand.DIFFERENT
    return Stand.READY


def basis(room: Room, member: MemberId) -> str:
    """Say why this desk believes that somebody's keys are theirs."""
    if member == room.me:
        return said("you")
    row = room.db.one("SELECT state, at FROM comparisons WHERE member = ?", member)
    if row is not None and row[0] == Stand.DIFFERENT:
        return said("THE WORDS WERE DIFFERENT: somebody may be between you")
    people = room.log.people()
    ours = {
        mid: exchange.compared[mid]
        for exchange in exchanges(room.log)
        for mid in exchange.compared
        if exchange.between(mid, member) and mid != member and people[mid].side == room.credential.side
    }
    if room.me in ours:
        return said("compared by you, {ours}", ours=date(ours[room.me]))
    for mid, at in sorted(ours.items()):
        return said("compared by {name} of your side, {at}", name=room.name(mid), at=date(at))
    for entry in room.log.entries.values():
        asked = entry.event.kind == "request" and entry.void is None
        if asked and member_id(decode(entry.event.body, Request).credential) == member:
            return said("introduced by {name}, not compared", name=room.name(entry.author))
    return said("here before you, not compared")


def _under_way(room: Room, member: MemberId) -> tuple[Exchange, Stand, Kept, int] | None:
    row = room.db.one("SELECT state, value, at FROM comparisons WHERE member = ?", member)
    if row is None:
        return None
    kept = decode(row[1], Kept)
    exchange = next((known for known in exchanges(room.log) if known.commit == kept.commit), None)
    return None if exchange is None else (exchange, Stand(row[0]), kept, row[2])


def _keep(room: Room, member: MemberId, stand: Stand, kept: Kept, now: int) -> None:
    room.db.run("INSERT OR REPLACE INTO comparisons VALUES (?,?,?,?)", member, stand, encode(kept), now)
