"""Every byte that is ever signed is accounted for: words of the draft, keys, and digests under fresh salts. Nothing of a room."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from backchannel.channel.event import Event, Ref
from backchannel.crypto.hashing import digest
from backchannel.crypto.seals import (
    LongTermKey,
    SealingKey,
    _SigningKey,
    b64,
    decoy,
    disclosure_digest,
    text_digest,
    unb64,
)
from backchannel.daylight.text import FrozenText
from backchannel.wire.codec import encode
from sealed_texts import DRAFT, SIDES, anchors_of, frozen_text, long_term_keys, sealing_keys, seals_of

CONSTANTS = {
    "sha-256",
    "agreement",
    "election",
    "ES256",
    "P-256",
    "EC",
    "backchannel-seal+sd-jwt",
    "backchannel-anchor+jws",
}
ROOM = b"room of the sealed text".ljust(32, b".")


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


@pytest.fixture
def signed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Everything that a key signs while two sides seal and anchor a text, taken where the signing happens."""
    found: list[bytes] = []
    real = _SigningKey._signature

    def noted(key: _SigningKey, data: bytes) -> bytes:
        found.append(data)
        return real(key, data)

    monkeypatch.setattr(_SigningKey, "_signature", noted)
    keys = sealing_keys()
    frozen = frozen_text(keys)
    seals_of(frozen, keys)
    anchors_of(frozen, keys)
    return found


def accounted(frozen: FrozenText) -> set[Any]:
    """Whatever may stand in signed bytes, each with where it comes from."""
    keys: list[SealingKey | LongTermKey] = [*sealing_keys().values(), *long_term_keys().values()]
    of_keys = {b64(part) for key in keys for part in (key.public.x, key.public.y, key.public.thumbprint)}
    of_words = {disclosure_digest(one) for one in frozen.disclosures}
    of_nothing = {decoy(frozen.seed, number) for number in range(64)}
    of_draft = {DRAFT.title, *SIDES[:2], "1962-11-20T00:00:00Z", len(DRAFT.clauses), 1, b64(frozen.digest)}
    return of_keys | of_words | of_nothing | of_draft | CONSTANTS


def test_every_signed_byte_is_a_word_of_the_draft_a_key_or_a_salted_digest(signed: list[bytes]) -> None:
    assert len(signed) == 4
    known = accounted(frozen_text(sealing_keys()))
    for data in signed:
        for part in data.decode("ascii").split("."):
            decoded = unb64(part)
            value = json.loads(decoded)
            assert set(leaves(value)) - known == set()
            # and nothing between the leaves: the bytes are a function of the value
            again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            assert again.encode() == decoded


def talk() -> dict[str, bytes]:
    """What a room has that says the very words of the text: ids, a head, the room's own id, the encoded event."""
    found = {"room": ROOM}
    parent: tuple[Ref, ...] = ()
    for number, words in enumerate([*DRAFT.clauses, *DRAFT.terms.values()], 1):
        event = Event(
            1,
            ROOM,
            SIDES[0].encode().ljust(32, b"."),
            number,
            parent[0] if parent else None,
            0,
            parent,
            bytes(32),
            number,
            DRAFT.dated_ms,
            "paper",
            words.encode(),
        )
        salt = hashlib.sha256(words.encode()).digest()
        eid = digest("backchannel/event/1", salt, encode(event))
        parent = (Ref(eid, 0),)
        found |= {
            f"event {number}": eid,
            f"event {number}'s bytes": encode(event),
            f"event {number}'s salt": salt,
        }
    found["head"] = hashlib.sha256(parent[0].id).digest()
    return found


def test_no_signed_byte_holds_or_comes_from_an_id_a_head_a_room_or_talk(signed: list[bytes]) -> None:
    plain = b"\n".join(b"\n".join(unb64(part) for part in data.decode().split(".")) for data in signed)
    carried = {
        unb64(leaf)
        for leaf in plain.decode().split('"')
        if len(leaf) == 43 and leaf.replace("-", "").replace("_", "").isalnum()
    }
    assert len(carried) > 64
    for name, value in talk().items():
        derived = [
            value,
            hashlib.sha256(value).digest(),
            text_digest(value),
            hashlib.sha256(b64(value).encode()).digest(),
        ]
        for one in derived:
            assert one not in carried, name
            for written in (one, one.hex().encode(), b64(one).encode()):
                assert written not in plain, name


def test_words_that_stay_closed_are_in_no_signed_byte_even_as_a_hash_without_salt(
    signed: list[bytes],
) -> None:
    plain = b"".join(b"".join(unb64(part) for part in data.decode().split(".")) for data in signed)
    for words in (*DRAFT.clauses, *DRAFT.terms.values()):
        assert words.encode() not in plain
        assert b64(hashlib.sha256(words.encode()).digest()).encode() not in plain
        assert b64(hashlib.sha256(json.dumps(words).encode()).digest()).encode() not in plain
