"""The relay's rules, without a relay."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.errors import Refused
from backchannel.relay.drops import (
    DAY,
    HOUR,
    MINUTE,
    NOBODY,
    Grant,
    check_capability,
    check_cell,
    check_room,
    digest,
    ends_ms,
    grain_seconds,
    opened,
    same_opening,
)
from backchannel.wire.admissions import admission_text, read_admission
from backchannel.wire.calls import OpenDrop
from backchannel.wire.ids import Admission, new_admission, new_capability, new_drop_id
from backchannel.wire.refusals import Code, RelayRefused


def opening(cell_size: int = 8192, ttl_seconds: int = 60, idle_seconds: int = 0) -> OpenDrop:
    return OpenDrop(
        new_admission(),
        new_drop_id(),
        new_capability(),
        new_capability(),
        new_capability(),
        cell_size,
        ttl_seconds,
        idle_seconds,
    )


def test_only_the_capability_itself_fits_its_hash() -> None:
    capability = new_capability()
    check_capability(capability, digest(capability))
    for kept in (digest(new_capability()), NOBODY):
        with pytest.raises(RelayRefused) as refusal:
            check_capability(capability, kept)
        assert refusal.value.code is Code.UNKNOWN


def test_no_drop_and_a_wrong_capability_are_refused_in_the_same_words() -> None:
    said = set()
    for kept in (digest(new_capability()), NOBODY):
        with pytest.raises(RelayRefused) as refusal:
            check_capability(new_capability(), kept)
        said.add(str(refusal.value))
    assert len(said) == 1


@pytest.mark.parametrize("size", [0, 1, 4095, 8191, 8193, 32768, 65536 * 2])
def test_a_drop_has_one_of_four_cell_sizes(size: int) -> None:
    with pytest.raises(RelayRefused) as refusal:
        opened(opening(cell_size=size), Grant())
    assert refusal.value.code is Code.TERMS


@pytest.mark.parametrize(("ttl", "idle"), [(0, 0), (DAY + 1, 0), (60, 59), (60, 2 * DAY + 1)])
def test_times_beyond_the_grant_are_refused(ttl: int, idle: int) -> None:
    with pytest.raises(RelayRefused) as refusal:
        opened(
            opening(ttl_seconds=ttl, idle_seconds=idle), Grant(max_ttl_seconds=DAY, max_idle_seconds=2 * DAY)
        )
    assert refusal.value.code is Code.TERMS


def test_a_drop_holds_what_both_limits_of_its_admission_allow() -> None:
    assert opened(opening(8192), Grant(max_cells=10, max_bytes=2**20)).max_cells == 10
    assert opened(opening(8192), Grant(max_cells=1000, max_bytes=2**20)).max_cells == 128
    with pytest.raises(RelayRefused):
        opened(opening(8192), Grant(max_bytes=8191))


def test_a_full_drop_takes_no_further_cell() -> None:
    terms = opened(opening(), Grant(max_cells=2))
    check_room(1, terms)
    with pytest.raises(RelayRefused) as refusal:
        check_room(2, terms)
    assert refusal.value.code is Code.DROP_FULL


def test_a_cell_has_the_size_of_its_drop() -> None:
    terms = opened(opening(8192), Grant())
    check_cell(bytes(8192), terms)
    with pytest.raises(RelayRefused):
        check_cell(bytes(4096), terms)


def test_the_relay_keeps_hashes_and_no_capability() -> None:
    call = opening()
    kept = opened(call, Grant())
    for secret in (call.admission, call.append, call.read, call.close):
        assert secret not in (kept.admission, kept.append, kept.read, kept.close)


def test_the_same_opening_is_recognised_and_any_other_is_not() -> None:
    call = opening()
    terms = opened(call, Grant())
    assert same_opening(call, terms)
    others = [
        msgspec.structs.replace(call, **{name: value})
        for name, value in {
            "drop": new_drop_id(),
            "append": new_capability(),
            "read": new_capability(),
            "close": new_capability(),
            "cell_size": 4096,
            "ttl_seconds": 61,
            "idle_seconds": 61,
        }.items()
    ]
    assert not any(same_opening(other, terms) for other in others)


@given(st.integers(-(2**52), 2**52), st.integers(1, 400 * DAY))
def test_an_end_is_rounded_up_by_less_than_its_grain(now: int, seconds: int) -> None:
    late = ends_ms(now, seconds) - (now + seconds * 1000)
    assert 0 <= late < grain_seconds(seconds) * 1000


def test_the_grain_grows_with_the_time() -> None:
    assert [grain_seconds(one) for one in (1, HOUR - 1, HOUR, DAY - 1, DAY)] == [1, 1, MINUTE, MINUTE, HOUR]


def test_two_cells_of_one_hour_cannot_be_told_apart_by_their_end() -> None:
    hour = 1_700_000_000_000 // 3_600_000 * 3_600_000
    assert ends_ms(hour + 1, 14 * DAY) == ends_ms(hour + 3_600_000, 14 * DAY)


@given(st.binary(min_size=32, max_size=32))
def test_an_admission_is_read_as_it_is_written_in_any_case_and_spacing(data: bytes) -> None:
    text = admission_text(Admission(data))
    for given_text in (text, text.upper(), text.replace("-", ""), f"  {text.replace('-', ' ')}\n"):
        assert read_admission(given_text) == data


@given(st.text(max_size=70))
def test_any_other_text_is_no_admission(text: str) -> None:
    try:
        assert len(read_admission(text)) == 32
    except Refused as error:
        assert str(error).endswith("gave you.")  # noqa: PT017 - most texts are refused, a few may be admissions
