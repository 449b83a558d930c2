"""What answers to soundings may have told others, and what a desk therefore asks its person to decide anew (docs/spec/moves/sounding.md 3)."""

import msgspec

from backchannel.channel.event import MemberId
from backchannel.crypto.hashing import digest
from backchannel.crypto.sounding.params import Kind, Params
from backchannel.desk.room import Room
from backchannel.desk.room_store import set_state, state
from backchannel.errors import Refused
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode

BUDGET = 1_000  # options answered with one other side on one agenda, without a new decision of the person
OF_LIMITS = frozenset({Kind.THRESHOLD, Kind.DRAWN})
OPEN = -1  # no result, or none that this desk knows: others may know one
_SEARCHED = "sounding-search/"
NOTHING_LEARNT = -2  # it ended before anything could be opened


class Entered(Record, frozen=True):
    """The ledger's line for one sounding that this person answered; it stays when the words have expired.

    `options` are digests; `others` the sides that answered too; `refused` how many options got a no here, `joint` how many were
    accepted by all, or why that is not known.
    """

    at: int
    agenda: str
    others: tuple[str, ...]
    kind: str
    options: tuple[bytes, ...]
    refused: int
    joint: int


class Searched(Record, frozen=True):
    """What a search for a package was about, and how many bits its results can have told at most."""

    title: str
    bits: int


def note_search(room: Room, label: str, found: Searched) -> None:
    """Keep what a search has told so far; its soundings have its label as their agenda."""
    set_state(room.db, f"{_SEARCHED}{label}", encode(found))


def searched(room: Room) -> dict[str, Searched]:
    """Give what was noted of each search, by its label."""
    rows = room.db.all("SELECT name, value FROM state WHERE name LIKE ?", f"{_SEARCHED}%")
    return {str(name).removeprefix(_SEARCHED): decode(value, Searched) for name, value in rows}


def ledger(room: Room) -> list[Entered]:
    """Give what this person's answers may have told others, the oldest first."""
    rows = room.db.all("SELECT value FROM state WHERE name LIKE 'sounding-ledger/%'")
    return sorted((decode(value, Entered) for (value,) in rows), key=lambda one: one.at)


def allow(room: Room, params: Params, agenda: str, *, mandate: bool) -> None:
    """Refuse what would let others probe this side further than its person has decided."""
    if mandate:
        return
    others, named = set(_sides(room, params)), set(_digests(room, params))
    spent = 0
    for line in ledger(room):
        if others.isdisjoint(line.others) or line.joint == NOTHING_LEARNT:
            continue
        if not named.isdisjoint(line.options):
            raise Refused(
                "An option of this sounding was sounded with them before, and two answers tell more than one; if you"
                " decide on it"
                " anew, add --new-mandate."
            )
        if params.kind in OF_LIMITS and line.kind in OF_LIMITS:
            raise Refused(
                "A limit of yours was sounded with them before, and each further answer brings them nearer to it, whatever the"
                " prices are; if you decide on it anew, add --new-mandate."
            )
        spent += tests(line.kind, len(line.options)) if line.agenda == agenda else 0
    asked = tests(params.kind, len(named))
    if spent + asked > BUDGET:
        raise Refused(
            said(
                "This would be {spent} options answered with them on “{agenda}”, more than {budget}; if you decide on"
                " it anew, add --new-mandate.",
                spent=spent + asked,
                agenda=agenda,
                budget=BUDGET,
            )
        )


def tests(kind: str, options: int) -> int:
    """Count what is opened of so many options: of limits, and of one that is drawn, a single answer."""
    return 1 if kind in OF_LIMITS else options


def enter(room: Room, params: Params, agenda: str, refused: int, now: int) -> None:
    """Begin the line of a sounding that this person answers with so many noes."""
    line = Entered(now, agenda, _sides(room, params), params.kind, _digests(room, params), refused, OPEN)
    set_state(room.db, _name(params), encode(line))


def settle(room: Room, params: Params, joint: int) -> None:
    """Complete the line of a sounding that has ended, if this person had answered it."""
    entered = state(room.db, _name(params))
    if entered is not None:
        set_state(
            room.db, _name(params), encode(msgspec.structs.replace(decode(entered, Entered), joint=joint))
        )


def _sides(room: Room, params: Params) -> tuple[str, ...]:
    """The other sides that answer a sounding."""
    people = room.log.people()
    return tuple(sorted({people[MemberId(side)].side for side in params.sides if side != room.me}))


def _digests(room: Room, params: Params) -> tuple[bytes, ...]:
    return tuple(
        digest("backchannel/sounding-option/1", room.id, option.encode()) for option in params.options
    )


def _name(params: Params) -> str:
    return f"sounding-ledger/{params.sid.hex()}"
