"""What a desk keeps of soundings, in the file of their room (docs/spec/vault.md 3): records and their names, nothing else."""

from backchannel.channel.event import EventId
from backchannel.crypto.secret import Secret
from backchannel.crypto.sounding.party import Party
from backchannel.desk.room import Room
from backchannel.desk.room_store import drop_state, set_state, state
from backchannel.wire.codec import Record, decode, encode

UNDERWAY, DONE, LEFT, KEYS = "sounding/", "sounding-done/", "sounding-left/", "sounding-keys"
AFTER, HEARD = "sounding-after/", "sounding-heard/"


class Done(Record, frozen=True):
    """How a sounding ended here, and in which round.

    `joint` are options by number, `sides` those named as absent, as having given it up or as to blame; `reason` is what somebody is
    blamed for.
    """

    how: str
    joint: tuple[int, ...]
    meet: bool
    sides: tuple[bytes, ...]
    reason: str
    exposed: bool
    round: int
    inputs: bytes  # the name of all inputs, if it came to shares: what a re-run names as its parent
    drawn: int | None = None  # the option that was drawn, by number, if one was
    blamed: bytes = b""  # who was seen after the end to have broken the rules


class View(Record, frozen=True):
    """What a desk has to know of a state without reckoning: `missing` by place, `due` in ms since 1970, `said` of our messages.

    `reckoned` counts options, for progress; `owed` is set while our person's answers are to be stated; with `done` it has ended.
    """

    answered: bool
    missing: tuple[int, ...]
    due: int
    said: int
    reckoned: int
    owed: bool
    probed: bool
    repeatable: bool
    keys: tuple[bytes, ...]
    done: Done | None


class Underway(Secret, Record, frozen=True):
    """A sounding that this desk takes part in or watches: its state, what of the log it has taken, how much it has said."""

    party: bytes
    taken: tuple[bytes, ...]
    sent: int
    view: View


class Left(Secret, Record, frozen=True):
    """A sounding that lacks somebody's last word, with this side's answers, until `due` (ms since 1970): for a re-run."""

    party: bytes
    inputs: bytes
    due: int


def underway(room: Room, target: EventId) -> Underway | None:
    stored = state(room.db, f"{UNDERWAY}{target.hex()}")
    return None if stored is None else decode(stored, Underway)


def save(room: Room, target: EventId, found: Underway) -> None:
    set_state(room.db, f"{UNDERWAY}{target.hex()}", encode(found))


def done(room: Room, target: EventId) -> Done | None:
    stored = state(room.db, f"{DONE}{target.hex()}")
    return None if stored is None else decode(stored, Done)


def end(room: Room, target: EventId, found: Done, party: bytes, heard: int) -> None:
    """Keep how a sounding ended, its messages without any secret, and how many events of it were heard; let go of its state."""
    set_state(room.db, f"{DONE}{target.hex()}", encode(found))
    set_state(room.db, f"{AFTER}{target.hex()}", Party.resume(party, 0).encode_spent())
    set_state(room.db, f"{HEARD}{target.hex()}", heard.to_bytes(8))
    drop_state(room.db, f"{UNDERWAY}{target.hex()}")


def after(room: Room, target: EventId) -> bytes | None:
    """Give the messages of a sounding that has ended, without secrets."""
    return state(room.db, f"{AFTER}{target.hex()}")


def heards(room: Room) -> dict[EventId, int]:
    """Give of each sounding that has ended how many events of it were heard."""
    rows = room.db.all("SELECT name, value FROM state WHERE name LIKE ?", f"{HEARD}%")
    return {
        EventId(bytes.fromhex(str(name).removeprefix(HEARD))): int.from_bytes(value) for name, value in rows
    }


def left(room: Room, target: EventId) -> Left | None:
    stored = state(room.db, f"{LEFT}{target.hex()}")
    return None if stored is None else decode(stored, Left)


def leave(room: Room, target: EventId, found: Left | None) -> None:
    """Keep what a re-run of a sounding needs, or let go of it."""
    if found is None:
        drop_state(room.db, f"{LEFT}{target.hex()}")
    else:
        set_state(room.db, f"{LEFT}{target.hex()}", encode(found))


def forget(room: Room, target: EventId) -> None:
    """Let go of a sounding whose words have expired."""
    for prefix in (UNDERWAY, DONE, LEFT, AFTER, HEARD):
        drop_state(room.db, f"{prefix}{target.hex()}")


def all_of(room: Room, prefix: str) -> list[EventId]:
    rows = room.db.all("SELECT name FROM state WHERE name LIKE ?", f"{prefix}%")
    return [EventId(bytes.fromhex(str(name).removeprefix(prefix))) for (name,) in rows]


def seen_keys(room: Room) -> list[bytes]:
    """Give the keys of earlier soundings of a room, which no later one may use again."""
    keys = state(room.db, KEYS) or b""
    return [keys[at : at + 32] for at in range(0, len(keys), 32)]


def add_keys(room: Room, keys: tuple[bytes, ...]) -> None:
    set_state(room.db, KEYS, b"".join([*seen_keys(room), *keys]))
