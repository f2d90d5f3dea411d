"""Nodes -> System values, the implicit conversion that operators and functions rest on
(https://hl7.org/fhir/R4/fhirpath.html#types), and singletons out of collections
(http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import Node, Nodes
from fhir_server.fhirpath.quantity import FHIR_QUANTITIES, Quantity, of_fhir
from fhir_server.model.temporal import Temporal, parse_temporal

TEMPORAL_TYPES = frozenset(("date", "dateTime", "instant", "time"))


def system_value(node: Node) -> Any:
    """bool, str, int, Decimal, Temporal, Quantity; the dict itself for a complex type; None for a primitive without a value."""
    value = node.value
    kind = type(value)
    if kind is str:
        return temporal_value(node) if node.type in TEMPORAL_TYPES else value
    if kind is int and node.type == "decimal":
        return Decimal(value)
    if kind is dict and node.type in FHIR_QUANTITIES:
        return of_fhir(value) or value
    return value


def temporal_value(node: Node) -> Temporal | str:
    """The date or time that the node's text denotes; the text where it is malformed."""
    try:
        value = parse_temporal(node.value)
    except ValueError:
        return str(node.value)
    if value.kind == "date" and node.type != "date":
        return Temporal("dateTime", value.components, value.precision)
    return value


def single(nodes: Nodes, column: int | None = None) -> Node | None:
    """The one node of a collection, None of an empty one; FhirPathError where there are several."""
    if len(nodes) == 1:
        return nodes[0]
    if nodes:
        raise FhirPathError(f"One item is expected here, not {len(nodes)}; choose one, for example with first().", column)
    return None


def single_value(nodes: Nodes, column: int | None = None) -> Any:
    """The System value of the one node; None where there is none."""
    node = single(nodes, column)
    return None if node is None else system_value(node)


def boolean(nodes: Nodes, column: int | None = None) -> bool | None:
    """A condition: the boolean itself, true for any other single item, None where there is none."""
    if len(nodes) != 1:
        if not nodes:
            return None
        raise FhirPathError(f"A condition is true or false; here are {len(nodes)} items. Use exists(), or choose one.", column)
    value = nodes[0].value
    return value if type(value) is bool else True


def strict_boolean(nodes: Nodes, column: int | None = None) -> bool | None:
    """As `boolean`, but any other item is an error."""
    value = single_value(nodes, column)
    if value is None or type(value) is bool:
        return value
    raise FhirPathError(f"True or false is expected here, not {described(value)}.", column)


def string(nodes: Nodes, column: int | None = None) -> str | None:
    """The one string; a date or URI as its text. FhirPathError for anything else."""
    node = single(nodes, column)
    if node is None or node.value is None:
        return None
    if type(node.value) is str:
        return node.value
    raise FhirPathError(f"A string is expected here, not {described(node.value)}.", column)


def integer(nodes: Nodes, column: int | None = None) -> int | None:
    """The one integer; FhirPathError for anything else."""
    value = single_value(nodes, column)
    if value is None or type(value) is int:
        return value
    raise FhirPathError(f"An integer is expected here, not {described(value)}.", column)


def number(nodes: Nodes, column: int | None = None) -> int | Decimal | None:
    """The one integer or decimal; FhirPathError for anything else."""
    value = single_value(nodes, column)
    if value is None or type(value) in (int, Decimal):
        found: int | Decimal | None = value
        return found
    raise FhirPathError(f"A number is expected here, not {described(value)}.", column)


_WORDS: dict[type, str] = {
    bool: "a boolean", str: "a string", int: "an integer", Decimal: "a decimal", Temporal: "a date or time", Quantity: "a quantity",
    dict: "an element",
}  # fmt: skip


def described(value: Any) -> str:
    """What a value is, in words, without the value itself (it may be about a patient)."""
    return _WORDS.get(type(value), "nothing")
