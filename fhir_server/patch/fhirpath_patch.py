"""FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html): add, insert, delete, replace and move, addressed by FHIRPath."""

from __future__ import annotations

import re
from collections.abc import Callable

from fhir_server.fhirpath import Context, FhirPathError, Node, compile_expression
from fhir_server.fhirpath.elements import Property
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.patch.parameters import Operation, operations, read_operation
from fhir_server.patch.place import holder_of, is_there, length, property_of, put, take
from fhir_server.patch.refusal import DoesNotApply, operation

MAX_STEPS = 500_000
"""Nodes that all paths of a patch may visit together; each gets its share, at least LEAST_STEPS."""

LEAST_STEPS = 1_000
_MEMBER = re.compile(r"(?P<parent>.+)\.(?P<name>[A-Za-z]\w*)", re.DOTALL)


class FhirPathPatch:
    """The operations of a Parameters resource, carried out one after the other."""

    def __init__(self, parameters: Resource):
        self.operations = operations(parameters)

    def apply(self, resource: Resource, schema: Schema) -> Resource:
        """The patched resource, which is changed in place. FhirError INVALID with the index of the operation that does not apply."""
        steps = max(LEAST_STEPS, MAX_STEPS // max(1, len(self.operations)))
        for position, parameter in enumerate(self.operations):
            with operation(position, f"Parameters.parameter[{position}]"):
                _carry_out(_Target(resource, schema, steps), read_operation(parameter))
        return resource


class _Target:
    """The resource that an operation works on."""

    def __init__(self, resource: Resource, schema: Schema, steps: int):
        self.resource = resource
        self.schema = schema
        self._steps = steps

    def found(self, path: str) -> list[Node]:
        """The elements at a path; DoesNotApply where it is no FHIRPath or gives what is no element."""
        try:
            nodes = compile_expression(path, self.schema).evaluate(self.resource, Context(resource=self.resource, max_steps=self._steps))
        except (FhirPathError, ValueError, TypeError, ArithmeticError) as error:
            raise DoesNotApply(f"the path {path[:200]!r} cannot be used: {error}") from None
        if any(node.parent is None and node.value is not self.resource for node in nodes):
            raise DoesNotApply(f"the path {path[:200]!r} gives a computed value; it must give elements of the resource.")
        return nodes

    def one(self, path: str) -> Node:
        nodes = self.found(path)
        if len(nodes) != 1:
            found = f"finds {len(nodes)} elements; it must find one" if nodes else "finds nothing"
            raise DoesNotApply(f"the path {path[:200]!r} {found}.")
        return nodes[0]

    def collection(self, path: str) -> tuple[dict[str, object], Property, Node]:
        """The list at a path, all of it: the object that holds it, its property, and the node of that object."""
        nodes = self.found(path)
        first = nodes[0] if nodes else None
        if first is None or first.parent is None:
            raise DoesNotApply(f"the path {path[:200]!r} finds no list.")
        row = property_of(first, self.schema)
        holder = holder_of(first.parent, self.schema)
        whole = all(node.parent is first.parent and node.name == first.name for node in nodes)
        if not row[3] or not whole or len(nodes) != length(holder, row):
            raise DoesNotApply(f"the path {path[:200]!r} must find one whole list, such as Patient.identifier.")
        return holder, row, first.parent


def _carry_out(target: _Target, one: Operation) -> None:
    work = _WORK.get(one.type)
    if work is None:
        raise DoesNotApply(f"the type is one of {', '.join(_WORK)}, not {one.type[:40]!r}.")
    work(target, one)


def _add(target: _Target, one: Operation) -> None:
    _add_to(target, target.one(one.path), one, one.text("name"))


def _add_to(target: _Target, parent: Node, one: Operation, name: str) -> None:
    row, value = one.value(target.schema, parent.type, name)
    holder = holder_of(parent, target.schema)
    if not row[3] and _occupied(target.schema, holder, parent.type, name):
        raise DoesNotApply(f"{parent.location}.{name} is there already and is no list; replace it.")
    put(holder, row, value)


def _occupied(schema: Schema, holder: dict[str, object], type_name: str, name: str) -> bool:
    definition = schema[type_name]
    element = definition.elements.get(name)
    stem = element.choice if element and element.choice else name
    keys = definition.choices.get(stem, (name,))
    return any(key in holder or f"_{key}" in holder for key in keys)


def _insert(target: _Target, one: Operation) -> None:
    index = one.number("index")
    if not target.found(one.path):
        _insert_first(target, one, index)
        return
    holder, row, parent = target.collection(one.path)
    if index > length(holder, row):
        raise DoesNotApply(f"the list has {length(holder, row)} elements; nothing can be inserted at {index}.")
    taken, value = one.value(target.schema, parent.type, row[0])
    put(holder, taken, value, index)


def _insert_first(target: _Target, one: Operation, index: int) -> None:
    """Into a list that is not there yet: the path's last step names it."""
    member = _MEMBER.fullmatch(one.path.strip())
    if member is None or index:
        raise DoesNotApply(f"the path {one.path[:200]!r} finds no list to insert into at {index}.")
    parent = target.one(member["parent"])
    row, value = one.value(target.schema, parent.type, member["name"])
    if not row[3]:
        raise DoesNotApply(f"{parent.location}.{member['name']} is no list; use add.")
    put(holder_of(parent, target.schema), row, value)


def _delete(target: _Target, one: Operation) -> None:
    """What is not there is deleted already; several are too many."""
    nodes = target.found(one.path)
    if len(nodes) > 1:
        raise DoesNotApply(f"the path {one.path[:200]!r} finds {len(nodes)} elements; only a single one can be deleted.")
    if nodes:
        _take_away(nodes[0], target.schema)


def _take_away(node: Node, schema: Schema) -> None:
    """With the node go the objects that it leaves empty, for FHIR has no empty elements."""
    row = property_of(node, schema)
    assert node.parent is not None
    holder = holder_of(node.parent, schema)
    take(holder, row, node.index)
    if not holder and node.parent.parent is not None and not _has_value(node.parent):
        _take_away(node.parent, schema)


def _has_value(node: Node) -> bool:
    return type(node.value) is not dict and node.value is not None


def _replace(target: _Target, one: Operation) -> None:
    node = target.one(one.path)
    row = property_of(node, target.schema)
    assert node.parent is not None
    holder = holder_of(node.parent, target.schema)
    wanted, value = one.value(target.schema, node.parent.type, str(node.name))
    take(holder, row, node.index)
    if is_there(holder, wanted) and not wanted[3]:
        raise DoesNotApply(f"{node.location} cannot be replaced.")
    put(holder, wanted, value, node.index)


def _move(target: _Target, one: Operation) -> None:
    holder, row, _ = target.collection(one.path)
    source, destination, size = one.number("source"), one.number("destination"), length(holder, row)
    if max(source, destination) >= size:
        raise DoesNotApply(f"the list has {size} elements; {max(source, destination)} is none of their indexes, which begin at 0.")
    put(holder, row, take(holder, row, source), destination)


_WORK: dict[str, Callable[[_Target, Operation], None]] = {
    "add": _add, "insert": _insert, "delete": _delete, "replace": _replace, "move": _move,
}  # fmt: skip
