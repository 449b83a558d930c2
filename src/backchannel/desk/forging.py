"""A forged conversation, taken in by the code that takes in real ones, looked at, and undone (docs/spec/deniability.md).

From this desk's own secrets and the other members' public keys. Nothing is sent, and the room is afterwards as its
file says; what shows the conversation meanwhile is whatever shows real ones.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn, TypeVar

from backchannel.channel.event import Event, MemberId, seal_event
from backchannel.channel.log import Entry
from backchannel.channel.parcel import Parcel
from backchannel.crypto.cell_cipher import seal_cell
from backchannel.crypto.envelope import (
    EntryKind,
    Envelope,
    WrapHeader,
    WrapText,
    body_hash,
    seal_body,
    seal_wrap,
)
from backchannel.crypto.forgery import blind_wrap, forge_next, forge_olm, forged_envelope
from backchannel.crypto.olm_anatomy import session_state
from backchannel.desk.room import Peer, Room
from backchannel.desk.sending import may_act, say
from backchannel.desk.taking import take
from backchannel.errors import Refused
from backchannel.moves.paper import Capacity, Mandate, Paper, Register
from backchannel.said import said
from backchannel.wire.cells import ENVELOPE_ID_BYTES, cut
from backchannel.wire.codec import encode

T = TypeVar("T")


class _Undo(Exception):
    """Ends a forgery; the room goes back to what its file says."""


def forge(
    room: Room, lines: Sequence[tuple[MemberId, str]], now: int, look: Callable[[Room, list[Entry]], T]
) -> T:
    """Make members say these texts in this order, look at the room as it then is, and undo it all.

    A line of our own is said as it always is. `look` gets the room and the entries of the lines.
    """
    may_act(room)
    seen: list[T] = []
    with suppress(_Undo), room.changing():
        entries = [_line(room, author, text, now) for author, text in lines]
        seen.append(look(room, entries))
        _undo()
    return seen[0]


def _undo() -> NoReturn:
    raise _Undo


def _line(room: Room, author: MemberId, text: str, now: int) -> Entry:
    rule = room.seating.epoch.charter.rule
    paper = Paper(
        Register.TALK,
        Mandate.NOT_STATED,
        Capacity.NOT_STATED,
        rule,
        text,
        None,
        (),
        None,
        (),
        (),
        None,
        False,
    )
    if author == room.me:
        return say(room, "paper", encode(paper), now, item=True)
    cells = forged_cells(room, author, "paper", encode(paper), now)
    way = room.way()
    # From here on nothing knows that this is a forgery.
    taken = take(room, way.transport.drop, list(enumerate(cells, way.cursor + 1)), now)
    if taken.refusals or len(taken.entries) != 1:
        why = (
            taken.refusals[0]
            if taken.refusals
            else said("This desk is still waiting for something in this room.")
        )
        raise Refused(
            said("Nothing could be forged in the name of {name}: {why}", name=room.name(author), why=why)
        )
    return taken.entries[0]


def forged_cells(room: Room, author: MemberId, kind: str, body: bytes, now: int) -> list[bytes]:
    """Make the cells in which a member says something to everyone, as this desk would have read them."""
    seating, peer = room.seating, room.peers[author]
    event = Event(
        version=1,
        room=room.id,
        author=author,
        seq=room.log.next_seq(author),
        prev=room.log.last_by(author),
        epoch=seating.epoch.number,
        parents=room.log.head_refs(),
        audience=seating.audience_hash(),
        number=room.log.highest() + 1,
        at=now,
        kind=kind,
        body=body,
    )
    eid, salt, data = seal_event(event)
    content_key, sealed = seal_body(encode(Parcel("event", salt, data, b"", None)))
    newest = max(room.kem)
    header = WrapHeader(room.id, author, room.me, peer.taken + 1, peer.acked, newest)
    text = WrapText(1, header, EntryKind.EVENT, content_key, eid, body_hash(sealed))
    olm = _forged_olm(room, peer, encode(text))
    wraps = [seal_wrap(olm, header, room.kem[newest].key.public, newest)]
    for other in sorted(set(seating.seated) - {author, room.me}):
        known = room.peers[other]
        blind = WrapHeader(room.id, author, other, header.n, 0, known.kem_seq)
        wraps.append(blind_wrap(olm, blind, known.kem_public, known.kem_seq))
    way = room.way()
    envelope: Envelope = forged_envelope(author, header.n, wraps, sealed)
    pieces = cut(encode(envelope), way.transport.cell_size, secrets.token_bytes(ENVELOPE_ID_BYTES))
    return [seal_cell(way.key, way.transport.drop, piece) for piece in pieces]


def _forged_olm(room: Room, peer: Peer, text: bytes) -> bytes:
    """Continue the author's chain if we hold one, else open a session in their name on a key of ours."""
    if peer.session is not None and session_state(peer.session)["receiving_chains"]["inner"]:
        return forge_next(peer.session, [text])[0]
    spare = room.account.one_time_keys
    if not spare:
        raise Refused(
            said(
                "{name} never wrote here, and no key is left to begin in their name.", name=room.name(peer.id)
            )
        )
    return forge_olm(room.account, spare[0], room.credential_of(peer.id).identity, [text])[0]
