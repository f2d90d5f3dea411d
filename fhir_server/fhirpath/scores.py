"""sum, min, max and avg (http://hl7.org/fhirpath/#aggregates), and weight(), also called ordinal(), of SDC
(https://hl7.org/fhir/uv/sdc/STU4/expressions.html#fhirpath-supplements): how scores are made.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, Node, Nodes, collection
from fhir_server.fhirpath.quantity import Quantity
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import described, system_value
from fhir_server.model.json_array import objects

WEIGHTS = tuple(f"http://hl7.org/fhir/StructureDefinition/{name}" for name in ("itemWeight", "ordinalValue"))
"""The same extension by its present and by its former name."""


def _register(name: str, work: Callable[[list[Any]], Any]) -> None:
    @function(name)
    def build(compiler: Compiles, call: Call) -> Run:
        target, column = compiler.target(call), call.column

        def run(scope: Scope) -> Nodes:
            nodes = target(scope)
            scope.run.spend(len(nodes))
            return collection(work(_alike([system_value(node) for node in nodes], column))) if nodes else EMPTY

        return run


def _alike(values: list[Any], column: int) -> list[Any]:
    """Numbers, or quantities of one unit."""
    if all(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in values):
        return values
    if all(isinstance(one, Quantity) for one in values) and len({one.unit for one in values}) == 1:
        return values
    wrong = next((one for one in values if isinstance(one, bool) or not isinstance(one, int | Decimal)), None)
    raise FhirPathError(f"Numbers, or quantities of one unit, are expected here, not {described(wrong)}.", column)


def _on_numbers(work: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """The same for quantities, whose unit the result keeps."""

    def worked(values: list[Any]) -> Any:
        if not isinstance(values[0], Quantity):
            return work(values)
        return Quantity(Decimal(work([one.value for one in values])), values[0].unit)

    return worked


def _mean(values: list[Any]) -> Decimal:
    return Decimal(sum(values)) / len(values)


_register("sum", _on_numbers(sum))
_register("min", _on_numbers(min))
_register("max", _on_numbers(max))
_register("avg", _on_numbers(_mean))


def written_weight(value: Any) -> int | Decimal | None:
    """The weight that an element itself carries in an extension."""
    for one in objects(value.get("extension")) if isinstance(value, dict) else ():
        if one.get("url") in WEIGHTS and isinstance(weight := one.get("valueDecimal"), int | Decimal):
            return weight
    return None


def _weights(name: str) -> None:
    @function(name)
    def build(compiler: Compiles, call: Call) -> Run:
        """The weight of each answer that has one: its own, or what the context knows about it."""
        target = compiler.target(call)

        def run(scope: Scope) -> Nodes:
            nodes = target(scope)
            scope.run.spend(len(nodes))
            found = (_weight(node, scope.run.context.weight) for node in nodes)
            return [made for one in found if one is not None for made in collection(one)]

        return run


def _weight(node: Node, known: Callable[[Node], int | Decimal | None] | None) -> int | Decimal | None:
    own = written_weight(node.value if isinstance(node.value, dict) else node.sibling)
    return own if own is not None else known(node) if known else None


_weights("weight")
_weights("ordinal")
