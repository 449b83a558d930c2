import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backchannel.crypto import cpace
from backchannel.crypto.pairing import (
    Confirmation,
    Hello,
    Initiator,
    PairingKeys,
    Reply,
    Responder,
    open_message,
    seal_message,
)
from backchannel.errors import Violation
from backchannel.wire.codec import decode, encode

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "cpace-x25519.json").read_text())
DRAFT = {name: bytes.fromhex(value) for name, value in VECTORS["G_25519"].items()}
# draft-irtf-cfrg-cpace-21 B.1.10: what a conforming X25519, which ignores the top bit, makes of these
SCALAR = bytes.fromhex("af46e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449aff")
MULTIPLIED = {
    "Invalid Y6": "d8e2c776bbacd510d09fd9278b7edcd25fc5ae9adfba3b6e040e8d3b71b21806",
    "Invalid Y8": "c85c655ebe8be44ba9c0ffde69f2fe10194458d137f09bbff725ce58803cdb38",
    "Invalid Y9": "db64dafa9b8fdd136914e61461935fe92aa372cb056314e1231bc4ec12417456",
    "Invalid Y10": "e062dcd5376d58297be2618c7498f55baa07d7e03184e8aada20bca28888bf7a",
    "Invalid Y11": "993c6ad11c4c29da9a56f7691fd0ff8d732e49de6250b6c2e80003ff4629a175",
}
WORDS, CI = "academic acid acne", b"relay and room"


def paired(words: str = WORDS, ci: bytes = CI) -> tuple[PairingKeys, PairingKeys]:
    guest, hello = Initiator.start(words, ci)
    host, reply = Responder.answer(WORDS, CI, hello)
    guest_keys, confirmation = guest.finish(reply)
    return guest_keys, host.finish(confirmation)


def test_the_official_vector_holds_at_every_step() -> None:
    sid = DRAFT["sid"]
    generator = cpace.generator(DRAFT["PRS"], DRAFT["CI"], sid)
    assert generator == DRAFT["g"]
    assert cpace.multiply(DRAFT["ya"], generator) == DRAFT["Ya"]
    assert cpace.multiply(DRAFT["yb"], generator) == DRAFT["Yb"]
    shared = cpace.multiply(DRAFT["ya"], DRAFT["Yb"])
    assert shared == cpace.multiply(DRAFT["yb"], DRAFT["Ya"]) == DRAFT["K"]
    transcript = cpace.transcript_ir(DRAFT["Ya"], DRAFT["ADa"], DRAFT["Yb"], DRAFT["ADb"])
    assert cpace.session_key(sid, shared, transcript) == DRAFT["ISK_IR"]
    assert cpace.session_id_output(transcript) == DRAFT["sid_output_ir"]


@pytest.mark.parametrize("name", sorted(VECTORS["X25519_points"]))
def test_mandatory_abort(name: str) -> None:
    point = bytes.fromhex(VECTORS["X25519_points"][name])
    expected = MULTIPLIED.get(name)
    if expected is None:
        with pytest.raises(Violation, match="not a proper point"):
            cpace.multiply(SCALAR, point)
    else:
        assert cpace.multiply(SCALAR, point).hex() == expected
    with pytest.raises(Violation, match="not a proper point"):
        Responder.answer(WORDS, CI, encode(Hello(1, bytes(16), point)))
    guest, _ = Initiator.start(WORDS, CI)
    with pytest.raises(Violation, match="not a proper point"):
        guest.finish(encode(Reply(1, point, bytes(32))))


def test_the_same_words_give_the_same_keys_one_for_each_direction() -> None:
    guest, host = paired()
    assert guest.sending == host.receiving
    assert guest.receiving == host.sending
    assert guest.sending != guest.receiving
    assert guest.exchange == host.exchange
    assert open_message(host, 0, seal_message(guest, 0, b"my keys")) == b"my keys"
    assert open_message(guest, 0, seal_message(host, 0, b"and mine")) == b"and mine"


