"""First contact: from words and an address to a request that every side sees (docs/spec/pairing.md, invitation.md).

The inviting desk hosts the rendezvous; the guest comes with the words. Words are spent, and that is saved, before
a share of ours is sent; an exchange that stops after that shows as a failed guess on both desks. What travels here
is public keys only. Once the guest's keys are known the room does the rest: request, approvals, epoch, welcome.
"""

import secrets
from enum import StrEnum
from typing import Literal

from msgspec import structs

from backchannel.channel.event import EventId, MemberId, RoomId
from backchannel.channel.likeness import alike
from backchannel.channel.members import (
    ONE_TIME_KEYS,
    Credential,
    Request,
    Transport,
    member_id,
    parse_credential,
)
from backchannel.contacts.invitation import Invitation, rendezvous
from backchannel.crypto.cell_cipher import RoomKey, open_cell, seal_cell
from backchannel.crypto.hashing import derive
from backchannel.crypto.keys import KemKey
from backchannel.crypto.pairing import Initiator, PairingKeys, Responder, open_message, seal_message
from backchannel.crypto.secret import Secret
from backchannel.crypto.session import Account
from backchannel.desk.keeping import RENDEZVOUS
from backchannel.desk.room import Room, Start
from backchannel.desk.sending import say
from backchannel.desk.vault import MAKING, Vault
from backchannel.errors import Refused, Violation
from backchannel.said import said
from backchannel.wire.cells import DEFAULT_CELL_SIZE, ENVELOPE_ID_BYTES, Piece, cut
from backchannel.wire.codec import Record, decode, encode
from backchannel.wire.ids import new_append_id

UNFIT_NAME = said(
    "A name has 1 to 120 characters that all show as they are read, without spaces around them; choose another."
)


class Stage(StrEnum):
    """How far a meeting has come; every stage from ANSWERED or GREETED on has spent the words."""

    WAITING = "waiting"  # host: nobody has come yet
    ANSWERED = "answered"  # host: somebody came with words we cannot judge yet
    GREETED = "greeted"  # guest: our share is out
    CONFIRMED = "confirmed"  # guest: the words were right; our keys are out
    ASKED = "asked"  # both: the keys are known, the room decides
    FAILED = "failed"  # the words were wrong, or somebody interfered


class Hosting(Secret, Record, frozen=True):
    """The inviting desk's half; `name` is how we mean to call the guest."""

    version: Literal[1]
    invitation: bytes
    words: str
    name: str
    responder: bytes
    why: str


class Visiting(Secret, Record, frozen=True):
    """The guest's half; the account, key and credential are made before the words are used."""

    version: Literal[1]
    invitation: bytes
    initiator: bytes
    keys: bytes
    account: bytes
    pickle_key: bytes
    kem_seed: bytes
    credential: bytes
    why: str


class Step(Record, frozen=True):
    """One message at the rendezvous: `hello`, `reply`, `proof` (confirmation and keys) or `keys`."""

    kind: str
    data: bytes
    sealed: bytes


def meeting_key(nameplate: bytes) -> RoomKey:
    """The key that makes the meeting's own cells look random to the relay; whoever has the address has it."""
    return RoomKey(derive(nameplate, "backchannel/rendezvous-meeting/1"))


def step_cell(invitation: Invitation, step: Step) -> bytes:
    """Make the one cell of a step: its append id and the sealed piece."""
    (piece,) = cut(encode(step), DEFAULT_CELL_SIZE, secrets.token_bytes(ENVELOPE_ID_BYTES))
    meet = rendezvous(invitation.nameplate)
    cell = seal_cell(meeting_key(invitation.nameplate), meet.drop, piece)
    return meet.append + new_append_id() + cell


def read_step(invitation: Invitation, cell: bytes) -> Step | None:
    """Read a step off a cell of the rendezvous; None if the cell is something else."""
    piece = open_cell(meeting_key(invitation.nameplate), rendezvous(invitation.nameplate).drop, bytes(cell))
    return None if piece is None else decode(Piece.parse(piece).data, Step)


# -- the guest ------------------------------------------------------------------------------------------------


def visit(invitation: Invitation, words: str, name: str) -> tuple[Visiting, Step]:
    """Come to a rendezvous with the words: our half and the hello, after which the words are spent."""
    account, kem_key = Account.create(ONE_TIME_KEYS), KemKey.generate()
    pickle_key = secrets.token_bytes(32)
    credential = Credential(
        1, invitation.room, name, invitation.side, invitation.role, account.identity,
        account.one_time_keys, kem_key.public,
    )  # fmt: skip
    try:
        parse_credential(encode(credential))
    except Violation as violation:
        raise Refused(UNFIT_NAME) from violation
    initiator, hello = Initiator.start(words, invitation.channel_identifier())
    half = Visiting(
        1, encode(invitation), encode(initiator), b"", account.pickle(pickle_key), pickle_key, kem_key.seed,
        encode(credential), "",
    )  # fmt: skip
    return half, Step("hello", hello, b"")


