"""HL7 v2 times to FHIR dates and times (HL7 2.5, 2A.77 TS; https://hl7.org/fhir/R4/datatypes.html#dateTime).

A time without an offset is in the sender's zone; an hour that occurs twice is the first one, and noted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from fhir_server.model.phrase import phrase

_SHAPE = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\.\d{1,6})?([+-]\d{4})?", re.ASCII)


_TWICE = "this hour occurs twice"


class TimestampError(ValueError):
    """The text is not a time; the message says what is wrong without quoting it."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A FHIR date or dateTime of the precision that was sent; `note` says what was assumed."""

    value: str
    note: str | None = None

    @property
    def date(self) -> str:
        return self.value[:10]


@lru_cache(maxsize=8192)
def timestamp(text: str, zone: ZoneInfo) -> Timestamp:
    """`20240306110000` in Europe/Paris is `2024-03-06T11:00:00+01:00`; TimestampError where there is no such time."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None or (match.group(8) and not match.group(4)):
        raise TimestampError(phrase("is not a time of the form YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ]"))
    year, month, day, hour = match.group(1, 2, 3, 4)
    if hour is None:
        return Timestamp(_date(year, month, day))
    return _moment(match, zone)


def second_occurrence(text: str, zone: ZoneInfo) -> str | None:
    """Of a time without an offset in an hour that occurs twice, the second moment that it may mean; None of any other."""
    first, match = timestamp(text, zone), _SHAPE.fullmatch(text.strip())
    if match is None or first.note is None or not first.note.startswith(_TWICE):
        return None
    local = _checked(*(int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6)))
    return _iso(local.replace(tzinfo=zone, fold=1), match.group(7))


def _date(year: str, month: str | None, day: str | None) -> str:
    _checked(int(year), int(month or 1), int(day or 1))
    return "-".join(part for part in (year, month, day) if part)


def _moment(match: re.Match[str], zone: ZoneInfo) -> Timestamp:
    numbers = [int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6)]
    local = _checked(*numbers)
    offset = match.group(8)
    if offset:
        return Timestamp(_iso(local.replace(tzinfo=_fixed(offset)), match.group(7)))
    moment = local.replace(tzinfo=zone)
    return Timestamp(_iso(moment, match.group(7)), _doubt(moment, zone))


def _checked(*numbers: int) -> datetime:
    try:
        return datetime(*numbers)  # type: ignore[arg-type]
    except ValueError as error:
        raise TimestampError(phrase("is a time that does not exist ({error})", error=error)) from None


def _fixed(offset: str) -> timezone:
    hours, minutes = int(offset[1:3]), int(offset[3:5])
    if hours > 14 or minutes > 59:
        raise TimestampError(phrase("has an offset from UTC that does not exist"))
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if offset[0] == "-" else delta)


def _iso(moment: datetime, fraction: str | None) -> str:
    text = moment.isoformat()
    return text[:19] + fraction + text[19:] if fraction else text


def _doubt(moment: datetime, zone: ZoneInfo) -> str | None:
    if moment.utcoffset() == moment.replace(fold=1).utcoffset():
        return None
    if moment.utcoffset() > moment.replace(fold=1).utcoffset():  # type: ignore[operator]
        return f"{_TWICE} in {zone.key}; the first is meant"
    return f"this hour does not occur in {zone.key}; it is counted from the hour before"
