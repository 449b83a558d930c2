"""One room on this desk: its log, its people, its keys, and the file they are kept in.

A room is loaded whole and changed only inside `changing`, which saves everything or nothing. Sending is in
desk/sending.py, receiving in desk/taking.py, the keeper's duty in desk/keeping.py, ageing in desk/ageing.py.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backchannel.channel.event import ID_BYTES, Erased, Event, EventId, MemberId, RoomId, parse_event
from backchannel.channel.log import Arrival, Entry, Log
from backchannel.channel.members import Credential, Member, Seating, Transport, member_id, parse_credential
from backchannel.crypto.cell_cipher import RoomKey
from backchannel.crypto.keys import KemKey
from backchannel.crypto.own_mark import OwnMarkKey
from backchannel.crypto.session import Account, Session
from backchannel.desk.reckoning import Reckoner
from backchannel.desk.room_store import SCHEMA, VERSION, event_ids, note_form, set_state, state
from backchannel.desk.sealed_db import SealedDb
from backchannel.desk.vault import Vault
from backchannel.errors import Refused, Violation
from backchannel.moves.paper import SHORTEST_ID
from backchannel.packages.following import Following
from backchannel.said import said
from backchannel.wire.cells import Reassembly
from backchannel.wire.codec import Record, decode, encode

RECEIPTS = "SELECT member, received, read FROM receipts WHERE member IN ({}) AND event = ?"
UNRECEIPTED = (
    "SELECT id, received FROM events WHERE direct = 1 AND id NOT IN"
    " (SELECT event FROM receipts WHERE member = ? AND received IS NOT NULL)"
)


@dataclass(slots=True)
class Peer:
    """Another member and the two lines between us: counts are of messages, `taken` theirs, the others ours."""

    id: MemberId
    session: Session | None = None
    sent: int = 0
    taken: int = 0
    acked: int = 0
    kem_seq: int = 1
    kem_public: bytes = b""
    kem_used: int = 0
    epoch: int = 0
    heads: frozenset[EventId] = frozenset()
    failures: int = 0
    failed_at: int = 0
    one_time_keys_used: int = 0
    early: frozenset[int] = frozenset()  # messages of theirs that were taken before their turn
    heard_at: int = 0  # the rest is of this run only, ms since 1970
    asked_at: int = 0
    tails: int = 0  # how often what follows this count was sent again
    tail_from: int = 0
    failing_since: int | None = None
    restarted_at: int | None = None
    restart_answered: bool = False  # something of theirs has opened in the session we then began
    asks: int = 0  # how often the same was asked for
    asked_for: tuple[int, tuple[bytes, ...]] = (0, ())
    silent_since: int = 0


@dataclass(slots=True)
class OwnKey:
    """One of our X-Wing keys: when it was made (ms since 1970) and whether anything came under it."""

    key: KemKey
    created: int
    used: bool


@dataclass(slots=True)
class Way:
    """One epoch's drop as this desk uses it; `cursor` is the last position that need not be read again."""

    epoch: int
    event: EventId
    transport: Transport
    key: RoomKey
    cursor: int
    closed: bool
    pieces: Reassembly
    caught_up: bool = False
    begun: int | None = None  # the position of the first cell whose envelope is incomplete, and since when
    begun_at: int = 0


class Early(Record, frozen=True):
    """Which messages of one author were taken before their turn."""

    counts: tuple[int, ...]


class Roster(Record, frozen=True):
    """Credentials this desk was told of before it could read the log."""

    people: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """What a room's file begins with: our own keys, and whom we were introduced by."""

    room: RoomId
    credential: bytes
    account: Account
    kem_key: KemKey
    introduced: tuple[bytes, ...]
    now: int


