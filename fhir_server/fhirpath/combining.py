"""union, combine (http://hl7.org/fhirpath/N1/#combining) and sort, which later versions of FHIRPath add."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.equality import order
from fhir_server.fhirpath.node import EMPTY, Node, Nodes
from fhir_server.fhirpath.operators import union as union_of
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call, Tree, Unary
from fhir_server.fhirpath.values import single_value

Row = tuple[Node, list[Any]]
"""An item and its sort keys."""


@function("union", 1)
def union(compiler: Compiles, call: Call) -> Run:
    return union_of(compiler.target(call), compiler.run(call.arguments[0]), call.column)


@function("combine", 1)
def combine(compiler: Compiles, call: Call) -> Run:
    target, other = compiler.target(call), compiler.run(call.arguments[0])

    def run(scope: Scope) -> Nodes:
        both = target(scope) + other(scope)
        scope.run.spend(len(both))
        return both

    return run


@function("sort", 0, 8)
def sort(compiler: Compiles, call: Call) -> Run:
    """By each key in turn, `$this` where none is given; a key with a minus before it goes downwards. Empty keys come first
    in either direction, as HL7's test suite has it."""
    target, column = compiler.target(call), call.column
    keys = [_sort_key(compiler, tree) for tree in call.arguments] or [(_itself, 1)]

    def run(scope: Scope) -> Nodes:
        nodes = target(scope)
        scope.run.spend(len(nodes))
        rows: list[Row] = [(node, [_value(part, scope, node, column) for part, _ in keys]) for node in nodes]
        directions = [direction for _, direction in keys]
        compare: Callable[[Row, Row], int] = lambda one, two: _compare(one[1], two[1], directions, column)  # noqa: E731
        return [node for node, _ in sorted(rows, key=cmp_to_key(compare))]

    return run


def _itself(scope: Scope) -> Nodes:
    return scope.this


def _sort_key(compiler: Compiles, tree: Tree) -> tuple[Run, int]:
    if isinstance(tree, Unary) and tree.operator == "-":
        return compiler.run(tree.operand), -1
    return compiler.run(tree), 1


def _value(part: Run, scope: Scope, node: Node, column: int) -> Any:
    return single_value(part(Scope(scope.run, [node], None, EMPTY)), column)


def _compare(one: list[Any], two: list[Any], directions: list[int], column: int) -> int:
    for left, right, direction in zip(one, two, directions, strict=True):
        if left is None or right is None:
            if left is not right:
                return 1 if right is None else -1
        elif found := order(left, right, column):
            return found * direction
    return 0
