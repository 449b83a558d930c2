"""Epochs: the keeper issues one when the roster or the retention asks for it, every desk adopts it.

An epoch has a drop, a room key and capabilities of its own, so that whoever is not seated in it can neither read
nor see what is said there; it also says who opens which Olm session with which one-time key.
"""

import secrets

from backchannel.channel.event import Event, EventId, MemberId, Ref, audience_hash, seal_event
from backchannel.channel.log import Entry, arrival
from backchannel.channel.members import (
    Charter,
    Epoch,
    Request,
    Transport,
    member_id,
    next_epoch,
    transport_hash,
)
from backchannel.channel.parcel import Parcel, Welcome
from backchannel.crypto.cell_cipher import ROOM_KEY_BYTES
from backchannel.desk.room import Peer, Room, Way
from backchannel.desk.sending import enqueue, flush, post
from backchannel.errors import Refused, Violation
from backchannel.said import joined, said
from backchannel.wire.codec import decode, encode
from backchannel.wire.ids import new_capability, new_drop_id

RENDEZVOUS = -1  # the epoch number of a way that is only a meeting place
LONGEST_TTL_SECONDS = 30 * 86400  # a relay keeps a cell no longer than this; also the oldest X-Wing key


def new_transport(relay: str, pin: bytes, cell_size: int, retention_seconds: int) -> Transport:
    """Choose a new drop with fresh capabilities and a fresh room key; cells never outlive the room's retention."""
    return Transport(
        relay=relay,
        pin=pin,
        drop=new_drop_id(),
        cell_size=cell_size,
        ttl_seconds=min(retention_seconds, LONGEST_TTL_SECONDS),
        room_key=secrets.token_bytes(ROOM_KEY_BYTES),
        append=new_capability(),
        read=new_capability(),
        close=new_capability(),
    )


def found(room: Room, charter: Charter, transport: Transport, admission: bytes, now: int) -> Entry:
    """Open a room: its first epoch seats its founder alone."""
    roster = (encode(room.credential),)
    epoch = Epoch(0, charter, roster, (), (), charter.retention_seconds, (), transport_hash(transport))
    event = _epoch_event(room, epoch, (), now)
    return _issue(room, event, transport, admission, now, [], [])


def issue(room: Room, transport: Transport, admission: bytes, now: int) -> Entry:
    """Issue the epoch that is due; refused unless we keep the room and one is due."""
    seating = room.seating
    if seating.keeper != room.me or not seating.epoch_due:
        raise Refused("No change of keys is due here.")
    seated = {member_id(data) for data in seating.epoch.roster}
    epoch = next_epoch(seating, transport_hash(transport))
    due = [member_id(data) for data in epoch.roster]
    staying = [mid for mid in due if mid in seated]
    coming = [mid for mid in due if mid not in seated]
    event = _epoch_event(room, epoch, room.log.head_refs(), now)
    return _issue(room, event, transport, admission, now, staying, coming)


def _epoch_event(room: Room, epoch: Epoch, parents: tuple[Ref, ...], now: int) -> Event:
    return Event(
        version=1,
        room=room.id,
        author=room.me,
        seq=room.log.next_seq(room.me),
        prev=room.log.last_by(room.me),
        epoch=epoch.number,
        parents=parents,
        audience=audience_hash(tuple(map(member_id, epoch.roster)), epoch.number),
        number=room.log.highest(),
        at=now,
        kind="epoch",
        body=encode(epoch),
    )


def _issue(
    room: Room,
    event: Event,
    transport: Transport,
    admission: bytes,
    now: int,
    staying: list[MemberId],
    coming: list[MemberId],
) -> Entry:
    eid, salt, data = seal_event(event)
    if not room.log.entries:
        room.begin(event.epoch, eid, (encode(room.credential),))
    way = room.way() if room.ways else None
    annex = encode(transport)
    came = arrival(salt, data, direct=True)
    enqueue(room, transport.relay, transport.pin, "open", transport.drop, admission + annex)
    room.save_event(came, annex, now)
    (entry,) = room.log.add(came)
    if entry.void is not None:
        raise Refused(said("This change of keys does not stand: {void}.", void=entry.void))
    fresh = adopt(room, entry)
    parcel = Parcel("event", salt, data, annex, None)
    post(room, parcel, [mid for mid in staying if mid != room.me], way=way)
    post(room, parcel, coming, way=fresh)
    return entry


