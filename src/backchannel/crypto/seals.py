"""ES256 for sealed texts and nothing else: keys made for one text, JWS, the names of keys and texts (docs/spec/seal.md).

Nothing on talk, on membership or on the way to a relay may use this module (docs/decisions/0006-deniability.md).
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from backchannel.crypto.hashing import DIGEST_BYTES, digest, keyed_digest
from backchannel.crypto.secret import Secret
from backchannel.errors import Refused, Violation
from backchannel.wire.canonical_json import Json, read_canonical, write

SEAL_TYPE = "backchannel-seal+sd-jwt"
ANCHOR_TYPE = "backchannel-anchor+jws"

_HALF = 32  # bytes of a coordinate, and of each number of a signature
_CURVE = ec.SECP256R1()
_ES256 = ec.ECDSA(
    SHA256(), deterministic_signing=True
)  # RFC 6979: a bad random number cannot give the key away
_GROUP = 4  # letters of a fingerprint that stand together


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """Read base64url without padding in its one spelling, or raise Violation."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise Violation("This is not base64url.") from error
    if b64(data) != text:
        raise Violation("This base64url is not in its one spelling.")
    return data


def fingerprint(raw: bytes) -> str:
    """Give 32 bytes as people read them out: base32 in groups of four."""
    letters = base64.b32encode(raw).decode("ascii").rstrip("=").lower()
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def typed_fingerprint(typed: str) -> bytes:
    """Read a fingerprint that a person typed, or raise Refused."""
    letters = re.sub(
        r"[\s\u2068\u2069-]", "", typed
    ).upper()  # the marks come along where a name was kept apart
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (ValueError, binascii.Error) as error:
        raise Refused("A fingerprint has letters a to z and digits 2 to 7 only; type it again.") from error
    if len(raw) != DIGEST_BYTES or fingerprint(raw).replace("-", "").upper() != letters:
        raise Refused("A fingerprint has 52 letters, in thirteen groups of four; type the whole of it.")
    return raw


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A P-256 public key that is known to be a point of the curve."""

    x: bytes
    y: bytes

    @classmethod
    def of(cls, x: bytes, y: bytes) -> Self:
        """Take two coordinates, or raise Violation."""
        key = cls(x, y)
        key._point()
        return key

    @property
    def jwk(self) -> dict[str, Json]:
        return {"crv": "P-256", "kty": "EC", "x": b64(self.x), "y": b64(self.y)}

    @property
    def thumbprint(self) -> bytes:
        """The 32 bytes of RFC 7638."""
        return hashlib.sha256(write(self.jwk)).digest()

    def _point(self) -> ec.EllipticCurvePublicKey:
        if len(self.x) != _HALF or len(self.y) != _HALF:
            raise Violation("A coordinate of a P-256 key has 32 bytes.")
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x04" + self.x + self.y)
        except ValueError as error:
            raise Violation("This is no point of the curve P-256.") from error

    def check(self, signature: bytes, data: bytes) -> None:
        """Accept a signature of 64 bytes over the data, or raise Violation."""
        if len(signature) != 2 * _HALF:
            raise Violation("An ES256 signature has 64 bytes.")
        first, second = (int.from_bytes(half) for half in (signature[:_HALF], signature[_HALF:]))
        try:
            self._point().verify(encode_dss_signature(first, second), data, ec.ECDSA(SHA256()))
        except InvalidSignature as error:
            raise Violation("This signature does not hold.") from error


class _SigningKey(Secret):
    """A P-256 private key, held as its 32 bytes."""

    __slots__ = ("_private", "public", "raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != _HALF:
            raise ValueError("a P-256 private key has 32 bytes")
        self.raw = raw
        self._private = ec.derive_private_key(int.from_bytes(raw), _CURVE)
        numbers = self._private.public_key().public_numbers()
        self.public = PublicKey(numbers.x.to_bytes(_HALF), numbers.y.to_bytes(_HALF))

    @classmethod
    def generate(cls) -> Self:
        number = ec.generate_private_key(_CURVE).private_numbers().private_value
        return cls(number.to_bytes(_HALF))

    def _signature(self, data: bytes) -> bytes:
        first, second = decode_dss_signature(self._private.sign(data, _ES256))
        return first.to_bytes(_HALF) + second.to_bytes(_HALF)


@dataclass(frozen=True, slots=True)
class Seal:
    """One side's signature as it stands in a file: two texts in base64url."""

    protected: str
    signature: str


