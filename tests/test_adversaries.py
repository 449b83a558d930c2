"""Attacks on the cryptographic part that need building; the others stand with what they attack.

Reflected shares: test_pairing. Low-order adverts: test_keys. One-time keys used twice and reversed messages:
test_session. Substituted keys: test_safety_words. Bit flips, moved wraps and rolled-back vaults: test_envelope.
"""

import hashlib
import itertools

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from msgspec.structs import replace

from backchannel.channel.members import Credential, parse_credential
from backchannel.crypto.envelope import EntryKind, WrapHeader, WrapText, body_hash, open_body, seal_body
from backchannel.crypto.keys import KemKey
from backchannel.crypto.session import Account
from backchannel.errors import Violation
from backchannel.wire.codec import encode
from writing import Member, entry_id

POLY_PRIME = 2**130 - 5
AAD = b"backchannel/body/1"
TEXT_BYTES = 1020
READER_ONE, READER_TWO = b"We accept the whole of it.", b"We reject the whole of it."


def stream(key: bytes, first_block: int, length: int) -> bytes:
    counter_and_nonce = first_block.to_bytes(4, "little") + bytes(12)
    return Cipher(ChaCha20(key, counter_and_nonce), None).encryptor().update(bytes(length))


def poly1305_parts(key: bytes) -> tuple[int, int]:
    block = stream(key, 0, 32)
    r = int.from_bytes(block[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    return r, int.from_bytes(block[16:], "little")


def blocks(ciphertext: bytes) -> list[int]:
    data = AAD.ljust(32, b"\0") + ciphertext
    data += len(AAD).to_bytes(8, "little") + len(ciphertext).to_bytes(8, "little")
    return [int.from_bytes(data[at : at + 16], "little") + 2**128 for at in range(0, len(data), 16)]


def poly(r: int, parts: list[int]) -> int:
    total = 0
    for part in parts:
        total = (total + part) * r % POLY_PRIME
    return total


def body_for_two_keys(one: bytes, two: bytes) -> bytes:
    """Make one ChaCha20-Poly1305 body, valid under both keys, whose texts hold different words.

    Where the first text speaks the second is noise, and the other way round. The last block before the lengths is
    solved for, so that both tags are equal: an equation in one unknown modulo 2^130 - 5.
    """
    streams = stream(one, 1, 1024), stream(two, 1, 1024)
    assert streams[0][:4] == streams[1][:4]  # so that both texts announce 1,020 bytes
    (r1, s1), (r2, s2) = poly1305_parts(one), poly1305_parts(two)
    for filler in itertools.count():
        ciphertext = bytearray(1024)
        for at, text, pad in (
            (0, TEXT_BYTES.to_bytes(4, "big"), streams[0]),
            (4, READER_ONE, streams[0]),
            (4 + len(READER_ONE), READER_TWO, streams[1]),
            (512, filler.to_bytes(8, "big"), streams[0]),
        ):
            ciphertext[at : at + len(text)] = bytes(a ^ b for a, b in zip(text, pad[at:], strict=False))
        parts = blocks(bytes(ciphertext))
        a1, a2 = poly(r1, parts), poly(r2, parts)
        for wrap in range(-5, 6):
            distance = s2 - s1 + wrap * 2**128
            x = (distance - a1 + a2) * pow(r1 * r1 - r2 * r2, -1, POLY_PRIME) % POLY_PRIME
            if x >= 2**128:
                continue
            ciphertext[1008:] = x.to_bytes(16, "little")
            parts = blocks(bytes(ciphertext))
            tags = {(poly(r, parts) + s) % 2**128 for r, s in ((r1, s1), (r2, s2))}
            if len(tags) == 1:
                return bytes(ciphertext) + tags.pop().to_bytes(16, "little")
    raise AssertionError


# Found by a birthday search over SHA-256("two ways <i>"): their key streams begin with the same four bytes.
KEYS = [hashlib.sha256(b"two ways %d" % number).digest() for number in (1980, 33457)]


def texts(
    ann: Member, readers: list[Member], body: bytes, entries: list[bytes]
) -> list[tuple[Member, WrapText]]:
    return [
        (reader, ann.text_for(reader, key, body, entry))
        for reader, key, entry in zip(readers, KEYS, entries, strict=True)
    ]


def opened_by_each(body: bytes) -> list[bytes]:
    header = WrapHeader(bytes(32), bytes(32), bytes(32), 1, 0, 0)
    return [open_body(WrapText(1, header, EntryKind.EVENT, key, bytes(32), bytes(32)), body) for key in KEYS]


def test_a_body_that_opens_two_ways_is_possible_for_the_cipher_alone() -> None:
    accepting, rejecting = opened_by_each(body_for_two_keys(*KEYS))
    assert accepting.startswith(READER_ONE)
    assert READER_TWO in rejecting
    assert READER_TWO not in accepting
    assert len(accepting) == len(rejecting) == TEXT_BYTES


def test_a_body_that_opens_two_ways_is_refused_because_both_wraps_name_one_text() -> None:
    body = body_for_two_keys(*KEYS)
    for honest, named in enumerate(opened_by_each(body)):
        ann, readers = Member(b"ann"), [Member(b"ben"), Member(b"cyd")]
        envelope = ann.envelope(texts(ann, readers, body, [entry_id(named)] * 2), body)
        assert readers[honest].read(envelope, ann) == named
        with pytest.raises(Violation, match="not the one its author named"):
            readers[1 - honest].read(envelope, ann)


def test_a_body_that_opens_two_ways_under_two_names_is_two_entries_and_so_a_visible_fork() -> None:
    body = body_for_two_keys(*KEYS)
    ann, ben, cyd = Member(b"ann"), Member(b"ben"), Member(b"cyd")
    names = [entry_id(text) for text in opened_by_each(body)]
    envelope = ann.envelope(texts(ann, [ben, cyd], body, names), body)
    seen = {entry_id(ben.read(envelope, ann)), entry_id(cyd.read(envelope, ann))}
    assert seen == set(names)
    assert len(seen) == 2


def test_a_wrap_put_onto_another_body_of_the_same_author_is_refused() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    content_key, body = seal_body(b"we accept")
    _, other = seal_body(b"we reject")
    text = ann.text_for(ben, content_key, body, entry_id(b"we accept"))
    assert text.body_hash == body_hash(body)
    with pytest.raises(Violation, match="not the one its author wrapped"):
        ben.read(ann.envelope([(ben, text)], other), ann)


def test_an_envelope_replayed_to_its_reader_is_refused_and_the_session_goes_on() -> None:
    ann, ben = Member(b"ann"), Member(b"ben")
    first, second = ann.write(b"one", ben), ann.write(b"two", ben)
    assert ben.read(first, ann) == b"one"
    for _ in range(3):
        with pytest.raises(Violation):
            ben.read(first, ann)
    assert ben.read(second, ann) == b"two"


def test_an_outsider_with_the_room_key_cannot_speak_as_a_member() -> None:
    """Room key and public keys are not enough: an Olm message needs one of two private identities."""
    ann, ben, eve = Member(b"ann"), Member(b"ben"), Member(b"ann")  # eve puts Ann's id on her envelopes
    with pytest.raises(Violation, match="another identity"):
        ben.read(eve.write(b"I am Ann", ben), ann)
    assert ben.read(ann.write(b"I am Ann", ben), ann) == b"I am Ann"


def credential(**changed: object) -> bytes:
    account, kem = Account.create(3), KemKey.generate()
    honest = Credential(
        1, bytes(32), "Ann", "A", "principal", account.identity, account.one_time_keys, kem.public
    )
    return encode(replace(honest, **changed))


def test_a_newcomer_with_a_low_order_key_is_refused_before_it_can_stop_every_sender() -> None:
    parse_credential(credential())
    low = bytes(32)
    good = Account.create(1).one_time_keys[0]
    for changed in (
        {"kem_public": KemKey.generate().public[:1184] + low},
        {"identity": low},
        {"one_time_keys": (good, low)},
    ):
        with pytest.raises(Violation, match="low order"):
            parse_credential(credential(**changed))
