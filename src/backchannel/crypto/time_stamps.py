"""RFC 3161 time stamps of sealed texts: the request that is asked, and the token in the answer (docs/spec/seal.md 12).

Nothing here asks an authority: a person carries the request there and the answer back.
"""

import hashlib
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from backchannel.errors import Violation
from backchannel.said import said
from backchannel.wire import der
from backchannel.wire.der import Element

SIGNED_DATA = "1.2.840.113549.1.7.2"  # RFC 5652
TST_INFO = "1.2.840.113549.1.9.16.1.4"  # RFC 3161
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"  # RFC 2634: SHA-1
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"  # RFC 5816
SHA256 = "2.16.840.1.101.3.4.2.1"
HASHES: dict[str, hashes.HashAlgorithm] = {
    SHA256: hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
MOST_BYTES = 64 << 10  # of a token: a chain of four long certificates has a quarter of it
NONCE_BYTES = 8
GRANTED = frozenset({0, 1})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN = said("This time stamp is of a kind that this software does not know.")


class NotGranted(Violation):
    """The authority answered that it gives no stamp."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: a stamp on a SHA-256, and the random number that the answer must repeat."""

    imprint: bytes
    nonce: int

    @property
    def encoded(self) -> bytes:
        """The request in DER; it asks for the certificate too."""
        algorithm = der.write(der.SEQUENCE, der.write_oid(SHA256), der.write(der.NULL))
        imprint = der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, self.imprint))
        asks_certificate = b"\x01\x01\xff"
        return der.write(
            der.SEQUENCE, der.write_integer(1), imprint, der.write_integer(self.nonce), asks_certificate
        )


@dataclass(frozen=True, slots=True)
class Token:
    """A time stamp as it says of itself; nothing in it is checked yet. `at_ms` is in milliseconds since 1970."""

    imprint: bytes
    at_ms: int
    nonce: int | None
    signer: x509.Certificate
    others: tuple[x509.Certificate, ...]
    info: bytes
    attributes: bytes
    digest: hashes.HashAlgorithm
    signed_with: str
    signature: bytes

    @property
    def by(self) -> str:
        """The name in the certificate that signed: the common name, or else all of it."""
        with warnings.catch_warnings(action="ignore"):
            common = self.signer.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            return str(common[0].value) if common else self.signer.subject.rfc4514_string()


def read_request(data: bytes) -> Request:
    """Read a request as it was written here, or raise Violation."""
    parts = _bounded(data).of(der.SEQUENCE).parts
    if len(parts) != 4:  # noqa: PLR2004 - version, imprint, nonce, certificate wanted
        raise Violation("This is not a request for a time stamp that this software wrote.")
    found = Request(_imprint(parts[1]), parts[2].number)
    if found.encoded != data:
        raise Violation("This is not a request for a time stamp that this software wrote.")
    return found


def token_of(response: bytes) -> bytes:
    """Give the token in an authority's answer; NotGranted if it has none, Violation if it is no answer."""
    parts = _bounded(response).of(der.SEQUENCE).parts
    status = parts[0].of(der.SEQUENCE).parts if parts else ()
    if not status:
        raise Violation("This is not an authority's answer to a request for a time stamp.")
    if status[0].number not in GRANTED or len(parts) == 1:
        raise NotGranted(
            said(
                "The authority gave no time stamp: its answer has the status {status}.",
                status=status[0].number,
            )
        )
    if len(parts) != 2:  # noqa: PLR2004 - status, token
        raise Violation("This is not an authority's answer to a request for a time stamp.")
    return parts[1].whole


def read_token(data: bytes) -> Token:
    """Read a token (a CMS SignedData over a TSTInfo by one signer), or raise Violation."""
    content = _optional(_bounded(data).of(der.SEQUENCE).parts, SIGNED_DATA)
    version, _, capsule, *rest = _least(content.of(der.SEQUENCE).parts, 4)
    del version
    info = _optional(capsule.of(der.SEQUENCE).parts, TST_INFO).of(der.OCTET_STRING).content
    certificates = [one for part in rest if part.tag == der.explicit(0) for one in part.parts]
    (signers,) = [part.parts for part in rest if part.tag == der.SET] or [()]
    if len(signers) != 1:
        raise Violation("A time stamp has one signer.")
    _, _, algorithm, attributes, signed_with, signature, *_ = _least(signers[0].of(der.SEQUENCE).parts, 6)
    digest = HASHES.get(_algorithm(algorithm))
    if digest is None:
        raise Violation(UNKNOWN)
    # RFC 5652 5.4: what is signed is the SET OF, in place of the implicit tag under which it travels
    said = der.write(der.SET, attributes.of(der.explicit(0)).content)
    signer, others = _signer(attributes_of(said), certificates)
    imprint, at_ms, nonce = _said(info)
    return Token(
        imprint, at_ms, nonce, signer, others, info, said, digest, _algorithm(signed_with),
        signature.of(der.OCTET_STRING).content,
    )  # fmt: skip


