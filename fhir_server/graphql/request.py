"""One GraphQL request: the document, which of its operations, and the variables (https://graphql.org/learn/serving-over-http/)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
)

from fhir_server.graphql.fault import GraphQLFault, malformed, too_costly, unsupported
from fhir_server.graphql.variables import Variables, variables_of
from fhir_server.model.issue import Category

MAX_CHARACTERS = 50_000
MAX_TOKENS = 5_000
MAX_DEPTH = 30
"""Levels of selections written in one operation or fragment."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """`operation` names one of the document's operations; it may be left out where there is one."""

    query: str
    operation: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that was read: its selections, the fragments that they name, and the variables' values."""

    selections: SelectionSetNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables


def read_request(request: GraphQLRequest) -> Operation:
    """The operation that is asked for; GraphQLFault where the text is no query, or too much of one."""
    document = _parsed(request.query)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    chosen = _chosen(operations, request.operation)
    if chosen.operation is not OperationType.QUERY:
        raise unsupported(f"A {chosen.operation.value} is not carried out here; use the FHIR interactions to write.", chosen)
    for one in (chosen, *fragments.values()):
        _bounded(one.selection_set)
    _acyclic(fragments)
    return Operation(chosen.selection_set, fragments, variables_of(chosen, request.variables))


def _parsed(query: str) -> DocumentNode:
    if len(query) > MAX_CHARACTERS:
        raise too_costly(f"The query has {len(query)} characters; at most {MAX_CHARACTERS} are read.")
    try:
        return parse(query, max_tokens=MAX_TOKENS)
    except RecursionError:
        raise too_costly(f"The query is nested deeper than {MAX_DEPTH} levels.") from None
    except GraphQLError as error:
        fault = malformed(f"The query is not GraphQL: {error.message.removeprefix('Syntax Error: ')}")
        raise _placed(fault, error) from None


def _placed(fault: GraphQLFault, error: GraphQLError) -> GraphQLFault:
    if error.locations:
        place = error.locations[0]
        fault.issues = (replace(fault.issues[0], line=place.line, column=place.column),)
    return fault


def _chosen(operations: list[OperationDefinitionNode], name: str | None) -> OperationDefinitionNode:
    named = {one.name.value: one for one in operations if one.name}
    if name is not None and name not in named:
        raise malformed(f"The document has no operation '{name[:60]}'; it has {', '.join(named) or 'none with a name'}.")
    if name is not None:
        return named[name]
    if len(operations) != 1:
        raise malformed(
            "The document has several operations; name one by operationName." if operations else "The document has no operation."
        )
    return operations[0]


def _bounded(selections: SelectionSetNode, depth: int = 1) -> None:
    if depth > MAX_DEPTH:
        raise too_costly(f"The query is nested deeper than {MAX_DEPTH} levels.", selections)
    for one in selections.selections:
        inner = getattr(one, "selection_set", None)
        if inner is not None:
            _bounded(inner, depth + 1)


def _acyclic(fragments: Mapping[str, FragmentDefinitionNode]) -> None:
    """A fragment may not hold itself, by whatever detour."""
    done: set[str] = set()
    for name in fragments:
        _visit(name, fragments, done, [])


def _visit(name: str, fragments: Mapping[str, FragmentDefinitionNode], done: set[str], above: list[str]) -> None:
    if name in above or len(above) > MAX_DEPTH:
        raise GraphQLFault(Category.MALFORMED, "value", f"The fragment {name} holds itself.", fragments.get(name))
    if name in done or name not in fragments:
        return
    for spread in _spreads(fragments[name].selection_set):
        _visit(spread, fragments, done, [*above, name])
    done.add(name)


def _spreads(selections: SelectionSetNode) -> Iterator[str]:
    for one in selections.selections:
        if isinstance(one, FragmentSpreadNode):
            yield one.name.value
        elif inner := getattr(one, "selection_set", None):
            yield from _spreads(inner)
