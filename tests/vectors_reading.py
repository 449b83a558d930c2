"""A reader made of the private keys that a vector states, which says at which step it refuses an envelope."""

from dataclasses import dataclass, field

from backchannel.crypto.envelope import open_body, parse_envelope, read_wrap_text, unseal_wrap
from backchannel.crypto.keys import KemKey
from backchannel.crypto.olm_anatomy import account_of, public_of
from backchannel.crypto.session import Account, Session, is_setup
from backchannel.errors import Violation
from writing import ROOM, entry_id


def account_from(identity_private: bytes, one_time_private: bytes) -> Account:
    """Make an account of two Curve25519 keys; its signing key, which nothing uses, is zero."""
    return account_of(
        {
            "signing_key": {"Normal": [0] * 32},
            "diffie_hellman_key": list(identity_private),
            "one_time_keys": {
                "next_key_id": 1,
                "public_keys": {"0": list(public_of(one_time_private))},
                "private_keys": {"0": list(one_time_private)},
            },
            "fallback_keys": {"key_id": 0, "fallback_key": None, "previous_fallback_key": None},
        }
    )


@dataclass
class Reader:
    """Opens envelopes of one author as docs/spec/envelope.md 6 says, noting the step."""

    kem: KemKey
    account: Account
    author_identity: bytes
    session: Session | None = None
    step: str = field(default="", init=False)

    def open(self, data: bytes, reader: bytes) -> bytes:
        self.step = "parse"
        envelope = parse_envelope(data)
        wrap = envelope.wrap_for(reader)
        assert wrap is not None
        self.step = "unseal"
        olm_text = unseal_wrap(wrap, envelope.author, ROOM, self.kem if wrap.kem_seq == 1 else None)
        self.step = "olm"
        if self.session is None or is_setup(olm_text):
            session, plaintext = self.account.accept(self.author_identity, olm_text)
            self.session = self.session or session
        else:
            plaintext = self.session.decrypt(olm_text)
        self.step = "header"
        text = read_wrap_text(plaintext, envelope, wrap, ROOM)
        self.step = "body"
        opened = open_body(text, envelope.body)
        self.step = "entry"
        if entry_id(opened) != text.entry:
            raise Violation("A message's text is not the one its author named.")
        return opened
