"""A person's desk: the vault, its rooms and meetings, and what the courier has to do for them.

The desk never touches the network and never reads a clock: time comes in as `now`, in milliseconds since 1970.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backchannel.channel.event import RoomId
from backchannel.channel.members import ONE_TIME_KEYS, Charter, Credential, Role, Transport
from backchannel.contacts.invitation import Invitation, parse_address, rendezvous
from backchannel.contacts.safety_words import INVITATION_WORDS, invitation_words, parse_words
from backchannel.crypto.keys import KemKey
from backchannel.crypto.secret import Secret
from backchannel.crypto.session import Account
from backchannel.desk import meeting
from backchannel.desk.ageing import age
from backchannel.desk.keeping import RENDEZVOUS, found, issue, new_transport
from backchannel.desk.meeting import Hosting, Stage, Step, Visiting
from backchannel.desk.room import Room, Start
from backchannel.desk.sealed_db import SealedDb
from backchannel.desk.sending import may_act
from backchannel.desk.taking import Taken, take
from backchannel.desk.vault import RoomFile, Vault
from backchannel.errors import Refused, Violation
from backchannel.moves.paper import SHORTEST_ID
from backchannel.wire.cells import DEFAULT_CELL_SIZE
from backchannel.wire.codec import decode, encode

INVITATION_SECONDS = 3 * 86400
RENDEZVOUS_SECONDS = 14 * 86400
ASIDE = b"refused"  # in place of the drop of an admission that a relay refused
NO_ADMISSION = (
    "This desk has no admission left for the relay {}; ask its operator for more and add them with "
    "`backchannel desk relay add`."
)


@dataclass(frozen=True, slots=True, repr=False)
class Errand(Secret):
    """One thing for the courier to do at a relay; those of one owner are done in order."""

    owner: RoomId | None  # None: a meeting's
    seq: int
    relay: str
    pin: bytes
    act: str  # open, append or close
    drop: bytes
    value: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Watch(Secret):
    """One drop for the courier to read, from after a position on."""

    owner: RoomId | None
    relay: str
    pin: bytes
    drop: bytes
    read: bytes
    after: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """An invitation under way, ours or one we answer."""

    id: bytes
    ours: bool
    room: RoomId
    stage: Stage
    invitation: Invitation
    name: str
    why: str


class Desk:
    """An open desk."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._rooms: dict[RoomId, Room] = {}
        self._reclaim_admissions()

    @classmethod
    def create(cls, home: Path, passphrase: bytes, name: str, *, raw: bool = False) -> "Desk":
        vault = Vault.create(home, passphrase, raw=raw)
        vault.set_setting("name", name.encode())
        return cls(vault)

    @classmethod
    def open(cls, home: Path, passphrase: bytes) -> "Desk":
        return cls(Vault.open(home, passphrase))

    def close(self) -> None:
        for room in self._rooms.values():
            room.close()
        self.vault.close()

    @property
    def name(self) -> str:
        return (self.vault.setting("name") or b"").decode()

    # -- rooms --------------------------------------------------------------------------------------------

    def room(self, rid: RoomId) -> Room:
        if rid not in self._rooms:
            self._rooms[rid] = Room(self.vault, rid)
        return self._rooms[rid]

    def rooms(self) -> Iterator[Room]:
        for file in self.vault.rooms():
            if file.path.exists():
                yield self.room(file.id)

    def find_room(self, spoken: str) -> Room:
        """Find a room by its title or the start of its id; Refused, with what there is, if that is not one."""
        files = self.vault.rooms()
        hits = [file for file in files if self.title(file).casefold() == spoken.casefold()]
        hits = hits or [
            file for file in files if len(spoken) >= SHORTEST_ID and file.id.hex().startswith(spoken.lower())
        ]
        if len(hits) != 1:
            titles = "; ".join(self.title(file) for file in files) or "none yet"
            more = "More than one room is" if hits else "No room here is"
            raise Refused(f"{more} called “{spoken}”; this desk's rooms are: {titles}.")
        return self.room(hits[0].id)

    def title(self, file: RoomFile) -> str:
        return file.title or f"a room you were invited to ({file.id.hex()[:6]})"

    def open_room(self, charter: Charter, *, name: str, side: str, role: Role, relay: str, now: int) -> Room:
        """Found a room on a relay this desk has an admission for."""
        if any(file.title.casefold() == charter.title.casefold() for file in self.vault.rooms()):
            raise Refused(f"There is a room called “{charter.title}” here already; choose another title.")
        pin = self.relay_pin(relay)
        transport = new_transport(relay, pin, charter.cell_size, charter.retention_seconds)
        admission = self._take_admission(relay, transport.drop)
        rid = RoomId(secrets.token_bytes(32))
        account, kem_key = Account.create(ONE_TIME_KEYS), KemKey.generate()
        credential = Credential(
            1, rid, name, side, role, account.identity, account.one_time_keys, kem_key.public
        )
        self.vault.add_room(rid, charter.title, "open")
        Room.create(self.vault, Start(rid, encode(credential), account, kem_key, (), now)).close()
        room = self.room(rid)
        with room.changing():
            found(room, charter, transport, admission, now)
        return room

    def forget(self, rid: RoomId) -> None:
        """Make a room unreadable for ever on this desk."""
        room = self._rooms.pop(rid, None)
        if room is not None:
            room.close()
        self.vault.forget_room(rid)

    # -- relays -------------------------------------------------------------------------------------------

    def add_relay(self, url: str, pin: bytes, admissions: list[bytes], now: int) -> None:
        with self.vault.master.transaction():
            self.vault.master.run("INSERT OR REPLACE INTO relays VALUES (?,?,?)", url, pin, now)
            for token in admissions:
                self.vault.master.run("INSERT OR IGNORE INTO admissions VALUES (?,?,NULL)", token, url)

    def relays(self) -> list[tuple[str, bytes, int]]:
        """Each relay with its pin and how many admissions are left for it."""
        return [
            (url, pin, free)
            for url, pin, free in self.vault.master.all(
                "SELECT url, pin, (SELECT count(*) FROM admissions WHERE relay = url AND drop_id IS NULL) FROM relays"
                " ORDER BY added, url"
            )
        ]

    def relay_pin(self, url: str) -> bytes:
        row = self.vault.master.one("SELECT pin FROM relays WHERE url = ?", url)
        if row is None:
            raise Refused(
                f"This desk does not know the relay {url}; add it with `backchannel desk relay add`."
            )
        return bytes(row[0])

    def default_relay(self) -> str:
        """The first relay with an admission left."""
        for url, _, free in self.relays():
            if free:
                return url
        if not self.relays():
            raise Refused("This desk knows no relay; add one with `backchannel desk relay add`.")
        raise Refused(NO_ADMISSION.format(self.relays()[0][0]))

    def _take_admission(self, relay: str, drop: bytes) -> bytes:
        """Reserve an admission for a drop before the drop is chosen for good; unused ones come back at start."""
        with self.vault.master.transaction():
            row = self.vault.master.one(
                "SELECT token FROM admissions WHERE relay = ? AND drop_id IS NULL LIMIT 1", relay
            )
            if row is None:
                raise Refused(NO_ADMISSION.format(relay))
            self.vault.master.run("UPDATE admissions SET drop_id = ? WHERE token = ?", drop, row[0])
        return bytes(row[0])

    def _reclaim_admissions(self) -> None:
        """Free admissions reserved for drops that nobody chose: a kill came between the two."""
        reserved = self.vault.master.all("SELECT token, drop_id FROM admissions WHERE drop_id IS NOT NULL")
        if not reserved:
            return
        wanted = {errand.drop for errand in self.errands() if errand.act == "open"}
        with self.vault.master.transaction():
            for token, drop in reserved:
                if drop not in wanted:
                    self.vault.master.run("UPDATE admissions SET drop_id = NULL WHERE token = ?", token)

    # -- meetings -----------------------------------------------------------------------------------------

    def invite(
        self, room: Room, *, side: str, role: Role, name: str, now: int, seconds: int = INVITATION_SECONDS
    ) -> tuple[str, str]:
        """Invite somebody to one role of one side: the address to send, and the words to tell by another path."""
        seating = may_act(room)
        way = room.way()
        relay, pin = way.transport.relay, way.transport.pin
        invitation = Invitation(
            1, relay, pin, secrets.token_bytes(16), room.id, role, side, now + seconds * 1000
        )
        meet = rendezvous(invitation.nameplate)
        words = invitation_words()
        admission = self._take_admission(relay, meet.drop)
        transport = Transport(
            relay,
            pin,
            meet.drop,
            DEFAULT_CELL_SIZE,
            RENDEZVOUS_SECONDS,
            bytes(32),
            meet.append,
            meet.read,
            meet.close,
        )
        half = Hosting(1, encode(invitation), words, name, b"", "")
        with self.vault.master.transaction():
            self.vault.master.run(
                "INSERT INTO pairings VALUES (?,1,?,?,?,0)",
                invitation.nameplate,
                room.id,
                Stage.WAITING,
                encode(half),
            )
            self._send(invitation, "open", admission + encode(transport))
        assert seating is not None
        return invitation.address(), words

    def join(self, address: str, words: str, name: str, now: int) -> Meeting:
        """Answer an invitation with the words one was told; they are spent by this."""
        invitation = parse_address(address, now)
        spoken = parse_words(words, INVITATION_WORDS)
        if self.vault.master.one("SELECT 1 FROM pairings WHERE id = ?", invitation.nameplate) is not None:
            raise Refused(
                "This invitation has been used on this desk; its words are spent, so ask for a new one."
            )
        if any(file.id == invitation.room for file in self.vault.rooms()):
            raise Refused("This desk is in that room, or was; forget the room first to come in anew.")
        half, step = meeting.visit(invitation, spoken, name)
        with self.vault.master.transaction():
            self.vault.master.run(
                "INSERT INTO pairings VALUES (?,0,?,?,?,0)",
                invitation.nameplate, invitation.room, Stage.GREETED, encode(half),
            )  # fmt: skip
            self._send(invitation, "append", meeting.step_cell(invitation, step))
        return self._meeting(invitation.nameplate)

    def meetings(self) -> list[Meeting]:
        return [
            self._meeting(row[0]) for row in self.vault.master.all("SELECT id FROM pairings ORDER BY rowid")
        ]

    def _meeting(self, nameplate: bytes) -> Meeting:
        half, ours, room, stage = self._half(nameplate)
        name = half.name if isinstance(half, Hosting) else decode(half.credential, Credential).name
        return Meeting(nameplate, ours, room, stage, decode(half.invitation, Invitation), name, half.why)

    def _half(self, nameplate: bytes) -> tuple[Hosting | Visiting, bool, RoomId, Stage]:
        row = self.vault.master.one("SELECT ours, room, state, value FROM pairings WHERE id = ?", nameplate)
        assert row is not None
        ours, room, state, value = row
        half: Hosting | Visiting = decode(value, Hosting) if ours else decode(value, Visiting)
        return half, bool(ours), RoomId(room), Stage(state)

    def _send(self, invitation: Invitation, act: str, value: bytes) -> None:
        drop = rendezvous(invitation.nameplate).drop
        self.vault.master.run(
            "INSERT INTO outgoing (relay, pin, act, drop_id, value) VALUES (?,?,?,?,?)",
            invitation.relay, invitation.pin, act, drop, value,
        )  # fmt: skip

    def _take_step(self, nameplate: bytes, cell: bytes, position: int, now: int) -> str | None:
        """Take one cell of a rendezvous; gives why it was refused, if it was."""
        half, _, rid, stage = self._half(nameplate)
        invitation = decode(half.invitation, Invitation)
        refusal: str | None = None
        reply: Step | None = None
        try:
            step = meeting.read_step(invitation, cell)
            if step is not None:
                half, stage, reply = self._advance(half, stage, step, rid, now)
        except Violation as violation:
            refusal = str(violation)
            if stage in {Stage.ANSWERED, Stage.GREETED, Stage.CONFIRMED}:
                half, stage = meeting.failed(half, refusal), Stage.FAILED
        with self.vault.master.transaction():
            self.vault.master.run(
                "UPDATE pairings SET state = ?, value = ?, position = ? WHERE id = ?",
                stage, encode(half), position, nameplate,
            )  # fmt: skip
            if reply is not None:
                self._send(invitation, "append", meeting.step_cell(invitation, reply))
        return refusal

    def _advance(  # noqa: PLR0911 - one return a stage
        self, half: Hosting | Visiting, stage: Stage, step: Step, rid: RoomId, now: int
    ) -> tuple[Hosting | Visiting, Stage, Step | None]:
        """Go one stage on; a step that is our own, or not for this stage, changes nothing."""
        if isinstance(half, Hosting):
            if stage is Stage.WAITING and step.kind == "hello":
                if now >= decode(half.invitation, Invitation).expires_ms:
                    return (
                        meeting.failed(half, "somebody came after the invitation had run out"),
                        Stage.FAILED,
                        None,
                    )
                half, reply = meeting.answered(half, step)
                return half, Stage.ANSWERED, reply
            if stage is Stage.ANSWERED and step.kind == "proof":
                return half, Stage.ASKED, meeting.asked(half, self.room(rid), step, now)
            return half, stage, None
        if stage is Stage.GREETED and step.kind == "reply":
            half, proof = meeting.greeted(half, step)
            return half, Stage.CONFIRMED, proof
        if stage is Stage.CONFIRMED and step.kind == "keys":
            meeting.confirmed(self.vault, half, step, now)
            return half, Stage.ASKED, None
        return half, stage, None

    # -- for the courier ----------------------------------------------------------------------------------

    def errands(self) -> list[Errand]:
        """Everything saved and not yet done, in order for each owner."""
        found: list[Errand] = []
        for owner, db in self._queues():
            found += [
                Errand(owner, *row)
                for row in db.all(
                    "SELECT seq, relay, pin, act, drop_id, value FROM outgoing ORDER BY seq LIMIT 512"
                )
            ]
        return found

    def to_send(self) -> int:
        """How many errands wait."""
        return sum(row[0] for _, db in self._queues() for row in db.all("SELECT count(*) FROM outgoing"))

    def done(self, errands: list[Errand]) -> None:
        """Forget errands that a relay has confirmed."""
        for owner in {errand.owner for errand in errands}:
            db = self.vault.master if owner is None else self.room(owner).db
            with db.transaction():
                for errand in errands:
                    if errand.owner == owner:
                        db.run("DELETE FROM outgoing WHERE seq = ?", errand.seq)
        opened = [errand.drop for errand in errands if errand.act == "open"]
        if opened:
            with self.vault.master.transaction():
                for drop in opened:
                    self.vault.master.run("DELETE FROM admissions WHERE drop_id = ?", drop)

    def refused_admission(self, errand: Errand) -> None:
        """The relay would not take an admission: try the drop with another one; Refused if there is none.

        The refused one is put aside and comes back when the desk is opened anew: the relay may have been another.
        """
        db = self.vault.master if errand.owner is None else self.room(errand.owner).db
        with self.vault.master.transaction():
            self.vault.master.run("UPDATE admissions SET drop_id = ? WHERE drop_id = ?", ASIDE, errand.drop)
        admission = self._take_admission(errand.relay, errand.drop)
        with db.transaction():
            db.run("UPDATE outgoing SET value = ? WHERE seq = ?", admission + errand.value[32:], errand.seq)

    def watches(self) -> list[Watch]:
        """Every drop to read: those of the rooms, and the rendezvous of meetings under way."""
        found: list[Watch] = []
        for room in self.rooms():
            if (room.left and not room.going) or room.frozen or room.archive:
                continue
            found += [
                Watch(room.id, to.relay, to.pin, to.drop, to.read, way.cursor)
                for way in room.ways
                if not way.closed and not (way.epoch == RENDEZVOUS and room.seated)
                for to in [way.transport]
            ]
        for nameplate, stage, value, ours, position in self.vault.master.all(
            "SELECT id, state, value, ours, position FROM pairings"
        ):
            if stage in {Stage.ASKED, Stage.FAILED}:
                continue
            half = decode(value, Hosting) if ours else decode(value, Visiting)
            invitation = decode(half.invitation, Invitation)
            meet = rendezvous(nameplate)
            found.append(Watch(None, invitation.relay, invitation.pin, meet.drop, meet.read, position))
        return found

    def take(self, watch: Watch, cells: list[tuple[int, bytes]], now: int) -> Taken:
        """Take in cells read from a drop this desk watches."""
        if watch.owner is not None:
            return take(self.room(watch.owner), watch.drop, cells, now)
        taken = Taken()
        for (nameplate,) in self.vault.master.all("SELECT id FROM pairings"):
            if rendezvous(nameplate).drop == watch.drop:
                for position, cell in cells:
                    refusal = self._take_step(nameplate, cell, position, now)
                    taken.refusals += [refusal] if refusal else []
        return taken

    def caught_up(self, watch: Watch) -> None:
        """A drop has been read to its end in this run: what is newest there is known."""
        if watch.owner is not None:
            for way in self.room(watch.owner).ways:
                if way.transport.drop == watch.drop:
                    way.caught_up = True

    def gone(self, watch: Watch) -> bool:
        """Stop watching a drop its relay no longer has, if a later epoch has replaced it; tells whether it did."""
        if watch.owner is None:
            return False
        room = self.room(watch.owner)
        for way in room.ways:
            newest = way is room.ways[-1]
            if way.transport.drop == watch.drop and (room.left or not newest):
                with room.changing():
                    room.close_way(way)
                return True
        return False

    def may_send(self, errand: Errand) -> bool:
        """Whether everything on a room's drops has been read, so that a rolled-back vault is found before it sends."""
        if errand.owner is None or errand.act == "open":
            return True
        room = self.room(errand.owner)
        opening = {row[0] for row in room.db.all("SELECT drop_id FROM outgoing WHERE act = 'open'")}
        return not room.frozen and all(
            way.caught_up
            for way in room.ways
            if not way.closed and way.epoch != RENDEZVOUS and way.transport.drop not in opening
        )

    def tick(self, now: int, *, receipts: bool = True) -> list[str]:
        """Do what has fallen due in every room; gives sentences about what could not be done.

        Without `receipts` those wait for a later tick, because more is coming in.
        """
        troubles: list[str] = []
        for room in self.rooms():
            age(room, now, receipts=receipts)
            if room.frozen or room.left or room.archive or not room.seated:
                continue
            self._entitle(room)
            seating = room.seating
            if seating.keeper == room.me and seating.epoch_due and room.me in seating.seated:
                try:
                    self._keep(room, now)
                except Refused as refused:
                    troubles.append(str(refused))
        return troubles

    def _keep(self, room: Room, now: int) -> None:
        seating = room.seating
        old = room.way().transport
        transport = new_transport(old.relay, old.pin, old.cell_size, seating.retention_seconds)
        admission = self._take_admission(old.relay, transport.drop)
        with room.changing():
            issue(room, transport, admission, now)

    def _entitle(self, room: Room) -> None:
        """A newcomer learns the room's title with the first epoch."""
        title = room.seating.epoch.charter.title
        row = self.vault.master.one("SELECT title FROM rooms WHERE id = ?", room.id)
        if row is not None and row[0] != title:
            with self.vault.master.transaction():
                self.vault.master.run(
                    "UPDATE rooms SET title = ?, state = 'open' WHERE id = ?", title, room.id
                )

    def _queues(self) -> list[tuple[RoomId | None, SealedDb]]:
        return [(None, self.vault.master), *((room.id, room.db) for room in self.rooms())]
