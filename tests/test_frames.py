"""The line's frames: what is written is read, and any other bytes are a Violation."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.errors import Violation
from backchannel.wire import frames
from backchannel.wire.frames import (
    CELL_SIZES,
    MAX_MESSAGE_BYTES,
    About,
    Append,
    Appended,
    CaughtUp,
    CellAt,
    DeskFrame,
    Passed,
    RefusedFrame,
    RelayFrame,
    Subscribe,
    Unsubscribe,
    read_desk_frames,
    read_relay_frames,
)
from backchannel.wire.ids import (
    AppendId,
    Capability,
    DropId,
    Position,
    new_append_id,
    new_capability,
    new_drop_id,
)
from backchannel.wire.pins import pin_of
from backchannel.wire.refusals import Code

U32 = st.integers(0, 2**32 - 1)
POSITION = st.integers(0, 2**64 - 1).map(Position)
DROP = st.binary(min_size=16, max_size=16).map(DropId)
CAPABILITY = st.binary(min_size=32, max_size=32).map(Capability)
CELL = st.sampled_from(CELL_SIZES).flatmap(
    lambda size: st.binary(min_size=1, max_size=8).map(lambda b: b.ljust(size, b"\0"))
)

DESK: st.SearchStrategy[DeskFrame] = st.one_of(
    st.builds(Append, U32, DROP, CAPABILITY, st.binary(min_size=16, max_size=16).map(AppendId), CELL),
    st.builds(Subscribe, U32, DROP, CAPABILITY, POSITION),
    st.builds(Unsubscribe, U32),
    st.builds(Passed, U32, POSITION),
)
RELAY: st.SearchStrategy[RelayFrame] = st.one_of(
    st.builds(Appended, U32, POSITION),
    st.builds(CellAt, U32, POSITION, CELL),
    st.builds(CaughtUp, U32, POSITION),
    st.builds(RefusedFrame, st.sampled_from(About), U32, st.sampled_from(Code), st.text(max_size=50)),
)


@given(st.lists(DESK, min_size=1, max_size=3))
def test_what_a_desk_writes_a_relay_reads(sent: list[DeskFrame]) -> None:
    assert read_desk_frames(b"".join(frame.write() for frame in sent)) == sent


@given(st.lists(RELAY, min_size=1, max_size=3))
def test_what_a_relay_writes_a_desk_reads(sent: list[RelayFrame]) -> None:
    assert read_relay_frames(b"".join(frame.write() for frame in sent)) == sent


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_that_write_the_same_bytes_or_a_violation(data: bytes) -> None:
    for read in (read_desk_frames, read_relay_frames):
        try:
            found = read(data)
        except Violation:
            continue
        assert b"".join(frame.write() for frame in found) == data


@given(DESK, st.data())
def test_a_cut_or_lengthened_frame_is_a_violation(frame: DeskFrame, data: st.DataObject) -> None:
    written = frame.write()
    cut = data.draw(st.integers(0, len(written) - 1))
    for wrong in (written[:cut], written + b"\0"):
        with pytest.raises(Violation):
            read_desk_frames(wrong)


def test_a_frame_in_the_wrong_direction_is_a_violation() -> None:
    with pytest.raises(Violation, match="no frame of kind 65"):
        read_desk_frames(Appended(1, Position(1)).write())
    with pytest.raises(Violation, match="no frame of kind 3"):
        read_relay_frames(Unsubscribe(1).write())


def test_a_cell_of_any_other_length_is_a_violation() -> None:
    for size in (0, 1, 4095, 8193, 32768, 131072):
        frame = Append(1, new_drop_id(), new_capability(), new_append_id(), bytes(size))
        with pytest.raises(Violation, match="not a cell size"):
            read_desk_frames(frame.write())


def test_a_message_longer_than_the_limit_is_a_violation() -> None:
    frame = CellAt(1, Position(1), bytes(65536)).write()
    with pytest.raises(Violation, match="are allowed"):
        read_relay_frames(frame * (MAX_MESSAGE_BYTES // len(frame) + 1))


def test_a_cell_is_read_without_being_copied() -> None:
    message = CellAt(1, Position(1), bytes(8192)).write()
    (frame,) = read_relay_frames(message)
    assert isinstance(frame, CellAt)
    assert isinstance(frame.cell, memoryview)
    assert frame.cell.obj is message


def test_a_long_reason_is_cut_at_a_whole_letter() -> None:
    (frame,) = read_relay_frames(RefusedFrame(About.REQUEST, 1, Code.LIMIT, "é" * 150).write())
    assert isinstance(frame, RefusedFrame)
    assert frame.reason == "é" * 100


def test_frames_show_no_capability_and_no_drop() -> None:
    secret, drop = new_capability(), new_drop_id()
    for frame in (
        Append(1, drop, secret, new_append_id(), bytes(4096)),
        Subscribe(1, drop, secret, Position(0)),
    ):
        assert repr(frame) == f"<{type(frame).__name__} 1>"


def test_the_window_is_the_same_number_of_bytes_for_every_cell_size() -> None:
    assert [frames.window(size) for size in CELL_SIZES] == [128, 64, 32, 8]


CERTIFICATE = Path(__file__).parent / "vectors" / "relay-certificate.der"
CERTIFICATE_PIN = "63f6636a71f8cac14ffbd440db32c3e3628c0c206940ad965966de54678baef7"  # openssl x509 -pubkey | openssl pkey -pubin -outform der | sha256sum


def test_the_pin_is_the_hash_of_the_public_key_as_openssl_gives_it() -> None:
    assert pin_of(CERTIFICATE.read_bytes()).hex() == CERTIFICATE_PIN


@given(st.binary(max_size=100), st.integers(0, 400), st.integers(1, 255))
def test_a_damaged_certificate_has_a_pin_or_is_a_violation(junk: bytes, at: int, flip: int) -> None:
    certificate = bytearray(CERTIFICATE.read_bytes())
    certificate[at % len(certificate)] ^= flip
    for data in (bytes(certificate), bytes(certificate[:at]), junk):
        try:
            assert len(pin_of(data)) == hashlib.sha256().digest_size
        except Violation:
            continue
