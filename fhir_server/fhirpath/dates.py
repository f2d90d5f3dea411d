"""Dates and times: equality and order under uncertain precision, and calendar arithmetic
(http://hl7.org/fhirpath/N1/#datetime-equality, http://hl7.org/fhirpath/N1/#datetime-arithmetic).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fhir_server.fhirpath.quantity import Quantity
from fhir_server.model.temporal import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Precision, Temporal

FURTHEST_WEST = 12 * 60 * MINUTE_US
FURTHEST_EAST = 14 * 60 * MINUTE_US
"""Where a time without an offset may be: it is up to this much earlier or later in UTC."""


def compare(left: Temporal, right: Temporal) -> int | None:
    """-1, 0, 1, or None where the precision or a missing offset leaves it open."""
    if (left.offset is None) != (right.offset is None):
        return _compare_periods(left, right)
    if left.offset != right.offset:
        if Precision.HOUR in (left.precision, right.precision):
            return _compare_periods(left, right)
        left, right = to_utc(left), to_utc(right)
    return _compare_parts(left, right)


def is_comparable(left: Temporal, right: Temporal) -> bool:
    """A time of day is not compared with a date."""
    return (left.kind == "time") == (right.kind == "time")


def _compare_parts(left: Temporal, right: Temporal) -> int | None:
    mine, other = _parts(left), _parts(right)
    for one, two in zip(mine, other, strict=False):
        if one != two:
            return -1 if one < two else 1
    return 0 if len(mine) == len(other) else None


def _parts(value: Temporal) -> tuple[int, ...]:
    """Components with seconds and their fraction as one, so that 10:30:00 and 10:30:00.0 have the same precision."""
    return value.components if value.precision != Precision.SECOND else (*value.components, 0)


def _compare_periods(left: Temporal, right: Temporal) -> int | None:
    first, last = _possible(left)
    begin, end = _possible(right)
    if last < begin:
        return -1
    return 1 if first > end else None


def _possible(value: Temporal) -> tuple[int, int]:
    low, high = value.interval(UTC)
    return (low, high) if value.offset is not None else (low - FURTHEST_EAST, high + FURTHEST_WEST)


def to_utc(value: Temporal) -> Temporal:
    """The same moment with offset Z, in the same precision; the value itself where it has no offset or no minutes."""
    if not value.offset or value.precision < Precision.MINUTE:
        return value
    shifted = _shifted(value, -value.offset * MINUTE_US)
    return value if shifted is None else Temporal(value.kind, shifted.components, value.precision, 0, value.digits)


UNIT_US = {"week": 7 * DAY_US, "day": DAY_US, "hour": HOUR_US, "minute": MINUTE_US, "second": SECOND_US, "millisecond": 1000}
_FROM_UCUM = {"wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}
_UNIT_PRECISION = {
    "year": Precision.YEAR, "month": Precision.MONTH, "week": Precision.DAY, "day": Precision.DAY, "hour": Precision.HOUR,
    "minute": Precision.MINUTE, "second": Precision.SECOND, "millisecond": Precision.FRACTION,
}  # fmt: skip


def duration_unit(quantity: Quantity) -> str | None:
    """The calendar unit to add, None where the quantity is no duration that a calendar can add (`1 'mo'` has no fixed length)."""
    return quantity.unit if quantity.calendar else _FROM_UCUM.get(quantity.unit)


def add(value: Temporal, amount: Decimal, unit: str) -> Temporal | None:
    """The date or time some calendar units later (earlier: a negative amount), None where the calendar ends.

    Decimals of an amount count for seconds alone. A date that names less than the unit takes the whole units it can show:
    2014 + 24 months is 2016.
    """
    if value.kind == "time":
        return _add_to_time(value, amount, unit) if unit in UNIT_US and unit not in ("week", "day") else None
    if _UNIT_PRECISION[unit] > value.precision and value.precision < Precision.SECOND:
        amount, unit = _coarser(amount, unit, value.precision)
    if unit in ("year", "month"):
        return _add_months(value, int(amount) * (12 if unit == "year" else 1))
    return _shifted(value, _microseconds(amount, unit))


def _microseconds(amount: Decimal, unit: str) -> int:
    return int(amount * UNIT_US[unit]) if unit in ("second", "millisecond") else int(amount) * UNIT_US[unit]


_COARSER: tuple[tuple[str, int | Decimal, str], ...] = (
    ("millisecond", 1000, "second"), ("second", 60, "minute"), ("minute", 60, "hour"), ("hour", 24, "day"),
    ("week", Decimal(1) / 7, "day"), ("day", 30, "month"), ("month", 12, "year"),
)  # fmt: skip


def _coarser(amount: Decimal, unit: str, precision: Precision) -> tuple[Decimal, str]:
    for name, count, bigger in _COARSER:
        if unit == name and _UNIT_PRECISION[unit] > precision:
            amount, unit = Decimal(int(round(amount / count, 6))), bigger
    return amount, unit


def _add_months(value: Temporal, months: int) -> Temporal | None:
    year, month = divmod(value.components[0] * 12 + (value.components[1] - 1 if len(value.components) > 1 else 0) + months, 12)
    if not 1 <= year <= 9999:
        return None
    parts = list(value.components)
    parts[:2] = [year, month + 1][: len(parts)]
    if len(parts) > 2:
        parts[2] = min(parts[2], monthrange(year, month + 1)[1])
    return Temporal(value.kind, tuple(parts), value.precision, value.offset, value.digits)


def _shifted(value: Temporal, microseconds: int) -> Temporal | None:
    """Moved along the clock; None outside the years 1 to 9999."""
    parts = (*value.components, 1, 1)[:3] if len(value.components) < 3 else value.components
    hour, minute, second, microsecond = (*parts[3:], 0, 0, 0, 0)[:4]
    try:
        start = datetime(parts[0], parts[1], parts[2], hour, minute) + timedelta(seconds=second, microseconds=microsecond)
        moved = start + timedelta(microseconds=microseconds)
    except (OverflowError, ValueError):
        return None
    full = (moved.year, moved.month, moved.day, moved.hour, moved.minute, moved.second, moved.microsecond)
    return _with_fraction(value, full)


def _with_fraction(value: Temporal, full: tuple[int, ...]) -> Temporal:
    if value.precision == Precision.SECOND and full[6]:
        return Temporal(value.kind, full, Precision.FRACTION, value.offset, 3 if full[6] % 1000 == 0 else 6)
    digits = max(value.digits, 3 if full[6] % 1000 == 0 else 6) if value.digits and full[6] else value.digits
    return Temporal(value.kind, full[: len(value.components)], value.precision, value.offset, digits)


def _add_to_time(value: Temporal, amount: Decimal, unit: str) -> Temporal | None:
    """Around the clock: 23:30 + 1 hour is 00:30."""
    on_a_day = Temporal("dateTime", (2000, 1, 3, *value.components), value.precision, None, value.digits)
    moved = _shifted(on_a_day, _microseconds(amount, unit) % DAY_US)
    return None if moved is None else Temporal("time", moved.components[3:], moved.precision, None, moved.digits)


def moment(now: datetime) -> Temporal:
    """now() as a dateTime with milliseconds and offset."""
    offset = now.utcoffset() or timedelta()
    parts = (now.year, now.month, now.day, now.hour, now.minute, now.second, now.microsecond // 1000 * 1000)
    return Temporal("dateTime", parts, Precision.FRACTION, int(offset.total_seconds()) // 60, 3)


def day_of(value: Temporal) -> Temporal:
    """The date of a dateTime, as far as it is known."""
    parts = value.components[:3]
    return Temporal("date", parts, Precision(len(parts)))


def time_of(value: Temporal) -> Temporal:
    """The time of day of a dateTime."""
    return Temporal("time", value.components[3:], value.precision, None, value.digits)


def compare_key(value: Temporal) -> tuple[object, ...]:
    """The same for dates that `compare` finds equal."""
    utc = to_utc(value)
    return value.kind == "time", _parts(utc), utc.offset is None
