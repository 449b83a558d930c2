"""The mark by which a desk knows its own envelopes after its vault was rolled back (docs/spec/envelope.md 7)."""

import hmac
import secrets
from typing import Self

from backchannel.crypto.hashing import derive, keyed_digest
from backchannel.crypto.secret import Secret

MARK_BYTES = 16
LOOKAHEAD = 4_096  # bounds what a false counter can cost: about 13 ms

_MARK_TAG = "backchannel/own-mark/1"
_STEP_TAG = "backchannel/own-mark-step/1"


class OwnMarkKey(Secret):
    """The key that marks one member's next envelope; it steps with every envelope and cannot step back.

    A copied or seized vault therefore recognises what its owner sends later, which is what a roll-back needs,
    and confirms nothing that was sent before.
    """

    __slots__ = ("counter", "raw")

    def __init__(self, raw: bytes, counter: int) -> None:
        self.raw = raw
        self.counter = counter

    @classmethod
    def generate(cls) -> Self:
        """Make the key for a member's envelope 1."""
        return cls(secrets.token_bytes(32), 1)

    def next(self) -> Self:
        """Give the key for the following envelope; the vault keeps it instead of this one."""
        return type(self)(derive(self.raw, _STEP_TAG), self.counter + 1)

    def mark(self, body_hash: bytes) -> bytes:
        """Give the 16-byte mark of the envelope with this key's counter and this body."""
        counter = self.counter.to_bytes(8, "big")
        return keyed_digest(self.raw, _MARK_TAG, counter, body_hash)[:MARK_BYTES]

    def made(self, counter: int, mark: bytes, body_hash: bytes) -> bool:
        """Tell whether this vault's future self sent an envelope with this counter, mark and body.

        True means that the vault is older than what its owner sent: freeze and pair again. Looks at most 4,096
        envelopes ahead; False also for a counter before this key's.
        """
        if not self.counter <= counter <= self.counter + LOOKAHEAD:
            return False
        key = self
        while key.counter < counter:
            key = key.next()
        return hmac.compare_digest(key.mark(body_hash), mark)
