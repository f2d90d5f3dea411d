"""toInteger, convertsToInteger and the like (http://hl7.org/fhirpath/N1/#conversion)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath import dates, ucum
from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.equality import NUMBERS, as_quantity
from fhir_server.fhirpath.node import EMPTY, FALSE, TRUE, Nodes, collection
from fhir_server.fhirpath.parser import quantity_of
from fhir_server.fhirpath.quantity import CALENDAR_UNITS, Quantity
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import single_value, string
from fhir_server.model.temporal import Temporal, parse_temporal

Convert = Callable[[Any], Any]
"""A System value to a value of the type, or None where it cannot become one."""

_INTEGER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,1000}(\.\d{1,1000})?", re.ASCII)
_QUANTITY = re.compile(r"([+-]?\d{1,1000}(?:\.\d{1,1000})?)\s*(?:'([^']+)'|([a-zA-Z]+))?", re.ASCII)
_TRUE = frozenset(("true", "t", "yes", "y", "1", "1.0"))
_FALSE = frozenset(("false", "f", "no", "n", "0", "0.0"))
MAX_EXPONENT = 400


def to_boolean(value: Any) -> bool | None:
    if type(value) is bool:
        return value
    if type(value) in NUMBERS:
        return bool(value) if value in (0, 1) else None
    text = value.lower() if type(value) is str else None
    return True if text in _TRUE else False if text in _FALSE else None


def to_integer(value: Any) -> int | None:
    if type(value) in (int, bool):
        return int(value)
    return int(value) if type(value) is str and _INTEGER.fullmatch(value) else None


def to_decimal(value: Any) -> Decimal | None:
    if type(value) in (int, bool, Decimal):
        return Decimal(value)
    return Decimal(value) if type(value) is str and _DECIMAL.fullmatch(value) else None


def to_string(value: Any) -> str | None:
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is Decimal:
        return format(value, "f") if abs(value.adjusted()) < MAX_EXPONENT else str(value)
    return str(value) if type(value) in (int, Temporal, Quantity) else None


def _temporal(value: Any) -> Temporal | None:
    if type(value) is not str:
        return value if type(value) is Temporal else None
    try:
        return parse_temporal(value.removeprefix("T"), bare_hours=True)
    except ValueError:
        return None


def to_date(value: Any) -> Temporal | None:
    found = _temporal(value)
    return None if found is None or found.kind == "time" else dates.day_of(found)


def to_datetime(value: Any) -> Temporal | None:
    found = _temporal(value)
    if found is None or found.kind == "time":
        return None
    return Temporal("dateTime", found.components, found.precision, found.offset, found.digits)


def to_time(value: Any) -> Temporal | None:
    found = _temporal(value)
    return found if found is not None and found.kind == "time" else None


def to_quantity(value: Any) -> Quantity | None:
    if type(value) is bool:
        return Quantity(Decimal(value), "1")
    if type(value) is not str:
        return as_quantity(value)
    found = _QUANTITY.fullmatch(value)
    if not found or (found[3] and found[3] not in CALENDAR_UNITS):
        return None
    return quantity_of(Decimal(found[1]), found[2] or found[3] or "1")


def _register(name: str, convert: Convert) -> None:
    @function(f"to{name}")
    def to(compiler: Compiles, call: Call) -> Run:
        target, column = compiler.target(call), call.column
        return lambda scope: _converted(convert, single_value(target(scope), column))

    @function(f"convertsTo{name}")
    def converts(compiler: Compiles, call: Call) -> Run:
        target, column = compiler.target(call), call.column
        return lambda scope: _convertible(convert, single_value(target(scope), column))


def _converted(convert: Convert, value: Any) -> Nodes:
    return EMPTY if value is None else collection(convert(value))


def _convertible(convert: Convert, value: Any) -> Nodes:
    return EMPTY if value is None else TRUE if convert(value) is not None else FALSE


for _name, _convert in {
    "Boolean": to_boolean, "Integer": to_integer, "Decimal": to_decimal, "String": to_string, "Date": to_date,
    "DateTime": to_datetime, "Time": to_time,
}.items():  # fmt: skip
    _register(_name, _convert)


def _in_unit(value: Any, unit: str | None) -> Quantity | None:
    found = to_quantity(value)
    if found is None or unit is None:
        return found
    wanted = quantity_of(Decimal(1), unit)
    amount = ucum.converted(found, wanted)
    return None if amount is None else Quantity(amount, wanted.unit, wanted.calendar, wanted.word)


def _quantity_run(compiler: Compiles, call: Call, finish: Callable[[Quantity | None], Nodes]) -> Run:
    target, column = compiler.target(call), call.column
    unit = compiler.run(call.arguments[0]) if call.arguments else None

    def run(scope: Scope) -> Nodes:
        value = single_value(target(scope), column)
        return EMPTY if value is None else finish(_in_unit(value, string(unit(scope), column) if unit else None))

    return run


@function("toQuantity", 0, 1)
def quantity(compiler: Compiles, call: Call) -> Run:
    return _quantity_run(compiler, call, collection)


@function("convertsToQuantity", 0, 1)
def converts_to_quantity(compiler: Compiles, call: Call) -> Run:
    return _quantity_run(compiler, call, lambda found: FALSE if found is None else TRUE)
