"""UCUM units for comparison and arithmetic of quantities (https://ucum.org/ucum): enough to bring two quantities to one unit.

A unit is a factor and a product of base units. Special units (degrees Celsius, pH) and arbitrary ones ([iU]) have a dimension of their
own: they compare with themselves only. The tables are facts of UCUM 2.1 in ucum_units.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files

from fhir_server.fhirpath.quantity import AS_UCUM, Quantity

Dimensions = tuple[tuple[str, int], ...]
Unit = tuple[Fraction, Dimensions]
"""How many of the base product one of this unit is."""

MAX_EXPONENT = 400
"""Of a decimal, either sign: larger ones are not brought to another unit."""

_DIGITS = Context(prec=34)
_TOKEN = re.compile(r"\{[^}]*\}|[./()]|[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![*^\d])|10[*^]|(?:\[[^\]]*\]|[^\[\]{}./()\d+-])+")
_EXPONENT = re.compile(r"[+-]?\d+")
_CALENDAR = {"month": "calendar month", "year": "calendar month"}


class UnknownUnit(ValueError):
    """The text is no unit that the tables know."""


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    data = json.loads(files(__package__).joinpath("ucum_units.json").read_text("utf-8"))
    return {**data, "prefixes": {name: [factor] for name, factor in data["prefixes"].items()}}


@lru_cache(maxsize=4096)
def unit(code: str) -> Unit | None:
    """The unit of a UCUM code (case-sensitive); None where it is unknown."""
    try:
        return _Reader(code).unit()
    except (UnknownUnit, RecursionError, OverflowError):
        return None


class _Reader:
    """term := component ((. | /) component)*, component := symbol exponent? | number | {annotation} | ( term )"""

    def __init__(self, code: str):
        self.code = code
        self.position = 0
        if len(code) > 100:
            raise UnknownUnit(code)

    def unit(self) -> Unit:
        found = self.term()
        if self.position < len(self.code):
            raise UnknownUnit(self.code)
        return found

    def term(self) -> Unit:
        result: Unit = (Fraction(1), ())
        inverse = self.take("/")
        while True:
            part = self.component()
            result = multiplied(result, raised(part, -1) if inverse else part)
            if self.take("/"):
                inverse = True
            elif self.take("."):
                inverse = False
            else:
                return result

    def take(self, symbol: str) -> bool:
        found = self.code.startswith(symbol, self.position)
        self.position += found
        return found

    def component(self) -> Unit:
        if self.take("("):
            inner = self.term()
            if not self.take(")"):
                raise UnknownUnit(self.code)
            return raised(inner, self.exponent())
        token = _TOKEN.match(self.code, self.position)
        if token is None or token[0] in "./()":
            raise UnknownUnit(self.code)
        self.position = token.end()
        return self.atom(token[0])

    def atom(self, text: str) -> Unit:
        if text[0] == "{":
            return Fraction(1), ()
        if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text):
            return _fraction(Decimal(text)), ()
        found = raised(_symbol(text), self.exponent())
        annotation = re.compile(r"\{[^}]*\}").match(self.code, self.position)
        self.position = annotation.end() if annotation else self.position
        return found

    def exponent(self) -> int:
        found = _EXPONENT.match(self.code, self.position)
        if found is None:
            return 1
        self.position = found.end()
        return max(-99, min(99, int(found[0])))


@lru_cache(maxsize=1024)
def _symbol(text: str) -> Unit:
    tables = _tables()
    if text in tables["base"] or text in tables["special"] or text in tables["arbitrary"]:
        return Fraction(1), ((text, 1),)
    definition = tables["metric"].get(text) or tables["plain"].get(text)
    if definition:
        factor, product = definition
        return multiplied((_fraction(Decimal(factor)), ()), _Reader(product).unit())
    return _prefixed(text, tables)


def _prefixed(text: str, tables: dict[str, dict[str, list[str]]]) -> Unit:
    for length in (2, 1):
        prefix, rest = text[:length], text[length:]
        scalable = rest in tables["metric"] or rest in tables["base"] or rest in tables["arbitrary"]
        if prefix in tables["prefixes"] and scalable:
            return multiplied((_fraction(Decimal(tables["prefixes"][prefix][0])), ()), _symbol(rest))
    raise UnknownUnit(text)


def multiplied(one: Unit, two: Unit) -> Unit:
    """The product of two units."""
    powers = dict(one[1])
    for name, power in two[1]:
        powers[name] = powers.get(name, 0) + power
    return one[0] * two[0], tuple(sorted((name, power) for name, power in powers.items() if power))


def raised(one: Unit, exponent: int) -> Unit:
    """A unit to a power."""
    return one if exponent == 1 else (one[0] ** exponent, tuple((name, power * exponent) for name, power in one[1] if exponent))


def _fraction(value: Decimal) -> Fraction:
    if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT or len(value.as_tuple().digits) > MAX_EXPONENT:
        raise UnknownUnit("a number out of range")
    return Fraction(value)


def _canonical(quantity: Quantity) -> tuple[Fraction, Dimensions] | None:
    """The value in base units; None where the unit is unknown."""
    found = _unit_of(quantity)
    if found is None:
        return None
    try:
        return _fraction(quantity.value) * found[0], found[1]
    except UnknownUnit:
        return None


def _unit_of(quantity: Quantity) -> Unit | None:
    if quantity.calendar and quantity.unit in _CALENDAR:
        return Fraction(12 if quantity.unit == "year" else 1), ((_CALENDAR[quantity.unit], 1),)
    return unit(AS_UCUM[quantity.unit] if quantity.calendar else quantity.unit)


def compare(one: Quantity, two: Quantity) -> int | None:
    """-1, 0 or 1 of two quantities of one dimension; None of others."""
    if one.unit == two.unit and one.calendar == two.calendar:
        return (one.value > two.value) - (one.value < two.value)
    left, right = _canonical(one), _canonical(two)
    if left is None or right is None or left[1] != right[1]:
        return None
    return (left[0] > right[0]) - (left[0] < right[0])


def is_open(one: Quantity, two: Quantity) -> bool:
    """Whether equality cannot be told: a unit is unknown, or a calendar year stands beside a year of fixed length."""
    left, right = _unit_of(one), _unit_of(two)
    return left is None or right is None or one.calendar != two.calendar


def comparable(one: Quantity, two: Quantity) -> bool:
    """Whether both have the same dimension."""
    left, right = _unit_of(one), _unit_of(two)
    return left is not None and right is not None and left[1] == right[1]


def in_unit_of_coarser(one: Quantity, two: Quantity) -> tuple[Decimal, Decimal] | None:
    """Both values in the unit of the one that is written with fewer digits; None where the dimensions differ."""
    one, two = _definite(one), _definite(two)
    if one.unit == two.unit:
        return one.value, two.value
    left, right = _canonical(one), _canonical(two)
    left_unit, right_unit = _unit_of(one), _unit_of(two)
    if left is None or right is None or left_unit is None or right_unit is None or left[1] != right[1]:
        return None
    if _significant(one.value) <= _significant(two.value):
        return one.value, _decimal(right[0] / left_unit[0])
    return _decimal(left[0] / right_unit[0]), two.value


def _definite(quantity: Quantity) -> Quantity:
    """For equivalence a calendar year is a year, a month a month."""
    named = {"year": "a", "month": "mo", **AS_UCUM}
    return Quantity(quantity.value, named[quantity.unit]) if quantity.calendar else quantity


def _significant(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)


def _decimal(value: Fraction) -> Decimal:
    return _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def key(quantity: Quantity) -> Hashable:
    """Equal for equal quantities, whatever their units."""
    return _canonical(quantity) or (quantity.value, quantity.unit)


def multiply(one: Quantity, two: Quantity, exponent: int = 1) -> Quantity | None:
    """The product, with exponent -1 the quotient; None where a unit is unknown or the divisor is zero."""
    left, right = _unit_of(one), _unit_of(two)
    if left is None or right is None or (exponent < 0 and not two.value):
        return None
    if not right[1] and right[0] == 1:
        value = _fraction(one.value) * _fraction(two.value) ** exponent
        return Quantity(_decimal(value), one.unit, one.calendar, one.word)
    factor, powers = multiplied(left, raised(right, exponent))
    value = _fraction(one.value) * _fraction(two.value) ** exponent * factor
    return Quantity(_decimal(value), ".".join(name if power == 1 else f"{name}{power}" for name, power in powers) or "1")


def converted(quantity: Quantity, target: Quantity) -> Decimal | None:
    """The value of a quantity in another's unit; None where the dimensions differ."""
    here, there = _canonical(quantity), _unit_of(target)
    if here is None or there is None or here[1] != there[1]:
        return None
    return quantity.value if quantity.unit == target.unit else _decimal(here[0] / there[0])
