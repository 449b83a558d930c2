"""What a person does to bring a sealed text into the open together with the other sides (docs/spec/moves/surface.md).

Nothing here goes out: a desk writes files once all have agreed, and a person publishes them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from backchannel.channel.event import EventId, MemberId
from backchannel.channel.log import Entry
from backchannel.channel.reading import read
from backchannel.crypto.seals import b64
from backchannel.daylight.disclosure import Disclosure, parse_disclosure
from backchannel.daylight.strict import date_of
from backchannel.daylight.text import Kind, Lapse, Relation, parse_payload
from backchannel.daylight.verify import verify
from backchannel.desk import sealings
from backchannel.desk.acting import act
from backchannel.desk.room import Room
from backchannel.desk.room_store import set_state, state
from backchannel.desk.sending import may_act
from backchannel.desk.speaking import check_mandate
from backchannel.errors import Blocked, Forked, Refused
from backchannel.moves.seal import SPEAKERS, Earlier, SealDraft
from backchannel.moves.surface import (
    SurfaceAgree,
    SurfaceLine,
    SurfacePropose,
    SurfaceRetract,
    Surfacings,
    Terms,
)
from backchannel.said import joined, said
from backchannel.wire.codec import Record, decode, encode

NAME = "surface/"  # of what all agreed to, in the room's file


class Agreed(Record, frozen=True):
    """Terms to which every side has agreed for good, as a desk keeps them when the talk about them is gone."""

    text: bytes
    sides: tuple[str, ...]
    audience: str
    at: int
    opened: tuple[str, ...]
    left_out: tuple[int, ...]
    narrative: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Surfacing:
    """A publication as this desk sees it: who has not agreed, and of whom it has not been seen that they know all agreed."""

    id: EventId
    terms: Terms
    missing: tuple[str, ...]
    unsettled: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether nobody can take anything back any more."""
        return not self.missing and not self.unsettled


def line(room: Room, text: bytes, words: str, now: int) -> Entry:
    """Give this side's own words on a sealed text, for a proposal to take up."""
    _speaking(room, parsed_sides(room, text), now)
    return act(room, "surface-line", SurfaceLine(text, words), now)


def propose(room: Room, body: SurfacePropose, now: int) -> Entry:
    """Propose what is to be seen of a sealed text, by whom and from when; it is this side's agreement too."""
    if body.sides != parsed_sides(room, body.text):
        raise Refused("A proposal names the sides of the text and nobody else.")
    _speaking(room, body.sides, now, go_between=True)
    sealings.file(room, body.text, body.opened, body.left_out)  # refuses what the text has not
    return act(room, "surface-propose", body, now)


def agree(room: Room, target: EventId, now: int, *, beyond: bool = False) -> Entry:
    """Agree for this side to a proposal, to all of it; said beyond one's mandate it counts for nothing."""
    found = _found(room, target)
    _speaking(room, found.terms.sides, now, beyond=beyond)
    _check_text(room, found.terms)
    if room.credential.side not in found.missing:
        raise Refused("Your side agrees to this already.")
    return act(room, "surface-agree", SurfaceAgree(target), now)


def retract(room: Room, target: EventId, now: int) -> Entry:
    """Take back one's own agreement, as long as this desk does not know that everybody has agreed."""
    may_act(room)
    proposed = read(room.log, Surfacings).proposal(target)
    if proposed is None:
        raise Refused(
            "There is no such proposal in this room; see them with `backchannel desk surface show`."
        )
    if not proposed.missing:
        raise Refused(
            "Every side has agreed, and you have seen it: what is agreed by all is not taken back by one."
        )
    if room.me not in {one.author for acts in proposed.agreed.values() for one in acts}:
        raise Refused("You have not agreed to this, so there is nothing to take back.")
    return act(room, "surface-retract", SurfaceRetract(target), now)


