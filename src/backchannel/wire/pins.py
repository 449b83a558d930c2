"""The pin of a TLS key: SHA-256 of the certificate's SubjectPublicKeyInfo (RFC 7469, section 2.4)."""

import hashlib

from backchannel.errors import Violation

PIN_BYTES = 32

_SEQUENCE, _INTEGER, _VERSION = 0x30, 0x02, 0xA0
_BEFORE_THE_KEY = (_SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE)  # signature, issuer, validity, subject


def pin_of(certificate: bytes) -> bytes:
    """Give the 32-byte pin of an X.509 certificate in DER; nothing else in the certificate is checked."""
    outer, _ = _element(memoryview(certificate), _SEQUENCE)
    rest, _ = _element(outer, _SEQUENCE)
    if rest and rest[0] == _VERSION:
        rest = _after(rest, _VERSION)
    rest = _after(rest, _INTEGER)
    for tag in _BEFORE_THE_KEY:
        rest = _after(rest, tag)
    _, size = _element(rest, _SEQUENCE)
    return hashlib.sha256(rest[:size]).digest()


def _after(data: memoryview, tag: int) -> memoryview:
    _, size = _element(data, tag)
    return data[size:]


def _element(data: memoryview, tag: int) -> tuple[memoryview, int]:
    """Give the content of the DER element that `data` starts with, and the element's whole size."""
    wrong = Violation("The relay's TLS certificate is malformed.")
    if len(data) < 2 or data[0] != tag:  # noqa: PLR2004 - a tag and a length
        raise wrong
    length, start = data[1], 2
    if length & 0x80:
        octets = length & 0x7F
        start += octets
        if not 1 <= octets <= 3 or len(data) < start:  # noqa: PLR2004 - 16 MiB are more than any certificate
            raise wrong
        length = int.from_bytes(data[2:start])
    if len(data) < start + length:
        raise wrong
    return data[start : start + length], start + length
