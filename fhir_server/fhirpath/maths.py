"""Functions of numbers (http://hl7.org/fhirpath/N1/#math). What is no number, such as ln(0), is empty."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.equality import NUMBERS
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, Nodes, collection
from fhir_server.fhirpath.quantity import Quantity
from fhir_server.fhirpath.registry import Compiles, function, on_number
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import described, single_value

Number = int | Decimal
MAX_DIGITS = 28
"""Of a whole number that rounding makes, and of a result's decimals."""


@function("abs")
def absolute(compiler: Compiles, call: Call) -> Run:
    target, column = compiler.target(call), call.column

    def run(scope: Scope) -> Nodes:
        value = single_value(target(scope), column)
        if value is None:
            return EMPTY
        if type(value) is Quantity:
            return collection(Quantity(abs(value.value), value.unit, value.calendar, value.word))
        if type(value) not in NUMBERS:
            raise FhirPathError(f"abs() works on numbers, not on {described(value)}.", column)
        return collection(abs(value))

    return run


def _whole(value: Number, rounding: str) -> int | None:
    exact = Decimal(value)
    return int(exact.to_integral_value(rounding)) if exact.adjusted() <= MAX_DIGITS else None


@on_number("ceiling")
def ceiling(value: Number) -> int | None:
    return _whole(value, ROUND_CEILING)


@on_number("floor")
def floor(value: Number) -> int | None:
    return _whole(value, ROUND_FLOOR)


@on_number("truncate")
def truncate(value: Number) -> int | None:
    return _whole(value, ROUND_DOWN)


@on_number("round", 0, 1)
def rounded(value: Number, places: Number = 0) -> Decimal | None:
    if not 0 <= places <= MAX_DIGITS:
        return None
    return Decimal(value).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


@on_number("exp")
def exp(value: Number) -> Decimal:
    return Decimal(value).exp()


@on_number("ln")
def ln(value: Number) -> Decimal | None:
    return Decimal(value).ln() if value > 0 else None


@on_number("log", 1)
def log(value: Number, base: Number) -> Decimal | None:
    """Rounded by some digits, so that the logarithm of a power comes out whole."""
    if value <= 0 or base <= 0:
        return None
    return round(Decimal(value).ln() / Decimal(base).ln(), 20)


@on_number("sqrt")
def sqrt(value: Number) -> Decimal | None:
    return Decimal(value).sqrt() if value >= 0 else None


@on_number("power", 1)
def power(value: Number, exponent: Number) -> Number | None:
    result = Decimal(value) ** Decimal(exponent)
    whole = type(value) is int and type(exponent) is int and exponent >= 0
    return int(result) if whole and result.adjusted() <= MAX_DIGITS else result