def greeted(half: Visiting, step: Step) -> tuple[Visiting, Step]:
    """Take the host's reply: proves the words were right, and gives our keys."""
    if step.kind != "reply":
        raise Violation("Something other than a reply came to our greeting.")
    keys, confirmation = decode(half.initiator, Initiator).finish(step.data)
    proof = Step("proof", confirmation, seal_message(keys, 0, half.credential))
    return structs.replace(half, keys=encode(keys)), proof


def confirmed(vault: Vault, half: Visiting, step: Step, now: int) -> None:
    """Take the host's keys: the room's file now exists here, waiting for a welcome."""
    if step.kind != "keys":
        raise Violation("Something other than the host's keys came to our proof.")
    host = open_message(decode(half.keys, PairingKeys), 0, step.sealed)
    invitation = decode(half.invitation, Invitation)
    if parse_credential(host).room != invitation.room:
        raise Violation("The host's keys are of another room.")
    room = RoomId(invitation.room)
    known = {file.id for file in vault.rooms() if file.state != MAKING}
    if room not in known:
        vault.unmake_rooms()
        vault.add_room(room, "", MAKING)
        start = Start(
            room,
            half.credential,
            Account.restore(half.account, half.pickle_key),
            KemKey(half.kem_seed),
            (host,),
            now,
        )
        file = Room.create(vault, start)
        with file.changing():
            file.add_way(RENDEZVOUS, EventId(member_id(half.credential)), meeting_transport(invitation))
            file.add_peer(member_id(host))
        file.close()
        vault.settle_room(room, "asked")


# -- the host -------------------------------------------------------------------------------------------------


def answered(half: Hosting, step: Step) -> tuple[Hosting, Step]:
    """Take a guest's hello: answers it, after which the words are spent whoever it was."""
    if step.kind != "hello":
        raise Violation("Something other than a greeting came to the rendezvous.")
    invitation = decode(half.invitation, Invitation)
    responder, reply = Responder.answer(half.words, invitation.channel_identifier(), step.data)
    return structs.replace(half, words="", responder=encode(responder)), Step("reply", reply, b"")


def asked(half: Hosting, room: Room, step: Step, now: int) -> Step:
    """Take a guest's proof and keys: puts the request before the room, and gives our keys in return.

    Can be repeated after a kill: a request that is in the log is not made again.
    """
    if step.kind != "proof":
        raise Violation("Something other than a proof came to our reply.")
    invitation = decode(half.invitation, Invitation)
    keys = decode(half.responder, Responder).finish(step.data)
    data = open_message(keys, 0, step.sealed)
    credential = parse_credential(data)
    if (credential.room, credential.side, credential.role) != (room.id, invitation.side, invitation.role):
        raise Violation("The guest asks for another place than they were invited to.")
    if any(alike(member.name, credential.name) for member in room.seating.seated.values()):
        raise Violation(
            said(
                "The guest calls themselves {credential}, which looks like the name of somebody here.",
                credential=credential.name,
            )
        )
    subject = member_id(data)
    if all(motion.subject != subject for motion in room.seating.motions.values()):
        with room.changing():
            room.add_way(RENDEZVOUS, EventId(subject), meeting_transport(invitation))
            say(room, "request", encode(Request(data)), now)
    return Step("keys", b"", seal_message(keys, 0, encode(room.credential)))


def meeting_transport(invitation: Invitation) -> Transport:
    """The rendezvous as a way on which the welcome travels, in an ordinary envelope."""
    meet = rendezvous(invitation.nameplate)
    return Transport(
        invitation.relay, invitation.pin, meet.drop, DEFAULT_CELL_SIZE, 0, meet.room_key.raw, meet.append,
        meet.read, meet.close,
    )  # fmt: skip


def subject_of(half: Visiting) -> MemberId:
    return member_id(half.credential)


def failed(half: Hosting | Visiting, why: str) -> Hosting | Visiting:
    """Record why a meeting came to nothing; its secrets go."""
    if isinstance(half, Hosting):
        return structs.replace(half, words="", responder=b"", why=why)
    return structs.replace(half, initiator=b"", keys=b"", account=b"", kem_seed=b"", why=why)
