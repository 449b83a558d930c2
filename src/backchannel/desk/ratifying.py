"""What a person does about ratification: say that something is ad referendum for their side, and what became of it."""

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.speaking import binding
from backchannel.errors import Expired, Refused
from backchannel.moves.ratification import MAX_SUBJECT, RatifyAsk, RatifyResult, Referenda, Status
from backchannel.said import said


def ask(room: Room, subject: str, target: EventId | None, until: int | None, now: int) -> Entry:
    """Say that something binds one's side only once it is ratified at home."""
    binding(room, now)
    if not 0 < len(subject.strip()) <= MAX_SUBJECT:
        raise Refused(
            said("Say in 1 to {max_subject} letters what is ad referendum.", max_subject=MAX_SUBJECT)
        )
    if until is not None and until <= now:
        raise Refused("The time by which it is to be ratified has passed already; give a later one, or none.")
    return act(room, "ratify-ask", RatifyAsk(target or b"", subject.strip(), until), now)


def result(room: Room, target: EventId, ratified: bool, text: str, now: int) -> Entry:
    """Say whether it was ratified; once, and nothing said later changes it."""
    side, found = binding(room, now), read(room.log, Referenda)
    if target not in found.asked:
        raise Refused("Nothing of that name is ad referendum here; see `backchannel desk ratify show`.")
    one = found.referendum(target)
    if one.side != side:
        raise Refused(said("This is for {side} to ratify, and for nobody else.", side=one.side))
    status = one.status(now)
    if status in {Status.GONE, Status.OVER}:
        raise Expired("The time to ratify this has passed; agree anew if all sides want it.")
    if status is not Status.OPEN:
        raise Refused(
            "It is decided already, and a later word changes nothing; agree anew if all sides want it."
        )
    return act(room, "ratify-result", RatifyResult(target, ratified, text.strip()), now)
