"""What of a time stamp holds: its signature, its signer's certificate, and who vouches for that (docs/spec/seal.md 12).

Only `cryptography` checks signatures and paths of certificates (docs/decisions/0022-time-stamps.md).
"""

import hashlib
import warnings
from collections.abc import Iterable
from datetime import timedelta
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from backchannel.crypto.time_stamps import (
    CONTENT_TYPE,
    EPOCH,
    MESSAGE_DIGEST,
    TST_INFO,
    UNKNOWN,
    Token,
    attributes_of,
    only,
)
from backchannel.errors import Refused, Violation
from backchannel.wire import der

Authorities: TypeAlias = tuple[x509.Certificate, ...]

RSA = "1.2.840.113549.1.1.1"
SIGNED_WITH: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
    "1.3.101.112": hashes.SHA512(),
}


def check_signature(token: Token) -> None:
    """Accept what a token says as said by the key of its own certificate, or raise Violation; whose that is shows nowhere."""
    attributes = attributes_of(token.attributes)
    of_info = hashlib.new(token.digest.name, token.info).digest()
    if (
        only(attributes, CONTENT_TYPE).oid != TST_INFO
        or only(attributes, MESSAGE_DIGEST).of(der.OCTET_STRING).content != of_info
    ):
        raise Violation("This time stamp does not sign what it says.")
    key = token.signer.public_key()
    algorithm = token.digest if token.signed_with == RSA else SIGNED_WITH.get(token.signed_with)
    if algorithm is None:
        raise Violation(UNKNOWN)
    try:
        match key:
            case rsa.RSAPublicKey():
                key.verify(token.signature, token.attributes, padding.PKCS1v15(), algorithm)
            case ec.EllipticCurvePublicKey():
                key.verify(token.signature, token.attributes, ec.ECDSA(algorithm))
            case ed25519.Ed25519PublicKey():
                key.verify(token.signature, token.attributes)
            case _:
                raise Violation(UNKNOWN)
    except InvalidSignature as error:
        raise Violation("The signature of this time stamp does not hold.") from error


def may_stamp(token: Token) -> bool:
    """Whether the signer's certificate is for time stamps and for nothing else (RFC 3161 2.3)."""
    try:
        usage = token.signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def was_valid(token: Token) -> bool:
    """Whether the signer's certificate was valid at the moment that the stamp names."""
    moment = EPOCH + timedelta(milliseconds=token.at_ms)
    return token.signer.not_valid_before_utc <= moment <= token.signer.not_valid_after_utc


def check_path(token: Token, trusted: Iterable[x509.Certificate]) -> None:
    """Accept the signer as vouched for, at the moment of the stamp, by a certificate that a person trusts; else Violation.

    No list of revoked certificates is asked for.
    """
    authority = (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_authority)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs_certificates)
    )
    stamper = ExtensionPolicy.permit_all().require_present(
        x509.ExtendedKeyUsage, Criticality.CRITICAL, _is_for_stamps
    )
    moment = (EPOCH + timedelta(milliseconds=token.at_ms)).replace(tzinfo=None, microsecond=0)
    try:
        with warnings.catch_warnings(action="ignore"):
            (
                PolicyBuilder()
                .store(Store(list(trusted)))
                .time(moment)
                .extension_policies(ca_policy=authority, ee_policy=stamper)
                .build_client_verifier()
                .verify(token.signer, list(token.others))
            )
    except (VerificationError, ValueError, UnsupportedAlgorithm) as error:
        raise Violation("No trusted certificate vouches for the signer of this time stamp.") from error


def read_certificates(pem: bytes) -> Authorities:
    """Read the certificates that a person trusts, one or more in PEM; Refused if there is none."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise Refused(
            "This file holds no certificate in PEM; ask the authority for its certificate, which begins with -----BEGIN"
            " CERTIFICATE-----."
        ) from error


def _is_authority(_: Policy, __: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("a certificate in the path may not vouch for others")


def _signs_certificates(_: Policy, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("a certificate in the path may not sign certificates")


def _is_for_stamps(_: Policy, __: x509.Certificate, usage: x509.ExtendedKeyUsage) -> None:
    if list(usage) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError("the certificate is not for time stamps alone")
