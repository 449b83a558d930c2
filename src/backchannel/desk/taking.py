"""From cells to a log that has grown: cell → piece → envelope → our wrap → parcel → event or note.

Each author's line to us is taken strictly in its own order, because Olm survives little reordering: a wrap that
comes early is held until those before it are here. Bytes that break the protocol change nothing and are counted
against the author they name.
"""

import hashlib
from dataclasses import dataclass, field

from backchannel.channel.event import Erased, Event, EventId, MemberId, parse_event
from backchannel.channel.log import Arrival, Entry, arrival
from backchannel.channel.members import Epoch, Transport, transport_hash
from backchannel.channel.parcel import Annex, Note, Parcel, Welcome, parcel_id, parse_note, parse_parcel
from backchannel.crypto.cell_cipher import open_cell
from backchannel.crypto.envelope import (
    Envelope,
    Mode,
    Wrap,
    WrapText,
    body_hash,
    open_body,
    parse_envelope,
    read_wrap_text,
    unseal_wrap,
)
from backchannel.crypto.keys import check_public
from backchannel.crypto.session import is_setup
from backchannel.desk.keeping import adopt, welcome
from backchannel.desk.restarting import offered, ours_stands, renew
from backchannel.desk.room import Peer, Room, Way
from backchannel.desk.sending import acknowledged, flush, hand_on, post_note, resend
from backchannel.errors import Violation
from backchannel.moves.paper import LASTING, Attachment, Paper, parse
from backchannel.said import said
from backchannel.wire.cells import Piece, Reassembly
from backchannel.wire.codec import decode, encode

MAX_HELD = 512  # early wraps of one author
FREE_FAILURES = 8  # wraps of one author that may fail before the desk takes its time
PAUSE_MS = 1_000  # then one try in this time: enough against 2^-64 a try, too short to silence anybody


@dataclass(slots=True)
class Taken:
    """What a batch of cells brought."""

    entries: list[Entry] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


def take(room: Room, drop: bytes, cells: list[tuple[int, bytes]], now: int) -> Taken:
    """Take in cells read from one of the room's drops, in one transaction, and move the cursor past them."""
    taken = Taken()
    try:
        with room.changing():
            way = room.way_of(drop)
            for position, cell in cells:
                try:
                    _take_cell(room, way, position, cell, now, taken)
                except Violation as violation:
                    taken.refusals.append(str(violation))
            last = max((position for position, _ in cells), default=way.cursor)
            begun = way.pieces.first_unfinished
            way.cursor = max(way.cursor, last if begun is None else begun - 1)
            room.db.run("UPDATE transports SET cursor = ? WHERE event = ?", way.cursor, way.event)
    except BaseException:
        room.way_of(drop).pieces = Reassembly()  # what was joined but not saved will be read again
        raise
    return taken


def _take_cell(room: Room, way: Way, position: int, cell: bytes, now: int, taken: Taken) -> None:
    plaintext = open_cell(way.key, way.transport.drop, bytes(cell))
    if plaintext is None:
        return
    data = way.pieces.add(Piece.parse(plaintext), position)
    if data is not None:
        take_envelope(room, parse_envelope(data), now, taken)


def take_envelope(room: Room, envelope: Envelope, now: int, taken: Taken) -> None:
    """Take in one envelope, and whatever was held until it came."""
    author = MemberId(envelope.author)
    if author == room.me:
        hashed = body_hash(envelope.body)
        if room.own_mark.made(envelope.counter, envelope.mark, hashed):
            room.freeze(said("messages sent by a later copy of this desk are on the relay"))
        return
    wrap = envelope.wrap_for(room.me)
    if wrap is None or room.frozen:
        return
    peer = room.peers.get(author)
    if peer is None:
        raise Violation("A message names an author who is not in this room.")
    if wrap.n <= peer.taken:
        room.owes_receipt = True  # they have not heard that we have it
        offered(room, peer, envelope, wrap, now)
        return
    if wrap.mode is Mode.BARE and wrap.n > peer.taken + 1 and not _pausing(peer, now):
        _take_early(room, peer, envelope, wrap, now, taken)
        return
    if wrap.n > peer.taken + 1 or _pausing(peer, now):
        _hold(room, author, wrap, envelope, now)
        return
    _take_wrap(room, peer, envelope, wrap, now, taken)
    take_held(room, peer, now, taken)


