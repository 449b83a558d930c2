"""Forging talk: what makes a real message prove nothing (docs/spec/deniability.md).

From one reader's own secrets and the author's *public* keys this makes Olm messages that the reader's real account
or session accepts as the author's. Sealed by the ordinary functions of envelope.py they become whole envelopes.
Every function leaves the accounts and sessions it is given unchanged.
"""

import secrets
from collections.abc import Iterable

from backchannel.crypto.envelope import Envelope, Wrap, WrapHeader, seal_wrap
from backchannel.crypto.olm_anatomy import (
    account_state,
    encrypt_on_chain,
    exchange,
    public_of,
    root_and_chain,
    session_of,
    session_state,
)
from backchannel.crypto.own_mark import MARK_BYTES
from backchannel.crypto.session import Account, Session
from backchannel.errors import Refused


def author_seat(reader: Account, one_time_key: bytes, author_identity: bytes) -> Session:
    """Sit down in the author's place: a session as if the author had opened it on this one-time key of the reader.

    It sends set-ups and ordinary messages as the author, reads the reader's answers, and goes on for as long as one
    likes. `one_time_key` is a public key whose private half the reader's account still holds.
    """
    # spec 2: each of Olm's three exchanges can be computed by either side, so the reader computes the author's
    state = account_state(reader)
    privates = {public_of(bytes(key)): bytes(key) for key in state["one_time_keys"]["private_keys"].values()}
    if one_time_key not in privates:
        raise Refused(
            "The private half of this one-time key is gone; forge from a session or with another key."
        )
    reader_one_time, reader_identity = privates[one_time_key], bytes(state["diffie_hellman_key"])
    base, ratchet = secrets.token_bytes(32), secrets.token_bytes(32)
    root_key, chain_key = root_and_chain(
        exchange(reader_one_time, author_identity)
        + exchange(base, public_of(reader_identity))
        + exchange(base, one_time_key)
    )
    return session_of(
        {
            "session_keys": {
                "identity_key": list(author_identity),
                "base_key": list(public_of(base)),
                "one_time_key": list(one_time_key),
            },
            "sending_ratchet": {
                "type": "active",
                "parent_ratchet_key": None,
                "ratchet_count": {"Known": 0},
                "active_ratchet": {"root_key": list(root_key), "ratchet_key": list(ratchet)},
                "symmetric_key_ratchet": {"key": list(chain_key), "index": 0},
            },
            "receiving_chains": {"inner": []},
            "config": {"version": "V1"},
        }
    )


def forge_olm(
    reader: Account, one_time_key: bytes, author_identity: bytes, texts: Iterable[bytes]
) -> list[bytes]:
    """Make the author's first Olm messages to a reader, as `Session.encrypt` would: a set-up and what follows."""
    seat = author_seat(reader, one_time_key, author_identity)
    return [seat.encrypt(text) for text in texts]


def forge_next(reader: Session, texts: Iterable[bytes]) -> list[bytes]:
    """Make the author's next Olm messages in a session under way, from the reader's own half of it."""
    # spec 3: the reader must hold the author's chain key to read what comes next
    chains = session_state(reader)["receiving_chains"]["inner"]
    if not chains:
        raise Refused("Nothing was received in this session yet, so there is no chain to continue.")
    newest = max(chains, key=lambda chain: chain["ratchet_count"].get("Known", -1))
    chain_key, index = bytes(newest["hkdf_ratchet"]["key"]), newest["hkdf_ratchet"]["index"]
    ratchet_public = bytes(newest["ratchet_key"])
    messages = []
    for number, text in enumerate(texts, index):
        message, chain_key = encrypt_on_chain(chain_key, number, ratchet_public, text)
        messages.append(message)
    return messages


def blind_wrap(like: bytes, header: WrapHeader, reader_public: bytes, kem_seq: int) -> Wrap:
    """Make a wrap for a reader whose secrets the forger does not have: random where `like` has an Olm text.

    Nobody but that reader can tell it from a real one.
    """
    return seal_wrap(like[:1] + secrets.token_bytes(len(like) - 1), header, reader_public, kem_seq)


def forged_envelope(author: bytes, counter: int, wraps: Iterable[Wrap], body: bytes) -> Envelope:
    """Put an envelope together in another's name; only that author could tell that the mark is random."""
    ordered = tuple(sorted(wraps, key=lambda wrap: wrap.reader))
    return Envelope(1, author, counter, secrets.token_bytes(MARK_BYTES), ordered, body)