def adopt(room: Room, entry: Entry) -> Way:
    """Take up an epoch: its drop, the sessions it assigns to us, and the welcome we owe whom we invited."""
    epoch = decode(entry.event.body, Epoch)
    way = room.add_way(epoch.number, entry.id, decode(room.annex(entry.id), Transport))
    for data in epoch.roster:
        if member_id(data) != room.me:
            room.add_peer(member_id(data))
    for pair in epoch.pairings:
        if pair.opener == room.me:
            peer = room.peers[MemberId(pair.other)]
            if peer.session is None:
                identity = room.credential_of(peer.id).identity
                peer.session = room.account.open_to(identity, pair.one_time_key)
                room.save_peer(peer)
    for mid, rendezvous in _invited(room, epoch):
        _welcome(room, entry.id, epoch, way, mid, rendezvous)
    for peer in room.peers.values():
        flush(room, peer)
    return way


def _invited(room: Room, epoch: Epoch) -> list[tuple[MemberId, Way]]:
    """The newcomers of an epoch whom we met at a rendezvous that is still open."""
    met = {known.event: known for known in room.ways if known.epoch == RENDEZVOUS and not known.closed}
    seated = {member_id(data) for data in epoch.roster}
    found: list[tuple[MemberId, Way]] = []
    for entry in room.log.entries.values():
        if entry.event.kind == "request" and entry.author == room.me and entry.void is None:
            mid = member_id(decode(entry.event.body, Request).credential)
            if mid in seated and EventId(mid) in met and room.peers[mid].sent == 0:
                found.append((mid, met[EventId(mid)]))
    return found


def _welcome(room: Room, eid: EventId, epoch: Epoch, way: Way, mid: MemberId, rendezvous: Way) -> None:
    data = encode(Welcome(epoch.number, eid, epoch.roster, encode(way.transport)))
    post(room, Parcel("welcome", secrets.token_bytes(32), data, b"", None), [mid], way=rendezvous)


def welcome(room: Room, peer: Peer, letter: Welcome) -> None:
    """A newcomer's first words from the room: who is there and how to reach them."""
    if room.log.entries or room.ways[-1].epoch != RENDEZVOUS:
        raise Violation("A welcome came to somebody who is here already.")
    if encode(room.credential) not in letter.roster or peer.id not in map(member_id, letter.roster):
        raise Violation(
            said("{name} welcomes you to a room that does not seat you both.", name=room.name(peer.id))
        )
    room.begin(letter.epoch, EventId(letter.epoch_id), letter.roster)
    room.add_way(letter.epoch, EventId(letter.epoch_id), decode(letter.transport, Transport))
    for data in letter.roster:
        if member_id(data) != room.me:
            room.add_peer(member_id(data))
    for known in room.ways:
        if known.epoch == RENDEZVOUS:
            room.close_way(known)


def elsewhere(room: Room) -> str:
    """Say who went on without a newcomer's keeper, as when it was being removed while it let them in; empty if nobody."""
    seating = room.seating
    if not 0 < seating.epoch.number == room.log.first_epoch:
        return ""  # who was here before has seen the keeper go
    authors = {
        entry.author
        for entry in room.log.entries.values()
        if entry.event.kind == "epoch" and entry.event.epoch > seating.epoch.number and entry.void is not None
    }
    names = joined(" and ", sorted(room.name(mid) for mid in authors if mid in seating.seated))
    return names and (
        said(
            "{names} changed this room's keys, which as far as this desk was told only {name} could do: perhaps the"
            " keeper was being removed as you came in, and then the others do not hear you. Ask them; if so, they"
            " remove you and invite you again, and you forget this room first.",
            names=names,
            name=room.name(seating.keeper),
        )
    )
