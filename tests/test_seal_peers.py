"""Software that others wrote accepts each signature of a sealed text, each anchor, and the names of keys."""

import json

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

from backchannel.crypto.seals import Seal, b64, compact, unb64
from backchannel.daylight.sealed_file import read_file
from sealed_texts import DRAFT, sealed, sealing_keys


def recast(data: bytes) -> list[tuple[dict[str, str], str]]:
    """Give each signature as a compact SD-JWT, with the key that the text lists for it."""
    file = read_file(data)
    payload = unb64(file.payload)
    header = file.signatures[0].header
    assert header is not None
    sides = json.loads(payload)["sides"]
    return [
        (side["key"], compact(Seal(one.protected, one.signature), payload, header.disclosures))
        for side, one in zip(sides, file.signatures, strict=True)
    ]


def test_each_signature_recast_as_compact_sd_jwt_is_accepted_by_sd_jwt() -> None:
    cases = recast(sealed("term-turkey", "understanding-spoken"))
    assert len(cases) == 2
    for key, text in cases:
        said = SDJWTVerifier(text, lambda _issuer, _header, key=key: JWK(**key)).get_verified_payload()
        assert (said["clause-1"], said["clause-2"]) == DRAFT.clauses
        assert said["term-turkey"] == DRAFT.terms["turkey"]
        assert said["understanding-spoken"]["subject"] == "Missiles in Turkey"
        assert said["title"] == DRAFT.title


def test_each_signature_is_accepted_by_joserfc_and_only_under_its_own_key() -> None:
    cases = recast(sealed())
    for key, text in cases:
        for other, _ in cases:
            signed = text.split("~")[0]
            if other is key:
                payload = jws.deserialize_compact(
                    signed, ECKey.import_key({**other}), algorithms=["ES256"]
                ).payload
                assert payload == unb64(read_file(sealed()).payload)
            else:
                with pytest.raises(BadSignatureError):
                    jws.deserialize_compact(signed, ECKey.import_key({**other}), algorithms=["ES256"])


def test_each_anchor_is_accepted_by_joserfc() -> None:
    anchors = read_file(sealed()).anchors
    assert len(anchors) == 2
    for anchor in anchors:
        owner = json.loads(unb64(anchor.split(".")[1]))["owner"]
        key = ECKey.import_key(owner)
        assert jws.deserialize_compact(anchor, key, algorithms=["ES256"]).headers()["kid"] == key.thumbprint()


def test_a_key_is_named_by_the_thumbprint_of_rfc_7638() -> None:
    for key in sealing_keys().values():
        listed = {name: str(value) for name, value in key.public.jwk.items()}
        assert ECKey.import_key({**listed}).thumbprint() == b64(key.public.thumbprint)
