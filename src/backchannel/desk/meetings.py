"""Invitations under way at this desk, ours and those we answer: kept in the master file, stage by stage."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from backchannel.channel.event import RoomId
from backchannel.channel.members import Credential, Role, Transport
from backchannel.contacts.invitation import Invitation, parse_address, rendezvous
from backchannel.contacts.safety_words import INVITATION_WORDS, invitation_words, parse_words
from backchannel.desk import meeting
from backchannel.desk.admissions import Admissions
from backchannel.desk.errands import Watch
from backchannel.desk.meeting import Hosting, Stage, Step, Visiting
from backchannel.desk.room import Room
from backchannel.desk.sending import may_act
from backchannel.desk.vault import Vault
from backchannel.errors import Refused, Violation
from backchannel.said import said
from backchannel.wire.cells import DEFAULT_CELL_SIZE
from backchannel.wire.codec import decode, encode

INVITATION_SECONDS = 3 * 86400
RENDEZVOUS_SECONDS = 14 * 86400


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


class Meetings:
    """Every meeting of this desk; `room` opens one of its rooms."""

    def __init__(self, vault: Vault, admissions: Admissions, room: Callable[[RoomId], Room]) -> None:
        self._vault = vault
        self._admissions = admissions
        self._room = room

    def invite(
        self, room: Room, *, side: str, role: Role, name: str, now: int, seconds: int = INVITATION_SECONDS
    ) -> tuple[str, str]:
        """Invite somebody to one role of one side: the address to send, and the words to tell by another path."""
        may_act(room)
        way = room.way()
        relay, pin = way.transport.relay, way.transport.pin
        invitation = Invitation(
            1, relay, pin, secrets.token_bytes(16), room.id, role, side, now + seconds * 1000
        )
        meet = rendezvous(invitation.nameplate)
        words = invitation_words()
        admission = self._admissions.reserve(relay, meet.drop)
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
        with self._vault.master.transaction():
            self._vault.master.run(
                "INSERT INTO pairings VALUES (?,1,?,?,?,0)",
                invitation.nameplate,
                room.id,
                Stage.WAITING,
                encode(half),
            )
            self._send(invitation, "open", admission + encode(transport))
        return invitation.address(), words

    def join(self, address: str, words: str, name: str, now: int) -> Meeting:
        """Answer an invitation with the words one was told; they are spent by this."""
        invitation = parse_address(address, now)
        spoken = parse_words(words, INVITATION_WORDS)
        if self._vault.master.one("SELECT 1 FROM pairings WHERE id = ?", invitation.nameplate) is not None:
            raise Refused(
                "This invitation has been used on this desk; its words are spent, so ask for a new one."
            )
        if any(file.id == invitation.room for file in self._vault.rooms()):
            raise Refused("This desk is in that room, or was; forget the room first to come in anew.")
        half, step = meeting.visit(invitation, spoken, name)
        with self._vault.master.transaction():
            self._vault.master.run(
                "INSERT INTO pairings VALUES (?,0,?,?,?,0)",
                invitation.nameplate, invitation.room, Stage.GREETED, encode(half),
            )  # fmt: skip
            self._send(invitation, "append", meeting.step_cell(invitation, step))
        return self._meeting(invitation.nameplate)

    def all(self) -> list[Meeting]:
        return [
            self._meeting(row[0]) for row in self._vault.master.all("SELECT id FROM pairings ORDER BY rowid")
        ]

    def _meeting(self, nameplate: bytes) -> Meeting:
        half, ours, room, stage = self._half(nameplate)
        name = half.name if isinstance(half, Hosting) else decode(half.credential, Credential).name
        return Meeting(nameplate, ours, room, stage, decode(half.invitation, Invitation), name, half.why)

    def _half(self, nameplate: bytes) -> tuple[Hosting | Visiting, bool, RoomId, Stage]:
        row = self._vault.master.one("SELECT ours, room, state, value FROM pairings WHERE id = ?", nameplate)
        assert row is not None
        ours, room, state, value = row
        half: Hosting | Visiting = decode(value, Hosting) if ours else decode(value, Visiting)
        return half, bool(ours), RoomId(room), Stage(state)

    def _send(self, invitation: Invitation, act: str, value: bytes) -> None:
        drop = rendezvous(invitation.nameplate).drop
        self._vault.master.run(
            "INSERT INTO outgoing (relay, pin, act, drop_id, value) VALUES (?,?,?,?,?)",
            invitation.relay, invitation.pin, act, drop, value,
        )  # fmt: skip

    def watches(self) -> list[Watch]:
        """Every rendezvous to read: of meetings that are under way."""
        found: list[Watch] = []
        for nameplate, stage, value, ours, position in self._vault.master.all(
            "SELECT id, state, value, ours, position FROM pairings"
        ):
            if stage in {Stage.ASKED, Stage.FAILED}:
                continue
            half = decode(value, Hosting) if ours else decode(value, Visiting)
            invitation = decode(half.invitation, Invitation)
            meet = rendezvous(nameplate)
            found.append(Watch(None, invitation.relay, invitation.pin, meet.drop, meet.read, position))
        return found

    def take(self, drop: bytes, cells: list[tuple[int, bytes]], now: int) -> list[str]:
        """Take in cells of a rendezvous; gives why any of them was refused."""
        refusals: list[str] = []
        for (nameplate,) in self._vault.master.all("SELECT id FROM pairings"):
            if rendezvous(nameplate).drop == drop:
                for position, cell in cells:
                    refusal = self._take_step(nameplate, cell, position, now)
                    refusals += [refusal] if refusal else []
        return refusals

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
        with self._vault.master.transaction():
            self._vault.master.run(
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
                        meeting.failed(half, said("somebody came after the invitation had run out")),
                        Stage.FAILED,
                        None,
                    )
                half, reply = meeting.answered(half, step)
                return half, Stage.ANSWERED, reply
            if stage is Stage.ANSWERED and step.kind == "proof":
                return half, Stage.ASKED, meeting.asked(half, self._room(rid), step, now)
            return half, stage, None
        if stage is Stage.GREETED and step.kind == "reply":
            half, proof = meeting.greeted(half, step)
            return half, Stage.CONFIRMED, proof
        if stage is Stage.CONFIRMED and step.kind == "keys":
            meeting.confirmed(self._vault, half, step, now)
            return half, Stage.ASKED, None
        return half, stage, None
