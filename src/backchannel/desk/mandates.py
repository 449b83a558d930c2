"""What a person does about authority: give, claim and revoke mandates, challenge them, check them, and accept offers."""

from collections.abc import Sequence

from backchannel.channel.log import Entry
from backchannel.channel.members import Member, Role
from backchannel.channel.reading import read
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.errors import Expired, OutOfMandate, Refused
from backchannel.moves.accept import Accept
from backchannel.moves.authority import authority, objection
from backchannel.moves.mandate import (
    ENVOYS,
    Challenge,
    Given,
    Level,
    Limit,
    MandateAnswer,
    MandateChallenge,
    MandateChecked,
    MandateGiven,
    MandateRevoked,
    Mandates,
)
from backchannel.moves.offer import acceptances, offer
from backchannel.moves.paper import Item, Mandate, Paper, Status, Term
from backchannel.moves.voice import voice_now


def give(room: Room, holder: Member, mandate: MandateGiven, now: int) -> Entry:
    """Vouch for an envoy of one's own side, as its principal."""
    me = may_act(room).seated[room.me]
    if me.role != Role.PRINCIPAL:
        raise OutOfMandate(
            f"Only a principal of {me.side} gives a mandate; what you say of your own is `backchannel desk mandate claim`."
        )
    if holder.id == me.id:
        raise Refused("A principal needs no mandate; give it to an envoy of your side.")
    if holder.side != me.side:
        raise Refused(f"{holder.name} speaks for {holder.side}; only its own principal can vouch for them.")
    if holder.role not in ENVOYS:
        raise Refused(
            f"{holder.name} is here as {holder.role} and binds nobody; invite them as an envoy to give them a mandate."
        )
    return _said(room, mandate, now)


def claim(room: Room, mandate: MandateGiven, now: int) -> Entry:
    """Say on what authority one speaks oneself; shown as one's own word and nobody else's."""
    may_act(room)
    return _said(room, mandate, now)


def _said(room: Room, mandate: MandateGiven, now: int) -> Entry:
    if not mandate.purpose.strip():
        raise Refused("Say with --for what the mandate is for.")
    if mandate.until is not None and mandate.until <= max(now, mandate.starts or now):
        raise Refused("This mandate would end before it begins; give a later --until.")
    return act(room, "mandate", mandate, now)


def mandate(
    room: Room, holder: Member | None, purpose: str, level: Level, limits: Sequence[Limit], times: tuple[int | None, int | None]
) -> MandateGiven:  # fmt: skip
    """Word a mandate; without a holder it is one's own. `times` are its beginning and end, ms since 1970."""
    wide = {limit.issue for limit in limits if not limit.options}
    options: dict[str, list[str]] = {}
    for limit in limits:
        options.setdefault(limit.issue, []).extend(limit.options)
    return MandateGiven(
        holder=room.me if holder is None else holder.id,
        purpose=purpose,
        level=level,
        limits=tuple(
            Limit(issue, () if issue in wide else tuple(dict.fromkeys(named)))
            for issue, named in options.items()
        ),
        starts=times[0],
        until=times[1],
    )


def revoke(room: Room, given: Given, now: int) -> Entry:
    """End a mandate for everyone who sees this; what was said under it before stays what it was."""
    me = may_act(room).seated[room.me]
    if read(room.log, Mandates).revocations(given):
        raise Refused("This mandate has been revoked already.")
    if me.id != given.holder.id and not (me.role == Role.PRINCIPAL and me.side == given.holder.side):
        raise Refused(f"Only {given.holder.name} or a principal of {given.holder.side} can end this mandate.")
    return act(room, "mandate-revoke", MandateRevoked(given.entry.id), now)


def challenge(room: Room, holder: Member, text: str, now: int) -> Entry:
    """Ask somebody of another side to show their authority by an act that both have agreed on."""
    me = may_act(room).seated[room.me]
    if holder.side == me.side:
        raise Refused(f"{holder.name} is of your own side; a challenge is for somebody of another.")
    if not text.strip():
        raise Refused("Say, after --, by which act they are to show it.")
    return act(room, "mandate-challenge", MandateChallenge(holder.id, text), now)


def answer(room: Room, challenged: Challenge, text: str, item: Item | None, now: int) -> Entry:
    """Say which act answers a challenge of one's side, and where the record has it."""
    me = may_act(room).seated[room.me]
    if me.side != challenged.holder.side:
        raise Refused(
            f"This challenge is for {challenged.holder.name}; only {challenged.holder.side} answers it."
        )
    if not text.strip() and item is None:
        raise Refused("Say with --how what answers the challenge, or name the note of it with --item.")
    body = MandateAnswer(challenged.entry.id, text, None if item is None else item.entry.id)
    return act(room, "mandate-answer", body, now)


def checked(room: Room, challenged: Challenge, how: str, item: Item | None, now: int) -> Entry:
    """Say that one's side has seen the act it asked for, and how."""
    me = may_act(room).seated[room.me]
    if me.side != challenged.challenger.side:
        raise Refused(
            f"{challenged.challenger.side} made this challenge; only {challenged.challenger.side} can say that it checked."
        )
    if not how.strip():
        raise Refused("Say with --how you saw it.")
    body = MandateChecked(challenged.entry.id, how, None if item is None else item.entry.id)
    return act(room, "mandate-checked", body, now)


def check_within(room: Room, terms: Sequence[Term], mandate: Mandate, now: int) -> None:
    """Refuse what would go beyond the mandate of this desk's person."""
    flaw = objection(room.log, voice_now(room.log, room.me, now), terms, mandate)
    if flaw is not None:
        raise OutOfMandate(
            f"This cannot count as your side's word: {flaw}. Ask your principal, change it, or say it all the same with"
            " --beyond-mandate: everyone then sees that it goes beyond your mandate."
        )


def accept(room: Room, item: Item, now: int, *, beyond: bool = False) -> Entry:
    """Take an offer of another side for one's own; `beyond` says it without the mandate to, and then it counts for nothing."""
    me = may_act(room).seated[room.me]
    if item.status is Status.EXPIRED:
        raise Expired(f"{item.label} has expired; ask for it to be offered again.")
    found = offer(room.log, item)
    if not found.counts:
        raise OutOfMandate(f"{item.label} is not an offer and cannot be accepted: {found.why}.")
    if found.side == me.side:
        raise Refused(f"{item.label} is an offer of your own side; it is for another to accept.")
    if any(one.by.side == me.side and one.flaw is None for one in acceptances(room.log, item.entry.id)):
        raise Refused(f"Your side has accepted {item.label} already.")
    assert isinstance(item.body, Paper)
    mine = authority(room.log, voice_now(room.log, room.me, now), item.body.terms)
    if mine.side is None and not (mine.beyond and beyond):
        way = (
            "ask your principal, or say it all the same with --beyond-mandate: everyone then sees that it goes beyond your mandate"
            if mine.beyond
            else f"ask a principal of {me.side}, or answer it as what you are"
        )
        raise OutOfMandate(f"Your acceptance would not be that of {me.side}: {mine.why}; {way}.")
    return act(room, "accept", Accept(item.entry.id), now)
