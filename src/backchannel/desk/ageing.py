"""What time does to a room: texts expire, keys age, receipts fall due, gaps are asked about, old drops close."""

from backchannel.channel.event import Erased, EventId, MemberId
from backchannel.channel.members import Seating
from backchannel.channel.parcel import MAX_RECEIPTS, Note, Seen
from backchannel.crypto.envelope import EntryKind
from backchannel.desk import searches, sounding_again, sounding_course, surfacing
from backchannel.desk.comparing import drive
from backchannel.desk.keeping import LONGEST_TTL_SECONDS, RENDEZVOUS, elsewhere
from backchannel.desk.lapsing import repeat
from backchannel.desk.restarting import begin, restart
from backchannel.desk.room import UNRECEIPTED, Peer, Room
from backchannel.desk.sealings import outlive
from backchannel.desk.sending import abandon, blank, enqueue, post_note, resend
from backchannel.desk.taking import Taken, take_held
from backchannel.moves.paper import LASTING, stated_expiry, withdrawals
from backchannel.moves.seal import KINDS as SEAL_KINDS
from backchannel.moves.standby import cancelled
from backchannel.moves.surface import KINDS as SURFACE_KINDS

KEM_AGE_MS = (
    LONGEST_TTL_SECONDS * 1000
)  # the post-quantum forward-secrecy window; no shorter than any drop's time
ASK_AGAIN_MS = 10_000  # between two questions about one gap
MOST_ASKS = 9  # times that this time is doubled, to an hour and a half, while the answer does not come
GAP_GRACE_MS = 2_000  # a message that merely came early is not a gap
SET_UP_MS = 60_000  # that the first message of a line may be behind the next ones
PIECES_MS = 600_000  # an envelope whose cells do not all come in this time is given up; it will be sent again
MOST_TAILS = 10  # times that the next time is doubled, to 17 hours
TAIL_MS = 60_000  # unacknowledged this long by somebody heard from: sent again


def age(room: Room, now: int, *, receipts: bool = True) -> None:
    """Do everything that has fallen due in a room at this time (ms since 1970), in one transaction.

    Without `receipts` those wait: while messages still come in, one later receipt says the same as many.
    """
    if room.archive:
        with room.changing():
            expire(room, now)
        return
    with room.changing():
        if room.seated:
            expire(room, now)
        if room.frozen:
            return
        _give_up_pieces(room, now)
        if room.left:
            if room.going:
                repeat(room, now)
                _resend_tail(room, now)
            return
        _age_kem_keys(room, now)
        _retry(room, now)
        _reopen(room, now)
        if not room.seated or room.me not in room.seating.seated:
            return
        repeat(room, now)
        drive(room, now)
        sounding_again.drive(room, now)
        sounding_course.drive(room, now)
        searches.drive(room, now)
        restart(room, now)
        _ask(room, now)
        _resend_tail(room, now)
        if receipts:
            _receipt(room, now)
        _close_old_ways(room, room.seating)
    room.log.settled_removals |= room.removed_and_known()


def expire(room: Room, now: int) -> None:
    """Erase every text that is withdrawn, past its own time or past the room's retention."""
    due = _scan(room) if room.scanned != len(room.log.entries) else {}
    retention_ms = room.seating.retention_seconds * 1000
    for eid, (at, stated) in room.expiries.items():
        if at + retention_ms <= now or (stated is not None and stated <= now):
            due.setdefault(eid, Erased.EXPIRED)
    going = [room.entry(eid) for eid in due if room.entry(eid).event.kind in SEAL_KINDS]
    if going:
        outlive(room, going)
    if any(room.entry(eid).event.kind in SURFACE_KINDS for eid in due):
        surfacing.keep(room)
    for eid, why in due.items():
        room.log.erase(eid, why)
        room.erase(eid, why)
        room.expiries.pop(eid, None)
        blank(room, room.entry(eid))
    if due:
        room.flush_when_saved()


def _scan(room: Room) -> dict[EventId, Erased]:
    """Look once at what was said since the last time; gives what was withdrawn, and lets go of who has left."""
    room.scanned = len(room.log.entries)
    room.expiries = {
        entry.id: (entry.event.at, stated_expiry(entry))
        for entry in room.log.entries.values()
        if entry.event.kind not in LASTING and entry.erased is None
    }
    room.elsewhere = elsewhere(room)
    for mid in room.seating.gone:
        abandon(room, mid)
    taken = {
        eid: Erased.WITHDRAWN if room.entry(act).event.kind == "withdraw" else Erased.HANDED_BACK
        for eid, act in withdrawals(room.log).items()
    }
    taken |= dict.fromkeys(cancelled(room.log), Erased.WITHDRAWN)
    return {eid: why for eid, why in taken.items() if room.entry(eid).erased not in {why, Erased.WITHDRAWN}}


def _give_up_pieces(room: Room, now: int) -> None:
    """Let no incomplete envelope hold a drop's cursor: after a restart some of its cells may lie before it."""
    for way in room.ways:
        begun = way.pieces.first_unfinished
        if begun != way.begun:
            way.begun, way.begun_at = begun, now
        elif begun is not None and abs(now - way.begun_at) >= PIECES_MS:
            way.pieces.give_up(begun)
            way.begun = None


