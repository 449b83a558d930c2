"""Numbers drawn in public: the same on every desk, and nobody's choice (docs/spec/packages.md 3)."""

from backchannel.crypto.hashing import digest

_TAG = "backchannel/package-draw/1"


def _number(seed: bytes, purpose: str, place: int) -> int:
    return int.from_bytes(digest(_TAG, seed, purpose.encode("ascii"), place.to_bytes(8, "big")), "big")


def drawn(seed: bytes, purpose: str, count: int, wanted: int) -> list[int]:
    """Draw `wanted` different numbers below `count`, ascending; all of them if there are no more."""
    if wanted >= count:
        return list(range(count))
    found: set[int] = set()  # spec 3: a number that came before is passed over
    place = 0
    while len(found) < wanted:
        found.add(_number(seed, purpose, place) % count)
        place += 1
    return sorted(found)


def drawn_one(seed: bytes, purpose: str, among: list[int]) -> int:
    """Draw one of several numbers."""
    return among[_number(seed, purpose, 0) % len(among)]