def _bounded(data: bytes) -> Element:
    if len(data) > MOST_BYTES:
        raise Violation(said("A time stamp has at most {most_bytes} KiB.", most_bytes=MOST_BYTES >> 10))
    return der.read(data)


def _least(parts: tuple[Element, ...], count: int) -> tuple[Element, ...]:
    if len(parts) < count:
        raise Violation("A time stamp lacks something that it must have.")
    return parts


def _optional(parts: tuple[Element, ...], kind: str) -> Element:
    """Give what stands behind `[0]` after the object identifier that says its kind."""
    named, wrapped, *_ = _least(parts, 2)
    inside = wrapped.of(der.explicit(0)).parts
    if named.oid != kind or len(inside) != 1:
        raise Violation(UNKNOWN)
    return inside[0]


def _algorithm(element: Element) -> str:
    return _least(element.of(der.SEQUENCE).parts, 1)[0].oid


def _imprint(element: Element) -> bytes:
    algorithm, value = _least(element.of(der.SEQUENCE).parts, 2)[:2]
    if _algorithm(algorithm) != SHA256:
        raise Violation("This time stamp is not on a SHA-256.")
    return value.of(der.OCTET_STRING).content


def _said(info: bytes) -> tuple[bytes, int, int | None]:
    version, _, imprint, _, moment, *rest = _least(der.read(info).of(der.SEQUENCE).parts, 5)
    if version.number != 1:
        raise Violation(UNKNOWN)
    nonces = [part.number for part in rest if part.tag == der.INTEGER]
    return _imprint(imprint), _moment(moment.of(der.GENERALIZED_TIME).content), nonces[0] if nonces else None


def _moment(written: bytes) -> int:
    """Read a GeneralizedTime of RFC 3161; a fraction counts to the millisecond."""
    whole, dot, fraction = written.removesuffix(b"Z").partition(b".")
    if not (written.endswith(b"Z") and whole.isdigit() and len(whole) == len("YYYYMMDDhhmmss")) or (
        dot and not fraction.isdigit()
    ):
        raise Violation("The moment of this time stamp is not written as RFC 3161 says.")
    try:
        found = datetime.strptime(whole.decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise Violation("The moment of this time stamp is on no calendar.") from error
    return int((found - EPOCH).total_seconds()) * 1000 + int(fraction[:3].ljust(3, b"0"))


def attributes_of(said: bytes) -> dict[str, tuple[Element, ...]]:
    found: dict[str, tuple[Element, ...]] = {}
    for attribute in der.read(said).parts:
        kind, values = _least(attribute.of(der.SEQUENCE).parts, 2)[:2]
        if kind.oid in found:
            raise Violation("A time stamp says one thing twice.")
        found[kind.oid] = values.of(der.SET).parts
    return found


def only(attributes: dict[str, tuple[Element, ...]], kind: str) -> Element:
    values = attributes.get(kind, ())
    if len(values) != 1:
        raise Violation("A time stamp lacks something that it must have.")
    return values[0]


def _signer(
    attributes: dict[str, tuple[Element, ...]], certificates: list[Element]
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    """Find the certificate that the signed attributes name by its hash, and the others."""
    hashed = _named_certificate(attributes)
    chosen = [one for one in certificates if hashlib.new(hashed[0], one.whole).digest() == hashed[1]]
    if len(chosen) != 1:
        raise Violation("A time stamp comes with the certificate of its signer, once.")
    try:
        with warnings.catch_warnings(action="ignore"):
            loaded = [
                x509.load_der_x509_certificate(one.whole)
                for one in (chosen[0], *(one for one in certificates if one is not chosen[0]))
            ]
            signer, *others = loaded
            signer.public_key()
            _ = signer.subject, signer.not_valid_before_utc
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Violation("A certificate in this time stamp cannot be read.") from error
    return signer, tuple(others)


def _named_certificate(attributes: dict[str, tuple[Element, ...]]) -> tuple[str, bytes]:
    if SIGNING_CERTIFICATE_V2 in attributes:
        first = _first_named(attributes, SIGNING_CERTIFICATE_V2)
        if first[0].tag == der.SEQUENCE:
            algorithm = HASHES.get(_algorithm(first[0]))
            if algorithm is None:
                raise Violation(UNKNOWN)
            return algorithm.name, _least(first, 2)[1].of(der.OCTET_STRING).content
        return "sha256", first[0].of(der.OCTET_STRING).content
    return "sha1", _first_named(attributes, SIGNING_CERTIFICATE)[0].of(der.OCTET_STRING).content


def _first_named(attributes: dict[str, tuple[Element, ...]], kind: str) -> tuple[Element, ...]:
    certificates = _least(only(attributes, kind).of(der.SEQUENCE).parts, 1)[0].of(der.SEQUENCE).parts
    return _least(_least(certificates, 1)[0].of(der.SEQUENCE).parts, 1)
