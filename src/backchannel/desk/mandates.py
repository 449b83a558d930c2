"""What a person does about authority: give, claim and revoke mandates, challenge them, check them, and accept offers."""

from collections.abc import Sequence

from backchannel.channel.log import Entry
from backchannel.channel.members import ROLES, Member, Role
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
from backchannel.said import said


def give(room: Room, holder: Member, mandate: MandateGiven, now: int) -> Entry:
    """Vouch for an envoy of one's own side, as its principal."""
    me = may_act(room).seated[room.me]
    if me.role != Role.PRINCIPAL:
        raise OutOfMandate(
            said(
                "Only a principal of {me_side} gives a mandate; what you say of your own is `backchannel desk mandate claim`.",
                me_side=me.side,
            )
        )
    if holder.id == me.id:
        raise Refused("A principal needs no mandate; give it to an envoy of your side.")
    if holder.side != me.side:
        raise Refused(
            said(
                "{holder} speaks for {holder_side}; only its own principal can vouch for them.",
                holder=holder.name,
                holder_side=holder.side,
            )
        )
    if holder.role not in ENVOYS:
        raise Refused(
            said(
                "{holder} is here as {role} and binds nobody; invite them as an envoy to give them a mandate.",
                holder=holder.name,
                role=ROLES.get(holder.role, holder.role),
            )
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
        raise Refused(
            said(
                "Only {holder} or a principal of {holder_side} can end this mandate.",
                holder=given.holder.name,
                holder_side=given.holder.side,
            )
        )
    return act(room, "mandate-revoke", MandateRevoked(given.entry.id), now)


def challenge(room: Room, holder: Member, text: str, now: int) -> Entry:
    """Ask somebody of another side to show their authority by an act that both have agreed on."""
    me = may_act(room).seated[room.me]
    if holder.side == me.side:
        raise Refused(
            said("{holder} is of your own side; a challenge is for somebody of another.", holder=holder.name)
        )
    if not text.strip():
        raise Refused("Say, after --, by which act they are to show it.")
    return act(room, "mandate-challenge", MandateChallenge(holder.id, text), now)


def answer(room: Room, challenged: Challenge, text: str, item: Item | None, now: int) -> Entry:
    """Say which act answers a challenge of one's side, and where the record has it."""
    me = may_act(room).seated[room.me]
    if me.side != challenged.holder.side:
        raise Refused(
            said(
                "This challenge is for {holder}; only {holder_side} answers it.",
                holder=challenged.holder.name,
                holder_side=challenged.holder.side,
            )
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
            said(
                "{challenger_side} made this challenge; only {challenger_side} can say that it checked.",
                challenger_side=challenged.challenger.side,
            )
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
            said(
                "This cannot count as your side's word: {flaw}. Ask your principal, change it, or say it all the same"
                " with --beyond-mandate: everyone then sees that it goes beyond your mandate.",
                flaw=flaw,
            )
        )


def accept(room: Room, item: Item, now: int, *, beyond: bool = False) -> Entry:
    """Take an offer of another side for one's own; `beyond` says it without the mandate to, and then it counts for nothing."""
    me = may_act(room).seated[room.me]
    if item.status is Status.EXPIRED:
        raise Expired(said("{label} has expired; ask for it to be offered again.", label=item.label))
    found = offer(room.log, item)
    if not found.counts:
        raise OutOfMandate(
            said("{label} is not an offer and cannot be accepted: {why}.", label=item.label, why=found.why)
        )
    if found.side == me.side:
        raise Refused(
            said("{label} is an offer of your own side; it is for another to accept.", label=item.label)
        )
    if any(one.by.side == me.side and one.flaw is None for one in acceptances(room.log, item.entry.id)):
        raise Refused(said("Your side has accepted {label} already.", label=item.label))
    assert isinstance(item.body, Paper)
    mine = authority(room.log, voice_now(room.log, room.me, now), item.body.terms)
    if mine.side is None and not (mine.beyond and beyond):
        way = (
            said(
                "ask your principal, or say it all the same with --beyond-mandate: everyone then sees that it goes beyond"
                " your mandate"
            )
            if mine.beyond
            else said("ask a principal of {me_side}, or answer it as what you are", me_side=me.side)
        )
        raise OutOfMandate(
            said(
                "Your acceptance would not be that of {me_side}: {why}; {way}.",
                me_side=me.side,
                why=mine.why,
                way=way,
            )
        )
    return act(room, "accept", Accept(item.entry.id), now)
