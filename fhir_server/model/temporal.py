"""FHIR date, dateTime, instant and time with the precision they were written in (https://hl7.org/fhir/R4/datatypes.html#dateTime).

A partial date denotes a period: `1974-12` is all of December. `Temporal.interval` gives that period in microseconds UTC, which
search indexes store; a text without an offset takes the zone it is given.
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from enum import IntEnum
from functools import lru_cache
from typing import Literal

import msgspec

Kind = Literal["date", "dateTime", "time"]


class Precision(IntEnum):
    """The smallest part that a text names; `FRACTION` is any number of decimals of a second."""

    YEAR = 1
    MONTH = 2
    DAY = 3
    HOUR = 4
    MINUTE = 5
    SECOND = 6
    FRACTION = 7


SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
MAX_OFFSET = 14 * 60
"""Minutes: no clock on Earth is further from UTC, and R4's regular expression ends there."""

_EPOCH = date(1970, 1, 1).toordinal()
_LAST = date.max.toordinal()
_DAY = Precision.DAY
_WIDTHS = (0, 0, 0, 0, HOUR_US, MINUTE_US, SECOND_US)  # by precision
_MONTH_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_CLOCK = re.compile(r"(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,30}))?)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_TIME = re.compile(r"(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,30}))?)?)?", re.ASCII)


class Temporal(msgspec.Struct, frozen=True, order=False):
    """A point or period in time as it was written.

    `components` are year, month, day, hour, minute, second, microsecond, as many as were written (a `time` begins with the hour).
    `offset` is in minutes east of UTC, None where the text has none. `digits` counts the decimals of the second.
    An instant is a `dateTime`: nothing in the text tells them apart.
    """

    kind: Kind
    components: tuple[int, ...]
    precision: Precision
    offset: int | None = None
    digits: int = 0

    def interval(self, zone: tzinfo) -> tuple[int, int]:
        """First and last microsecond since 1970-01-01 UTC of the period; `zone` counts where the text has no offset.

        A `time` counts from midnight. An hour that occurs twice is the first one; a leap second is the one after it.
        """
        if self.precision <= _DAY and self.kind != "time":
            return self._days(zone)
        low = self._local()
        width = 10 ** max(0, 6 - self.digits) if self.digits else _WIDTHS[self.precision]
        if self.kind != "time":
            low -= MINUTE_US * self.offset if self.offset is not None else _offset_us(low, zone)
        return low, low + width - 1

    def _days(self, zone: tzinfo) -> tuple[int, int]:
        first, after = _day_range(self.components)
        if self.offset is not None:
            shift = MINUTE_US * self.offset
            return (first - _EPOCH) * DAY_US - shift, (after - _EPOCH) * DAY_US - shift - 1
        return _midnight(first, zone), _midnight(after, zone) - 1

    def _local(self) -> int:
        """Microseconds on the local clock, from 1970-01-01T00:00 (a time: from midnight)."""
        parts = self.components
        clock = parts if self.kind == "time" else parts[3:]
        hour, minute, second, microsecond = (*clock, 0, 0, 0)[:4]
        local = hour * HOUR_US + minute * MINUTE_US + second * SECOND_US + microsecond
        return local if clock is parts else local + _midnight_utc(parts[:3])

    def __str__(self) -> str:
        """The text as FHIR writes it; `parse_temporal(str(x)) == x`, save that the offset +00:00 is written Z."""
        if self.kind == "time":
            return _clock_text(self.components, self.digits)
        day = "-".join(f"{part:0{width}}" for part, width in zip(self.components, (4, 2, 2), strict=False))
        if self.kind == "date":
            return day
        clock = _clock_text(self.components[3:], self.digits)
        return f"{day}T{clock}{_offset_text(self.offset)}" if clock else day


@lru_cache(maxsize=1 << 13)  # the times of an encounter come back in all its resources
def parse_temporal(text: str, *, bare_hours: bool = False) -> Temporal:
    """The date, dateTime, instant or time that a text denotes; ValueError with a sentence where it is none.

    Wider than R4's regular expressions by what searches may write: minutes without seconds, and a time of day without an
    offset. `bare_hours` also takes an hour without minutes, as FHIRPath does (`@2015-02-04T14`).
    """
    value = _parse_time(text) if text[2:3] == ":" or len(text) == 2 else _parse_date(text)
    if value.precision == Precision.HOUR and not bare_hours:
        raise ValueError(f"{text!r} has an hour without minutes; write hh:mm.")
    return value


