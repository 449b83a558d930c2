"""A desk that waits for consent: until everybody asked has said yes, its person puts nothing on record, lets nobody in, gives nothing out."""

from backchannel.channel.event import MemberId
from backchannel.desk.room import Room
from backchannel.errors import Blocked
from backchannel.moves.consent import awaited
from backchannel.said import said


def check_consent(room: Room) -> None:
    """Refuse, for a person who waits for consent, what would put something on record, let somebody in, or give it out."""
    waiting = awaited(room.log, MemberId(room.me)) if room.seated else []
    if not waiting:
        return
    names = ", ".join(room.name(mid) for mid in waiting[0].missing)
    raise Blocked(
        said(
            "Not everybody has consented yet: {names}. Wait for them, or take the question back with"
            " `backchannel desk consent refuse`.",
            names=names,
        )
    )
