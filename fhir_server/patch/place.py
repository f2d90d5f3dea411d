"""Where in the JSON of a resource a FHIRPath node stands, and how values are put there and taken away.

A primitive is two properties (`birthDate` and `_birthDate`), a list of primitives two lists of the same length; both change together.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fhir_server.fhirpath import Node
from fhir_server.fhirpath.elements import Property, properties
from fhir_server.model.schema import Schema
from fhir_server.patch.refusal import DoesNotApply

Holder = dict[str, Any]


class Value(NamedTuple):
    """What goes into a property: `plain` as in JSON, and for a primitive the object of its id and extensions. `type` is FHIR's."""

    plain: Any
    sibling: dict[str, Any] | None
    type: str | None


def holder_of(node: Node, schema: Schema) -> Holder:
    """The object that has a node's children; that of a primitive (`_birthDate`) is made where it is not there yet."""
    if type(node.value) is dict:
        return node.value
    if node.sibling is not None:
        return node.sibling
    if node.parent is None:
        raise DoesNotApply("the path gives a computed value, not an element of the resource.")
    made: Holder = {}
    parent, row = holder_of(node.parent, schema), property_of(node, schema)
    if node.index is None:
        parent[f"_{row[0]}"] = made
    else:
        siblings = _padded(parent, f"_{row[0]}", node.index + 1)
        siblings[node.index] = made
    return made


def property_of(node: Node, schema: Schema) -> Property:
    """The property that holds the node: of `Observation.value`, `valueQuantity` or whichever is there."""
    if node.parent is None or node.name is None:
        raise DoesNotApply("the path gives the resource itself or a computed value, not an element within it.")
    holder = holder_of(node.parent, schema)
    rows = properties(schema, node.parent.type, node.name)
    for row in rows:
        if row[0] in holder or (row[1] or "") in holder:
            return row
    raise DoesNotApply("the path gives a value that is no element of the resource.")


def wanted_property(schema: Schema, type_name: str, name: str, value: Value) -> Property:
    """The property of a type that an element is written to; of a choice, the one for the value's type."""
    rows = properties(schema, type_name, name) or _by_full_name(schema, type_name, name)
    if not rows:
        raise DoesNotApply(f"{type_name} has no element {name[:64]!r}.")
    fitting = [row for row in rows if len(rows) == 1 or row[2] == value.type]
    if not fitting:
        raise DoesNotApply(f"{type_name}.{name}[x] takes {', '.join(str(row[2]) for row in rows)}, not {value.type or 'parts'}.")
    return fitting[0]


def _by_full_name(schema: Schema, type_name: str, name: str) -> tuple[Property, ...]:
    """`valueQuantity`, as JSON writes a choice, is understood too."""
    definition = schema.get(type_name)
    element = definition.elements.get(name) if definition else None
    found = properties(schema, type_name, element.choice) if element and element.choice else ()
    return tuple(row for row in found if row[0] == name)


def is_there(holder: Holder, row: Property) -> bool:
    return row[0] in holder or (row[1] or "") in holder


def put(holder: Holder, row: Property, value: Value, index: int | None = None) -> None:
    """Write a value that was not there: single, or into a list at `index` (its end where None)."""
    name, sibling, _, is_list = row
    if not is_list:
        _set(holder, name, value.plain)
        if sibling:
            _set(holder, sibling, value.sibling)
        return
    values, siblings = _lists(holder, row)
    place = len(values) if index is None else index
    values.insert(place, value.plain)
    siblings.insert(place, value.sibling)
    _store(holder, row, values, siblings)


def take(holder: Holder, row: Property, index: int | None) -> Value:
    """Take a value away; lists that become empty go too."""
    name, sibling, kind, is_list = row
    if not is_list or index is None:
        return Value(holder.pop(name, None), holder.pop(sibling or "", None), kind)
    values, siblings = _lists(holder, row)
    taken = Value(values.pop(index), siblings.pop(index), kind)
    _store(holder, row, values, siblings)
    return taken


def length(holder: Holder, row: Property) -> int:
    return len(_lists(holder, row)[0])


def _lists(holder: Holder, row: Property) -> tuple[list[Any], list[Any]]:
    size = max(len(_listed(holder.get(row[0]))), len(_listed(holder.get(row[1] or ""))))
    return _filled(holder.get(row[0]), size), _filled(holder.get(row[1] or ""), size)


def _listed(value: Any) -> list[Any]:
    return value if type(value) is list else [] if value is None else [value]


def _filled(value: Any, size: int) -> list[Any]:
    listed = _listed(value)
    return [*listed, *[None] * (size - len(listed))]


def _padded(holder: Holder, name: str, size: int) -> list[Any]:
    holder[name] = _filled(holder.get(name), size)
    padded: list[Any] = holder[name]
    return padded


def _store(holder: Holder, row: Property, values: list[Any], siblings: list[Any]) -> None:
    _set(holder, row[0], values if any(value is not None for value in values) else None)
    if row[1]:
        _set(holder, row[1], siblings if any(siblings) else None)


def _set(holder: Holder, name: str, value: Any) -> None:
    if value is None:
        holder.pop(name, None)
    else:
        holder[name] = value
