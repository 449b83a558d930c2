"""A broken session starts anew from a spare one-time key of the other's credential (docs/spec/envelope.md 3.5).

The key was authenticated with the credential, so nothing new has to be trusted. Counts go on; what was not
acknowledged is encrypted anew.
"""

from backchannel.channel.event import MemberId
from backchannel.channel.members import MAX_MEMBERS
from backchannel.channel.parcel import Note
from backchannel.crypto.envelope import EntryKind, Envelope, Mode, Wrap, read_wrap_text, unseal_wrap
from backchannel.crypto.session import is_setup
from backchannel.desk.room import Peer, Room
from backchannel.desk.sending import post_note, resend
from backchannel.desk.when import date
from backchannel.errors import Violation
from backchannel.said import said

WAIT_MS = 60_000  # that nothing of somebody's opens before the one with the lower id starts anew
LONGER_WAIT_MS = 600_000  # the other one's, so that both do not do it at once
CROSSING_MS = (
    2 * LONGER_WAIT_MS
)  # for which the lower one's new session stands against one that the other opens
AGAIN_MS = 6 * 3_600_000  # between two restarts with one member, as junk in their name can provoke them


def restart(room: Room, now: int) -> None:
    """Start anew with whoever's messages have not opened for a while."""
    for peer in room.peers.values():
        if not peer.failures or peer.session is None or peer.id not in room.seating.seated:
            peer.failing_since = None
        elif peer.failing_since is None:
            peer.failing_since = now
        elif abs(now - peer.failing_since) >= (WAIT_MS if room.me < peer.id else LONGER_WAIT_MS) and (
            peer.restarted_at is None or abs(now - peer.restarted_at) >= AGAIN_MS
        ):
            _start_anew(room, peer, now)


def stuck(room: Room, now: int) -> list[str]:
    """Give a sentence for each member with whom there is no more starting anew (spec envelope 3.5)."""
    return [
        said(
            "Nothing from {name} has opened here since {failing_since} and no key is left to start anew with them; ask"
            " them by another way, and if they did write, remove them, let them forget the room, and invite them again.",
            name=room.name(peer.id),
            failing_since=date(peer.failing_since),
        )
        for peer in room.peers.values()
        if peer.failing_since is not None
        and abs(now - peer.failing_since) >= LONGER_WAIT_MS
        and _spare(room, peer.id, peer.one_time_keys_used) is None
    ]


def _start_anew(room: Room, peer: Peer, now: int) -> None:
    if begin(room, peer, now):
        renew(room, peer)
        post_note(room, Note(now, room.log.head_refs(), (), (), peer.taken + 1, (), ()), [peer.id])
        resend(room, peer, peer.acked + 1)


def begin(room: Room, peer: Peer, now: int) -> bool:
    """Open a session to one of a member's spare keys; False if none is left."""
    peer.restarted_at = now
    spare = _spare(room, peer.id, peer.one_time_keys_used)
    if spare is None:
        return False
    peer.session = room.account.open_to(room.credential_of(peer.id).identity, spare)
    peer.one_time_keys_used += 1
    peer.restart_answered = False
    peer.failures = 0
    room.save_peer(peer)
    return True


def _spare(room: Room, mid: MemberId, used: int) -> bytes | None:
    """Choose one of a member's keys that no admission assigns: where we begin depends on our place in the room."""
    spares = room.credential_of(mid).one_time_keys[MAX_MEMBERS:]
    if used >= len(spares):
        return None
    return spares[(sorted(room.seating.seated).index(room.me) + used) % len(spares)]


def ours_stands(room: Room, peer: Peer, now: int) -> bool:
    """Whether the session they open crossed with one that we just opened: if each took the other's, nothing would open."""
    crossed = peer.restarted_at is not None and abs(now - peer.restarted_at) < CROSSING_MS
    return crossed and room.me < peer.id and not peer.restart_answered


def renew(room: Room, peer: Peer) -> None:
    """Have everything not yet acknowledged encrypted anew under the session there is now."""
    room.db.run("UPDATE wraps SET olm = NULL WHERE reader = ?", peer.id)
    room.save_peer(peer)


def offered(room: Room, peer: Peer, envelope: Envelope, wrap: Wrap, now: int) -> None:
    """Look at a message we have had already: its author may have started anew without knowing how far it was.

    What it says is not taken a second time. Our answer goes bare, so that it is read out of its turn, and its header
    tells its author the true count: more than it knows of if it is an old copy, which then freezes.
    """
    own = room.kem.get(wrap.kem_seq)
    if wrap.mode is not Mode.SEALED or own is None:
        return
    try:
        olm = unseal_wrap(wrap, peer.id, room.id, own.key)
        if not is_setup(olm):
            return
        session, plaintext = room.account.accept(room.credential_of(peer.id).identity, olm)
        read_wrap_text(plaintext, envelope, wrap, room.id)
    except Violation:
        return  # a repetition: its one-time key is used
    room.save_account()
    if ours_stands(room, peer, now):
        return
    peer.session = session
    renew(room, peer)
    note = Note(now, room.log.head_refs(), (), (), peer.taken + 1, (), ())
    post_note(room, note, [peer.id], kind=EntryKind.REOPEN)
