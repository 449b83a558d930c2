"""Events: what a room's log is made of, and their identity (docs/spec/log.md)."""

import secrets
from enum import StrEnum
from typing import NewType

from backchannel.crypto.hashing import digest
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode, encode

EventId = NewType("EventId", bytes)  # 32
MemberId = NewType("MemberId", bytes)  # 32
RoomId = NewType("RoomId", bytes)  # 32

ID_BYTES = 32
SALT_BYTES = 32
VERSION = 1
MAX_PARENTS = 64
MAX_EVENT_BYTES = 1 << 20
MAX_NUMBER = 1 << 31


class Ref(Record, frozen=True):
    """Another event: its id and the epoch it was written in, by which a newcomer knows what was before."""

    id: bytes
    epoch: int


class Event(Record, frozen=True):
    """One entry of a room's log, by one author.

    `prev` is the author's own previous event, `parents` the heads of the log the author had seen,
    `audience` a hash of everyone it is for, `number` the highest item number it knows (its own, if it is an
    item), `at` the author's clock in milliseconds since 1970.
    """

    version: int
    room: bytes
    author: bytes
    seq: int
    prev: Ref | None
    epoch: int
    parents: tuple[Ref, ...]
    audience: bytes
    number: int
    at: int
    kind: str
    body: bytes


class Erased(StrEnum):
    """Why the text of an event is gone."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    HANDED_BACK = "handed-back"


def new_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def event_id(salt: bytes, data: bytes) -> EventId:
    """Give the identity of an encoded event under its salt (spec log 2)."""
    return EventId(digest("backchannel/event/1", salt, data))


def audience_hash(members: tuple[MemberId, ...], epoch: int) -> bytes:
    """Hash everyone an event is for; the order of the members does not matter (spec log 3)."""
    return digest("backchannel/audience/1", epoch.to_bytes(8, "big"), *sorted(members))


def parse_event(data: bytes) -> Event:
    """Read an event and check everything that can be checked from the event alone, or raise Violation."""
    if len(data) > MAX_EVENT_BYTES:
        raise Violation(
            said(
                "An event of {count} bytes is over the limit of {max_event_bytes}.",
                count=len(data),
                max_event_bytes=MAX_EVENT_BYTES,
            )
        )
    event = decode(data, Event)
    if event.version != VERSION:
        raise Violation(
            said("This event is of version {version}, which this desk does not know.", version=event.version)
        )
    refs = event.parents if event.prev is None else (event.prev, *event.parents)
    sound = (
        all(len(field) == ID_BYTES for field in (event.room, event.author, event.audience))
        and all(len(ref.id) == ID_BYTES and 0 <= ref.epoch <= event.epoch for ref in refs)
        and len(event.parents) <= MAX_PARENTS
        and list(event.parents) == sorted(set(event.parents), key=lambda ref: ref.id)
        and event.seq >= 1
        and (event.seq == 1) == (event.prev is None)
        and event.epoch >= 0
        and 0 <= event.number < MAX_NUMBER
    )
    if not sound:
        raise Violation("This event contradicts itself.")
    return event


def seal_event(event: Event) -> tuple[EventId, bytes, bytes]:
    """Encode an event under a fresh salt; gives id, salt and bytes."""
    salt, data = new_salt(), encode(event)
    return event_id(salt, data), salt, data
