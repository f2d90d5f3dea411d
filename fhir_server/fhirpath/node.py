"""What an expression works on: a value with its FHIR type and its place in the resource.

The Python class of `Node.value`:

| type | value |
| --- | --- |
| FHIR primitives (`string`, `date`, ...) | as in the JSON: str, bool, int, Decimal; a date stays text; None where only `_name` is there |
| FHIR complex types, backbones (`Patient.contact`) and resources | the dict itself, not a copy |
| `System.Boolean`, `System.String`, `System.Integer`, `System.Decimal` | bool, str, int, Decimal |
| `System.Date`, `System.DateTime`, `System.Time` | `fhir_server.model.temporal.Temporal` |
| `System.Quantity` | `fhir_server.fhirpath.quantity.Quantity` |
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fhir_server.fhirpath.quantity import Quantity
from fhir_server.model.temporal import Temporal


class Node:
    """An item of a collection. `sibling` is the `_name` object of a primitive (id and extensions), None elsewhere.

    `parent`, `name` and `index` say where it was found; they are None for the root and for what an expression computed.
    """

    __slots__ = ("index", "name", "parent", "sibling", "type", "value")

    def __init__(
        self,
        value: Any,
        type: str,
        sibling: dict[str, Any] | None = None,
        parent: Node | None = None,
        name: str | None = None,
        index: int | None = None,
    ):
        self.value = value
        self.type = type
        self.sibling = sibling
        self.parent = parent
        self.name = name
        self.index = index

    @property
    def location(self) -> str:
        """A FHIRPath from the root: `Patient.name[0].given[1]`, a choice by its stem (`Observation.value`); of a root, its type."""
        steps: list[str] = []
        node = self
        while node.parent is not None:
            steps.append(f"{node.name}[{node.index}]" if node.index is not None else str(node.name))
            node = node.parent
        return ".".join((node.type, *reversed(steps)))

    def __repr__(self) -> str:
        return f"Node({self.location}: {self.type})"


SYSTEM_TYPES: dict[type, str] = {
    bool: "System.Boolean", str: "System.String", int: "System.Integer", Decimal: "System.Decimal", Quantity: "System.Quantity",
}  # fmt: skip
_TEMPORAL_TYPES = {"date": "System.Date", "dateTime": "System.DateTime", "time": "System.Time"}

Nodes = list[Node]
"""A collection. Functions never change one that they were given: lists are shared."""

TRUE: Nodes = [Node(True, "System.Boolean")]
FALSE: Nodes = [Node(False, "System.Boolean")]
EMPTY: Nodes = []


def system_node(value: Any) -> Node:
    """A node of a System type for a value that an expression computed."""
    if type(value) is Temporal:
        return Node(value, _TEMPORAL_TYPES[value.kind])
    return Node(value, SYSTEM_TYPES[type(value)])


def collection(value: Any) -> Nodes:
    """The value as a collection of one; None as the empty one."""
    if value is True:
        return TRUE
    if value is False:
        return FALSE
    return EMPTY if value is None else [system_node(value)]
