"""Quantity search: a number, and its unit if given (https://hl7.org/fhir/R4/search.html#quantity)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.escape import split
from fhir_server.search.types.number import LARGEST, NumberValue, finite, parse_number, range_bounds
from fhir_server.search.types.writer import Keys, Writer, extension_writer

CURRENCY = "urn:iso:std:iso:4217"


def _write_quantity(quantity: Any, keys: Keys, rows: IndexRows) -> None:
    value = quantity.get("value")
    if value is None:
        return
    low = high = finite(value)
    if comparator := quantity.get("comparator"):
        low, high = (-LARGEST, high) if comparator[0] == "<" else (low, LARGEST)
    system, code, unit = quantity.get("system", ""), quantity.get("code", ""), unit_of(quantity)
    for key in keys:
        rows.quantities.append((key, low, high, system, code, unit))


def _write_money(money: Any, keys: Keys, rows: IndexRows) -> None:
    value, currency = finite(money["value"]), money.get("currency", "")
    for key in keys:
        rows.quantities.append((key, value, value, CURRENCY, currency, currency.casefold()))


def _write_range(value: Any, keys: Keys, rows: IndexRows) -> None:
    low, high = range_bounds(value)
    bound = value.get("low") or value.get("high") or {}
    for key in keys:
        rows.quantities.append((key, low, high, bound.get("system", ""), bound.get("code", ""), unit_of(bound)))


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
    """A searched number with its unit: `system` None is any; `code` None is any, else a code or a unit as people write it."""

    number: NumberValue
    system: str | None
    code: str | None


def parse_quantity(text: str) -> QuantityValue:
    """`[prefix]number`, `...|system|code` or `...||code`; ValueError with a sentence for anything else."""
    number, *unit = split(text, "|")
    if len(unit) not in (0, 2):
        raise ValueError("write a number, number|system|code or number||code")
    system, code = unit or ("", "")
    return QuantityValue(parse_number(number), system or None, code or None)
