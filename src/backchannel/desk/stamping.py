"""Time stamps that a desk keeps with a sealed text: asked for by hand, and in every file of the text from then on (docs/spec/seal.md 12)."""

from backchannel.daylight.sealed_file import read_file
from backchannel.daylight.stamps import Stamp, request, with_answer
from backchannel.daylight.verify import verify
from backchannel.desk import sealings
from backchannel.desk.room import Room
from backchannel.desk.room_store import drop_state, set_state, state
from backchannel.errors import Blocked
from backchannel.wire.codec import encode

_ASKED = "stamp-request/{}"


def ask(room: Room, digest: bytes) -> bytes:
    """Write a request for a sealed text; the desk remembers it until the answer is taken, and one at a time."""
    data = sealings.file(room, digest, ())
    verify(data)
    asked = request(read_file(data))
    with room.changing():
        set_state(room.db, _ASKED.format(digest.hex()), asked)
    return asked


def take(room: Room, digest: bytes, answer: bytes) -> tuple[Stamp, ...]:
    """Take an authority's answer to the last request; gives all stamps of the text. NotSealed, and nothing changed, if it is none."""
    asked = state(room.db, _ASKED.format(digest.hex()))
    if asked is None:
        raise Blocked(
            "This desk has asked for no time stamp of this text; write a request with `backchannel desk seal stamp --request`."
        )
    stamped = with_answer(read_file(sealings.file(room, digest, ())), asked, answer)
    with room.changing():
        set_state(room.db, sealings.STAMPS_NAME.format(digest.hex()), encode(sealings.Stamps(stamped.stamps)))
        drop_state(room.db, _ASKED.format(digest.hex()))
    return verify(sealings.file(room, digest, ())).stamps