def known(room: Room) -> dict[EventId, Surfacing]:
    """Every proposal that stands here or that all agreed to once, as this desk sees it."""
    stored = room.db.all("SELECT name, value FROM state WHERE name LIKE 'surface/%' ORDER BY name")
    found = {}
    for name, value in stored:
        eid = EventId(bytes.fromhex(str(name).removeprefix(NAME)))
        found[eid] = Surfacing(eid, _terms(decode(value, Agreed)), (), ())
    for eid, proposed in read(room.log, Surfacings).standing().items() if room.seated else ():
        found.setdefault(
            eid, Surfacing(eid, proposed.terms, proposed.missing, proposed.unsettled(partial(_shown, room)))
        )
    return found


def keep(room: Room) -> None:
    """Keep with the room what every side has agreed to for good; it may be published long after the talk has expired."""
    for eid, one in known(room).items():
        if one.settled and state(room.db, f"{NAME}{eid.hex()}") is None:
            terms = one.terms
            agreed = Agreed(
                terms.text, terms.sides, terms.audience, terms.at_ms, terms.opened, terms.left_out,
                terms.narrative, tuple(terms.lines.items()),
            )  # fmt: skip
            set_state(room.db, f"{NAME}{eid.hex()}", encode(agreed))


def statement(room: Room, target: EventId, now: int) -> Entry:
    """Put what the sides will say in public before the room, to be sealed as a text of its own."""
    found = _found(room, target)
    _check_agreed(found)
    return sealings.draft(room, statement_words(room, found.terms), now)


def statement_words(room: Room, terms: Terms) -> SealDraft:
    """The text of what the sides say in public: together first, then each for itself; Refused if they say nothing."""
    if not terms.narrative and not terms.lines:
        raise Refused("Nobody proposed words for the public, so there is no statement to seal.")
    title = parse_payload(sealings.kept_text(room, terms.text).payload).title
    clauses = [terms.narrative] if terms.narrative else []
    clauses += [f"{side}:\n{words}" for side, words in terms.lines.items()]
    return SealDraft(
        title=f"In public: {title}"[:200].rstrip(),
        dated=terms.at_ms,
        clauses=tuple(clauses),
        terms=(),
        understandings=(),
        kind=Kind.REPORT.value,
        lapse=Lapse.STANDS.value,
        refers_to=(Earlier(Relation.STATEMENT.value, terms.text),),
        sides=terms.sides,
        order=terms.sides,
    )


def preview(room: Room, found: Surfacing) -> tuple[bytes, bytes | None]:
    """Give the very files that would be published: the text, and the statement if it is sealed already."""
    _check_text(room, found.terms)
    text = sealings.file(room, found.terms.text, found.terms.opened, found.terms.left_out)
    return text, _sealed_statement(room, found.terms)


def words_sealed(room: Room, found: Surfacing) -> bool | None:
    """Tell whether the words for the public are sealed and anchored here; None if there are to be none."""
    if not found.terms.narrative and not found.terms.lines:
        return None
    return found.terms.text in sealings.kept(room) and _sealed_statement(room, found.terms) is not None


def publication(room: Room, target: EventId, now: int) -> tuple[bytes, bytes | None]:
    """Give the files to publish: the text with what was agreed to be seen, and the sealed statement if there is to be one.

    Blocked, with who is missing, before every side has agreed for good; Refused before the agreed date.
    """
    with room.changing():
        keep(room)
    found = _found(room, target)
    _check_agreed(found)
    if room.frozen or room.log.forks():
        raise Forked(
            "The desks of this room do not hold the same record: settle that before anything is published."
        )
    if found.unsettled:
        raise Blocked(
            said(
                "Every side has agreed, but it has not been seen yet that {unsettled} knows it, and a change of mind"
                " may be on its way: wait until their desk has been here.",
                unsettled=joined(" and ", found.unsettled),
            )
        )
    if now < found.terms.at_ms:
        raise Refused(
            said(
                "It is agreed to publish not before {date_of}; to move the date, propose another and have every side agree.",
                date_of=date_of(found.terms.at_ms),
            )
        )
    text, told = preview(room, found)
    if told is None and (found.terms.narrative or found.terms.lines):
        raise Blocked(
            "The words for the public are not sealed yet: put them before the room with `backchannel desk surface statement`,"
            " then seal them as any text."
        )
    return text, told


