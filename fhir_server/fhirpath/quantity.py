"""Quantities of FHIRPath (http://hl7.org/fhirpath/N1/#quantity): a decimal with a UCUM unit or a calendar duration."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

CALENDAR = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
CALENDAR_UNITS = {word: unit for unit in CALENDAR for word in (unit, f"{unit}s")}
"""The words that may follow a number without quotes, singular and plural."""

AS_UCUM = {"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms"}
"""Calendar durations that are the same length as a UCUM unit; a calendar year or month is not."""

UCUM = "http://unitsofmeasure.org"
FHIR_QUANTITIES = frozenset(("Quantity", "Age", "Count", "Distance", "Duration"))


class Quantity(msgspec.Struct, frozen=True):
    """`unit` is UCUM code, or with `calendar` one of CALENDAR (singular)."""

    value: Decimal
    unit: str
    calendar: bool = False
    word: str = ""  # a calendar unit as it was written: "weeks"

    def __str__(self) -> str:
        return f"{self.value} {self.word or self.unit}" if self.calendar else f"{self.value} '{self.unit}'"


def of_fhir(value: dict[str, Any]) -> Quantity | None:
    """A FHIR Quantity as FHIRPath sees it: its code where the system is UCUM, else its unit; None without a plain value."""
    number = value.get("value")
    if not isinstance(number, int | Decimal) or "comparator" in value:
        return None
    unit = value.get("code") if value.get("system") == UCUM else value.get("unit") or value.get("code")
    return Quantity(Decimal(number), str(unit) if unit is not None else "1")
