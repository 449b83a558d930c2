"""A room's record as a value that can be written to a file, and the first place where two records differ.

A transcript holds every event's id, salt, bytes and fields, and no key. It proves nothing to an outsider: whoever
has one can make another with any wording (docs/spec/log.md 8).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backchannel.channel.event import EventId, event_id, parse_event
from backchannel.channel.log import Entry, Log
from backchannel.contacts.safety_words import six_words
from backchannel.crypto.hashing import digest
from backchannel.errors import Refused, Violation
from backchannel.said import said

VERSION = 1


class Fault(StrEnum):
    """What is wrong at one place of two records."""

    MISSING_HERE = "missing here"
    MISSING_THERE = "missing there"
    EDITED = "edited"  # the same id stands over other words
    FORKED = "forked"  # the author told two stories


@dataclass(frozen=True, slots=True)
class Place:
    """One event as a transcript tells it; `genuine` is whether its id is that of its bytes, None if they are erased."""

    id: str
    author: str
    seq: int
    number: int
    epoch: int
    at: int
    kind: str
    genuine: bool | None
    event: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One event over which two records disagree."""

    fault: Fault
    ours: Place | None
    theirs: Place | None

    @property
    def places(self) -> list[Place]:
        return [place for place in (self.ours, self.theirs) if place is not None]


def export(log: Log, closed: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Give a room's record as JSON values; bytes are lower-case hexadecimal. Of `closed` kinds the words are left out."""
    return {
        "backchannel": "transcript",
        "version": VERSION,
        "room": log.room.hex(),
        "first_epoch": log.first_epoch,
        "events": [_row(entry, told=entry.event.kind not in closed) for entry in log.ordered()],
    }


def _row(entry: Entry, *, told: bool) -> dict[str, Any]:
    event = entry.event
    return {
        "id": entry.id.hex(),
        "salt": None if entry.salt is None or not told else entry.salt.hex(),
        "event": None if entry.data is None or not told else entry.data.hex(),
        "author": event.author.hex(),
        "seq": event.seq,
        "prev": None if event.prev is None else event.prev.id.hex(),
        "epoch": event.epoch,
        "parents": [ref.id.hex() for ref in event.parents],
        "audience": event.audience.hex(),
        "number": event.number,
        "at": event.at,
        "kind": event.kind,
        "body": event.body.hex() if told else "",
        "void": entry.void,
        "erased": None if entry.erased is None else entry.erased.value,
    }


def compare(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[Difference]:
    """Give every place where two transcripts of one room differ, the first one first; empty if they agree.

    Only what both could have is compared: a newcomer's record begins with the epoch that seated them. Raises
    Refused if a value is no transcript or they are of two rooms.
    """
    one, other = _places(ours), _places(theirs)
    if ours["room"] != theirs["room"]:
        raise Refused("These are the records of two different rooms.")
    start = max(ours["first_epoch"], theirs["first_epoch"])
    by_place = [
        {(place.author, place.seq, place.id): place for place in side.values()} for side in (one, other)
    ]
    found: list[Difference] = []
    for key in sorted(by_place[0].keys() | by_place[1].keys()):
        mine, their = by_place[0].get(key), by_place[1].get(key)
        known = mine or their
        assert known is not None
        if known.epoch < start:
            continue
        if mine is None or their is None:
            found.append(_alone(mine, their, one, other))
        elif mine.genuine is False or their.genuine is False or _differ(mine, their):
            found.append(Difference(Fault.EDITED, mine, their))
    told = {eid: place for side in (other, one) for place, eid in enumerate(side)}  # each in its log's order
    return sorted(found, key=lambda difference: min(told[place.id] for place in difference.places))


def _differ(mine: Place, their: Place) -> bool:
    return bool(mine.event and their.event) and mine.event != their.event


def _alone(
    mine: Place | None, their: Place | None, one: Mapping[str, Place], other: Mapping[str, Place]
) -> Difference:
    """Name an event that one record lacks: missing, or another one stands in its place."""
    known, others = (mine, other) if mine is not None else (their, one)
    assert known is not None
    twin = next(
        (place for place in others.values() if (place.author, place.seq) == (known.author, known.seq)), None
    )
    if twin is not None:
        return Difference(Fault.FORKED, mine or twin, their or twin)
    return Difference(Fault.MISSING_THERE if mine is not None else Fault.MISSING_HERE, mine, their)


def _places(transcript: Mapping[str, Any]) -> dict[str, Place]:
    damaged = Refused("This file is no transcript of a room, or it is damaged; export it again.")
    try:
        if transcript["backchannel"] != "transcript" or not isinstance(transcript["first_epoch"], int):
            raise damaged
        if transcript["version"] > VERSION:
            raise Refused("This transcript was made by a newer Backchannel; please update yours.")
        places = [_place(row) for row in transcript["events"]]
    except (KeyError, TypeError, ValueError) as error:
        raise damaged from error
    return {place.id: place for place in places}


def _place(row: Mapping[str, Any]) -> Place:
    genuine = None
    if row["event"] is not None:
        genuine = _genuine(row)
    fields = {name: row[name] for name in ("id", "author", "seq", "number", "epoch", "at", "kind")}
    numbers = all(isinstance(fields[name], int) for name in ("seq", "number", "epoch", "at"))
    if not numbers or not all(isinstance(fields[name], str) for name in ("id", "author", "kind")):
        raise TypeError
    return Place(**fields, genuine=genuine, event=row["event"] or "")


def _genuine(row: Mapping[str, Any]) -> bool:
    """Tell whether the id is that of the salt and bytes, and the fields and words are those of the bytes."""
    salt, data = bytes.fromhex(row["salt"] or ""), bytes.fromhex(row["event"])
    if event_id(salt, data).hex() != row["id"]:
        return False
    try:
        event = parse_event(data)
    except Violation:
        return False
    told = (row["author"], row["seq"], row["epoch"], row["number"], row["at"], row["kind"], row["body"])
    return told == (
        event.author.hex(), event.seq, event.epoch, event.number, event.at, event.kind, event.body.hex()
    )  # fmt: skip


def record_words(log: Log, number: int, first_epoch: int | None = None) -> str:
    """Give six words over everything up to an item number, for two people to read to each other.

    Covers all items numbered up to it and what they follow, from an epoch on: with a newcomer, both start with the
    epoch that seated the newcomer.
    """
    start = log.first_epoch if first_epoch is None else first_epoch
    if start < log.first_epoch:
        raise Refused(
            said(
                "This desk has nothing older than epoch {first_epoch}; start with that one.",
                first_epoch=log.first_epoch,
            )
        )
    items: set[EventId] = {
        entry.id
        for entry in log.entries.values()
        if 0 < entry.event.number <= number and entry.event.epoch >= start
    }
    covered = {eid for eid in log.ancestors(items) if log.entries[eid].event.epoch >= start}
    hashed = digest("backchannel/record/1", log.room, start.to_bytes(8, "big"), *sorted(covered))
    return six_words(hashed, b"", b"")
