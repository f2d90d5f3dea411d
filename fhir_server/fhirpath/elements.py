"""From a type and a name to the JSON properties that hold it: `Observation` and `value` are `valueQuantity`, `valueString`...
(https://hl7.org/fhir/R4/fhirpath.html#polymorphism).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhir_server.fhirpath.node import Node, Nodes, system_node
from fhir_server.fhirpath.quantity import Quantity
from fhir_server.model.schema import Element, Schema

Property = tuple[str, str | None, str | None, bool]
"""Name in the JSON, name of the sibling (None unless the type is primitive), type (None for any resource), whether it is a list."""

Step = Callable[[Node, Nodes], None]
"""Appends the children of a node to a collection."""

ANY_RESOURCE = frozenset(("Resource", "DomainResource"))


def properties(schema: Schema, type_name: str, name: str) -> tuple[Property, ...]:
    """Where the element is in JSON; empty where the type has none of that name. `valueQuantity` is no element: `value` is."""
    definition = schema.get(type_name)
    if definition is None:
        return ()
    if name in definition.choices:
        return tuple(_property(schema, definition.elements[key]) for key in definition.choices[name])
    element = definition.elements.get(name)
    return (_property(schema, element),) if element is not None and element.choice is None else ()


def all_properties(schema: Schema, type_name: str) -> tuple[tuple[str, Property], ...]:
    """(element name, property) of all elements of a type, in the order of the specification."""
    definition = schema.get(type_name)
    if definition is None:
        return ()
    return tuple((element.choice or element.name, _property(schema, element)) for element in definition.elements.values())


def _property(schema: Schema, element: Element) -> Property:
    sibling = f"_{element.name}" if element.type in schema.primitive_types else None
    return element.name, sibling, None if element.type in ANY_RESOURCE else element.type, element.is_list


def member_step(schema: Schema, name: str) -> Step:
    """The children of one name; what a type has under it is looked up once for each type."""
    table: dict[str, tuple[Property, ...]] = {}

    def step(node: Node, out: Nodes) -> None:
        rows = table.get(node.type)
        if rows is None:
            rows = table[node.type] = properties(schema, node.type, name)
        value = node.value
        if type(value) is not dict:
            if name == "value" and value is not None and node.type in schema.primitive_types:
                out.append(Node(value, node.type, None, node, name))  # the value of a primitive, without id and extensions
                return
            value = node.sibling
            if value is None:
                system_member(node, name, out)
                return
        for row in rows:
            if row[1] is None:
                child = value.get(row[0])
                if child is not None:
                    append_complex(out, child, row[2], node, name)
            elif row[0] in value or row[1] in value:
                append_primitive(out, value, row, node, name)

    return step


def append_complex(out: Nodes, child: Any, kind: str | None, parent: Node, name: str) -> None:
    """One node for an object, one for each object of a list."""
    if type(child) is list:
        for index, item in enumerate(child):
            if item is not None:
                out.append(Node(item, kind or resource_type(item), None, parent, name, index))
    else:
        out.append(Node(child, kind or resource_type(child), None, parent, name))


def append_primitive(out: Nodes, holder: dict[str, Any], row: Property, parent: Node, name: str) -> None:
    """One node for a value or its `_name` object, one for each place of a list."""
    value, sibling, kind = holder.get(row[0]), holder.get(row[1] or ""), row[2] or ""
    if type(value) is list or type(sibling) is list:
        values, siblings = _listed(value), _listed(sibling)
        for index in range(max(len(values), len(siblings))):
            item = values[index] if index < len(values) else None
            extra = siblings[index] if index < len(siblings) else None
            if item is not None or extra is not None:
                out.append(Node(item, kind, extra, parent, name, index))
    elif value is not None or sibling is not None:
        out.append(Node(value, kind, sibling, parent, name))


def _listed(value: Any) -> list[Any]:
    return value if type(value) is list else [value]


def resource_type(value: Any) -> str:
    """What a resource says it is; `Resource` where it does not."""
    name = value.get("resourceType") if type(value) is dict else None
    return name if isinstance(name, str) else "Resource"


def all_children(schema: Schema) -> Step:
    """All children of a node, in the order of the specification."""
    table: dict[str, tuple[tuple[str, Property], ...]] = {}

    def step(node: Node, out: Nodes) -> None:
        rows = table.get(node.type)
        if rows is None:
            rows = table[node.type] = all_properties(schema, node.type)
        value = node.value if type(node.value) is dict else node.sibling
        if value is None:
            return
        for name, row in rows:
            if row[1] is None:
                if row[0] in value:
                    append_complex(out, value[row[0]], row[2], node, name)
            elif row[0] in value or row[1] in value:
                append_primitive(out, value, row, node, name)

    return step


def system_member(node: Node, name: str, out: Nodes) -> None:
    """The parts of a System value: `value` and `unit` of a quantity, `namespace` and `name` of a type."""
    value = node.value
    if type(value) is Quantity and name in ("value", "unit"):
        out.append(system_node(getattr(value, name)))
    elif node.type == TYPE_INFO and name in TYPE_INFO_PARTS:
        out.append(system_node(value[TYPE_INFO_PARTS.index(name)]))


TYPE_INFO = "System.SimpleTypeInfo"
TYPE_INFO_PARTS = ("namespace", "name")
"""What `type()` gives is a tuple of these two."""