class Room:
    """A room's whole state in memory, loaded from its file."""

    def __init__(self, vault: Vault, room: RoomId, reckoner: Reckoner | None = None) -> None:
        self.id = room
        self.reckoner = reckoner or Reckoner()
        self._vault = vault
        self.db: SealedDb = vault.open_room(room, SCHEMA, VERSION)
        self._changing = False
        self.ways: list[Way] = []
        self.owes_receipt = False
        self.ticked: int | None = None  # when this run last looked at the clock, ms since 1970
        self.unsteady_until = -(1 << 62)  # after a jump of the clock, ms since 1970
        self._flush = True  # a kill may have come between an erasure and its flush
        self._load()

    def _load(self) -> None:
        db = self.db
        self.pickle_key = self._state("pickle_key")
        self.credential: Credential = parse_credential(self._state("credential"))
        self.me = MemberId(self._state("me"))
        self.account = Account.restore(self._state("account"), self.pickle_key)
        counter = int.from_bytes(self._state("counter"), "big")
        self.own_mark = OwnMarkKey(self._state("own_mark"), counter)
        self.frozen = (state(db, "frozen") or b"").decode()
        self.left = state(db, "left") == b"1"
        self.archive = state(db, "archive") == b"1"
        self.log = Log(
            room=state(db, "room") or self.id,  # one restored from a back-up has another id here
            first_epoch=int.from_bytes(self._state("first_epoch"), "big"),
            root=EventId(self._state("root")),
        )
        for eid, salt, data, direct, erased in db.all(
            "SELECT id, salt, data, direct, erased FROM events ORDER BY row"
        ):
            why = None if erased is None else Erased(erased)
            event = decode(data, Event) if why else parse_event(data)
            text = None if why else data
            self.log.add(Arrival(EventId(eid), event, salt, text, bool(direct), why))
        self.introduced = {
            member_id(data): parse_credential(data)
            for data in decode(self._state("introduced"), Roster).people
        }
        self.peers = {MemberId(row[0]): self._peer(row) for row in db.all("SELECT * FROM peers")}
        for peer in self.peers.values():
            peer.early = frozenset(decode(state(db, _early(peer.id)) or encode(Early(())), Early).counts)
        self.kem = {
            seq: OwnKey(KemKey(seed), created, bool(used))
            for seq, seed, created, used in db.all(
                "SELECT seq, seed, created, used FROM kem_keys ORDER BY seq"
            )
        }
        before = {way.event: way for way in self.ways}
        self.ways = [
            self._way(*row)
            for row in db.all(
                "SELECT epoch, event, value, cursor, closed FROM transports ORDER BY epoch, rowid"
            )
        ]
        for way in self.ways:  # what this run has read stays read, whatever act was refused
            if way.event in before:
                known = before[way.event]
                way.pieces, way.caught_up = known.pieces, known.caught_up
        self.owes_receipt |= db.one(UNRECEIPTED + " LIMIT 1", self.me) is not None
        self._touched: set[MemberId] = set()
        self._seen: set[EventId] | None = None  # what our person has read, once somebody asks
        self.reopen: dict[MemberId, int] = {}  # whose message of which number came under a key that is gone
        self.expiries: dict[EventId, tuple[int, int | None]] = {}
        self.scanned = 0  # entries that `expiries` knows
        self.sounded = 0  # entries that were looked through for messages of soundings
        self.sounding_due: int | None = None  # when one of them may end by itself, ms since 1970
        self.elsewhere = ""  # who seems to have gone on without the keeper that let us in
        self.searched = 0  # entries that were looked through for what searches ask
        self.searches: dict[str, Following] = {}  # copies of searches, by the name under which they are kept
        self.worded = 0  # entries that were looked through for words to answer
        self.repeated = 0  # entries that were looked through for lapsed acts
        self.log.settled_removals |= self.removed_and_known()

    def _state(self, name: str) -> bytes:
        value = state(self.db, name)
        if value is None:
            raise Refused("This room's file is incomplete; forget the room and ask for a new invitation.")
        return value

    def _peer(self, row: tuple[object, ...]) -> Peer:
        member, session, *counts = row
        sent, taken, acked, kem_seq, kem_public, kem_used, epoch, heads, failures, failed_at, used = counts
        return Peer(
            MemberId(_bytes(member)),
            None if session is None else Session.restore(_bytes(session), self.pickle_key),
            _int(sent), _int(taken), _int(acked), _int(kem_seq), _bytes(kem_public), _int(kem_used),
            _int(epoch), frozenset(event_ids(_bytes(heads))), _int(failures), _int(failed_at), _int(used),
        )  # fmt: skip

    @staticmethod
    def _way(epoch: int, event: bytes, value: bytes, cursor: int, closed: int) -> Way:
        transport = decode(value, Transport)
        return Way(
            epoch, EventId(event), transport, RoomKey(transport.room_key), cursor, bool(closed), Reassembly()
        )

    @classmethod
    def create(cls, vault: Vault, start: "Start") -> "Room":
        """Make a room's file for somebody who founds it or has been invited; the vault knows the room already."""
        db = vault.open_room(start.room, SCHEMA, VERSION, create=True)
        pickle_key = secrets.token_bytes(32)
        mark = OwnMarkKey.generate()
        values = {
            "pickle_key": pickle_key,
            "credential": start.credential,
            "me": member_id(start.credential),
            "account": start.account.pickle(pickle_key),
            "counter": mark.counter.to_bytes(8, "big"),
            "own_mark": mark.raw,
            "first_epoch": bytes(8),
            "root": bytes(ID_BYTES),
            "introduced": encode(Roster(start.introduced)),
        }
        with db.transaction():
            for name, value in values.items():
                set_state(db, name, value)
            db.run("INSERT OR REPLACE INTO kem_keys VALUES (1,?,?,0)", start.kem_key.seed, start.now)
        db.close()
        return cls(vault, start.room)

    # -- changing -----------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Save all changes made in the block, or none: after any error the room is as its file says."""
        if self._changing:
            yield
            return
        self._changing = True
        try:
            with self.db.transaction():
                yield
                self._write_peers()
                if self._vault.form:
                    note_form(self.db, self._vault.form)
        except BaseException:
            self._load()
            raise
        finally:
            self._changing = False
        if self._flush:
            self._flush = False
            self.db.flush()

    def save_peer(self, peer: Peer) -> None:
        """Have a peer written, once, when the changes under way are saved."""
        self._touched.add(peer.id)

    def _write_peers(self) -> None:
        for peer in [self.peers[mid] for mid in sorted(self._touched)]:
            session = None if peer.session is None else peer.session.pickle(self.pickle_key)
            self.db.run(
                "INSERT OR REPLACE INTO peers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                peer.id, session, peer.sent, peer.taken, peer.acked, peer.kem_seq, peer.kem_public, peer.kem_used,
                peer.epoch, b"".join(sorted(peer.heads)), peer.failures, peer.failed_at, peer.one_time_keys_used,
            )  # fmt: skip
        self._touched.clear()

    def took_early(self, peer: Peer, n: int | None) -> None:
        """Remember that a message was taken before its turn; with None, only forget those whose turn has come."""
        counts = peer.early | (frozenset() if n is None else {n})
        peer.early = frozenset(each for each in counts if each > peer.taken)
        set_state(self.db, _early(peer.id), encode(Early(tuple(sorted(peer.early)))))
        self.save_peer(peer)

    def save_account(self) -> None:
        set_state(self.db, "account", self.account.pickle(self.pickle_key))

    def save_event(self, came: Arrival, annex: bytes, received: int) -> None:
        self.db.run(
            "INSERT OR IGNORE INTO events (id, salt, data, annex, direct, received, erased) VALUES (?,?,?,?,?,?,?)",
            came.id, came.salt, came.data if came.data is not None else encode(came.event), annex or None,
            int(came.direct), received, None if came.erased is None else came.erased.value,
        )  # fmt: skip
        if came.direct:
            self.db.run("UPDATE events SET direct = 1 WHERE id = ?", came.id)

    def add_way(self, epoch: int, event: EventId, transport: Transport) -> Way:
        for known in self.ways:
            if known.event == event:
                return known
        value = encode(transport)
        self.db.run("INSERT INTO transports VALUES (?,?,?,0,0)", epoch, event, value)
        way = self._way(epoch, event, value, 0, 0)
        self.ways = sorted([*self.ways, way], key=lambda known: known.epoch)
        return way

    def close_way(self, way: Way) -> None:
        """Read and write a drop no more."""
        way.closed = True
        self.db.run("UPDATE transports SET closed = 1 WHERE event = ?", way.event)

    def add_kem_key(self, now: int) -> int:
        seq = max(self.kem, default=0) + 1
        self.kem[seq] = OwnKey(KemKey.generate(), now, used=False)
        self.db.run("INSERT INTO kem_keys VALUES (?,?,?,0)", seq, self.kem[seq].key.seed, now)
        return seq

    def freeze(self, why: str) -> None:
        """Stop sending for ever as this member: this copy seems older than what its owner already sent."""
        self.frozen = why
        set_state(self.db, "frozen", why.encode())
        self.db.run("DELETE FROM outgoing")

    def erase(self, eid: EventId, why: Erased) -> None:
        """Let go of an event's text, salt and attachments in the file."""
        bare = encode(self.log.entries[eid].event)
        self.db.run(
            "UPDATE events SET salt = NULL, data = ?, annex = NULL, erased = ? WHERE id = ?",
            bare,
            why.value,
            eid,
        )

    def mark_read(self, eid: EventId, now: int) -> None:
        self.db.run("UPDATE events SET read = ? WHERE id = ? AND read IS NULL", now, eid)
        self._seen = None

    # -- reading ------------------------------------------------------------------------------------------

    @property
    def seating(self) -> Seating:
        return self.log.seating()

    @property
    def seated(self) -> bool:
        """Whether this desk's own epoch has arrived; before that nothing can be said or read."""
        return bool(self.log.entries)

    def credential_of(self, mid: MemberId) -> Credential:
        """The keys somebody was seated or introduced with; Violation if they are unknown here."""
        known = self.log.people().get(mid)
        credential = self.introduced.get(mid) if known is None else known.credential
        if credential is None:
            raise Violation("A message names an author who is not in this room.")
        return credential

    def begin(self, first_epoch: int, root: EventId, roster: tuple[bytes, ...]) -> None:
        """Fix which epoch this desk's record starts with."""
        set_state(self.db, "first_epoch", first_epoch.to_bytes(8, "big"))
        set_state(self.db, "root", root)
        set_state(self.db, "introduced", encode(Roster(roster)))
        self.log = Log(room=self.id, first_epoch=first_epoch, root=root)
        self.introduced = {member_id(data): parse_credential(data) for data in roster}

    def add_peer(self, mid: MemberId) -> Peer:
        """Know a member, with the key their credential names; an existing one is kept as they are."""
        if mid not in self.peers:
            self.peers[mid] = Peer(mid, kem_public=self.credential_of(mid).kem_public)
            self.save_peer(self.peers[mid])
        return self.peers[mid]

    def annex(self, eid: EventId) -> bytes:
        row = self.db.one("SELECT annex FROM events WHERE id = ?", eid)
        return b"" if row is None or row[0] is None else bytes(row[0])

    def member(self, mid: MemberId) -> Member | None:
        return self.log.people().get(mid)

    @property
    def going(self) -> bool:
        """Whether this desk has left and somebody has not heard of it yet, or an epoch that crossed seats it still."""
        waits = "SELECT 1 FROM wraps JOIN letters ON id = letter WHERE kind = 0 LIMIT 1"
        still = self.left and any(not way.closed for way in self.ways)
        return still and (self.me in self.seating.seated or self.db.one(waits) is not None)

    def name(self, mid: MemberId) -> str:
        known = self.member(mid)
        return mid.hex()[:8] if known is None else known.name

    def find_member(self, spoken: str) -> Member:
        """Find a seated person by name, or by the start of the id where names are alike."""
        seated = list(self.seating.seated.values())
        hits = [known for known in seated if known.name.casefold() == spoken.casefold()]
        hits = hits or [
            known for known in seated if len(spoken) >= SHORTEST_ID and known.id.hex().startswith(spoken)
        ]
        if len(hits) != 1:
            names = ", ".join(known.name for known in seated)
            raise Refused(
                said("Nobody here is called {spoken}; in this room are {names}.", spoken=spoken, names=names)
            )
        return hits[0]

    def way(self, epoch: int | None = None) -> Way:
        """The drop to write to: that of an epoch, or of the epoch in force."""
        wanted = self.seating.epoch_id
        named = [known for known in self.ways if known.epoch == epoch and not known.closed]
        if named:
            return named[0]
        return next((known for known in reversed(self.ways) if known.event == wanted), self.ways[-1])

    def way_of(self, drop: bytes) -> Way:
        return next(known for known in self.ways if known.transport.drop == drop)

    def removed_and_known(self) -> set[MemberId]:
        """People whose leaving or removal every remaining member has acknowledged."""
        gone = self.seating.gone if self.log.entries else {}
        if gone.keys() <= self.log.settled_removals:
            return set(gone)
        shown = [self.shown_by(mid) for mid in self.seating.seated if mid != self.me]
        acts = {subject: self.entry(act) for subject, act in gone.items()}
        return {who for who, act in acts.items() if all(s.get(act.author, 0) >= act.event.seq for s in shown)}

    def shown_by(self, mid: MemberId) -> dict[MemberId, int]:
        """How far into each author's chain a member has shown to have read: by their last heads and last event."""
        peer = self.peers.get(mid)
        heads = set() if peer is None else set(peer.heads)
        last = self.log.last_by(mid)
        if last is not None:
            heads.add(EventId(last.id))
        shown: dict[MemberId, int] = {}
        for eid in heads & self.log.entries.keys():
            for author, seq in self.entry(eid).seen.items():
                shown[author] = max(seq, shown.get(author, 0))
        return shown

    def same_up_to(self, number: int) -> int:
        """How many seated people, ourselves included, have shown the same record up to an item number."""
        needed: dict[MemberId, int] = {}
        for entry in self.log.entries.values():
            if entry.event.number <= number:
                needed[entry.author] = max(entry.event.seq, needed.get(entry.author, 0))
        others = [self.shown_by(mid) for mid in self.seating.seated if mid != self.me]
        return 1 + sum(all(shown.get(author, 0) >= seq for author, seq in needed.items()) for shown in others)

    def times(self, eid: EventId) -> tuple[int | None, int | None]:
        """When an event reached this desk and when its person read it, ms since 1970."""
        row = self.db.one("SELECT received, read FROM events WHERE id = ?", eid)
        return (None, None) if row is None else (row[0], row[1])

    def seen(self) -> set[EventId]:
        """Give what our person has read."""
        if self._seen is None:
            rows = self.db.all("SELECT id FROM events WHERE read IS NOT NULL")
            self._seen = {EventId(row[0]) for row in rows}
        return self._seen

    def receipts(self, eid: EventId) -> dict[MemberId, tuple[int | None, int | None]]:
        """When others' desks say they received and read an event."""
        people = self.log.people()  # asked for by name, as the table is sorted
        rows = self.db.all(RECEIPTS.format(",".join("?" * len(people))), *people, eid)
        return {MemberId(mid): (received, read) for mid, received, read in rows}

    def unread_receipts(self) -> list[tuple[EventId, int]]:
        """What our person has read and agreed to tell, and we have not told yet; empty unless they agreed."""
        if state(self.db, "tell_read") != b"1":
            return []
        rows = self.db.all(
            "SELECT id, read FROM events WHERE read IS NOT NULL AND id NOT IN"
            " (SELECT event FROM receipts WHERE member = ? AND read IS NOT NULL) LIMIT 128", self.me,
        )  # fmt: skip
        for eid, at in rows:
            self.db.run("UPDATE receipts SET read = ? WHERE member = ? AND event = ?", at, self.me, eid)
        return [(EventId(eid), at) for eid, at in rows]

    def flush_when_saved(self) -> None:
        """Once the changes under way are saved, leave no old page in the write-ahead log."""
        self._flush = True

    def entry(self, eid: EventId) -> Entry:
        return self.log.entries[eid]

    def close(self) -> None:
        self.db.close()


def _early(mid: MemberId) -> str:
    return f"early {mid.hex()}"


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
