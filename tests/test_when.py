"""Times as people write and read them."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backchannel.desk.when import date, duration, moment, span
from backchannel.errors import Refused

NOW = -226_000_000_000  # 3 November 1962


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]


@pytest.fixture(params=["UTC", "Asia/Tehran", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name: str = request.param
    monkeypatch.setenv("TZ", name)
    time.tzset()
    yield name
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("30d", 2_592_000),
        ("2h", 7200),
        ("45m", 2700),
        ("90 s", 90),
        ("1 day 12 hours", 129_600),
        ("2w", 1_209_600),
        ("1d12h", 129_600),
    ],
)
def test_a_span_is_read(typed: str, seconds: int) -> None:
    assert duration(typed) == seconds


@pytest.mark.parametrize("typed", ["", "0d", "-3d", "d", "3", "3 fortnights and a bit", "1e9d", "∞"])
def test_what_is_no_span_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Refused, match="30d"):
        duration(typed)


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("1962-10-27 19:45 UTC", ms(1962, 10, 27, 19, 45)),
        ("1962-10-27T19:45:30Z", ms(1962, 10, 27, 19, 45, 30)),
        ("1962-10-27 19:45 -04:00", ms(1962, 10, 27, 23, 45)),
        ("1962-10-27 19:45 +0300", ms(1962, 10, 27, 16, 45)),
        ("1962-10-27 19:45 America/New_York", ms(1962, 10, 27, 23, 45)),
        ("2h", NOW + 7_200_000),
        ("in 2 hours", NOW + 7_200_000),
    ],
)
def test_a_moment_is_read_with_its_zone_and_before_1970(typed: str, at: int) -> None:
    assert moment(typed, NOW) == at


def test_a_moment_without_a_zone_is_of_this_machine(zone: str) -> None:
    assert moment("2026-12-01 18:00", NOW) == moment(
        f"2026-12-01 18:00 {zone}" if "/" in zone else "2026-12-01 18:00Z", NOW
    )


@pytest.mark.parametrize(
    "typed",
    [
        "tomorrow",
        "2026-13-01",
        "2026-02-30 10:00",
        "2026-12-01 25:00",
        "2026-12-01 10:00 Mars/Phobos",
        "01.12.2026",
        "2026-12-01 +99:00",
    ],
)
def test_what_is_no_moment_is_refused_and_says_so(typed: str) -> None:
    with pytest.raises(Refused):
        moment(typed, NOW)


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_refused(typed: str) -> None:
    try:
        moment(typed, NOW)
    except Refused:
        return


@given(st.integers())
def test_any_time_can_be_shown_with_a_zone(at: int) -> None:
    assert "UTC" in date(at) or "beyond the calendar" in date(at)


def test_every_date_names_its_zone(zone: str) -> None:
    shown = {
        "UTC": "27 Oct 1962, 23:45 UTC",
        "Asia/Tehran": "28 Oct 1962, 03:15 UTC+03:30",
        "America/New_York": "27 Oct 1962, 19:45 EDT (-04:00)",
    }
    assert date(ms(1962, 10, 27, 23, 45)) == shown[zone]


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0, "under a minute"),
        (59_999, "under a minute"),
        (60_000, "1 minute"),
        (2 * 86_400_000 + 3_600_000, "2 days 1 hour"),
        (366 * 86_400_000, "1 year 1 day"),
    ],
)
def test_a_length_of_time_is_told_in_two_units(length: int, words: str) -> None:
    assert span(length) == words
