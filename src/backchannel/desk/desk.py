"""A person's desk: the vault, its rooms and meetings, and what the courier has to do for them.

The desk never touches the network and never reads a clock: time comes in as `now`, in milliseconds since 1970.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

from backchannel.channel.event import RoomId
from backchannel.channel.members import ONE_TIME_KEYS, Charter, Credential, Role
from backchannel.crypto.keys import KemKey
from backchannel.crypto.session import Account
from backchannel.desk.admissions import Admissions
from backchannel.desk.ageing import age
from backchannel.desk.errands import Errand, Watch
from backchannel.desk.keeping import RENDEZVOUS, found, issue, new_transport
from backchannel.desk.meetings import INVITATION_SECONDS, Meeting, Meetings
from backchannel.desk.reckoning import Reckoner
from backchannel.desk.restarting import stuck
from backchannel.desk.room import Room, Start
from backchannel.desk.sealed_db import SealedDb
from backchannel.desk.taking import Taken, take
from backchannel.desk.vault import MAKING, RoomFile, Vault
from backchannel.errors import BackchannelError, Refused
from backchannel.moves.paper import SHORTEST_ID
from backchannel.said import joined, said
from backchannel.wire.codec import encode


class Desk:
    """An open desk."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.reckoner = Reckoner()
        self._rooms: dict[RoomId, Room] = {}
        self._admissions = Admissions(vault)
        self._meetings = Meetings(vault, self._admissions, self.room)
        self._admissions.reclaim({errand.drop for errand in self.errands() if errand.act == "open"})

    @classmethod
    def create(
        cls, home: Path, passphrase: bytes, name: str, *, raw: bool = False, whole: bool = True
    ) -> "Desk":
        """Make a desk; with `whole` False it is one only when its vault is told that it is complete."""
        vault = Vault.create(home, passphrase, raw=raw, whole=False)
        vault.set_setting("name", name.encode())
        if whole:
            vault.complete()
        return cls(vault)

    @classmethod
    def open(cls, home: Path, passphrase: bytes, *, moving: bool = False) -> "Desk":
        """Open a desk; one that was being moved opens only to finish that (desk/moving.py)."""
        vault = Vault.open(home, passphrase)
        target = vault.setting("moving")
        if target is not None and not moving:
            vault.close()
            raise Refused(
                said(
                    "This desk was being moved to {target} and that was cut short; run `backchannel desk move` at the"
                    " old place again.",
                    target=target.decode(),
                )
            )
        return cls(vault)

    def close(self) -> None:
        self.close_rooms()
        self.vault.close()

    def close_rooms(self) -> None:
        """Close every room's file; they open again when used."""
        self.reckoner.close()
        for room in self._rooms.values():
            room.close()
        self._rooms.clear()

    @property
    def name(self) -> str:
        return (self.vault.setting("name") or b"").decode()

    # -- rooms --------------------------------------------------------------------------------------------

    def room(self, rid: RoomId) -> Room:
        if rid not in self._rooms:
            self._rooms[rid] = Room(self.vault, rid, self.reckoner)
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
            titles = joined("; ", (self.title(file) for file in files)) or said("none yet")
            more = said("More than one room is") if hits else said("No room here is")
            raise Refused(
                said(
                    "{more} called “{spoken}”; this desk's rooms are: {titles}.",
                    more=more,
                    spoken=spoken,
                    titles=titles,
                )
            )
        return self.room(hits[0].id)

    def title(self, file: RoomFile) -> str:
        return file.title or said("a room you were invited to ({id})", id=file.id.hex()[:6])

    def open_room(self, charter: Charter, *, name: str, side: str, role: Role, relay: str, now: int) -> Room:
        """Found a room on a relay this desk has an admission for."""
        if any(file.title.casefold() == charter.title.casefold() for file in self.vault.rooms()):
            raise Refused(
                said(
                    "There is a room called “{charter_title}” here already; choose another title.",
                    charter_title=charter.title,
                )
            )
        pin = self._admissions.pin(relay)
        transport = new_transport(relay, pin, charter.cell_size, charter.retention_seconds)
        admission = self._admissions.reserve(relay, transport.drop)
        rid = RoomId(secrets.token_bytes(32))
        account, kem_key = Account.create(ONE_TIME_KEYS), KemKey.generate()
        credential = Credential(
            1, rid, name, side, role, account.identity, account.one_time_keys, kem_key.public
        )
        self.vault.add_room(rid, charter.title, MAKING)
        try:
            Room.create(self.vault, Start(rid, encode(credential), account, kem_key, (), now)).close()
            room = self.room(rid)
            with room.changing():
                found(room, charter, transport, admission, now)
        except BackchannelError:
            self.close_rooms()
            self.vault.unmake_rooms()
            raise
        self.vault.settle_room(rid, "open")
        return room

    def forget(self, rid: RoomId) -> None:
        """Make a room unreadable for ever on this desk."""
        room = self._rooms.pop(rid, None)
        if room is not None:
            room.close()
        self.vault.forget_room(rid)

    # -- relays and meetings ------------------------------------------------------------------------------

    def add_relay(self, url: str, pin: bytes, admissions: list[bytes], now: int) -> None:
        """Know a relay, and admissions to it."""
        self._admissions.add(url, pin, admissions, now)

    def relays(self) -> list[tuple[str, bytes, int]]:
        """Give each relay with its pin and how many admissions are left for it."""
        return self._admissions.relays()

    def relay_pin(self, url: str) -> bytes:
        return self._admissions.pin(url)

    def default_relay(self) -> str:
        """Give the first relay with an admission left."""
        return self._admissions.default_relay()

    def invite(
        self, room: Room, *, side: str, role: Role, name: str, now: int, seconds: int = INVITATION_SECONDS
    ) -> tuple[str, str]:
        """Invite somebody to one role of one side: the address to send, and the words to tell by another path."""
        return self._meetings.invite(room, side=side, role=role, name=name, now=now, seconds=seconds)

    def join(self, address: str, words: str, name: str, now: int) -> Meeting:
        """Answer an invitation with the words one was told; they are spent by this."""
        return self._meetings.join(address, words, name, now)

    def meetings(self) -> list[Meeting]:
        """Give every invitation under way, ours and those we answer."""
        return self._meetings.all()

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
            self._admissions.spent(opened)

    def refused_admission(self, errand: Errand) -> None:
        """The relay would not take an admission: try the drop with another one; Refused if there is none."""
        db = self.vault.master if errand.owner is None else self.room(errand.owner).db
        self._admissions.put_aside(errand.drop)
        admission = self._admissions.reserve(errand.relay, errand.drop)
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
        return found + self._meetings.watches()

    def take(self, watch: Watch, cells: list[tuple[int, bytes]], now: int) -> Taken:
        """Take in cells read from a drop this desk watches."""
        if watch.owner is not None:
            return take(self.room(watch.owner), watch.drop, cells, now)
        return Taken(refusals=self._meetings.take(watch.drop, cells, now))

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
            troubles += [*stuck(room, now), *filter(None, [room.elsewhere])]
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
        admission = self._admissions.reserve(old.relay, transport.drop)
        with room.changing():
            issue(room, transport, admission, now)

    def _entitle(self, room: Room) -> None:
        """A newcomer learns the room's title with the first epoch."""
        title = room.seating.epoch.charter.title
        if any(file.id == room.id and file.title != title for file in self.vault.rooms()):
            self.vault.entitle_room(room.id, title)

    def _queues(self) -> list[tuple[RoomId | None, SealedDb]]:
        return [(None, self.vault.master), *((room.id, room.db) for room in self.rooms())]
