import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from backchannel.crypto.hashing import derive, digest, framed, keyed_digest

TAG = "backchannel/vector/1"
SPEC = Path(__file__).parent.parent / "docs" / "spec" / "hashing.md"

PARTS = st.lists(st.binary(max_size=12), max_size=4)


def test_the_vectors_of_the_spec_hold() -> None:
    stated = re.findall(r"\| `([0-9a-f]+)` \|", SPEC.read_text(encoding="utf-8"))
    zero = bytes(32)
    assert stated == [
        digest(TAG).hex(),
        digest(TAG, b"a", b"bc").hex(),
        digest(TAG, b"ab", b"c").hex(),
        keyed_digest(zero, TAG, b"a").hex(),
        derive(zero, TAG, b"a", length=16).hex(),
    ]


@given(PARTS, PARTS)
def test_two_lists_of_parts_never_frame_alike(one: list[bytes], other: list[bytes]) -> None:
    assert (framed(TAG, *one) == framed(TAG, *other)) == (one == other)


def test_a_tag_cannot_be_taken_for_a_part() -> None:
    assert digest("a", b"b") != digest("ab")
    assert digest("a", b"") != digest("a")
