import random
import zlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.crypto.cell_cipher import RoomKey, dummy_cell, open_cell, seal_cell
from backchannel.errors import Refused, Violation
from backchannel.wire.cells import (
    CIPHER_BYTES,
    MAX_ENVELOPE_BYTES,
    MAX_UNFINISHED,
    MAX_UNFINISHED_BYTES,
    Piece,
    Reassembly,
    capacity,
    cut,
)
from backchannel.wire.frames import CELL_SIZES

SIZE = 4096
ROOM = capacity(SIZE)
DROP = b"d" * 16
KEY = RoomKey(bytes(32))


def envelope_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


@given(
    st.lists(st.integers(1, 3 * ROOM), min_size=1, max_size=4),
    st.sampled_from(CELL_SIZES[:3]),
    st.randoms(use_true_random=False),
)
def test_pieces_in_any_order_and_repeated_become_the_envelopes(
    lengths: list[int], size: int, chance: random.Random
) -> None:
    envelopes = [chance.randbytes(length) for length in lengths]
    pieces = [piece for n, whole in enumerate(envelopes) for piece in cut(whole, size, envelope_id(n))]
    pieces += chance.sample(pieces, k=len(pieces) // 2)
    chance.shuffle(pieces)
    reassembly = Reassembly()
    got = [reassembly.add(Piece.parse(piece), place) for place, piece in enumerate(pieces, 1)]
    assert sorted(whole for whole in got if whole is not None) == sorted(envelopes)
    assert (reassembly.unfinished, reassembly.held_bytes, reassembly.first_unfinished) == (0, 0, None)


def test_all_cells_of_a_drop_have_its_size() -> None:
    for size in CELL_SIZES:
        for length in (1, capacity(size), capacity(size) + 1):
            pieces = cut(b"e" * length, size, envelope_id(1))
            assert {len(seal_cell(KEY, DROP, piece)) for piece in pieces} == {size}
        assert len(dummy_cell(size)) == size


def test_an_envelope_beyond_eight_mebibytes_is_refused_before_sending() -> None:
    assert len(cut(bytes(MAX_ENVELOPE_BYTES), SIZE, envelope_id(1))) == 2075
    with pytest.raises(Refused, match="smaller parts"):
        cut(bytes(MAX_ENVELOPE_BYTES + 1), SIZE, envelope_id(1))
    with pytest.raises(Refused):
        cut(b"", SIZE, envelope_id(1))


@given(st.binary(max_size=64) | st.binary(max_size=40).map(lambda data: data + bytes(SIZE)))
def test_any_bytes_are_a_piece_or_a_violation(data: bytes) -> None:
    try:
        piece = Piece.parse(data)
    except Violation:
        return
    assert cut_again(piece, len(data)) == data


def cut_again(piece: Piece, plaintext_bytes: int) -> bytes:
    whole = bytearray(piece.length)
    start = piece.index * (plaintext_bytes - 24)
    whole[start : start + len(piece.data)] = piece.data
    return cut(bytes(whole), plaintext_bytes + CIPHER_BYTES, piece.envelope_id)[piece.index]


def test_conflicting_pieces_are_a_violation_and_change_nothing() -> None:
    envelope = bytes(range(256)) * 40
    pieces = [Piece.parse(piece) for piece in cut(envelope, SIZE, envelope_id(7))]
    longer = Piece.parse(cut(envelope + b"!", SIZE, envelope_id(7))[2])
    other = Piece.parse(cut(b"?" * len(envelope), SIZE, envelope_id(7))[0])
    reassembly = Reassembly()
    assert reassembly.add(pieces[0], 1) is None
    with pytest.raises(Violation, match="disagree about its length"):
        reassembly.add(longer, 2)
    with pytest.raises(Violation, match="same piece"):
        reassembly.add(other, 3)
    assert reassembly.add(pieces[1], 4) is None
    assert reassembly.add(pieces[2], 5) == envelope


def test_a_flood_of_unfinished_envelopes_is_bounded_and_forgets_the_oldest() -> None:
    reassembly = Reassembly()
    for number in range(MAX_UNFINISHED + 10):
        reassembly.add(Piece.parse(cut(b"f" * (ROOM + 1), SIZE, envelope_id(number))[0]), number + 1)
    assert reassembly.unfinished == MAX_UNFINISHED
    assert reassembly.first_unfinished == 11
    last = cut(b"f" * (ROOM + 1), SIZE, envelope_id(MAX_UNFINISHED + 9))[1]
    assert reassembly.add(Piece.parse(last), 1000) == b"f" * (ROOM + 1)


def test_a_flood_of_large_unfinished_envelopes_is_bounded_in_bytes() -> None:
    reassembly = Reassembly()
    whole = bytes(MAX_ENVELOPE_BYTES)
    for number in range(6):
        for piece in cut(whole, 65536, envelope_id(number))[:-1]:
            reassembly.add(Piece.parse(piece), 1)
    assert reassembly.held_bytes <= MAX_UNFINISHED_BYTES
    assert reassembly.unfinished == 4


def test_a_cell_opens_only_in_its_room_epoch_and_drop() -> None:
    (piece,) = cut(b"text", SIZE, envelope_id(1))
    cell = seal_cell(KEY, DROP, piece)
    assert open_cell(KEY, DROP, cell) == piece
    assert open_cell(RoomKey.generate(), DROP, cell) is None
    assert open_cell(KEY, b"e" * 16, cell) is None
    assert open_cell(KEY, DROP, dummy_cell(SIZE)) is None


@given(st.binary(max_size=80))
def test_any_bytes_as_a_cell_are_not_ours(data: bytes) -> None:
    assert open_cell(KEY, DROP, data) is None


def test_every_sampled_bit_flip_of_a_cell_makes_it_not_ours() -> None:
    cell = seal_cell(KEY, DROP, cut(b"text", SIZE, envelope_id(1))[0])
    for position in range(0, len(cell) * 8, 331):
        flipped = bytearray(cell)
        flipped[position // 8] ^= 1 << position % 8
        assert open_cell(KEY, DROP, bytes(flipped)) is None


def looks_random(data: bytes) -> bool:
    """Chi-squared over byte values within 6 sigma of its mean of 255, and zlib gains nothing."""
    expected = len(data) / 256
    counts = Counter(data)
    chi = sum((counts[value] - expected) ** 2 / expected for value in range(256))
    return abs(chi - 255) < 6 * (2 * 255) ** 0.5 and len(zlib.compress(data, 9)) >= len(data)


def test_cells_of_repetitive_text_look_random_and_the_same_text_in_clear_does_not() -> None:
    pieces = [cut(b"we accept " * 700, 8192, envelope_id(number))[0] for number in range(100)]
    assert looks_random(b"".join(seal_cell(KEY, DROP, piece) for piece in pieces))
    assert not looks_random(b"".join(pieces))


def test_two_cells_of_one_text_share_nothing() -> None:
    (piece,) = cut(b"text", SIZE, envelope_id(1))
    one, other = seal_cell(KEY, DROP, piece), seal_cell(KEY, DROP, piece)
    same = sum(a == b for a, b in zip(one, other, strict=True))
    assert same < 60  # of 4,096 bytes, 16 agree by chance