class SealingKey(_SigningKey):
    """A key made for one text: once it has sealed a payload, it refuses every other."""

    __slots__ = ("_sealed",)

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self._sealed: bytes | None = None

    def seal(self, payload: bytes) -> Seal:
        """Sign a payload, or raise Refused if this key has signed another."""
        if self._sealed is not None and self._sealed != payload:
            raise Refused(
                "This key was made for another text and has sealed it; make a new key for the new text."
            )
        self._sealed = payload
        protected = seal_header(self.public)
        return Seal(protected, b64(self._signature(signed_bytes(protected, b64(payload)))))


class LongTermKey(_SigningKey):
    """The key by which a side is known; it only ever says whose a sealing key is."""

    __slots__ = ()

    def anchor(self, sealing: PublicKey, text: bytes) -> str:
        """State, for ever and to everyone, that a sealing key is this side's in the text with this digest."""
        statement: Json = {
            "key": b64(sealing.thumbprint),
            "owner": self.public.jwk,
            "text": b64(text),
            "version": 1,
        }
        protected, payload = _header(self.public, ANCHOR_TYPE), b64(write(statement))
        return f"{protected}.{payload}.{b64(self._signature(signed_bytes(protected, payload)))}"


def _header(public: PublicKey, kind: str) -> str:
    return b64(write({"alg": "ES256", "kid": b64(public.thumbprint), "typ": kind}))


def seal_header(public: PublicKey) -> str:
    """Give the protected header of a seal by this key: there is exactly one."""
    # spec 6: comparing the whole leaves no room for another algorithm, a key by address or a critical extension
    return _header(public, SEAL_TYPE)


def anchor_header(public: PublicKey) -> str:
    return _header(public, ANCHOR_TYPE)


def key_named(protected: str) -> bytes:
    """Give the thumbprint that the protected header of a seal names, or raise Violation."""
    header = read_canonical(unb64(protected))
    if not isinstance(header, dict) or {**header, "kid": ""} != {
        "alg": "ES256",
        "kid": "",
        "typ": SEAL_TYPE,
    }:
        raise Violation("This is not the header of a seal.")
    named = header.get("kid")
    if not isinstance(named, str) or len(raw := unb64(named)) != DIGEST_BYTES:
        raise Violation("This header names no key.")
    return raw


def signed_bytes(protected: str, payload: str) -> bytes:
    """Give what a JWS signature covers (RFC 7515 5.1)."""
    return f"{protected}.{payload}".encode("ascii")


def compact(seal: Seal, payload: bytes, disclosures: tuple[str, ...] = ()) -> str:
    """Recast one seal as a compact SD-JWT, which other software reads."""
    return "~".join((f"{seal.protected}.{b64(payload)}.{seal.signature}", *disclosures, ""))


def text_digest(payload: bytes) -> bytes:
    """Give the 32 bytes by which a sealed text is named."""
    return digest("backchannel/sealed-text/1", payload)


def stamped_digest(payload: bytes, signatures: tuple[bytes, ...]) -> bytes:
    """Give the 32 bytes that a time stamp is on: of the text and of every side's signature, in the order of the sides."""
    return digest("backchannel/seal-stamp/1", payload, *signatures)


def seal_code(sealing: PublicKey, text: bytes) -> bytes:
    """Give the 32 bytes that a side prints or publishes to own its key in one text."""
    return digest("backchannel/seal-code/1", sealing.thumbprint, text)


def disclosure_digest(disclosure: str) -> str:
    """Give the digest of a clause or term as RFC 9901 4.2.3 makes it."""
    return b64(hashlib.sha256(disclosure.encode("ascii")).digest())


def decoy(seed: bytes, number: int) -> str:
    """Give a digest of nothing, which only who has the seed can tell from one of something."""
    return b64(keyed_digest(seed, "backchannel/seal-decoy/1", number.to_bytes(4)))
