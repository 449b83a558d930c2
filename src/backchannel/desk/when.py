"""Times as people write and read them: always with a zone, before 1970 too."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from backchannel.errors import Refused
from backchannel.said import said

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000
MONTHS = (
    *(said("Jan"), said("Feb"), said("Mar"), said("Apr"), said("May"), said("Jun")),
    *(said("Jul"), said("Aug"), said("Sep"), said("Oct"), said("Nov"), said("Dec")),
)
UNITS = (
    (said("{count} year"), said("{count} years"), 365 * 86400),
    (said("{count} day"), said("{count} days"), 86400),
    (said("{count} hour"), said("{count} hours"), 3600),
    (said("{count} minute"), said("{count} minutes"), 60),
)
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_PART = re.compile(r"(\d{1,9})\s*(?:(s)ec|(m)in|(h)our|(d)ay|(w)eek|(y)ear|([smhdwy]))[a-z]*[\s,]*")
_FIELDS = ("year", "month", "day", "hour", "minute", "second")
_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ]+(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d|[A-Za-z_]+(?:/[A-Za-z_+-]+)+)?"
)


def duration(typed: str) -> int:
    """Read a span of time such as `30d`, `2h` or `1 day 12 hours`; gives seconds."""
    text, seconds = typed.strip().lower(), 0
    while text:
        part = _PART.match(text)
        if part is None:
            seconds = 0
            break
        unit = next(group for group in part.groups()[1:] if group)
        seconds += int(part[1]) * _UNIT_SECONDS[unit]
        text = text[part.end() :]
    if seconds <= 0:
        raise Refused(
            said("“{typed}” is not a span of time; write for instance 30d, 2h or 45m.", typed=typed)
        )
    return seconds


def moment(typed: str, now: int) -> int:
    """Read a date, or a span of time from now on; gives milliseconds since 1970.

    A date without a zone is of this machine's zone; one without an hour is its first moment.
    """
    text = typed.strip()
    found = _DATE.fullmatch(text)
    if found is None:
        try:
            return now + duration(text.removeprefix("in ")) * 1000
        except Refused as error:
            raise Refused(
                said(
                    "“{typed}” is not a time; write for instance 2026-12-01 18:00, with a zone if you like (UTC,"
                    " +02:00, Asia/Tehran), or a span such as 30d.",
                    typed=typed,
                )
            ) from error
    year, month, day, hour, minute, second = (int(found[name] or 0) for name in _FIELDS)
    try:
        local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone follows
    except ValueError as error:
        raise Refused(
            said("“{typed}” is not a day and hour of the calendar; please check it.", typed=typed)
        ) from error
    zone = found["zone"]
    try:
        aware = local.astimezone() if zone is None else local.replace(tzinfo=_zone(zone))
        return (aware - _EPOCH) // timedelta(milliseconds=1)
    except (OverflowError, ValueError, OSError) as error:
        raise Refused(
            said("“{typed}” is beyond the calendar of this machine; please check it.", typed=typed)
        ) from error


def _zone(name: str) -> tzinfo:
    if name in {"Z", "UTC"}:
        return UTC
    if name[0] in "+-":
        sign = -1 if name[0] == "-" else 1
        digits = name[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if offset >= timedelta(days=1):
            raise Refused(said("{name} is no distance from UTC; write for instance +02:00.", name=name))
        return timezone(sign * offset)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - only where a zone is named

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Refused(
            said("{name} is not a zone; write for instance Asia/Tehran, UTC or +03:30.", name=name)
        ) from error


def date(at_ms: int) -> str:
    """Write a time for people, in this machine's zone, which is named: `22 Nov 2026, 13:04 CET (+01:00)`."""
    return _date(at_ms // MINUTE_MS, f"{_EPOCH.astimezone():%Z%z}")


@lru_cache(maxsize=8192)
def _date(minute: int, _zone: str) -> str:
    """Write a minute since 1970; what is kept is good as long as this machine's zone is the same."""
    try:
        local = (_EPOCH + timedelta(minutes=minute)).astimezone()
    except (OverflowError, ValueError, OSError):
        return said("a time beyond the calendar")
    return said(
        "{day} {month} {year}, {time} {zone}",
        day=local.day,
        month=MONTHS[local.month - 1],
        year=local.year,
        time=f"{local:%H:%M}",
        zone=_zone_name(local),
    )


def _zone_name(local: datetime) -> str:
    offset, name = local.utcoffset() or timedelta(), local.tzname() or ""
    if not offset:
        return "UTC"
    minutes = abs(offset) // timedelta(minutes=1)
    distance = f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"
    return said("{name} ({distance})", name=name, distance=distance) if name.isalpha() else f"UTC{distance}"


def span(ms: int) -> str:
    """Write a length of time for people, to two units: `3 days 4 hours`."""
    seconds = abs(ms) // 1000
    parts: list[str] = []
    for one, many, size in UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(said(one if count == 1 else many, count=count))
        elif parts:
            break
    match parts:
        case []:
            return said("under a minute")
        case [only]:
            return only
        case [longer, shorter, *_]:
            return said("{longer} {shorter}", longer=longer, shorter=shorter)
    raise AssertionError(parts)
