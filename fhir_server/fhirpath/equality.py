"""`=`, `~`, order, and the keys by which distinct(), union and the like find equal items
(http://hl7.org/fhirpath/N1/#equality, #equivalence, #comparison).
"""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath import dates, ucum
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import Node, Nodes
from fhir_server.fhirpath.quantity import Quantity
from fhir_server.fhirpath.values import described, system_value
from fhir_server.model.temporal import Temporal

NUMBERS = frozenset((int, Decimal))


def equal(left: Nodes, right: Nodes) -> bool | None:
    """Same items in the same order; None where either side is empty or a date leaves it open."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    answer: bool | None = True
    for one, two in zip(left, right, strict=True):
        found = node_equal(one, two)
        if found is False:
            return False
        answer = answer if found else None
    return answer


def node_equal(one: Node, two: Node) -> bool | None:
    """Equality of two items; a primitive without a value has nothing to compare, so None."""
    left, right = system_value(one), system_value(two)
    if left is None or right is None:
        return None
    return value_equal(left, right)


def value_equal(left: Any, right: Any) -> bool | None:
    """Equality of two System values."""
    mine, other = type(left), type(right)
    if mine is Temporal and other is Temporal:
        return _temporal_equal(left, right)
    if mine is Quantity or other is Quantity:
        return _quantity_equal(left, right)
    if mine is not other and not (mine in NUMBERS and other in NUMBERS):
        return str(left) == str(right) if {mine, other} == {Temporal, str} else False
    return bool(left == right)


def _temporal_equal(left: Temporal, right: Temporal) -> bool | None:
    if not dates.is_comparable(left, right):
        return False
    order = dates.compare(left, right)
    return None if order is None else order == 0


def as_quantity(value: Any) -> Quantity | None:
    """A number counts as a quantity of unit 1."""
    if type(value) is Quantity:
        return value
    return Quantity(Decimal(value), "1") if type(value) in NUMBERS else None


def _quantity_equal(left: Any, right: Any) -> bool | None:
    one, two = as_quantity(left), as_quantity(right)
    if one is None or two is None:
        return False
    order = ucum.compare(one, two)
    if order is None:
        return None if ucum.is_open(one, two) else False
    return order == 0


def equivalent(left: Nodes, right: Nodes) -> bool:
    """Same items in any order; empty and empty are equivalent."""
    if len(left) != len(right):
        return False
    if len(left) == 1:
        return node_equivalent(left[0], right[0])
    rest = list(right)
    for one in left:
        match = next((index for index, two in enumerate(rest) if node_equivalent(one, two)), None)
        if match is None:
            return False
        del rest[match]
    return True


def node_equivalent(one: Node, two: Node) -> bool:
    """Equivalence of two items."""
    return value_equivalent(system_value(one), system_value(two))


def value_equivalent(left: Any, right: Any) -> bool:
    """Strings without case and spacing, decimals at the lesser precision, elements child by child."""
    mine, other = type(left), type(right)
    if mine is Temporal and other is Temporal:
        return dates.is_comparable(left, right) and dates.compare(left, right) == 0
    if mine is Quantity or other is Quantity:
        return _quantity_equivalent(left, right)
    if mine in NUMBERS and other in NUMBERS:
        return numbers_equivalent(Decimal(left), Decimal(right))
    if mine is str and other is str:
        return normalised(left) == normalised(right)
    return _structure_equivalent(left, right) if mine is other else False


def normalised(text: str) -> str:
    """Lower case, each run of white space one space."""
    return " ".join(text.lower().split())


def numbers_equivalent(left: Decimal, right: Decimal) -> bool:
    """Equal when both are rounded to the decimals of the one that has fewer (trailing zeros not counted)."""
    places = min(_places(left), _places(right))
    try:
        return round(left, places) == round(right, places)
    except ArithmeticError:
        return left == right


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _quantity_equivalent(left: Any, right: Any) -> bool:
    one, two = as_quantity(left), as_quantity(right)
    if one is None or two is None:
        return False
    pair = ucum.in_unit_of_coarser(one, two)
    return pair is not None and numbers_equivalent(*pair)


def _structure_equivalent(left: Any, right: Any) -> bool:
    if type(left) is dict:
        keys = left.keys() - {"id"}
        return keys == right.keys() - {"id"} and all(value_equivalent(left[key], right[key]) for key in keys)
    if type(left) is list:
        return len(left) == len(right) and _lists_equivalent(left, right)
    return bool(left == right)


def _lists_equivalent(left: list[Any], right: list[Any]) -> bool:
    rest = list(right)
    for one in left:
        match = next((index for index, two in enumerate(rest) if value_equivalent(one, two)), None)
        if match is None:
            return False
        del rest[match]
    return True


def order(left: Any, right: Any, column: int | None) -> int | None:
    """-1, 0, 1; None where it is open; FhirPathError for values that have no order between them."""
    mine, other = type(left), type(right)
    if (mine is other and mine is str) or (mine in NUMBERS and other in NUMBERS):
        return int(left > right) - int(left < right)
    if mine is Temporal and other is Temporal and dates.is_comparable(left, right):
        return dates.compare(left, right)
    if Quantity in (mine, other):
        one, two = as_quantity(left), as_quantity(right)
        if one is not None and two is not None:
            return ucum.compare(one, two)
    raise FhirPathError(f"{described(left).capitalize()} and {described(right)} have no order between them.", column)


def key(node: Node) -> Hashable:
    """Equal keys for equal items; no two collections need be compared pair by pair."""
    return value_key(system_value(node), node)


def value_key(value: Any, node: Node | None = None) -> Hashable:
    """The key of a System value; a primitive without a value is told apart by its extensions."""
    kind = type(value)
    if kind is str:
        return ("string", value)
    if kind in NUMBERS:
        return ("number", value)
    if kind is Temporal:
        return ("temporal", dates.compare_key(value))
    if kind is Quantity:
        return ("quantity", ucum.key(value))
    if value is None and node is not None:
        return ("none", frozen(node.sibling))
    return (kind, frozen(value))


def frozen(value: Any) -> Hashable:
    """A JSON value as something hashable; equal values give equal results."""
    if type(value) is dict:
        return frozenset((name, frozen(child)) for name, child in value.items())
    if type(value) is list:
        return tuple(frozen(child) for child in value)
    return value if isinstance(value, Hashable) else repr(value)


def distinct(nodes: Nodes) -> Nodes:
    """The items without repetition, in their order."""
    if len(nodes) < 2:
        return nodes
    seen: dict[Hashable, Node] = {}
    for node in nodes:
        seen.setdefault(key(node), node)
    return list(seen.values()) if len(seen) < len(nodes) else nodes
