"""Which papers are the offer of a side, and who accepted them: judged by each author's own view (docs/spec/moves/accept.md 3)."""

from dataclasses import dataclass

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Member
from backchannel.channel.reading import follows, in_order, read
from backchannel.moves.accept import Acceptances
from backchannel.moves.authority import Authority, Basis, authority
from backchannel.moves.paper import Front, Item, Mandate, Paper, Papers, Status
from backchannel.moves.voice import voice_of

GONE = {
    Status.WITHDRAWN: "its author withdrew it",
    Status.HANDED_BACK: "it was handed back",
    Status.EXPIRED: "it has expired",
    Status.VOID: "it counts for nothing",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether an item can be accepted as the word of a side, why or why not, and on what its author's authority rests."""

    counts: bool
    why: str
    side: str | None
    basis: Basis
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody's acceptance of an item; `flaw` says why it counts for nothing, `crossed` that a taking back crossed with it."""

    entry: Entry
    by: Member
    flaw: str | None
    crossed: bool


def offer(log: Log, item: Item) -> Offer:
    """Judge an item as it stands."""
    if item.entry.void is not None or isinstance(item.body, Front):
        why = (
            GONE[Status.VOID] if item.entry.void is not None else "a note of a public event is nobody's offer"
        )
        return Offer(False, why, None, Basis.NONE)
    judged, flaw = _judged(log, item.entry, item.body)
    if item.status is not Status.STANDING:
        flaw = GONE[item.status]
    if flaw is not None:
        return Offer(False, flaw, None, judged.basis, judged.beyond)
    return Offer(True, judged.why, judged.side, judged.basis)


def _judged(log: Log, entry: Entry, body: Paper | Front | None) -> tuple[Authority, str | None]:
    """Give the authority a paper was said with, and what keeps it from being an offer, leaving aside whether it still stands."""
    paper = body if isinstance(body, Paper) else None
    found = authority(log, voice_of(log, entry), None if paper is None else paper.terms)
    if paper is not None and paper.carried is not None:
        return found, "it carries somebody else's words"
    if paper is not None and paper.mandate == Mandate.EXPLORATORY:
        return found, "its author says that it is exploratory"
    if paper is not None and paper.mandate != Mandate.AUTHORISED:
        return found, "its author does not say that it is authorised"
    return found, None if found.side is not None else found.why


def acceptances(log: Log, target: EventId) -> list[Acceptance]:
    """Give who said to accept an item, in the order of the log, those that count for nothing too."""
    entry = log.entries[target]
    found = []
    for said in in_order(read(log, Acceptances).of(target)):
        voice = voice_of(log, said)
        if voice.member is not None and follows(said, entry):
            flaw = _flaw(log, entry, said, voice.member)
            taken = read(log, Papers).takings(target)
            crossed = any(not follows(said, taking) for taking in taken)
            found.append(Acceptance(said, voice.member, flaw, crossed))
    return found


def _flaw(log: Log, target: Entry, said: Entry, by: Member) -> str | None:  # noqa: PLR0911 - one return a rule
    """Why an acceptance counts for nothing; what can be told of a text that has gone is judged, and the rest let be."""
    if target.event.kind != "paper" or target.void is not None:
        return "what it accepts is not an offer"
    papers = read(log, Papers)
    body = papers.bodies[target.id]
    judged, flaw = _judged(log, target, body)
    author = voice_of(log, target).member
    # spec accept 3: where a mandate or the text has gone, what was accepted before stays accepted
    if flaw is not None and not judged.untold:
        return f"what it accepts is not an offer: {flaw}"
    if author is None or author.side == by.side:
        return "nobody accepts what their own side offers"
    if any(follows(said, taking) for taking in papers.takings(target.id)):
        return "what it accepts had been taken back"
    if isinstance(body, Paper) and body.expires is not None and said.event.at >= body.expires:
        return "what it accepts had expired"
    mine = authority(log, voice_of(log, said), body.terms if isinstance(body, Paper) else None)
    return None if mine.side is not None or mine.untold else mine.why
