"""From an act to cells on their way: event or note → parcel → body → a wrap per reader → envelope → cells.

Everything here runs inside `Room.changing`: the new session states, the letter and its cells are saved together,
and only then does the courier see the cells. A letter is kept until each reader has acknowledged it.
"""

import secrets
from collections.abc import Iterable

from backchannel.channel.event import Event, EventId, MemberId, seal_event
from backchannel.channel.log import Entry, arrival
from backchannel.channel.members import Epoch, Seating, member_id
from backchannel.channel.parcel import MAX_HANDED, Advert, Handed, Note, Parcel, parcel_id
from backchannel.crypto.cell_cipher import seal_cell
from backchannel.crypto.envelope import (
    EntryKind,
    Envelope,
    Wrap,
    WrapHeader,
    WrapText,
    bare_wrap,
    body_hash,
    encrypt_wrap_text,
    seal_body,
    seal_wrap,
)
from backchannel.desk.room import Peer, Room, Way
from backchannel.desk.room_store import set_state
from backchannel.errors import Refused
from backchannel.said import said
from backchannel.wire.cells import ENVELOPE_ID_BYTES, cut
from backchannel.wire.codec import decode, encode
from backchannel.wire.ids import new_append_id

FROZEN = said(
    "This room is frozen on this desk, because {why}; forget the room and ask for a new invitation."
)


def may_act(room: Room) -> Seating:
    """Refuse an act in a room where this desk can do nothing; gives the seating otherwise."""
    if room.frozen:
        raise Refused(said(FROZEN, why=said(room.frozen)))
    if room.archive:
        raise Refused(
            "This room came from a back-up and can only be read; ask for a new invitation to speak in it."
        )
    if room.left:
        raise Refused("You have left this room; ask for a new invitation to come back.")
    if not room.seated:
        raise Refused("You are not seated in this room yet; it opens when the others have admitted you.")
    seating = room.seating
    if room.me not in seating.seated:
        raise Refused("You are no longer a member of this room.")
    return seating


def say(room: Room, kind: str, body: bytes, now: int, *, annex: bytes = b"", item: bool = False) -> Entry:
    """Say something to everyone in the room: write the event, log it, and address it to each reader."""
    return utter(room, may_act(room), kind, body, now, annex=annex, item=item)


def utter(
    room: Room, seating: Seating, kind: str, body: bytes, now: int, *, annex: bytes = b"", item: bool = False
) -> Entry:
    """Say something without asking whether this desk's person may still act here."""
    event = Event(
        version=1,
        room=room.id,
        author=room.me,
        seq=room.log.next_seq(room.me),
        prev=room.log.last_by(room.me),
        epoch=seating.epoch.number,
        parents=room.log.head_refs(),
        audience=seating.audience_hash(),
        number=room.log.next_number(item=item),
        at=now,
        kind=kind,
        body=body,
    )
    readers = [mid for mid in seating.audience if mid != room.me]
    return record(room, event, readers, annex, now)


def record(
    room: Room, event: Event, readers: list[MemberId], annex: bytes, now: int, way: Way | None = None
) -> Entry:
    """Log one of our own events and post it."""
    _, salt, data = seal_event(event)
    came = arrival(salt, data, direct=True)
    room.save_event(came, annex, now)
    delivered = room.log.add(came)
    assert [entry.id for entry in delivered] == [came.id], "our own event follows what we hold"
    post(room, Parcel("event", salt, data, annex, None), readers, way=way)
    return delivered[0]


def post_note(
    room: Room,
    note: Note,
    readers: list[MemberId],
    *,
    kind: EntryKind = EntryKind.NOTE,
    way: Way | None = None,
) -> None:
    post(room, Parcel("note", secrets.token_bytes(32), encode(note), b"", None), readers, kind=kind, way=way)


def post(
    room: Room,
    parcel: Parcel,
    readers: Iterable[MemberId],
    *,
    kind: EntryKind = EntryKind.EVENT,
    about: EventId | None = None,
    way: Way | None = None,
) -> None:
    """Address a parcel to readers; who has no session with us yet gets it when there is one."""
    readers = list(readers)
    if not readers:
        return
    newest = max(room.kem)
    if any(room.peers[mid].kem_used < newest for mid in readers):
        parcel = Parcel(
            parcel.kind, parcel.salt, parcel.data, parcel.annex, Advert(newest, room.kem[newest].key.public)
        )
    about = about or parcel_id(parcel)
    assert about is not None
    content_key, body = seal_body(encode(parcel))
    letter = room.db.insert(
        "INSERT INTO letters (about, content_key, body, kind) VALUES (?,?,?,?)",
        about,
        content_key,
        body,
        kind,
    )
    for mid in readers:
        room.db.run("INSERT INTO wraps VALUES (?,?,NULL,NULL)", letter, mid)
    dispatch(room, letter, [room.peers[mid] for mid in readers], way=way)


