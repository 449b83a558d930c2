"""Sealed files altered in every way that somebody can think of who knows how two readers of one file come to differ."""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

from backchannel.crypto.seals import b64, disclosure_digest, unb64
from backchannel.wire.canonical_json import write
from make_seal_vectors import sealed_bytes
from sealed_texts import sealed

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256
# What readers of JSON, base64 and numbers are known to read in two ways.
PIECES = (
    "\\u0061", "\\/", "\\ud800", "-0", "1e0", "1.0", "01", "9007199254740993", "1E400", "NaN", "null", "true", "[]", "{}", '""', "\x00",
    " ", "\n", "\ufeff", "\u200b", "\u2028", "\u202e", "\u00a0", "\u0085", "\u3000", "__proto__", "constructor", "e\u0301",
    "\U0001f600", '"__proto__":1,', '"version":1,', '"version":2,', ",", "}", "{", "[", "\\", "/**/", "-", "=", "+", "/", "_", "AAAAA",
)  # fmt: skip
INSTEAD = ('""', "1", "0", "-1", "2", "481", "null", "[]", "{}", '"a"', '"__proto__"', '"é"')


def altered(count: int, seed: int) -> Iterator[bytes]:
    """Give so many files: some as they were, some sealed anew after they were altered, most broken somewhere."""
    rng = random.Random(seed)
    ways = (_text, _bytes, _payload, _payload, _passage, _numbers, _anchor, _signature)
    for number in range(count):
        yield ways[number % len(ways)](rng)


def _whole() -> bytes:
    return sealed("term-turkey", "understanding-spoken")


def _file() -> dict[str, Any]:
    found = json.loads(_whole())
    assert isinstance(found, dict)
    return found


def _written(file: dict[str, Any]) -> bytes:
    return json.dumps(file, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _respelled(rng: random.Random, text: str) -> str:
    """Write JSON a little otherwise, at one to three places."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(5):
            case 0:
                text = text[:at] + rng.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + rng.randrange(1, 4) :]
            case 2:
                at = rng.choice([one.end() for one in re.finditer(r"[:,\[{]", text)] or [0])
                text = text[:at] + rng.choice(PIECES) + text[at:]
            case 3:
                if values := list(re.finditer(r'"(?:[^"\\]|\\.)*"|-?\d+', text)):
                    one = rng.choice(values)
                    text = (
                        text[: one.start()] + rng.choice((*INSTEAD, f"{one[0]},{one[0]}")) + text[one.end() :]
                    )
            case _:
                end = min(len(text), at + rng.randrange(1, 30))
                text = text[:end] + text[at:]
    return text


def _coded(rng: random.Random, encoded: str) -> str:
    return b64(_respelled(rng, unb64(encoded).decode("latin-1")).encode("utf-8", "surrogatepass"))


def _text(rng: random.Random) -> bytes:
    return _respelled(rng, _whole().decode()).encode("utf-8", "surrogatepass")


def _bytes(rng: random.Random) -> bytes:
    data = bytearray(_whole())
    for _ in range(rng.randrange(1, 4)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def _payload(rng: random.Random) -> bytes:
    """Have every side seal another payload."""
    file = _file()
    payload = _respelled(rng, unb64(file["payload"]).decode()).encode("utf-8", "surrogatepass")
    return sealed_bytes(payload, *file["signatures"][0]["header"]["disclosures"])


def _passage(rng: random.Random) -> bytes:
    """Have every side seal, or open beside what they sealed, another passage."""
    file = _file()
    opened = file["signatures"][0]["header"]["disclosures"]
    place = rng.randrange(len(opened))
    opened[place] = _coded(rng, opened[place])
    if rng.random() < 0.3:
        return _written(file)
    payload = json.loads(unb64(file["payload"]))
    payload["_sd"] = sorted([*payload["_sd"][:-1], disclosure_digest(opened[place])])
    return sealed_bytes(write(payload), opened[place])


def _numbers(rng: random.Random) -> bytes:
    """Put numbers into a signature that mean the same, or lie at an edge."""
    file = _file()
    one = rng.choice(file["signatures"])
    raw = unb64(one["signature"])
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    pairs = ((r, ORDER - s), (ORDER - r, s), (0, s), (r, 0), (s, r), (ORDER, s), (r, ORDER), (1, 1), (r, s))
    one["signature"] = b64(b"".join(half.to_bytes(32, "big") for half in rng.choice(pairs)))
    return _written(file)


def _anchor(rng: random.Random) -> bytes:
    file = _file()
    place, part = rng.randrange(len(file["anchors"])), rng.randrange(3)
    parts = file["anchors"][place].split(".")
    parts[part] = _respelled(rng, parts[part]) if part == 2 else _coded(rng, parts[part])
    file["anchors"][place] = ".".join(parts)
    return _written(file)


def _signature(rng: random.Random) -> bytes:
    file = _file()
    one, key = rng.choice(file["signatures"]), rng.choice(("protected", "signature"))
    spelled = (
        _respelled(rng, one[key]),
        _coded(rng, one[key]),
        f"{one[key]}=",
        f"{one[key]}\n",
        one[key].swapcase(),
    )
    one[key] = rng.choice(spelled)
    return _written(file)
