"""children, descendants (http://hl7.org/fhirpath/N1/#tree-navigation) and trace (#utility-functions)."""

from __future__ import annotations

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.elements import all_children
from fhir_server.fhirpath.node import EMPTY, Nodes
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import string


@function("children")
def children(compiler: Compiles, call: Call) -> Run:
    target, step = compiler.target(call), all_children(compiler.schema)

    def run(scope: Scope) -> Nodes:
        out: Nodes = []
        for node in target(scope):
            step(node, out)
        scope.run.spend(len(out))
        return out

    return run


@function("descendants")
def descendants(compiler: Compiles, call: Call) -> Run:
    target, step = compiler.target(call), all_children(compiler.schema)

    def run(scope: Scope) -> Nodes:
        out: Nodes = []
        for node in target(scope):
            step(node, out)
        for node in out:  # grows while it is read
            step(node, out)
        scope.run.spend(len(out))
        return out

    return run


@function("trace", 1, 2)
def trace(compiler: Compiles, call: Call) -> Run:
    """The input unchanged; the context's trace sees it, or what the projection makes of each item."""
    target, column = compiler.target(call), call.column
    name = compiler.run(call.arguments[0])
    projection = compiler.run(call.arguments[1]) if len(call.arguments) > 1 else None

    def run(scope: Scope) -> Nodes:
        nodes = target(scope)
        if scope.run.context.trace is not None:
            shown = nodes if projection is None else _projected(nodes, projection, scope)
            scope.run.context.trace(string(name(scope), column) or "", shown)
        return nodes

    return run


def _projected(nodes: Nodes, projection: Run, scope: Scope) -> Nodes:
    return [found for node in nodes for found in projection(Scope(scope.run, [node], None, EMPTY))]
