"""Number search, with the precision of the searched number (https://hl7.org/fhir/R4/search.html#number)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.base_unit import in_base
from fhir_server.search.types.prefix import Prefix, split_prefix
from fhir_server.search.types.writer import Keys, Writer, extension_writer

LARGEST = 1.7976931348623157e308
"""Bound of a range that is open at one end."""

MAX_DIGITS = 40
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE]([+-]?\d{1,3}))?", re.ASCII)
_APPROXIMATION = Decimal("0.1")
ONE = Fraction(1)


def _write_number(value: Any, keys: Keys, rows: IndexRows) -> None:
    number = finite(value)
    for key in keys:
        rows.numbers.append((key, number, number))


def _write_range(value: Any, keys: Keys, rows: IndexRows) -> None:
    low, high = range_bounds(value)
    for key in keys:
        rows.numbers.append((key, low, high))


def finite(value: Any) -> float:
    """The number as a float between -LARGEST and LARGEST."""
    return min(max(float(value), -LARGEST), LARGEST)


def range_bounds(value: dict[str, Any]) -> tuple[float, float]:
    """Low and high of a Range; an absent one is open."""
    low, high = (value.get("low") or {}).get("value"), (value.get("high") or {}).get("value")
    if low is None and high is None:
        raise ValueError("a range without low and high")
    return -LARGEST if low is None else finite(low), LARGEST if high is None else finite(high)


WRITERS: dict[str, Writer] = {**dict.fromkeys(("integer", "decimal", "positiveInt", "unsignedInt"), _write_number), "Range": _write_range}
WRITERS["Extension"] = extension_writer(WRITERS)


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A searched number: for `eq` and `ne` all of [low, high) is meant, for `ap` low to high; the others compare with `point`."""

    prefix: Prefix
    point: float
    low: float
    high: float


def parse_number(text: str, factor: Fraction = ONE) -> NumberValue:
    """A number with its prefix, multiplied by the factor; ValueError with a sentence where it is none."""
    prefix, rest = split_prefix(text)
    found = _NUMBER.fullmatch(rest)
    if not found or len(rest) > MAX_DIGITS:
        raise ValueError(f"{rest[:60]!r} is not a number; write for example 100, 5.40 or 1e2, after a prefix such as gt if needed")
    number = Decimal(rest)
    margin = abs(number) * _APPROXIMATION if prefix == "ap" else _half_unit(number)
    point, low, high = (finite(in_base(one, factor)) for one in (number, number - margin, number + margin))
    return NumberValue(prefix, point, low, high)


def _half_unit(number: Decimal) -> Decimal:
    """Half of what the last digit stands for: 100 is 99.5 to 100.5, and 1e2 is 95 to 105, as the specification has it."""
    exponent = int(number.as_tuple().exponent)
    return Decimal(5).scaleb(exponent - 1 if exponent <= 0 else exponent - 2)
