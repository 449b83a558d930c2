"""A time-stamp authority that nobody knows: made-up certificates in a folder, and Debian's `openssl ts` as its desk."""

import hashlib
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from backchannel.crypto.time_stamps import (
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    SHA256,
    SIGNED_DATA,
    SIGNING_CERTIFICATE_V2,
    TST_INFO,
)
from backchannel.wire import der

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256: a signature (r, s) has a twin (r, ORDER - s)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
CONFIGURATION = """\
[tsa]
default_tsa = desk
[desk]
serial = serial
crypto_device = builtin
signer_cert = {leaf}.pem
signer_key = {leaf}.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = {ess}
certs = {certs}
"""


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A root and one certificate for stamps, in a folder of their own."""

    def __init__(
        self, folder: Path, name: str = "Made-up Time Stamps", *, years: tuple[int, int] = (-1, 100),
        usage: bool = True, with_rsa: bool = False,
    ) -> None:  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        root_key: Key = _key(with_rsa=with_rsa)
        root = _certificate(
            f"Root of {name}", root_key, f"Root of {name}", root_key, (-1, 200), authority=True
        )
        key: Key = _key(with_rsa=with_rsa)
        leaf = _certificate(name, key, f"Root of {name}", root_key, years, stamps=usage)
        self.root = root.public_bytes(serialization.Encoding.PEM)
        self.leaf, self._key = leaf.public_bytes(serialization.Encoding.DER), key
        (folder / "root.pem").write_bytes(self.root)
        (folder / "leaf.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        (folder / "leaf.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        (folder / "serial").write_text("01\n", "ascii")

    def answer(self, request: bytes, *, ess: str = "sha256", chain: bool = True) -> bytes:
        """Answer a request as `openssl ts -reply` does; `chain` sends the root too, in an order that DER does not have."""
        (self.folder / "request.tsq").write_bytes(request)
        certs = "root.pem" if chain else ""
        text = CONFIGURATION.format(leaf="leaf", ess=ess, certs=certs)
        (self.folder / "desk.cnf").write_text(text if chain else text.replace("certs = \n", ""), "ascii")
        self._openssl("-reply", "-config", "desk.cnf", "-queryfile", "request.tsq", "-out", "answer.tsr")
        return (self.folder / "answer.tsr").read_bytes()

    def token(
        self, imprint: bytes, at: str = "20261122120000Z", nonce: int = 1, *, names: bytes | None = None,
        kind: str = TST_INFO, digest_of: bytes | None = None, version: int = 1, extra: tuple[bytes, ...] = (),
    ) -> bytes:  # fmt: skip
        """Make a token that says whatever it is told, properly signed; `names` is the certificate that it says signed it."""
        on = der.write(der.SEQUENCE, _algorithm(SHA256), der.write(der.OCTET_STRING, imprint))
        info = der.write(
            der.SEQUENCE, der.write_integer(version), der.write_oid("1.2.3.4"), on, der.write_integer(7),
            der.write(der.GENERALIZED_TIME, at.encode()), der.write_integer(nonce),
        )  # fmt: skip
        hashed = hashlib.sha256(self.leaf if names is None else names).digest()
        named = der.write(der.SEQUENCE, der.write(der.OCTET_STRING, hashed))
        signed = (
            _attribute(CONTENT_TYPE, der.write_oid(kind)),
            _attribute(
                MESSAGE_DIGEST, der.write(der.OCTET_STRING, hashlib.sha256(digest_of or info).digest())
            ),
            _attribute(SIGNING_CERTIFICATE_V2, der.write(der.SEQUENCE, der.write(der.SEQUENCE, named))),
        )
        data = der.write(der.SET, *signed)
        assert isinstance(self._key, ec.EllipticCurvePrivateKey)
        signer = der.write(
            der.SEQUENCE, der.write_integer(1), der.write(der.SEQUENCE), _algorithm(SHA256),
            der.write(der.explicit(0), *signed), _algorithm("1.2.840.10045.4.3.2"),
            der.write(der.OCTET_STRING, self._key.sign(data, ec.ECDSA(hashes.SHA256()))),
        )  # fmt: skip
        capsule = der.write(
            der.SEQUENCE,
            der.write_oid(TST_INFO),
            der.write(der.explicit(0), der.write(der.OCTET_STRING, info)),
        )
        content = der.write(
            der.SEQUENCE, der.write_integer(3), der.write(der.SET, _algorithm(SHA256)), capsule,
            der.write(der.explicit(0), self.leaf, *extra), der.write(der.SET, signer),
        )  # fmt: skip
        return der.write(der.SEQUENCE, der.write_oid(SIGNED_DATA), der.write(der.explicit(0), content))

    def accepts(self, request: bytes, token: bytes) -> None:
        """Have `openssl ts -verify` accept a token for a request."""
        (self.folder / "request.tsq").write_bytes(request)
        (self.folder / "token.der").write_bytes(token)
        self._openssl(
            "-verify", "-queryfile", "request.tsq", "-in", "token.der", "-token_in", "-CAfile", "root.pem"
        )

    def _openssl(self, *words: str) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("no openssl: on Debian run sudo apt-get install openssl")
        subprocess.run(
            ["openssl", "ts", *words], cwd=self.folder, check=True, capture_output=True, timeout=30
        )


def response(token: bytes, status: int = 0) -> bytes:
    """Give a token as an authority answers with it."""
    return der.write(der.SEQUENCE, der.write(der.SEQUENCE, der.write_integer(status)), token)


def _algorithm(oid: str) -> bytes:
    return der.write(der.SEQUENCE, der.write_oid(oid))


def _attribute(kind: str, value: bytes) -> bytes:
    return der.write(der.SEQUENCE, der.write_oid(kind), der.write(der.SET, value))


def _key(*, with_rsa: bool) -> Key:
    return rsa.generate_private_key(65537, 2048) if with_rsa else ec.generate_private_key(ec.SECP256R1())


def _certificate(
    name: str, key: Key, issuer: str, issuer_key: Key, years: tuple[int, int], *, authority: bool = False,
    stamps: bool = False,
) -> x509.Certificate:  # fmt: skip
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=365 * years[0]))
        .not_valid_after(now + timedelta(days=365 * years[1]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        usage = ExtendedKeyUsageOID.TIME_STAMPING if stamps else ExtendedKeyUsageOID.CODE_SIGNING
        built = built.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return built.sign(issuer_key, hashes.SHA256())