def test_two_pairings_with_the_same_words_share_no_key() -> None:
    assert len({keys.sending for _ in range(3) for keys in paired()}) == 6


@pytest.mark.parametrize(("words", "ci"), [("academic acid acquire", CI), (WORDS, b"another relay")])
def test_wrong_words_or_another_invitation_fail_on_both_sides(words: str, ci: bytes) -> None:
    guest, hello = Initiator.start(words, ci)
    host, reply = Responder.answer(WORDS, CI, hello)
    with pytest.raises(Violation, match="words do not match"):
        guest.finish(reply)
    with pytest.raises(Violation, match="words do not match"):
        host.finish(encode(Confirmation(1, bytes(32))))


def test_reflected_pake_share_is_refused_by_either_role() -> None:
    guest, hello = Initiator.start(WORDS, CI)
    share = decode(hello, Hello).share
    with pytest.raises(Violation, match="came back to us"):
        guest.finish(encode(Reply(1, share, bytes(32))))


def test_a_reflected_tag_is_refused_because_tags_name_their_role() -> None:
    guest, hello = Initiator.start(WORDS, CI)
    host, reply = Responder.answer(WORDS, CI, hello)
    guest.finish(reply)
    with pytest.raises(Violation, match="words do not match"):
        host.finish(encode(Confirmation(1, decode(reply, Reply).tag)))


def test_a_whole_exchange_with_oneself_by_reflection_gives_no_keys() -> None:
    """An adversary without the words passes a desk's messages between its two roles."""
    guest, hello = Initiator.start(WORDS, CI)
    other_guest, other_hello = Initiator.start(WORDS, CI)
    _, reply = Responder.answer(WORDS, CI, other_hello)
    with pytest.raises(Violation):
        guest.finish(reply)
    with pytest.raises(Violation):
        other_guest.finish(encode(replace(decode(reply, Reply), share=decode(hello, Hello).share)))


def test_every_sampled_bit_flip_of_an_exchange_fails() -> None:
    guest, hello = Initiator.start(WORDS, CI)
    host, reply = Responder.answer(WORDS, CI, hello)
    _, confirmation = guest.finish(reply)
    for position in range(4, len(reply) * 8, 13):
        with pytest.raises(Violation):
            guest.finish(flipped(reply, position))
    for position in range(4, len(confirmation) * 8, 7):
        with pytest.raises(Violation):
            host.finish(flipped(confirmation, position))


def flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position // 8] ^= 1 << position % 8
    return bytes(changed)


def test_messages_do_not_open_altered_reordered_or_turned_round() -> None:
    guest, host = paired()
    sealed = seal_message(guest, 1, b"my keys")
    for keys, number, data in ((host, 0, sealed), (guest, 1, sealed), (host, 1, flipped(sealed, 200))):
        with pytest.raises(Violation):
            open_message(keys, number, data)


@given(st.binary(max_size=120))
def test_any_bytes_as_a_pairing_message_are_a_violation(data: bytes) -> None:
    guest, hello = Initiator.start(WORDS, CI)
    host, _ = Responder.answer(WORDS, CI, hello)
    guest_keys = PairingKeys(1, bytes(32), bytes(32), bytes(64))
    with pytest.raises(Violation):
        Responder.answer(WORDS, CI, data)
    with pytest.raises(Violation):
        guest.finish(data)
    with pytest.raises(Violation):
        host.finish(data)
    with pytest.raises(Violation):
        open_message(guest_keys, 0, data)


def test_a_state_kept_in_the_vault_goes_on_after_a_restart() -> None:
    guest, hello = Initiator.start(WORDS, CI)
    host, reply = Responder.answer(WORDS, CI, hello)
    guest = decode(encode(guest), Initiator)
    host = decode(encode(host), Responder)
    guest_keys, confirmation = guest.finish(reply)
    assert host.finish(confirmation).receiving == guest_keys.sending