def _take_early(room: Room, peer: Peer, envelope: Envelope, wrap: Wrap, now: int, taken: Taken) -> None:
    """Take a `reopen` out of its turn: what it waits for may be sealed to a key that is gone on both sides.

    It carries public keys only, and Olm lets it by: what was skipped can still be opened later.
    """
    if wrap.n in peer.early:
        return
    try:
        _take_wrap(room, peer, envelope, wrap, now, taken, early=True)
    except Violation:
        if wrap.n in peer.early:
            raise
        _hold(room, peer.id, wrap, envelope, now)  # too far ahead for Olm, or not theirs: its turn will tell


def take_held(room: Room, peer: Peer, now: int, taken: Taken) -> None:
    """Take what waited for its turn on one author's line."""
    while not _pausing(peer, now):
        turn = peer.taken + 1
        if turn in peer.early:
            peer.taken = turn
            room.took_early(peer, None)
            continue
        rows = room.db.all("SELECT envelope FROM held WHERE author = ? AND n = ? ORDER BY at", peer.id, turn)
        for (data,) in rows:
            room.db.run("DELETE FROM held WHERE author = ? AND n = ? AND envelope = ?", peer.id, turn, data)
            envelope = parse_envelope(data)
            wrap = envelope.wrap_for(room.me)
            assert wrap is not None, "only envelopes for us are held"
            try:
                _take_wrap(room, peer, envelope, wrap, now, taken)
            except Violation as violation:
                taken.refusals.append(str(violation))
            if peer.taken >= turn:
                break
        if peer.taken < turn:
            return
        room.db.run("DELETE FROM held WHERE author = ? AND n <= ?", peer.id, peer.taken)


def _pausing(peer: Peer, now: int) -> bool:
    """After many failures try seldom: forging Olm's 64-bit code takes online tries.

    The failures may be somebody else's doing in this author's name, so what comes meanwhile is kept.
    """
    return peer.failures > FREE_FAILURES and 0 <= now - peer.failed_at < PAUSE_MS


def _hold(room: Room, author: MemberId, wrap: Wrap, envelope: Envelope, now: int) -> None:
    alone = Envelope(
        envelope.version, envelope.author, envelope.counter, envelope.mark, (wrap,), envelope.body
    )
    held = room.db.one("SELECT count(*) FROM held WHERE author = ?", author)
    assert held is not None
    if held[0] >= MAX_HELD:
        raise Violation(
            said("Too many early messages from {name}; they will be asked for again.", name=room.name(author))
        )
    room.db.run("INSERT OR IGNORE INTO held VALUES (?,?,?,?)", author, wrap.n, encode(alone), now)


