"""Quantity search: a number, and its unit if given (https://hl7.org/fhir/R4/search.html#quantity)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nextafter
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.base_unit import UCUM, base_of, in_base
from fhir_server.search.types.escape import split
from fhir_server.search.types.number import LARGEST, NumberValue, finite, parse_number, range_bounds
from fhir_server.search.types.writer import Keys, Writer, extension_writer

CURRENCY = "urn:iso:std:iso:4217"


def _write_quantity(quantity: Any, keys: Keys, rows: IndexRows) -> None:
    value = quantity.get("value")
    if value is None:
        return
    system, code, unit = quantity.get("system", ""), quantity.get("code", ""), unit_of(quantity)
    comparator = quantity.get("comparator")
    low, high = _interval(finite(value), comparator)
    base = base_of(code) if system == UCUM else None
    if base is None:
        dimension, base_low, base_high = "", low, high
    else:
        dimension = base[1]
        base_low, base_high = _interval(finite(in_base(value, base[0])), comparator)
    for key in keys:
        rows.quantities.append((key, low, high, system, code, unit, dimension, base_low, base_high))


def _interval(number: float, comparator: str | None) -> tuple[float, float]:
    """What a number stands for: itself, or with a comparator all below or above, itself left out by `<` and `>`."""
    if not comparator:
        return number, number
    if comparator[0] == "<":
        return -LARGEST, number if comparator == "<=" else nextafter(number, -inf)
    return (number if comparator == ">=" else nextafter(number, inf)), LARGEST


def _write_money(money: Any, keys: Keys, rows: IndexRows) -> None:
    value, currency = finite(money["value"]), money.get("currency", "")
    for key in keys:
        rows.quantities.append((key, value, value, CURRENCY, currency, currency.casefold(), "", value, value))


def _write_range(value: Any, keys: Keys, rows: IndexRows) -> None:
    low, high = range_bounds(value)
    bound = value.get("low") or value.get("high") or {}
    system, code = bound.get("system", ""), bound.get("code", "")
    base = base_of(code) if system == UCUM else None
    dimension, base_low, base_high = ("", low, high) if base is None else (base[1], *_base_bounds(value, low, high))
    for key in keys:
        rows.quantities.append((key, low, high, system, code, unit_of(bound), dimension, base_low, base_high))


def _base_bounds(value: dict[str, Any], low: float, high: float) -> tuple[float, float]:
    """The ends of a range in base units, each from its own unit; an open end stays open."""
    ends = [value.get("low") or {}, value.get("high") or {}]
    known = [base_of(end.get("code", "")) for end in ends]
    in_units = [finite(in_base(end["value"], base[0])) if base and "value" in end else None for end, base in zip(ends, known, strict=True)]
    return (low if in_units[0] is None else in_units[0]), (high if in_units[1] is None else in_units[1])


def _write_sampled_data(data: Any, keys: Keys, rows: IndexRows) -> None:
    _write_quantity(data["origin"], keys, rows)


def unit_of(quantity: dict[str, Any]) -> str:
    """The unit as people write it, without case."""
    return str(quantity.get("unit", "")).casefold()


_QUANTITIES = ("Quantity", "Age", "Duration", "Count", "Distance", "SimpleQuantity", "MoneyQuantity")
WRITERS: dict[str, Writer] = dict.fromkeys(_QUANTITIES, _write_quantity)
WRITERS |= {"Money": _write_money, "Range": _write_range, "SampledData": _write_sampled_data}
WRITERS["Extension"] = extension_writer(WRITERS)


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """A searched number with its unit: `system` None is any; `code` None is any, else a code or a unit as people write it.

    With a UCUM code, `dimension` is the product of its base units and `number` is in them.
    """

    number: NumberValue
    system: str | None
    code: str | None
    dimension: str | None = None


def parse_quantity(text: str) -> QuantityValue:
    """`[prefix]number`, `...|system|code` or `...||code`; ValueError with a sentence for anything else."""
    number, *unit = split(text, "|")
    if len(unit) not in (0, 2):
        raise ValueError("write a number, number|system|code or number||code")
    system, code = unit or ("", "")
    base = base_of(code) if system == UCUM and code else None
    if base is not None:
        return QuantityValue(parse_number(number, base[0]), system, code, base[1])
    return QuantityValue(parse_number(number), system or None, code or None)
