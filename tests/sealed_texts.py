"""Sealed texts for the tests: the exchange of October 1962, sealed by fixed keys, with fixed salts."""

import hashlib
from collections.abc import Callable

from backchannel.crypto.seals import LongTermKey, Seal, SealingKey
from backchannel.daylight.disclosure import Understanding
from backchannel.daylight.sealed_file import write_file
from backchannel.daylight.text import Draft, FrozenText, freeze

SIDES = ("United States", "Soviet Union", "Turkey", "United Nations", "Cuba", "Brazil")
DATED_MS = -224_553_600_000  # 20 November 1962
DRAFT = Draft(
    "Withdrawal and assurance",
    DATED_MS,
    ("The weapons are removed under observation.", "The quarantine ends.\nNo invasion."),
    {"turkey": "The missiles in Turkey go within five months."},
    {
        "spoken": Understanding(
            "1962-10-30T17:00:00Z", "election", ("United States", "Soviet Union"), "Missiles in Turkey"
        )
    },
)


def stream(seed: str) -> Callable[[int], bytes]:
    """Give bytes that are the same in every run; a test's stand-in for chance."""
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.shake_256(f"{seed}/{drawn}".encode()).digest(size)

    return draw


def sealing_keys(count: int = 2) -> dict[str, SealingKey]:
    return {side: SealingKey(hashlib.sha256(f"seal {side}".encode()).digest()) for side in SIDES[:count]}


def long_term_keys(count: int = 2) -> dict[str, LongTermKey]:
    return {side: LongTermKey(hashlib.sha256(f"known {side}".encode()).digest()) for side in SIDES[:count]}


def frozen_text(keys: dict[str, SealingKey], draft: Draft = DRAFT) -> FrozenText:
    return freeze(draft, [(side, key.public) for side, key in keys.items()], stream("salts"))


def seals_of(frozen: FrozenText, keys: dict[str, SealingKey]) -> tuple[Seal, ...]:
    return tuple(key.seal(frozen.payload) for key in keys.values())


def anchors_of(frozen: FrozenText, keys: dict[str, SealingKey]) -> tuple[str, ...]:
    known = long_term_keys(len(keys))
    return tuple(known[side].anchor(key.public, frozen.digest) for side, key in keys.items())


def sealed(*opened: str, anchored: bool = True, draft: Draft = DRAFT) -> bytes:
    """Give a whole file of two sides."""
    keys = sealing_keys()
    frozen = frozen_text(keys, draft)
    anchors = anchors_of(frozen, keys) if anchored else ()
    return write_file(frozen, seals_of(frozen, keys), opened, anchors)