def _take_wrap(
    room: Room, peer: Peer, envelope: Envelope, wrap: Wrap, now: int, taken: Taken, *, early: bool = False
) -> None:
    if wrap.mode is Mode.SEALED and wrap.kem_seq not in room.kem:
        room.reopen[peer.id] = wrap.n  # no fault of theirs, so not counted as one
        raise Violation(
            said(
                "A message from {name} is sealed to a key that is gone; it is asked for again.",
                name=room.name(peer.id),
            )
        )
    fresh = peer.session is None or not peer.restart_answered
    try:
        plaintext = _decrypt(room, peer, wrap, now)
    except Violation:
        peer.failures += 1
        peer.failed_at = now
        room.save_peer(peer)
        raise
    # From here the session has stepped: the count moves on even if what follows is refused.
    if early:  # and no answer may acknowledge what came before it and has not been taken
        room.took_early(peer, wrap.n)
    else:
        peer.taken = wrap.n
    peer.failures = 0
    peer.heard_at = now
    room.save_peer(peer)
    text = read_wrap_text(plaintext, envelope, wrap, room.id)
    if text.header.ack > peer.sent:
        room.freeze(said("{name} acknowledged messages that this copy never sent", name=room.name(peer.id)))
        return
    acknowledged(room, peer, text.header.ack)
    if wrap.mode is Mode.SEALED:
        _used(room, peer, wrap.kem_seq, now)
    room.save_peer(peer)
    parcel = parse_parcel(open_body(text, envelope.body))
    _take_advert(room, peer, parcel, taken)
    if fresh:
        flush(room, peer)  # under the key just told; the one we knew of may be long gone
    _take_parcel(room, peer, parcel, text, now, taken)


def _decrypt(room: Room, peer: Peer, wrap: Wrap, now: int) -> bytes:
    """Open our wrap down to what Olm protected; Violation leaves every state as it was."""
    own = room.kem.get(wrap.kem_seq)
    olm = unseal_wrap(wrap, peer.id, room.id, None if own is None else own.key)
    if peer.session is not None:
        try:
            plaintext = peer.session.decrypt(olm)
        except Violation:
            if not is_setup(olm):
                raise
        else:
            peer.restart_answered = True
            return plaintext
    if not is_setup(olm):
        raise Violation(
            said("A message from {name} came before the line to them was set up.", name=room.name(peer.id))
        )
    session, plaintext = room.account.accept(room.credential_of(peer.id).identity, olm)
    room.save_account()
    if not ours_stands(room, peer, now):
        anew, peer.session = peer.session is not None, session
        room.save_peer(peer)
        if anew:
            renew(room, peer)
    return plaintext


def _used(room: Room, peer: Peer, seq: int, now: int) -> None:
    """Note that a sender used one of our keys; the newest one used calls for a newer."""
    peer.kem_used = max(peer.kem_used, seq)
    own = room.kem[seq]
    if not own.used:
        own.used = True
        room.db.run("UPDATE kem_keys SET used = 1 WHERE seq = ?", seq)
        if seq == max(room.kem):
            room.add_kem_key(now)
    forget_kem_keys(room, older_than=min((known.kem_used for known in _writers(room)), default=0))


def _writers(room: Room) -> list[Peer]:
    seated = room.seating.seated if room.seated else {}
    return [peer for mid, peer in room.peers.items() if mid in seated or not seated]


def forget_kem_keys(room: Room, *, older_than: int) -> None:
    """Every sender has used a newer key and their lines are in order: the older ones are needed no more."""
    newest = max(room.kem)
    for seq in [seq for seq in room.kem if seq < older_than and seq != newest]:
        del room.kem[seq]
        room.db.run("DELETE FROM kem_keys WHERE seq = ?", seq)


def _take_advert(room: Room, peer: Peer, parcel: Parcel, taken: Taken) -> None:
    """Take up a member's newer key; one that cannot be used is named and the old one kept, the rest still stands."""
    if parcel.advert is None or parcel.advert.seq <= peer.kem_seq:
        return
    try:
        check_public(parcel.advert.public)
    except Violation:
        taken.refusals.append(
            said("{name} advertised a key that cannot be used; the old one stays.", name=room.name(peer.id))
        )
        return
    peer.kem_seq, peer.kem_public = parcel.advert.seq, parcel.advert.public
    room.save_peer(peer)


