"""Which papers are the offer of a side, and who accepted them: judged by each author's own view (docs/spec/moves/accept.md 3)."""

from dataclasses import dataclass

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry, Log
from backchannel.channel.members import Member
from backchannel.channel.reading import follows, in_order, read
from backchannel.moves.accept import Acceptances
from backchannel.moves.authority import Authority, Basis, authority
from backchannel.moves.paper import Item, Mandate, Paper, Papers, Status
from backchannel.moves.ratification import flaw as ratification_flaw
from backchannel.moves.voice import voice_of
from backchannel.said import said

GONE = {
    Status.WITHDRAWN: said("its author withdrew it"),
    Status.HANDED_BACK: said("it was handed back"),
    Status.EXPIRED: said("it has expired"),
    Status.VOID: said("it counts for nothing"),
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
    if item.entry.void is not None:
        return Offer(False, GONE[Status.VOID], None, Basis.NONE)
    if item.entry.event.kind != "paper":
        return Offer(False, said("a note of a public event is nobody's offer"), None, Basis.NONE)
    body = item.body if isinstance(item.body, Paper) else None
    judged = _judged(log, item.entry, body)
    flaw = GONE.get(item.status) or (None if body is None else _flaw_of(body))
    if flaw is None and judged.side is not None:
        flaw = ratification_flaw(log, item.entry.id, (judged.side,))
    if flaw is not None or judged.side is None:
        return Offer(False, flaw or judged.why, None, judged.basis, judged.beyond)
    return Offer(True, judged.why, judged.side, judged.basis)


def _judged(log: Log, entry: Entry, body: Paper | None) -> Authority:
    """Give the authority with which a paper was said, as far as its text is still there to tell."""
    return authority(log, voice_of(log, entry), None if body is None else body.terms)


def _flaw_of(paper: Paper) -> str | None:
    """What in its own words keeps a paper from being an offer; its register does not."""
    if paper.carried is not None:
        return said("it carries somebody else's words")
    if paper.mandate == Mandate.EXPLORATORY:
        return said("its author says that it is exploratory")
    return (
        None if paper.mandate == Mandate.AUTHORISED else said("its author does not say that it is authorised")
    )


def acceptances(log: Log, target: EventId) -> list[Acceptance]:
    """Give who said to accept an item, each once and in the order of the log, those that count for nothing too."""
    entry = log.entries[target]
    takings = read(log, Papers).takings(target)
    found: dict[MemberId, Acceptance] = {}  # one of each author: the first that counts, or else the last
    for told in in_order(read(log, Acceptances).of(target)):
        by = voice_of(log, told).member
        known = None if by is None else found.get(by.id)
        if by is None or not follows(told, entry) or (known is not None and known.flaw is None):
            continue
        found.pop(by.id, None)
        crossed = any(not follows(told, taking) and not follows(taking, told) for taking in takings)
        found[by.id] = Acceptance(told, by, _flaw(log, entry, told, by), crossed)
    return list(found.values())


def _flaw(log: Log, target: Entry, told: Entry, by: Member) -> str | None:
    """Why an acceptance counts for nothing: by its author's view of the offer, and by its own authority."""
    if target.event.kind != "paper" or target.void is not None:
        return said("what it accepts is not an offer")
    papers = read(log, Papers)
    found = papers.bodies[target.id]
    paper = found if isinstance(found, Paper) else None
    author, judged = voice_of(log, target).member, _judged(log, target, paper)
    flaw = None if paper is None else _flaw_of(paper)
    # spec accept 3: where the words of a mandate or of the offer have gone, what was accepted stays accepted
    if flaw is None and judged.side is None and not judged.untold:
        flaw = judged.why
    if flaw is not None:
        return said("what it accepts is not an offer: {flaw}", flaw=flaw)
    if author is None or author.side == by.side:
        return said("nobody accepts what their own side offers")
    if any(follows(told, taking) for taking in papers.takings(target.id)):
        return said("what it accepts had been taken back")
    if paper is not None and paper.expires is not None and told.event.at >= paper.expires:
        return said("what it accepts had expired")
    waits = ratification_flaw(log, target.id, (author.side, by.side), told)
    mine = authority(log, voice_of(log, told), None if paper is None else paper.terms)
    return waits if waits is not None or mine.side is not None or mine.untold else mine.why
