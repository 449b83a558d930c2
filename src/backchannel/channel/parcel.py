"""What an envelope's body holds: an event with what travels beside it, or a note that is never in the log.

docs/spec/parcel.md gives the layout and who learns what.
"""

from collections.abc import Mapping

from backchannel.channel.event import ID_BYTES, MAX_PARENTS, SALT_BYTES, EventId, Ref, event_id
from backchannel.channel.members import KEM_PUBLIC_BYTES
from backchannel.crypto.hashing import digest
from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire.codec import Record, decode

MAX_RECEIPTS = 512
MAX_HANDED = 64


class Advert(Record, frozen=True):
    """The author's newest X-Wing public key; the highest `seq` counts."""

    seq: int
    public: bytes


class Parcel(Record, frozen=True):
    """The plaintext of a body.

    `kind` is `event` (salt and encoded event), `blank` (an event whose text was gone before it was sent: the
    bare event, no salt), `note` or `welcome`. `annex` travels beside an event and stays out of the log.
    """

    kind: str
    salt: bytes
    data: bytes
    annex: bytes
    advert: Advert | None


class Seen(Record, frozen=True):
    """When an event reached, or was read at, the note's author's desk; milliseconds since 1970, their clock."""

    event: bytes
    at: int


class Handed(Record, frozen=True):
    """An event handed on by somebody other than its author."""

    salt: bytes
    data: bytes
    annex: bytes


class Note(Record, frozen=True):
    """Housekeeping between desks.

    `heads` is the author's view of the log; `resend_from` asks the reader to send again what its own line to
    the note's author holds from that count on (0: nothing); `wants` are events the author lacks.
    """

    at: int
    heads: tuple[Ref, ...]
    received: tuple[Seen, ...]
    read: tuple[Seen, ...]
    resend_from: int
    wants: tuple[bytes, ...]
    handed: tuple[Handed, ...]


class Welcome(Record, frozen=True):
    """What an admitted newcomer needs: who is there, how to reach them, and the epoch that seats them."""

    epoch: int
    epoch_id: bytes
    roster: tuple[bytes, ...]
    transport: bytes


class Annex(Record, frozen=True):
    """Files beside a paper, in the order of its attachments."""

    files: tuple[bytes, ...]


PARCEL_KINDS: Mapping[str, str] = {
    "event": "backchannel/event/1",
    "note": "backchannel/note/1",
    "welcome": "backchannel/welcome/1",
}


def parcel_id(parcel: Parcel) -> EventId | None:
    """The id a wrap must name for this parcel; None for a blank one, where the author's word is all there is."""
    if parcel.kind == "event":
        return event_id(parcel.salt, parcel.data)
    if parcel.kind == "blank":
        return None
    return EventId(digest(PARCEL_KINDS[parcel.kind], parcel.salt, parcel.data))


def parse_parcel(data: bytes) -> Parcel:
    """Read a body's plaintext or raise Violation."""
    parcel = decode(data, Parcel)
    if parcel.kind not in {*PARCEL_KINDS, "blank"}:
        raise Violation(said("This desk does not know what a {kind} is.", kind=repr(parcel.kind)))
    if len(parcel.salt) != (0 if parcel.kind == "blank" else SALT_BYTES):
        raise Violation("A parcel's salt has the wrong length.")
    if parcel.advert is not None and (parcel.advert.seq < 1 or len(parcel.advert.public) != KEM_PUBLIC_BYTES):
        raise Violation("A parcel advertises something that is not a key.")
    return parcel


def parse_note(data: bytes) -> Note:
    """Read a note or raise Violation."""
    note = decode(data, Note)
    ids = [ref.id for ref in note.heads] + [seen.event for seen in (*note.received, *note.read)]
    ids += note.wants
    sound = (
        all(len(found) == ID_BYTES for found in ids)
        and len(note.heads) <= MAX_PARENTS
        and len(note.received) + len(note.read) + len(note.wants) <= MAX_RECEIPTS
        and len(note.handed) <= MAX_HANDED
        and note.resend_from >= 0
    )
    if not sound:
        raise Violation("A note between desks is not sound.")
    return note
