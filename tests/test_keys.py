import json
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from backchannel.crypto.keys import (
    KEM_OVERHEAD_BYTES,
    KEM_PUBLIC_BYTES,
    KemKey,
    check_public,
    kem_open,
    kem_seal,
)
from backchannel.errors import Violation

X_WING = 0x647A
KDFS = {0x0001: KDF.HKDF_SHA256, 0x0003: KDF.HKDF_SHA512, 0x0011: KDF.SHAKE256}
AEADS = {0x0001: AEAD.AES_128_GCM, 0x0002: AEAD.AES_256_GCM, 0x0003: AEAD.CHACHA20_POLY1305}
KEY = KemKey(bytes(range(32)))

# RFC 7748 section 6.1 and the CPace draft: points whose order divides 8, also in their non-canonical spellings
LOW_ORDER = [
    bytes(32),
    (1).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    (2**255 - 20).to_bytes(32, "little"),
    (2**255 - 19).to_bytes(32, "little"),
    (2**255 - 18).to_bytes(32, "little"),
]


def official() -> list[dict[str, Any]]:
    folder = Path(cryptography_vectors.__file__).parent / "HPKE"
    vectors: list[dict[str, Any]] = []
    for name in ("test-vectors.json", "hpke-pq-test-vectors.json"):
        vectors += json.loads((folder / name).read_text())
    return [vector for vector in vectors if vector["kem_id"] == X_WING]


def test_the_official_vectors_cover_x_wing() -> None:
    assert len(official()) >= 2


@pytest.mark.parametrize("vector", official(), ids=lambda v: f"kdf-{v['kdf_id']}-aead-{v['aead_id']}")
def test_official_hpke_pq_vector(vector: dict[str, Any]) -> None:
    key = KemKey(bytes.fromhex(vector["skRm"]))
    assert key.public.hex() == vector["pkRm"]
    suite = Suite(KEM.MLKEM768_X25519, KDFS[vector["kdf_id"]], AEADS[vector["aead_id"]])
    first = vector["encryptions"][0]
    # The library opens single messages, so the first of each vector's sequence is the one that can be run.
    opened = openssl.hpke._decrypt_with_aad(
        suite,
        bytes.fromhex(vector["enc"] + first["ct"]),
        key._private,
        bytes.fromhex(vector["info"]),
        bytes.fromhex(first["aad"]),
    )
    assert opened.hex() == first["pt"]


def test_our_suite_is_one_the_official_vectors_cover() -> None:
    suites = {(vector["kdf_id"], vector["aead_id"]) for vector in official()}
    assert (0x0001, 0x0003) in suites
    sealed = kem_seal(KEY.public, b"text", b"info")
    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    assert suite.decrypt(sealed, KEY._private, b"info") == b"text"


def test_what_is_sealed_opens_with_the_key_and_the_info_only() -> None:
    sealed = kem_seal(KEY.public, b"text", b"info")
    assert len(sealed) == 4 + KEM_OVERHEAD_BYTES
    assert kem_open(KemKey(KEY.seed), sealed, b"info") == b"text"
    with pytest.raises(Violation):
        kem_open(KEY, sealed, b"another info")
    with pytest.raises(Violation):
        kem_open(KemKey.generate(), sealed, b"info")


def test_generated_keys_differ_and_are_accepted() -> None:
    one, other = KemKey.generate(), KemKey.generate()
    assert one.seed != other.seed
    assert len(one.public) == KEM_PUBLIC_BYTES
    check_public(one.public)


@pytest.mark.parametrize("point", LOW_ORDER, ids=lambda point: point.hex()[:8])
def test_low_order_advert_is_refused_before_any_sender_fails_on_it(point: bytes) -> None:
    with pytest.raises(Violation, match="low order"):
        check_public(KEY.public[:1184] + point)


def test_a_malformed_public_key_is_refused() -> None:
    with pytest.raises(Violation, match="malformed"):
        check_public(b"\xff" * 1184 + KEY.public[1184:])
    with pytest.raises(Violation, match="1216 bytes"):
        check_public(KEY.public[:-1])


@given(st.binary(max_size=1300))
def test_any_bytes_as_a_sealed_text_are_a_violation(data: bytes) -> None:
    with pytest.raises(Violation):
        kem_open(KEY, data, b"info")


def test_every_sampled_bit_flip_of_a_sealed_text_is_a_violation() -> None:
    sealed = kem_seal(KEY.public, b"text", b"info")
    for position in range(0, len(sealed) * 8, 61):
        flipped = bytearray(sealed)
        flipped[position // 8] ^= 1 << position % 8
        if position // 8 == 1119 and position % 8 == 7:
            continue  # X25519 ignores the top bit of a point by its definition
        with pytest.raises(Violation):
            kem_open(KEY, bytes(flipped), b"info")