def _age_kem_keys(room: Room, now: int) -> None:
    """Make a new key at half the longest age; no key outlives the longest age, whoever still needs it."""
    if abs(now - room.kem[max(room.kem)].created) > KEM_AGE_MS // 2:
        room.add_kem_key(now)
        room.owes_receipt = True
    for seq in [
        seq for seq, own in room.kem.items() if now - own.created > KEM_AGE_MS and seq != max(room.kem)
    ]:
        del room.kem[seq]
        room.db.run("DELETE FROM kem_keys WHERE seq = ?", seq)


def _retry(room: Room, now: int) -> None:
    """Take what was kept while an author's line was only tried seldom."""
    for peer in list(room.peers.values()):
        if peer.failures:
            take_held(room, peer, now, Taken())


def _reopen(room: Room, now: int) -> None:
    """Tell whoever wrote to a key of ours that is gone which key to write to, and from where to repeat."""
    for mid, n in sorted(room.reopen.items()):
        peer = room.peers[mid]
        if peer.taken >= n:
            del room.reopen[mid]
        elif not 0 <= now - peer.asked_at < ASK_AGAIN_MS:
            if peer.session is None and not _begun(room, peer, now):
                continue
            peer.asked_at = now
            note = Note(now, room.log.head_refs(), (), (), peer.taken + 1, (), ())
            post_note(room, note, [mid], kind=EntryKind.REOPEN)


def _begun(room: Room, peer: Peer, now: int) -> bool:
    """Open the line to somebody who should have, when all that they ever wrote was lost or came too late."""
    both_seated = room.seated and {room.me, peer.id} <= room.seating.seated.keys()
    return both_seated and begin(room, peer, now)


def _ask(room: Room, now: int) -> None:
    """Ask authors for what is missing on their lines, and everyone for events that nobody has sent us."""
    gaps = room.db.all("SELECT author, min(at) FROM held GROUP BY author")
    wants = tuple(sorted(room.log.gaps().keys() - room.log.handed.keys()))[:MAX_RECEIPTS]
    for peer in room.peers.values():
        since = next((at for author, at in gaps if author == peer.id), None)
        if peer.session is None and since is not None and abs(now - since) >= SET_UP_MS:
            _begun(room, peer, now)  # their set-up is what is missing, and they have heard nothing from us
        if (
            peer.session is None
            or peer.id not in room.seating.seated
            or 0 <= now - peer.asked_at < ASK_AGAIN_MS << peer.asks
        ):
            continue
        behind = since is not None and abs(now - since) >= GAP_GRACE_MS
        if behind or wants:
            first = peer.taken + 1 if behind or _awaited(room, peer) else 0
            peer.asks = min(peer.asks + 1, MOST_ASKS) if peer.asked_for == (first, wants) else 0
            peer.asked_at, peer.asked_for = now, (first, wants)
            post_note(room, Note(now, room.log.head_refs(), (), (), first, wants, ()), [peer.id])


def _awaited(room: Room, peer: Peer) -> bool:
    """Whether somebody's event follows one of this author's that we do not have."""
    return any(came.event.author == peer.id for came in room.log.waiting.values())


def _resend_tail(room: Room, now: int) -> None:
    """Repeat what somebody has not acknowledged although they were heard from: a tail the relay may have lost."""
    for peer in room.peers.values():
        if peer.acked >= peer.sent or peer.session is None:
            peer.silent_since = 0
            continue
        if peer.acked != peer.tail_from:
            peer.tail_from, peer.tails = peer.acked, 0
        if peer.silent_since == 0 or now < peer.silent_since:
            peer.silent_since = now
        elif now - peer.silent_since >= TAIL_MS << peer.tails and peer.heard_at >= peer.silent_since:
            peer.silent_since, peer.tails = now, min(peer.tails + 1, MOST_TAILS)
            resend(room, peer, peer.acked + 1)


def _receipt(room: Room, now: int) -> None:
    """Tell everyone what has reached this desk, so that no silence pins a key and the record can be compared."""
    if not room.owes_receipt:
        return
    rows = room.db.all(UNRECEIPTED + " LIMIT ?", room.me, MAX_RECEIPTS // 2)
    received = tuple(
        Seen(eid, at)
        for eid, at in rows
        if eid in room.log.entries and room.log.entries[EventId(eid)].author != room.me
    )
    for eid, at in rows:
        room.db.run("INSERT OR IGNORE INTO receipts VALUES (?,?,?,NULL)", room.me, eid, at)
    read = tuple(Seen(eid, at) for eid, at in room.unread_receipts())
    readers = [mid for mid in room.seating.audience if mid != room.me]
    post_note(room, Note(now, room.log.head_refs(), received, read, 0, (), ()), readers)
    room.owes_receipt = len(rows) == MAX_RECEIPTS // 2


def _close_old_ways(room: Room, seating: Seating) -> None:
    """Leave drops nobody in the room still writes to: the keeper closes an epoch's, the host a rendezvous."""
    others: list[MemberId] = [mid for mid in seating.seated if mid != room.me]
    slowest = min((room.peers[mid].epoch for mid in others), default=seating.epoch.number)
    for way in room.ways:
        if way.closed:
            continue
        if way.epoch == RENDEZVOUS:
            guest = room.peers.get(MemberId(way.event))
            over, ours = guest is not None and guest.taken > 0, True
        else:
            over, ours = way.epoch < min(slowest, seating.epoch.number), seating.keeper == room.me
        if over:
            room.close_way(way)
            if ours:
                transport = way.transport
                enqueue(room, transport.relay, transport.pin, "close", transport.drop, transport.close)
