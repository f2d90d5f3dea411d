"""Which fields a selection asks of a value of some type: fragments opened, what is asked twice put together
(https://spec.graphql.org/October2021/#CollectFields()).

Fields of the same name out of different fragments are one field, as GraphQL has it. The same complex field written twice side by side in
one selection stays two: R4's examples select `resource(type: A) {...} resource(type: B) {...}`, and its test suite expects both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode, SelectionSetNode

from fhir_server.graphql.directives import check_directives, is_wanted
from fhir_server.graphql.fault import malformed
from fhir_server.graphql.graph_schema import name_in_graph
from fhir_server.graphql.request import Operation
from fhir_server.graphql.variables import value_of
from fhir_server.model.schema import Schema


@dataclass(slots=True)
class Field:
    """One field to answer: `nodes` are the places that ask for it, `key` its name in the answer."""

    key: str
    name: str
    arguments: dict[str, Any]
    nodes: list[FieldNode]
    homes: list[int] = field(default_factory=list)

    @property
    def node(self) -> FieldNode:
        return self.nodes[0]

    @property
    def selections(self) -> list[SelectionSetNode]:
        return [node.selection_set for node in self.nodes if node.selection_set]


def fields_of(selections: Sequence[SelectionSetNode], type_name: str, operation: Operation, schema: Schema) -> list[Field]:
    """The fields for a value of this type, in the order they are written."""
    found: dict[str, list[Field]] = {}
    ordered: list[Field] = []
    for node, home in _opened(selections, type_name, operation, schema, set()):
        arguments = _arguments(node, operation)
        key = (node.alias or node.name).value
        same = [one for one in found.get(key, ()) if one.name == node.name.value and one.arguments == arguments]
        known = next((one for one in same if home not in one.homes or not node.selection_set), None)
        if known is None:
            known = Field(key, node.name.value, arguments, [])
            found.setdefault(key, []).append(known)
            ordered.append(known)
        known.nodes.append(node)
        known.homes.append(home)
    return ordered


def _opened(
    selections: Sequence[SelectionSetNode], type_name: str, operation: Operation, schema: Schema, seen: set[str]
) -> Iterator[tuple[FieldNode, int]]:
    """Each field with the selection set that it is written in."""
    for one in selections:
        for node in one.selections:
            check_directives(node)
            if not is_wanted(node, operation.variables):
                continue
            if isinstance(node, FieldNode):
                yield node, id(one)
            elif inner := _fragment(node, type_name, operation, schema, seen):
                yield from _opened([inner], type_name, operation, schema, seen)


def _fragment(node: SelectionNode, type_name: str, operation: Operation, schema: Schema, seen: set[str]) -> SelectionSetNode | None:
    """What a fragment adds for this type; None where it is for another type or was opened already."""
    if isinstance(node, InlineFragmentNode):
        condition, inner = node.type_condition, node.selection_set
    elif isinstance(node, FragmentSpreadNode):
        name = node.name.value
        if name not in operation.fragments:
            raise malformed(f"The document has no fragment {name[:60]}.", node)
        if name in seen:
            return None
        seen.add(name)
        condition, inner = operation.fragments[name].type_condition, operation.fragments[name].selection_set
    else:
        return None
    if condition is None or condition.name.value == name_in_graph(type_name):
        return inner
    if condition.name.value not in schema and condition.name.value != "Query":
        raise malformed(f"R4 has no type {condition.name.value[:60]}.", condition)
    fits = schema.is_subtype(type_name, condition.name.value)
    return inner if fits else None


def _arguments(node: FieldNode, operation: Operation) -> dict[str, Any]:
    names = [one.name.value for one in node.arguments or ()]
    if len(set(names)) < len(names):
        raise malformed(f"{node.name.value} has an argument twice.", node)
    return {one.name.value: value_of(one.value, operation.variables) for one in node.arguments or ()}
