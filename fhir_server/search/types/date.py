"""Date search: intervals against intervals (https://hl7.org/fhir/R4/search.html#date)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any

from fhir_server.model.temporal import parse_temporal
from fhir_server.search.rows import IndexRows
from fhir_server.search.types.prefix import Prefix, split_prefix
from fhir_server.search.types.writer import Keys, Writer, Writers, extension_writer

Interval = tuple[int, int]
"""First and last microsecond since 1970-01-01 UTC."""

BEGINNING = -(2**62)
END = 2**62
"""Bounds of a period without start or end: before and after any date that can be written."""

APPROXIMATION = 0.1
"""`ap` widens a searched date by this part of its distance from now, as the specification suggests."""


def date_writers(zone: tzinfo) -> Writers:
    """The writers of a server where dates without an offset are in `zone`."""
    interval = _reader(zone)

    def write_date(text: Any, keys: Keys, rows: IndexRows) -> None:
        low, high = interval(text)
        for key in keys:
            rows.dates.append((key, low, high))

    def write_period(period: Any, keys: Keys, rows: IndexRows) -> None:
        low, high = _period(period, interval)
        for key in keys:
            rows.dates.append((key, low, high))

    def write_timing(timing: Any, keys: Keys, rows: IndexRows) -> None:
        """Only the outer limits of a schedule count, says the specification."""
        if intervals := list(_occurrences(timing, interval)):
            low, high = min(low for low, _ in intervals), max(high for _, high in intervals)
            for key in keys:
                rows.dates.append((key, low, high))

    writers: dict[str, Writer] = dict.fromkeys(("date", "dateTime", "instant"), write_date)
    writers |= {"Period": write_period, "Timing": write_timing}
    return {**writers, "Extension": extension_writer(writers)}


def _reader(zone: tzinfo) -> Callable[[str], Interval]:
    @lru_cache(maxsize=1 << 14)
    def interval(text: str) -> Interval:
        return parse_temporal(text).interval(zone)

    return interval


def _period(period: Any, interval: Callable[[str], Interval]) -> Interval:
    start, end = period.get("start"), period.get("end")
    if not (start or end):
        raise ValueError("a period without start and end")
    return interval(start)[0] if start else BEGINNING, interval(end)[1] if end else END


def _occurrences(timing: Any, interval: Callable[[str], Interval]) -> Iterator[Interval]:
    yield from (interval(event) for event in timing.get("event", ()) if event)
    if bounds := (timing.get("repeat") or {}).get("boundsPeriod"):
        yield _period(bounds, interval)


@dataclass(frozen=True, slots=True)
class DateValue:
    """A searched interval; for the prefix `ap` it is widened already."""

    prefix: Prefix
    low: int
    high: int


def parse_date(text: str, zone: tzinfo, now: int) -> DateValue:
    """A date with its prefix; `now` in microseconds UTC. ValueError with a sentence where it is none."""
    prefix, rest = split_prefix(text)
    temporal = parse_temporal(rest)
    if temporal.kind == "time":
        raise ValueError(f"{rest!r} is a time of day; write a date")
    low, high = temporal.interval(zone)
    if prefix == "ap":
        low, high = low - round(abs(now - low) * APPROXIMATION), high + round(abs(now - high) * APPROXIMATION)
    return DateValue(prefix, low, high)
