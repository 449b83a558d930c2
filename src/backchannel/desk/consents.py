"""What a person does about consent: ask for it, give it, refuse it; meanwhile the desks of those who wait put nothing on record."""

from collections.abc import Sequence

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.errors import Expired, Refused
from backchannel.moves.consent import (
    MAX_SUBJECT,
    Asking,
    ConsentAsk,
    ConsentGive,
    ConsentRefuse,
    Consents,
    Status,
)
from backchannel.said import said


def ask(room: Room, subject: str, people: Sequence[str], now: int) -> Entry:
    """Ask some people, or everybody else here, to consent before anything on a subject is put on record."""
    may_act(room)
    if not 0 < len(subject.strip()) <= MAX_SUBJECT:
        raise Refused(
            said(
                "Say in 1 to {max_subject} letters what consent is asked for.",
                max_subject=MAX_SUBJECT,
            )
        )
    named = [room.find_member(name).id for name in people] or sorted(set(room.seating.seated) - {room.me})
    if not named:
        raise Refused("Nobody else is in this room yet; invite those whose consent you want.")
    return act(room, "consent-ask", ConsentAsk(subject.strip(), tuple(dict.fromkeys(named))), now)


def give(room: Room, target: EventId, now: int) -> Entry:
    """Consent."""
    may_act(room)
    found = _asked(room, target)
    assert found.body is not None
    if room.me not in found.body.people:
        raise Refused("Your consent is not asked for here; it is between those who are named.")
    if room.me in found.given:
        raise Refused("You have consented already.")
    return act(room, "consent-give", ConsentGive(target), now)


def refuse(room: Room, target: EventId, now: int) -> Entry:
    """Refuse consent, take it back, or take back the question."""
    may_act(room)
    found = _asked(room, target)
    assert found.body is not None
    if room.me not in {*found.body.people, found.entry.author}:
        raise Refused("Your consent is not asked for here; it is between those who are named.")
    if room.me in found.refused:
        raise Refused("You have refused already.")
    return act(room, "consent-refuse", ConsentRefuse(target), now)


def _asked(room: Room, target: EventId) -> Asking:
    found = read(room.log, Consents)
    if target not in found.asked:
        raise Refused(
            "There is no such question of consent in this room; see `backchannel desk consent show`."
        )
    one = found.asking(target)
    if one.status is Status.GONE:
        raise Expired("The words of this question have gone; ask again.")
    return one