def parsed_sides(room: Room, text: bytes) -> tuple[str, ...]:
    """The sides of a sealed text that this desk keeps."""
    return tuple(side.name for side in parse_payload(sealings.kept_text(room, text).payload).sides)


def _sealed_statement(room: Room, terms: Terms) -> bytes | None:
    """The file of a text sealed here that says exactly the words for the public, and nothing closed besides."""
    if not terms.narrative and not terms.lines:
        return None
    wanted = statement_words(room, terms)
    for digest in sealings.kept(room):
        text = sealings.kept_text(room, digest)
        payload = parse_payload(text.payload)
        says = (
            payload.title, payload.kind, payload.dated, tuple(side.name for side in payload.sides),
            tuple((one.relation, one.text) for one in payload.refers_to),
        )  # fmt: skip
        if (
            says == _wanted(wanted)
            and _clauses(text.disclosures) == wanted.clauses
            and len(text.anchors) == len(payload.sides)
        ):
            return sealings.file(room, digest, ())
    return None


def _wanted(words: SealDraft) -> tuple[object, ...]:
    refers = tuple((one.relation, b64(one.digest)) for one in words.refers_to)
    return words.title, words.kind, date_of(words.dated), words.sides, refers


def _clauses(disclosures: Iterable[str]) -> tuple[str, ...] | None:
    """The clauses of a text in their order; None if anything else is in it."""
    passages = [parse_disclosure(one) for one in disclosures]
    numbered: dict[int, Disclosure] = {one.clause: one for one in passages if one.clause is not None}
    if len(numbered) != len(passages):
        return None
    return tuple(str(numbered[number].value) for number in sorted(numbered))


def _shown(room: Room, mid: MemberId) -> Mapping[MemberId, int]:
    """How far a member has shown to have read; nothing, if they have shown a head that has not come: it could be a change of mind."""
    if mid == room.me:
        return {author: max(chain) for author, chain in room.log.chains.items() if chain}
    peer = room.peers.get(mid)
    return room.shown_by(mid) if peer is None or set(peer.heads) <= room.log.entries.keys() else {}


def _check_agreed(found: Surfacing) -> None:
    if found.missing:
        raise Blocked(
            said(
                "Nothing is published before every side agrees to the same terms: {missing} has not agreed.",
                missing=joined(" and ", found.missing),
            )
        )


def _check_text(room: Room, terms: Terms) -> None:
    """Accept terms only for a text that this desk keeps, with just its sides and passages that it has."""
    if terms.sides != parsed_sides(room, terms.text):
        raise Refused("This proposal names other sides than the text has: nobody can agree to it.")
    verify(sealings.file(room, terms.text, terms.opened, terms.left_out))


def _terms(agreed: Agreed) -> Terms:
    return Terms(
        agreed.text, agreed.sides, agreed.audience, agreed.at, agreed.opened, agreed.left_out, agreed.narrative,
        dict(agreed.lines),
    )  # fmt: skip


def _found(room: Room, target: EventId) -> Surfacing:
    found = known(room).get(target)
    if found is None:
        raise Refused(
            "There is no such proposal in this room; see them with `backchannel desk surface show`."
        )
    return found


def _speaking(
    room: Room, sides: tuple[str, ...], now: int, *, go_between: bool = False, beyond: bool | None = None
) -> None:
    seating = may_act(room)
    if go_between and seating.seated[room.me].role == "go-between":
        return
    if room.credential.role not in SPEAKERS or room.credential.side not in sides:
        raise Refused(
            said("Only a principal or an authorised envoy of {sides} can do this.", sides=joined(", ", sides))
        )
    check_mandate(room, now, beyond=beyond)
