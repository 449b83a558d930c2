"""Saying a move to everyone in the room: it is checked as a reader will check it, said, and saved; or nothing happens."""

from backchannel.channel.log import Entry
from backchannel.channel.members import MEMBERSHIP_KINDS
from backchannel.desk.consenting import check_consent
from backchannel.desk.room import Room
from backchannel.desk.sending import say
from backchannel.desk.taking import stood
from backchannel.errors import Refused, Violation
from backchannel.moves.consent import RECORDED
from backchannel.moves.paper import ITEMS
from backchannel.moves.table import parse
from backchannel.said import said
from backchannel.wire.codec import Record, encode


def act(room: Room, kind: str, body: Record, now: int, *, annex: bytes = b"") -> Entry:
    """Say a move, or raise Refused if it would count for nothing; items get the next number of the room."""
    data = encode(body)
    if kind in RECORDED:
        check_consent(room)
    if kind not in MEMBERSHIP_KINDS:
        try:
            parse(kind, data)
        except Violation as violation:
            raise Refused(
                said("{violation} Nothing was sent; change it and try again.", violation=violation)
            ) from violation
    with room.changing():
        entry = say(room, kind, data, now, annex=annex, item=kind in ITEMS)
        if entry.void is not None:
            raise Refused(said("This would not stand, because {void}; nothing was sent.", void=entry.void))
        stood(room, entry, now)
    return entry
