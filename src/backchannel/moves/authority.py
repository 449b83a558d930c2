"""Whether somebody speaks for their side, by what they had seen when they spoke (docs/spec/moves/mandate.md 3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from backchannel.channel.log import Entry, Log
from backchannel.channel.members import ROLES, Member, Role
from backchannel.channel.reading import read
from backchannel.moves.mandate import ENVOYS, Given, Mandates, Status
from backchannel.moves.paper import Mandate, Term
from backchannel.moves.voice import Voice, voice_of
from backchannel.said import said


class Basis(StrEnum):
    """On whose word somebody's authority rests."""

    PRINCIPAL = "principal"
    VOUCHED = "vouched"
    ASSERTED = "asserted"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Authority:
    """What somebody's word is worth: the side it binds or None, on what basis, and why.

    `beyond` marks who has a mandate and goes beyond it; `untold` whose mandate may have been among those whose words have gone.
    """

    side: str | None
    basis: Basis
    why: str
    beyond: bool = False
    untold: bool = False


ALONE = said("its author alone says so: no principal of {side} is here")
YOURS = said("your mandate")
HELD = said("the mandate of its author")
ENDED = {
    Status.REVOKED: said("the mandate of its author was revoked"),
    Status.EXPIRED: said("the mandate of its author had run out"),
    Status.NOT_YET: said("the mandate of its author had not begun"),
}


def authority(log: Log, voice: Voice, terms: Sequence[Term] | None) -> Authority:
    """Give what somebody's word is worth on these terms; None for terms that nobody can know any more."""
    member = voice.member
    if member is None:
        return Authority(None, Basis.NONE, said("its author was not seated here"))
    if member.role == Role.PRINCIPAL:
        return Authority(
            member.side,
            Basis.PRINCIPAL,
            said("its author is a principal of {member_side}", member_side=member.side),
        )
    if member.role not in ENVOYS:
        return Authority(
            None,
            Basis.NONE,
            said(
                "its author is here as {role} and speaks for no side",
                role=ROLES.get(member.role, member.role),
            ),
        )
    mandates = read(log, Mandates)
    vouched, claims = _split(mandates.of(voice))
    asserted = Basis.ASSERTED if claims or member.role == Role.AUTHORISED_ENVOY else Basis.NONE
    if not mandates.had_principal(member.side, voice):
        return _alone(mandates, member, claims, voice, terms, asserted)
    if vouched:
        found = _under(mandates, vouched, voice, terms)
    else:
        why = said("no principal of {member_side} has given its author a mandate", member_side=member.side)
        found = Authority(None, asserted, why)
    if found.side is None and mandates.gone_of_principals(voice):
        why = said("{why}, unless by one that has gone with the texts of the room", why=found.why)
        return replace(found, why=why, untold=True)
    return found


def _alone(
    mandates: Mandates,
    member: Member,
    claims: Sequence[Given],
    voice: Voice,
    terms: Sequence[Term] | None,
    asserted: Basis,
) -> Authority:
    """Judge an envoy whose side has had no principal here: nobody vouches, so it is their own word or nothing."""
    if member.role == Role.EXPLORATORY_ENVOY:
        return Authority(None, asserted, said("its author is here to explore"))
    if claims:
        return _under(mandates, claims, voice, terms)
    if mandates.gone_of(voice):
        why = said("what its author said of their mandate has gone with the texts of the room")
        return Authority(None, asserted, why, untold=True)
    return Authority(member.side, asserted, said(ALONE, side=member.side))


def objection(
    log: Log, voice: Voice, terms: Sequence[Term], mandate: Mandate, whose: str = YOURS
) -> str | None:
    """Say how somebody who speaks goes beyond the mandate they have; None if they do not, or have none."""
    if voice.member is None or voice.member.role not in ENVOYS:
        return None
    mandates = read(log, Mandates)
    vouched, claims = _split(mandates.of(voice))
    held = vouched or claims
    binding = mandate is Mandate.AUTHORISED
    if not held or not (terms or binding):
        return None
    standing = [given for given in held if mandates.in_force(given, voice)]
    if not standing:
        return ENDED[mandates.status_for(held[-1], voice)].replace(HELD, whose)
    usable = [given for given in standing if given.authorised] if binding else standing
    if not usable:
        return said("{whose} is exploratory", whose=whose)
    outside = _outside(usable, terms)
    return (
        None
        if outside is None
        else said(
            "“{issue}: {option}” lies outside {whose}",
            issue=outside.issue,
            option=outside.option,
            whose=whose,
        )
    )


def overstep(log: Log, entry: Entry, terms: Sequence[Term] = ()) -> str | None:
    """Say how an event that binds a side goes beyond the mandate its author held by what they had seen; None if it does not."""
    # spec mandate 3: by the event's own ancestors and clock, so that every desk says the same
    return objection(log, voice_of(log, entry), terms, Mandate.AUTHORISED, HELD)


def _split(held: Sequence[Given]) -> tuple[list[Given], list[Given]]:
    """What others vouch for, and what the holder alone says."""
    return [given for given in held if not given.asserted], [given for given in held if given.asserted]


def _under(
    mandates: Mandates, held: Sequence[Given], voice: Voice, terms: Sequence[Term] | None
) -> Authority:
    """Judge by mandates: each term must lie within one that authorises and was in force."""
    first = held[0]
    side, basis = first.holder.side, Basis.ASSERTED if first.asserted else Basis.VOUCHED
    standing = [given for given in held if mandates.in_force(given, voice)]
    if not standing:
        return Authority(None, basis, ENDED[mandates.status_for(held[-1], voice)], beyond=True)
    usable = [given for given in standing if given.authorised]
    if not usable:
        return Authority(None, basis, said("its author's mandate is exploratory"))
    outside = _outside(usable, terms or ())
    if outside is not None:
        why = said(
            "“{issue}: {option}” lies beyond its author's mandate", issue=outside.issue, option=outside.option
        )
        return Authority(None, basis, why, beyond=True)
    if terms is not None and not terms and all(given.body.limits for given in usable):
        why = said(
            "its author's mandate has limits, and what states nothing on an issue cannot lie within them"
        )
        return Authority(None, basis, why)
    by = usable[-1].giver
    why = (
        said(ALONE, side=side)
        if first.asserted
        else said("{by}, a principal of {side}, gave its author a mandate for it", by=by.name, side=side)
    )
    return Authority(side, basis, why)


def _outside(usable: Sequence[Given], terms: Sequence[Term]) -> Term | None:
    return next((term for term in terms if not any(given.covers(term) for given in usable)), None)
