"""Every file of tests/vectors gives the outcome it states."""

import json
from pathlib import Path
from typing import Any

import pytest

from backchannel.contacts.invitation import parse_address, rendezvous
from backchannel.crypto.cell_cipher import RoomKey, open_cell
from backchannel.crypto.keys import KemKey
from backchannel.errors import Refused, Violation
from backchannel.wire.cells import Piece, Reassembly
from vectors_reading import Reader, account_from

FOLDER = Path(__file__).parent / "vectors"
ENVELOPE_STEPS = {"parse", "unseal", "olm", "header", "body", "entry", None}


def names(folder: str) -> list[str]:
    return sorted(path.stem for path in (FOLDER / folder).glob("*.json"))


def load(folder: str, name: str) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads((FOLDER / folder / f"{name}.json").read_text(encoding="utf-8"))
    return vector


def test_there_is_a_vector_for_every_step_of_opening_an_envelope() -> None:
    assert {load("envelope", name)["refused_at"] for name in names("envelope")} == ENVELOPE_STEPS


@pytest.mark.parametrize("name", names("envelope"))
def test_envelope_vector(name: str) -> None:
    vector = load("envelope", name)
    reader = Reader(
        KemKey(bytes.fromhex(vector["reader_kem_seed"])),
        account_from(
            bytes.fromhex(vector["reader_identity_private"]), bytes.fromhex(vector["reader_one_time_private"])
        ),
        bytes.fromhex(vector["author_identity"]),
    )
    *before, last = map(bytes.fromhex, vector["envelopes"])
    member = bytes.fromhex(vector["reader"])
    for envelope in before:
        reader.open(envelope, member)
    if vector["refused_at"] is None:
        assert reader.open(last, member) == bytes.fromhex(vector["text"])
        return
    with pytest.raises(Violation):
        reader.open(last, member)
    assert reader.step == vector["refused_at"]


@pytest.mark.parametrize("name", names("cells"))
def test_cell_vector(name: str) -> None:
    vector = load("cells", name)
    key, drop = RoomKey(bytes.fromhex(vector["room_key"])), bytes.fromhex(vector["drop"])
    reassembly = Reassembly()
    *before, last = [open_cell(key, drop, bytes.fromhex(cell)) for cell in vector["cells"]]
    for position, piece in enumerate(before, 1):
        assert piece is not None
        assert reassembly.add(Piece.parse(piece), position) is None
    if vector["outcome"] == "not ours":
        assert last is None
    elif vector["outcome"] == "refused":
        assert last is not None
        with pytest.raises(Violation):
            reassembly.add(Piece.parse(last), 9)
    else:
        assert last is not None
        assert reassembly.add(Piece.parse(last), 9) == bytes.fromhex(vector["envelope"])


@pytest.mark.parametrize("name", names("invitation"))
def test_invitation_vector(name: str) -> None:
    vector = load("invitation", name)
    if vector["refused"] is not None:
        with pytest.raises(Refused, match=vector["refused"]):
            parse_address(vector["address"], vector["now"])
        return
    invitation = parse_address(vector["address"], vector["now"])
    meeting = rendezvous(invitation.nameplate)
    assert invitation.channel_identifier().hex() == vector["channel_identifier"]
    assert [meeting.drop.hex(), meeting.append.hex(), meeting.read.hex(), meeting.close.hex()] == [
        vector[part] for part in ("drop", "append", "read", "close")
    ]
    assert meeting.room_key.raw.hex() == vector["room_key"]