def _take_parcel(room: Room, peer: Peer, parcel: Parcel, text: WrapText, now: int, taken: Taken) -> None:
    found = parcel_id(parcel)
    if found is not None and found != text.entry:
        raise Violation(
            said("A message from {name} opens to other words than its author named.", name=room.name(peer.id))
        )
    if parcel.kind == "note":
        take_note(room, peer, parse_note(parcel.data), now, taken)
        return
    room.owes_receipt = True
    if parcel.kind == "event":
        came = arrival(parcel.salt, parcel.data, direct=True)
    elif parcel.kind == "blank":
        event = parse_event(parcel.data)
        if event.kind in LASTING or event.body:
            raise Violation("Only a text that expires can be gone before it comes.")
        came = Arrival(EventId(text.entry), event, None, None, direct=True, erased=Erased.EXPIRED)
    else:
        welcome(room, peer, decode(parcel.data, Welcome))
        return
    if came.event.author != peer.id:
        raise Violation(
            said("{name} sent somebody else's words as if by their own hand.", name=room.name(peer.id))
        )
    take_event(room, came, parcel.annex, now, taken)


def take_event(room: Room, came: Arrival, annex: bytes, now: int, taken: Taken) -> None:
    """Put an event in the log and file, with everything that now stands because of it."""
    check_annex(came.event, annex)
    if came.id in room.log.entries:
        return
    delivered = room.log.add(came)
    room.save_event(came, annex, now)
    for entry in delivered:
        stood(room, entry, now)
    taken.entries.extend(delivered)


def check_annex(event: Event, annex: bytes) -> None:
    """What travels beside an event must be what the event names, or Violation."""
    if event.kind == "epoch":
        if transport_hash(decode(annex, Transport)) != decode(event.body, Epoch).transport:
            raise Violation("A new epoch came with another way to reach the room than it names.")
        return
    named: tuple[Attachment, ...] = ()
    if event.kind == "paper" and event.body:
        paper = parse("paper", event.body)
        assert isinstance(paper, Paper)
        named = paper.attachments
    files = decode(annex, Annex).files if annex else ()
    if len(files) != len(named) or any(
        len(file) != attachment.size or hashlib.sha256(file).digest() != attachment.digest
        for file, attachment in zip(files, named, strict=True)
    ):
        raise Violation("A paper came with other attachments than it names.")


def stood(room: Room, entry: Entry, now: int) -> None:
    """Do what follows from an event that now stands: a new epoch's drop and pairings, a withdrawal, a leaving."""
    peer = room.peers.get(entry.author)
    if peer is not None and entry.event.epoch > peer.epoch:
        peer.epoch = entry.event.epoch
        room.save_peer(peer)
    if entry.void is not None:
        return
    if entry.event.kind == "epoch":
        adopt(room, entry)
    if entry.event.kind == "leave" and peer is not None:
        # The last word to somebody who goes: that it has been heard, so that their desk can rest.
        post_note(room, Note(now, room.log.head_refs(), (), (), 0, (), ()), [peer.id])


def take_note(room: Room, peer: Peer, note: Note, now: int, taken: Taken) -> None:
    """Take in a note: what the other has, what they ask for, what they hand on."""
    peer.heads = frozenset(EventId(ref.id) for ref in note.heads)
    peer.epoch = max([peer.epoch, *(ref.epoch for ref in note.heads)])
    room.save_peer(peer)
    for column, seen in (("received", note.received), ("read", note.read)):
        for receipt in seen:
            room.db.run(
                f"INSERT INTO receipts (member, event, {column}) VALUES (?,?,?)"  # noqa: S608 - one of two names
                f" ON CONFLICT DO UPDATE SET {column} = coalesce({column}, excluded.{column})",
                peer.id, receipt.event, receipt.at,
            )  # fmt: skip
    if note.resend_from:
        resend(room, peer, note.resend_from)
    if note.wants:
        hand_on(room, peer, [EventId(eid) for eid in note.wants], now)
    for handed in note.handed:
        came = arrival(handed.salt, handed.data, direct=False)
        if came.event.author == room.me and came.id not in room.log.entries:
            room.freeze(said("{name} has words of yours that this copy never said", name=room.name(peer.id)))
            return
        take_event(room, came, handed.annex, now, taken)
    room.log.settled_removals |= room.removed_and_known()
