"""Operators between collections (http://hl7.org/fhirpath/N1/#operations): arithmetic, comparison, membership, boolean logic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath import dates, ucum
from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.equality import NUMBERS, as_quantity, distinct, equal, equivalent, key, order
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, FALSE, TRUE, Nodes, collection
from fhir_server.fhirpath.quantity import CALENDAR, Quantity
from fhir_server.fhirpath.values import TEMPORAL_TYPES, boolean, described, single, single_value, string
from fhir_server.model.temporal import Temporal

Build = Callable[[Run, Run, int], Run]

MAX_STRING = 1_000_000
"""Characters of a string that an expression makes; more is an error."""

MAX_INTEGER, MIN_INTEGER = 2**31 - 1, -(2**31)


def union(left: Run, right: Run, _column: int) -> Run:
    """`|`: both without repetition."""

    def run(scope: Scope) -> Nodes:
        mine, other = left(scope), right(scope)
        return distinct(mine + other) if mine and other else distinct(mine or other)

    return run


def _from_answer(work: Callable[[Nodes, Nodes], bool | None]) -> Build:
    def build(left: Run, right: Run, _column: int) -> Run:
        def run(scope: Scope) -> Nodes:
            answer = work(left(scope), right(scope))
            return TRUE if answer else EMPTY if answer is None else FALSE

        return run

    return build


def equals_text(left: Run, text: str) -> Run:
    """`path = 'text'`, the commonest comparison of all."""
    literal = collection(text)

    def run(scope: Scope) -> Nodes:
        nodes = left(scope)
        if len(nodes) == 1 and type(nodes[0].value) is str and nodes[0].type not in TEMPORAL_TYPES:
            return TRUE if nodes[0].value == text else FALSE
        answer = equal(nodes, literal)
        return TRUE if answer else EMPTY if answer is None else FALSE

    return run


def _unequal(left: Nodes, right: Nodes) -> bool | None:
    answer = equal(left, right)
    return None if answer is None else not answer


def _compared(accepts: Callable[[int, int], bool]) -> Build:
    def build(left: Run, right: Run, column: int) -> Run:
        def run(scope: Scope) -> Nodes:
            one, two = single_value(left(scope), column), single_value(right(scope), column)
            found = None if one is None or two is None else order(one, two, column)
            return EMPTY if found is None else TRUE if accepts(found, 0) else FALSE

        return run

    return build


def member_of(left: Run, right: Run, column: int) -> Run:
    """`in`: whether the one item on the left is among those on the right."""

    def run(scope: Scope) -> Nodes:
        one = single(left(scope), column)
        if one is None:
            return EMPTY
        wanted, items = key(one), right(scope)
        scope.run.spend(len(items))
        return TRUE if any(key(item) == wanted for item in items) else FALSE

    return run


def contains(left: Run, right: Run, column: int) -> Run:
    """`contains`: `in` the other way round."""
    return member_of(right, left, column)


def conjunction(left: Run, right: Run, column: int) -> Run:
    """`and`, three-valued; the right side is not looked at where the left is false."""

    def run(scope: Scope) -> Nodes:
        one = boolean(left(scope), column)
        if one is False:
            return FALSE
        two = boolean(right(scope), column)
        return FALSE if two is False else EMPTY if one is None or two is None else TRUE

    return run


def disjunction(left: Run, right: Run, column: int) -> Run:
    """`or`, three-valued; the right side is not looked at where the left is true."""

    def run(scope: Scope) -> Nodes:
        one = boolean(left(scope), column)
        if one:
            return TRUE
        two = boolean(right(scope), column)
        return TRUE if two else EMPTY if one is None or two is None else FALSE

    return run


def exclusive(left: Run, right: Run, column: int) -> Run:
    """`xor`."""

    def run(scope: Scope) -> Nodes:
        one, two = boolean(left(scope), column), boolean(right(scope), column)
        return EMPTY if one is None or two is None else TRUE if one is not two else FALSE

    return run


def implication(left: Run, right: Run, column: int) -> Run:
    """`implies`: true where the left is false, whatever the right."""

    def run(scope: Scope) -> Nodes:
        one = boolean(left(scope), column)
        if one is False:
            return TRUE
        two = boolean(right(scope), column)
        return TRUE if two else EMPTY if one is None or two is None else FALSE

    return run


def concatenation(left: Run, right: Run, column: int) -> Run:
    """`&`: strings joined, an empty side counting as ''."""

    def run(scope: Scope) -> Nodes:
        one, two = string(left(scope), column) or "", string(right(scope), column) or ""
        scope.run.spend((len(one) + len(two)) >> 4)
        return collection(bounded(one + two, column))

    return run


def bounded(text: str, column: int | None) -> str:
    """The text, if it is not beyond reason."""
    refuse_length(len(text), column)
    return text


def refuse_length(size: int, column: int | None) -> None:
    """FhirPathError where a string of this size is beyond reason."""
    if size > MAX_STRING:
        raise FhirPathError(f"The expression makes a string of more than {MAX_STRING} characters.", column)


def _arithmetic(work: Callable[[Any, Any, int], Any]) -> Build:
    def build(left: Run, right: Run, column: int) -> Run:
        def run(scope: Scope) -> Nodes:
            one, two = single_value(left(scope), column), single_value(right(scope), column)
            if one is None or two is None:
                return EMPTY
            if type(one) is str:
                scope.run.spend(len(one) >> 4)
            try:
                return collection(_in_range(work(one, two, column)))
            except (ArithmeticError, ucum.UnknownUnit):
                return EMPTY

        return run

    return build


def _in_range(value: Any) -> Any:
    return None if type(value) is int and not MIN_INTEGER <= value <= MAX_INTEGER else value


def _refused(sign: str, one: Any, two: Any, column: int) -> FhirPathError:
    return FhirPathError(f"{sign} does not work between {described(one)} and {described(two)}.", column)


def _are_numbers(one: Any, two: Any) -> bool:
    return type(one) in NUMBERS and type(two) in NUMBERS


def _add(one: Any, two: Any, column: int) -> Any:
    if _are_numbers(one, two):
        return one + two
    if type(one) is str and type(two) is str:
        return bounded(one + two, column)
    return _moved("+", one, two, 1, column)


def _subtract(one: Any, two: Any, column: int) -> Any:
    return one - two if _are_numbers(one, two) else _moved("-", one, two, -1, column)


def _moved(sign: str, one: Any, two: Any, direction: int, column: int) -> Any:
    """A date moved by a duration, or a sum or difference of quantities."""
    if type(two) is Quantity and type(one) is Quantity:
        value = ucum.converted(two, one)
        return None if value is None else Quantity(one.value + direction * value, one.unit, one.calendar, one.word)
    if type(one) is not Temporal or type(two) is not Quantity:
        raise _refused(sign, one, two, column)
    unit = dates.duration_unit(two)
    if unit is None:
        raise FhirPathError(f"{two.unit!r} is not a calendar duration; write {', '.join(CALENDAR)}.", column)
    return dates.add(one, direction * two.value, unit)


def _multiply(one: Any, two: Any, column: int) -> Any:
    return one * two if _are_numbers(one, two) else _of_quantities("*", one, two, 1, column)


def _divide(one: Any, two: Any, column: int) -> Any:
    return Decimal(one) / Decimal(two) if _are_numbers(one, two) else _of_quantities("/", one, two, -1, column)


def _of_quantities(sign: str, one: Any, two: Any, exponent: int, column: int) -> Quantity | None:
    left, right = as_quantity(one), as_quantity(two)
    if left is None or right is None:
        raise _refused(sign, one, two, column)
    return ucum.multiply(left, right, exponent)


def _whole(one: Any, two: Any, column: int) -> int:
    if not _are_numbers(one, two):
        raise _refused("div", one, two, column)
    return int(Decimal(one) // Decimal(two))


def _remainder(one: Any, two: Any, column: int) -> Any:
    if not _are_numbers(one, two):
        raise _refused("mod", one, two, column)
    rest = Decimal(one) % Decimal(two)
    return int(rest) if type(one) is int and type(two) is int else rest


def sign(operand: Run, negative: bool, column: int) -> Run:
    """`-x` and `+x` of a number or quantity."""

    def run(scope: Scope) -> Nodes:
        value = single_value(operand(scope), column)
        if value is None:
            return EMPTY
        if type(value) is Quantity:
            return collection(Quantity(-value.value if negative else value.value, value.unit, value.calendar, value.word))
        if type(value) not in NUMBERS:
            raise FhirPathError(f"{'-' if negative else '+'} does not work on {described(value)}.", column)
        return collection(-value if negative else value)

    return run


OPERATORS: dict[str, Build] = {
    "|": union, "in": member_of, "contains": contains, "and": conjunction, "or": disjunction, "xor": exclusive, "implies": implication,
    "=": _from_answer(equal), "!=": _from_answer(_unequal), "~": _from_answer(equivalent),
    "!~": _from_answer(lambda left, right: not equivalent(left, right)), "<": _compared(operator.lt), ">": _compared(operator.gt),
    "<=": _compared(operator.le), ">=": _compared(operator.ge), "+": _arithmetic(_add), "-": _arithmetic(_subtract),
    "*": _arithmetic(_multiply), "/": _arithmetic(_divide), "div": _arithmetic(_whole), "mod": _arithmetic(_remainder), "&": concatenation,
}  # fmt: skip
