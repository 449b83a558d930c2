"""From the dates of a case to definite moments, in milliseconds since 1970 (docs/spec/case.md, section 3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

STEP_MS = 1_000  # two rows are at least this far apart
APART_MS = 60_000  # and this far where their dates leave room
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHAPE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d))?)?)?")


class Precision(StrEnum):
    """How much of a date is meant."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The moments that a written date allows: from `first_ms` up to, not including, `end_ms`; best at `best_ms`."""

    first_ms: int
    best_ms: int
    end_ms: int


def zone(name: str) -> tzinfo:
    """Give the time zone of a name such as America/New_York, or raise ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(name) from error


def stamp(at: str, where: tzinfo, precision: Precision | None = None) -> Stamp:
    """Read a year, month, day or day and time as local time, or raise ValueError.

    A date alone is best played at noon of its (first) day; the hour of an hour is the whole hour.
    """
    match = SHAPE.fullmatch(at)
    if match is None:
        raise ValueError(at)
    year, month, day, hour, minute = (None if part is None else int(part) for part in match.groups())
    if year is None or not MINYEAR < year < MAXYEAR:
        raise ValueError(at)
    first = datetime(year, month or 1, day or 1, hour or 0, minute or 0, tzinfo=where)
    if month is None:
        end = first.replace(year=first.year + 1)
    elif day is None:
        end = first.replace(year=first.year + month // 12, month=month % 12 + 1)
    elif hour is None:
        end = first + timedelta(days=1)
    elif precision is Precision.HOUR:
        end = first + timedelta(hours=1)
    else:
        end = first + timedelta(minutes=1)
    best = first if hour is not None else first + timedelta(hours=12)
    return Stamp(_ms(first), _ms(best), _ms(end))


def _ms(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)


class OutOfOrder(Exception):
    """The date at `index` ends before the rows that stand before it can have been played."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def in_file_order(stamps: Sequence[Stamp]) -> list[int]:
    """Give each stamp a moment of its own inside it, later than the one before (by a minute, or at least a second)."""
    earliest: list[int] = []
    for index, each in enumerate(stamps):
        first = max(each.first_ms, earliest[-1] + STEP_MS) if earliest else each.first_ms
        if first >= each.end_ms:
            raise OutOfOrder(index)
        earliest.append(first)
    moments: list[int] = []
    bound: int | None = (
        None  # each row leaves room for the rows after it, and is else as near its best as it can
    )
    latest = [0] * len(stamps)
    for index in range(len(stamps) - 1, -1, -1):
        end = stamps[index].end_ms - 1
        bound = latest[index] = end if bound is None else min(end, bound - STEP_MS)
    for index, each in enumerate(stamps):
        first = max(earliest[index], moments[-1] + STEP_MS) if moments else earliest[index]
        best = max(each.best_ms, moments[-1] + APART_MS) if moments else each.best_ms
        moments.append(max(first, min(best, latest[index])))
    return moments
