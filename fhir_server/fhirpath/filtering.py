"""where, select, repeat, ofType, iif (http://hl7.org/fhirpath/N1/#filtering-and-projection)."""

from __future__ import annotations

from collections.abc import Hashable

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.equality import key
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, Nodes
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import boolean, strict_boolean


@function("where", 1)
def where(compiler: Compiles, call: Call) -> Run:
    target, criteria, column = compiler.target(call), compiler.run(call.arguments[0]), call.column

    def run(scope: Scope) -> Nodes:
        nodes = target(scope)
        if not nodes:
            return EMPTY
        scope.run.spend(len(nodes))
        inner = Scope(scope.run, EMPTY, 0, scope.total)
        out: Nodes = []
        for index, node in enumerate(nodes):
            inner.this, inner.index = [node], index
            if boolean(criteria(inner), column):
                out.append(node)
        return out

    return run


@function("select", 1)
def select(compiler: Compiles, call: Call) -> Run:
    target, projection = compiler.target(call), compiler.run(call.arguments[0])

    def run(scope: Scope) -> Nodes:
        nodes = target(scope)
        inner = Scope(scope.run, EMPTY, 0, scope.total)
        out: Nodes = []
        for index, node in enumerate(nodes):
            inner.this, inner.index = [node], index
            out += projection(inner)
        scope.run.spend(len(nodes) + len(out))
        return out

    return run


@function("repeat", 1)
def repeat(compiler: Compiles, call: Call) -> Run:
    """The projection of the input, of what that gives, and so on; what was found before is not followed again."""
    target, projection = compiler.target(call), compiler.run(call.arguments[0])

    def run(scope: Scope) -> Nodes:
        inner = Scope(scope.run, EMPTY, 0, scope.total)
        queue = list(target(scope))
        found: dict[Hashable, None] = {}
        out: Nodes = []
        for node in queue:
            scope.run.spend(1)
            inner.this = [node]
            fresh = _unseen(projection(inner), found)
            out += fresh
            queue += fresh
        return out

    return run


def _unseen(nodes: Nodes, found: dict[Hashable, None]) -> Nodes:
    fresh: Nodes = []
    for node in nodes:
        if (mark := key(node)) not in found:
            found[mark] = None
            fresh.append(node)
    return fresh


@function("iif", 2, 3)
def iif(compiler: Compiles, call: Call) -> Run:
    """Only the branch that is chosen is evaluated; both see the input as `$this`."""
    parts = [compiler.run(one) for one in call.arguments]
    criterion, branches, column = parts[0], (parts[1], parts[2] if len(parts) > 2 else _nothing), call.column
    target = None if call.target is None else compiler.run(call.target)

    def run(scope: Scope) -> Nodes:
        if target is not None:
            scope = scope.inner(_at_most_one(target(scope), column))
        return branches[0 if strict_boolean(criterion(scope), column) else 1](scope)

    return run


def _nothing(_scope: Scope) -> Nodes:
    return EMPTY


def _at_most_one(nodes: Nodes, column: int) -> Nodes:
    if len(nodes) > 1:
        raise FhirPathError(f"iif() decides about one item; here are {len(nodes)}. Put it inside select().", column)
    return nodes