def dispatch(room: Room, letter: int, peers: list[Peer], *, way: Way | None = None) -> None:
    """Wrap a letter for those of the readers we have a session with, and put its envelope on the way."""
    row = room.db.one("SELECT about, content_key, body, kind FROM letters WHERE id = ?", letter)
    assert row is not None
    about, content_key, body, kind = row
    wraps: list[Wrap] = []
    for peer in peers:
        if peer.session is None:
            continue
        entry_kind = EntryKind(kind)
        found = room.db.one("SELECT n, olm FROM wraps WHERE letter = ? AND reader = ?", letter, peer.id)
        if found is None:
            continue
        n, olm = found
        if n is None:
            n = peer.sent + 1
        header = WrapHeader(room.id, room.me, peer.id, n, peer.taken, peer.kem_seq)
        if olm is None:
            text = WrapText(1, header, entry_kind, content_key, about, body_hash(body))
            olm = encrypt_wrap_text(peer.session, text)
            room.db.run(
                "UPDATE wraps SET n = ?, olm = ? WHERE letter = ? AND reader = ?", n, olm, letter, peer.id
            )
            peer.sent = max(peer.sent, n)
            room.save_peer(peer)
        if entry_kind is EntryKind.REOPEN:
            wraps.append(bare_wrap(olm, header))
        else:
            wraps.append(seal_wrap(olm, header, peer.kem_public, peer.kem_seq))
    if wraps:
        _put(room, sorted(wraps, key=lambda wrap: wrap.reader), body, way or room.way())


def flush(room: Room, peer: Peer) -> None:
    """Send a reader what waited for a session with them, in the order it was said."""
    for (letter,) in room.db.all(
        "SELECT letter FROM wraps WHERE reader = ? AND n IS NULL ORDER BY letter", peer.id
    ):
        dispatch(room, letter, [peer], way=_way_to(room, peer))


def _way_to(room: Room, peer: Peer) -> Way:
    """The drop that a reader surely reads: of the epoch they have shown to be in, else of the first that seats them.

    They may not have followed into the epoch in force, perhaps for want of the very letter that waits.
    """
    if peer.epoch:
        return room.way(peer.epoch)
    seated_in = [
        entry.event.epoch
        for entry in room.log.entries.values()
        if entry.event.kind == "epoch"
        and entry.void is None
        and peer.id in map(member_id, decode(entry.event.body, Epoch).roster)
    ]
    return room.way(min(seated_in, default=None))


def resend(room: Room, peer: Peer, first: int) -> int:
    """Send a reader again what they have not acknowledged from a count on; gives how many letters."""
    way = room.way(peer.epoch) if peer.epoch else room.way()
    letters = room.db.all(
        "SELECT letter FROM wraps WHERE reader = ? AND n >= ? ORDER BY n LIMIT 256", peer.id, first
    )
    for (letter,) in letters:
        dispatch(room, letter, [peer], way=way)
    return len(letters)


def hand_on(room: Room, peer: Peer, wanted: list[EventId], now: int) -> None:
    """Give a member events of others that they lack; they stand there only once their author's chain covers them."""
    handed = []
    for eid in wanted[:MAX_HANDED]:
        entry = room.log.entries.get(eid)
        if entry is None or entry.salt is None or entry.data is None or entry.author == room.me:
            continue
        if peer.id in room.log.seating(entry.view).seated:
            handed.append(Handed(entry.salt, entry.data, room.annex(eid)))
    if handed:
        post_note(room, Note(now, room.log.head_refs(), (), (), 0, (), tuple(handed)), [peer.id])


def acknowledged(room: Room, peer: Peer, n: int) -> None:
    """Let go of letters a reader has processed; a letter all readers have processed is gone."""
    if n <= peer.acked:
        return
    peer.acked = n
    room.db.run("DELETE FROM wraps WHERE reader = ? AND n <= ?", peer.id, n)
    drop_finished_letters(room)


def drop_finished_letters(room: Room) -> None:
    room.db.run("DELETE FROM letters WHERE id NOT IN (SELECT letter FROM wraps)")


def abandon(room: Room, mid: MemberId) -> None:
    """Stop owing anything to somebody who has gone."""
    room.db.run("DELETE FROM wraps WHERE reader = ?", mid)
    drop_finished_letters(room)


def blank(room: Room, entry: Entry) -> None:
    """Take the text out of letters still on their way: what remains is that something was said."""
    letters = room.db.all("SELECT id FROM letters WHERE about = ?", entry.id)
    for (letter,) in letters:
        parcel = Parcel("blank", b"", encode(room.log.entries[entry.id].event), b"", None)
        content_key, body = seal_body(encode(parcel))
        room.db.run("UPDATE letters SET content_key = ?, body = ? WHERE id = ?", content_key, body, letter)
        room.db.run("UPDATE wraps SET olm = NULL WHERE letter = ?", letter)


def _put(room: Room, wraps: list[Wrap], body: bytes, way: Way) -> None:
    mark = room.own_mark.mark(body_hash(body))
    envelope = Envelope(1, room.me, room.own_mark.counter, mark, tuple(wraps), body)
    room.own_mark = room.own_mark.next()
    set_state(room.db, "own_mark", room.own_mark.raw)
    set_state(room.db, "counter", room.own_mark.counter.to_bytes(8, "big"))
    transport = way.transport
    pieces = cut(encode(envelope), transport.cell_size, secrets.token_bytes(ENVELOPE_ID_BYTES))
    for piece in pieces:
        cell = seal_cell(way.key, transport.drop, piece)
        enqueue(room, transport.relay, transport.pin, "append", transport.drop,
                transport.append + new_append_id() + cell)  # fmt: skip


def enqueue(room: Room, relay: str, pin: bytes, act: str, drop: bytes, value: bytes) -> None:
    """Hand the courier something to do at a relay, after this transaction and in this order."""
    room.db.run(
        "INSERT INTO outgoing (relay, pin, act, drop_id, value) VALUES (?,?,?,?,?)",
        relay,
        pin,
        act,
        drop,
        value,
    )
