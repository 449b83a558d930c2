"""What is inside an Olm account, session and message, for forging and for vectors (docs/spec/deniability.md).

Nothing that talks uses this module. The layouts are those of vodozemac 0.10 and of the Olm specification, message
format 3; the tests check every function here against vodozemac itself.
"""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.padding import PKCS7

from backchannel.crypto.session import PICKLE_KEY_BYTES, Account, Session
from backchannel.errors import Refused

State = dict[str, Any]

_MAC_BYTES = 8
_AES_BLOCK_BITS = 128
_FORMAT = b"\x03"


def account_state(account: Account) -> State:
    """Open an account of ours: its private keys as vodozemac stores them."""
    key = secrets.token_bytes(PICKLE_KEY_BYTES)
    return _open_pickle(account.pickle(key), key)


def session_state(session: Session) -> State:
    """Open a session of ours: its ratchets as vodozemac stores them."""
    key = secrets.token_bytes(PICKLE_KEY_BYTES)
    return _open_pickle(session.pickle(key), key)


def account_of(state: Mapping[str, Any]) -> Account:
    """Make an account from a state, as vodozemac would restore it."""
    key = secrets.token_bytes(PICKLE_KEY_BYTES)
    return Account.restore(_close_pickle(state, key), key)


def session_of(state: Mapping[str, Any]) -> Session:
    """Make a session from a state, as vodozemac would restore it."""
    key = secrets.token_bytes(PICKLE_KEY_BYTES)
    return Session.restore(_close_pickle(state, key), key)


def exchange(private: bytes, public: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def root_and_chain(triple_secret: bytes) -> tuple[bytes, bytes]:
    """Derive the first root key and chain key from the three exchanges of a set-up."""
    both = _hkdf(triple_secret, b"OLM_ROOT", 64)
    return both[:32], both[32:]


def encrypt_on_chain(
    chain_key: bytes, index: int, ratchet_public: bytes, plaintext: bytes
) -> tuple[bytes, bytes]:
    """Make the ordinary message of this index on a chain; gives it with its type byte, and the next chain key."""
    message_key = hmac.digest(chain_key, b"\x01", "sha256")
    keys = _hkdf(message_key, b"OLM_KEYS", 80)
    ciphertext = _aes_cbc(keys[:32], keys[64:], plaintext, encrypt=True)
    message = _FORMAT + _field(0x0A, ratchet_public) + b"\x10" + _varint(index) + _field(0x22, ciphertext)
    mac = hmac.digest(keys[32:64], message, "sha256")[:_MAC_BYTES]
    return b"\x01" + message + mac, hmac.digest(chain_key, b"\x02", "sha256")


def _field(tag: int, data: bytes) -> bytes:
    return bytes([tag]) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def _hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)


def _aes_cbc(key: bytes, iv: bytes, data: bytes, *, encrypt: bool) -> bytes:
    cipher = Cipher(AES256(key), CBC(iv))
    if encrypt:
        padder = PKCS7(_AES_BLOCK_BITS).padder()
        encryptor = cipher.encryptor()
        return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
    decryptor, unpadder = cipher.decryptor(), PKCS7(_AES_BLOCK_BITS).unpadder()
    return unpadder.update(decryptor.update(data) + decryptor.finalize()) + unpadder.finalize()


def _open_pickle(pickled: bytes, key: bytes) -> State:
    keys = _hkdf(key, b"Pickle", 80)
    try:
        raw = base64.b64decode(pickled + b"=" * (-len(pickled) % 4), validate=True)
        ciphertext, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(hmac.digest(keys[32:64], ciphertext, "sha256")[:_MAC_BYTES], mac):
            raise Refused("This session was stored under another key; nothing can be forged from it.")
        state = json.loads(_aes_cbc(keys[:32], keys[64:], ciphertext, encrypt=False))
    except (binascii.Error, ValueError) as error:
        raise Refused(
            "This version of vodozemac stores its sessions otherwise; update Backchannel."
        ) from error
    if not isinstance(state, dict):
        raise Refused("This version of vodozemac stores its sessions otherwise; update Backchannel.")
    return state


def _close_pickle(state: Mapping[str, Any], key: bytes) -> bytes:
    keys = _hkdf(key, b"Pickle", 80)
    ciphertext = _aes_cbc(keys[:32], keys[64:], json.dumps(state).encode(), encrypt=True)
    mac = hmac.digest(keys[32:64], ciphertext, "sha256")[:_MAC_BYTES]
    return base64.b64encode(ciphertext + mac).rstrip(b"=")