def _parse_date(text: str) -> Temporal:
    if text[10:11] != "T":
        return _day(text)
    found = _CLOCK.fullmatch(text, 11)
    if not found:
        raise ValueError(f"{text[:60]!r} is not a date and time; write YYYY-MM-DDThh:mm:ss+zz:zz.")
    hour, minute, second, fraction, zone = found.groups()
    clock, digits = _clock(text, hour, minute, second, fraction)
    components = _day(text[:10]).components + clock
    return Temporal("dateTime", components, _PRECISIONS[len(components)], _offset(zone), digits)


@lru_cache(maxsize=1 << 14)  # times are many, days are few
def _day(text: str) -> Temporal:
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:60]!r} is not a date; write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz.")
    return _date(text, *found.groups())


_PRECISIONS = (Precision.YEAR, *Precision)  # by the number of components; the first is never asked for


def _date(text: str, year: str, month: str | None, day: str | None) -> Temporal:
    if day is not None:
        return Temporal("date", _calendar(text, int(year), int(month or 0), int(day)), Precision.DAY)
    if month is not None:
        return Temporal("date", _calendar(text, int(year), int(month), 1)[:2], Precision.MONTH)
    return Temporal("date", _calendar(text, int(year), 1, 1)[:1], Precision.YEAR)


def _parse_time(text: str) -> Temporal:
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:60]!r} is not a time; write hh:mm:ss, without an offset.")
    clock, digits = _clock(text, *found.groups())
    return Temporal("time", clock, _PRECISIONS[len(clock) + 3], None, digits)


def _calendar(text: str, year: int, month: int, day: int) -> tuple[int, int, int]:
    if year < 1 or not 1 <= month <= 12:
        raise ValueError(f"{text!r} has no such {'month' if year else 'year'}; years are 0001 to 9999, months 01 to 12.")
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= _MONTH_DAYS[month] or (day == 29 and month == 2 and not leap):
        raise ValueError(f"{text!r} names a day that its month does not have.")
    return year, month, day


def _clock(text: str, hour: str, minute: str | None, second: str | None, fraction: str | None) -> tuple[tuple[int, ...], int]:
    if hour > "23":
        raise ValueError(f"{text!r} has no such hour; hours are 00 to 23 (24:00 is 00:00 of the next day).")
    if minute is None:
        return (int(hour),), 0
    if minute > "59" or (second is not None and second > "60"):
        raise ValueError(f"{text!r} has no such minute or second; both are 00 to 59 (60 for a leap second).")
    if second is None:
        return (int(hour), int(minute)), 0
    if fraction is None:
        return (int(hour), int(minute), int(second)), 0
    return (int(hour), int(minute), int(second), int(fraction[:6].ljust(6, "0"))), len(fraction)


@lru_cache(maxsize=1 << 10)
def _offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    if minutes > MAX_OFFSET or zone[4] > "5":
        raise ValueError(f"{zone} is no offset; none is further than 14:00 from UTC, and its minutes are 00 to 59.")
    return -minutes if zone[0] == "-" else minutes


def _day_range(components: tuple[int, ...]) -> tuple[int, int]:
    """Ordinals of the first day and of the day after the last."""
    year = components[0]
    if len(components) == 1:
        first = date(year, 1, 1).toordinal()
        return first, first + (date(year, 12, 31).toordinal() - first) + 1
    month = components[1]
    if len(components) == 2:
        after = date(year, month + 1, 1).toordinal() if month < 12 else date(year, 12, 31).toordinal() + 1
        return date(year, month, 1).toordinal(), after
    first = date(year, month, components[2]).toordinal()
    return first, first + 1


@lru_cache(maxsize=1 << 16)
def _midnight(ordinal: int, zone: tzinfo) -> int:
    """The beginning of a local day, in microseconds UTC."""
    local = (ordinal - _EPOCH) * DAY_US
    return local - _offset_us(local, zone)


@lru_cache(maxsize=1 << 14)
def _midnight_utc(day: tuple[int, ...]) -> int:
    return (date(*day).toordinal() - _EPOCH) * DAY_US


def _offset_us(local: int, zone: tzinfo) -> int:
    """What `zone` is ahead of UTC at a local time; at the ends of the calendar, what it is there."""
    days, clock = divmod(local, DAY_US)
    day = date.fromordinal(min(days + _EPOCH, _LAST))
    hours, rest = divmod(clock // SECOND_US, 3600)
    ahead = datetime(day.year, day.month, day.day, hours, rest // 60, rest % 60, tzinfo=zone).utcoffset()
    return (ahead.days * 86_400 + ahead.seconds) * SECOND_US if ahead is not None else 0


def _clock_text(parts: tuple[int, ...], digits: int) -> str:
    text = ":".join(f"{part:02}" for part in parts[:3])
    return f"{text}.{f'{parts[3]:06}'.ljust(digits, '0')[:digits]}" if digits else text


def _offset_text(offset: int | None) -> str:
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
