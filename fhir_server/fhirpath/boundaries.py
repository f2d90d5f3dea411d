"""lowBoundary, highBoundary, precision, comparable: of FHIRPath's later version, used on R4 data all the same
(https://build.fhir.org/ig/HL7/FHIRPath/#utility-functions).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

from fhir_server.fhirpath import ucum
from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.equality import as_quantity
from fhir_server.fhirpath.node import EMPTY, Nodes, collection
from fhir_server.fhirpath.quantity import Quantity
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import integer, single_value
from fhir_server.model.temporal import Precision, Temporal

MAX_DECIMALS = 28
DEFAULT_DECIMALS = 8
EASTERNMOST, WESTERNMOST = 14 * 60, -12 * 60
_CONTEXT = Context(prec=80)

DIGITS = {
    "date": dict(zip((4, 6, 8), Precision, strict=False)),
    "dateTime": dict(zip((4, 6, 8, 10, 12, 14, 17), Precision, strict=True)),
    "time": dict(zip((2, 4, 6, 9), list(Precision)[3:], strict=True)),
}
"""Precision as the number of digits that a date or time is written with."""

_FULL = {"date": 8, "dateTime": 17, "time": 9}
_LOWEST = (1, 1, 1, 0, 0, 0, 0)
_HIGHEST = (9999, 12, 31, 23, 59, 59, 999_000)


def _boundary(value: Any, digits: int | None, high: bool) -> Any:
    if type(value) is Temporal:
        return _of_temporal(value, _FULL[value.kind] if digits is None else digits, high)
    if type(value) is Quantity:
        number = _of_decimal(value.value, digits, high)
        return None if number is None else Quantity(number, value.unit, value.calendar, value.word)
    return _of_decimal(Decimal(value), digits, high) if type(value) in (int, Decimal) else None


def _of_decimal(value: Decimal, digits: int | None, high: bool) -> Decimal | None:
    """Half a unit of the last decimal away, rounded outwards."""
    places = DEFAULT_DECIMALS if digits is None else digits
    exponent = value.as_tuple().exponent
    if not 0 <= places <= MAX_DECIMALS or not isinstance(exponent, int) or abs(exponent) > MAX_DECIMALS or value.adjusted() > MAX_DECIMALS:
        return None
    half = Decimal(5).scaleb(min(exponent, 0) - 1)
    edge = _CONTEXT.add(value, half if high else -half)
    return edge.quantize(Decimal(1).scaleb(-places), ROUND_CEILING if high else ROUND_FLOOR, _CONTEXT)


def _of_temporal(value: Temporal, digits: int, high: bool) -> Temporal | None:
    precision = DIGITS[value.kind].get(digits)
    if precision is None:
        return None
    shift = 3 if value.kind == "time" else 0
    parts = list(value.components)
    for place in range(len(parts), precision - shift):
        parts.append(_filled(parts, place + shift, high))
    offset = value.offset
    if value.kind == "dateTime" and offset is None and precision > Precision.DAY:
        offset = WESTERNMOST if high else EASTERNMOST
    if precision <= Precision.DAY:
        offset = None
    fraction = (max(3, value.digits) if value.digits else 3) if precision == Precision.FRACTION else 0
    return Temporal(value.kind, tuple(parts[: precision - shift]), precision, offset, fraction)


def _filled(parts: list[int], place: int, high: bool) -> int:
    if high and place == 2:
        return monthrange(parts[0], parts[1])[1]
    return (_HIGHEST if high else _LOWEST)[place]


def _register(name: str, high: bool) -> None:
    @function(name, 0, 1)
    def build(compiler: Compiles, call: Call) -> Run:
        target, column = compiler.target(call), call.column
        digits = compiler.run(call.arguments[0]) if call.arguments else None

        def run(scope: Scope) -> Nodes:
            value = single_value(target(scope), column)
            return EMPTY if value is None else collection(_boundary(value, integer(digits(scope), column) if digits else None, high))

        return run


_register("lowBoundary", False)
_register("highBoundary", True)


def digits_of(value: Any) -> int | None:
    """Decimals of a number, digits of a date or time."""
    if type(value) is Temporal:
        return next(digits for digits, precision in DIGITS[value.kind].items() if precision == value.precision)
    if type(value) is int:
        return 0
    exponent = value.as_tuple().exponent if type(value) is Decimal else None
    return max(0, -exponent) if isinstance(exponent, int) else None


def _on_value(name: str, work: Callable[[Any], Any]) -> None:
    @function(name)
    def build(compiler: Compiles, call: Call) -> Run:
        target, column = compiler.target(call), call.column

        def run(scope: Scope) -> Nodes:
            value = single_value(target(scope), column)
            return EMPTY if value is None else collection(work(value))

        return run


_on_value("precision", digits_of)


@function("comparable", 1)
def comparable(compiler: Compiles, call: Call) -> Run:
    target, other, column = compiler.target(call), compiler.run(call.arguments[0]), call.column

    def run(scope: Scope) -> Nodes:
        one, two = as_quantity(single_value(target(scope), column)), as_quantity(single_value(other(scope), column))
        return EMPTY if one is None or two is None else collection(ucum.comparable(one, two))

    return run
