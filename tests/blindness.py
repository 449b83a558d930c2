"""What a relay holds and what crosses its line, searched as somebody would who has all of it.

Haystacks are the relay's files and every recorded connection, its WebSocket masks taken off; needles are all that
was said, named or numbered on the desks. The same looks are taken at a run with encryption off, which they must catch.
"""

import math
import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SHORTEST_WORD = 6  # letters; shorter ones occur by chance in megabytes of random bytes
_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST_WORD},}}")
_HEADERS_END = b"\r\n\r\n"
_LINE_BEGINS = (b"GET /v1/line ", b"HTTP/1.1 101 ")  # to the relay, to the desk


@dataclass(frozen=True)
class Cells:
    """All cells of one drop, as the relay keeps them."""

    drop: int
    size: int
    bodies: list[bytes]


def words(texts: Iterable[str]) -> set[bytes]:
    """Every word of some length, as it was written and in capitals and small letters."""
    found = {word for text in texts for word in _WORD.findall(text)}
    return {form.encode() for word in found for form in (word, word.lower(), word.upper())}


def phrases(texts: Iterable[str]) -> set[bytes]:
    """Whole names and titles."""
    return {text.encode() for text in texts if len(text) >= SHORTEST_WORD}


def found_in(needles: set[bytes], haystacks: Iterable[bytes]) -> set[bytes]:
    """Those needles that occur anywhere."""
    left, hits = set(needles), set[bytes]()
    for haystack in haystacks:
        now = {needle for needle in left if needle in haystack}
        hits |= now
        left -= now
    return hits


def relay_files(folder: Path) -> dict[str, bytes]:
    """The database, its write-ahead log, its index and the log file."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def crossed(folder: Path) -> Iterator[bytes]:
    """What crossed each connection, each direction: what was called, and of a line its frames with the masks off."""
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        begins = [data.find(begin) for begin in _LINE_BEGINS]
        start = next(
            (data.index(_HEADERS_END, at) + len(_HEADERS_END) for at in begins if at >= 0), len(data)
        )
        yield data[:start] + b"".join(websocket_payloads(data[start:]))


def websocket_payloads(data: bytes) -> Iterator[bytes]:
    """The payloads of RFC 6455 frames, unmasked; what is cut off at the end is given as far as it goes."""
    start = 0
    while start + 2 <= len(data):
        length, masked = data[start + 1] & 0x7F, bool(data[start + 1] & 0x80)
        start += 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length = int.from_bytes(data[start : start + size], "big")
            start += size
        mask = b""
        if masked:
            mask = data[start : start + 4]
            start += 4
        payload = data[start : start + length]
        start += length
        yield _unmask(payload, mask) if mask else payload


def _unmask(payload: bytes, mask: bytes) -> bytes:
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")


def cells(database: Path) -> list[Cells]:
    """Every drop's cells, read from the relay's own database."""
    db = sqlite3.connect(database)
    try:
        sizes = dict(db.execute("SELECT key, cell_size FROM drops"))
        kept: dict[int, list[bytes]] = {}
        for drop, body in db.execute("SELECT drop_key, body FROM cell ORDER BY seq"):
            kept.setdefault(drop, []).append(body)
    finally:
        db.close()
    return [Cells(drop, sizes[drop], bodies) for drop, bodies in kept.items()]


def compression(bodies: list[bytes]) -> float:
    """What the best of zlib makes of them together: about 1 if there is nothing to find."""
    joined = b"".join(bodies)
    return len(zlib.compress(joined, 9)) / len(joined)


def unevenness(bodies: list[bytes]) -> float:
    """How many standard deviations the chi-square of the bytes' distribution is off: random bytes stay below 6."""
    joined = b"".join(bodies)
    expected = len(joined) / 256
    counts = Counter(joined)
    chi_square = sum((counts[byte] - expected) ** 2 / expected for byte in range(256))
    return abs(chi_square - 255) / math.sqrt(2 * 255)


def repeats(bodies: list[bytes]) -> int:
    """How many of the cells' 16-byte blocks occur more than once: none do, by chance."""
    blocks = Counter(body[start : start + 16] for body in bodies for start in range(0, len(body), 16))
    return sum(count > 1 for count in blocks.values())
