"""What binds a side and was said beyond the mandate its author held: shown as that on every desk (docs/spec/moves/mandate.md 3)."""

from backchannel.channel.event import EventId
from backchannel.channel.log import Entry, Log
from backchannel.channel.reading import read
from backchannel.errors import Violation
from backchannel.moves.authority import overstep
from backchannel.moves.paper import Term
from backchannel.moves.pledge import Pledge, Pledges, parse
from backchannel.moves.seal import seated_for

BINDING = frozenset(
    {
        *("pledge", "pledge-acknowledge", "pledge-release", "deed-read", "promise-broken"),
        *("understanding-offer", "understanding-confirm", "understanding-decline", "published", "lapse"),
        *("seal-draft", "seal-key", "seal-agree", "seal-signature", "seal-held", "seal-anchor"),
        *("surface-line", "surface-propose", "surface-agree", "leak-line", "leak-line-agree"),
        *("precondition", "precondition-park", "precondition-drop"),
    }
)


def beyond(log: Log, entry: Entry) -> str | None:
    """Say why an event is not the word of its author's side though they sit here for it; None if it is, or binds nobody anyhow."""
    if entry.event.kind not in BINDING or entry.void is not None or seated_for(log, entry) is None:
        return None
    return overstep(log, entry, _terms(log, entry))


def _terms(log: Log, entry: Entry) -> tuple[Term, ...]:
    """What a pledge states, or the pledge that is acknowledged."""
    if entry.erased is not None or entry.event.kind not in {"pledge", "pledge-acknowledge"}:
        return ()
    try:
        body = parse(entry.event.kind, entry.event.body)
    except Violation:
        return ()
    if isinstance(body, Pledge):
        return body.terms
    pledge = read(log, Pledges).pledges.get(EventId(getattr(body, "target", b"")))
    return () if pledge is None else pledge.terms
