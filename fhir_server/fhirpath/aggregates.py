"""aggregate (http://hl7.org/fhirpath/N1/#aggregates)."""

from __future__ import annotations

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.node import EMPTY, Nodes
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call


@function("aggregate", 1, 2)
def aggregate(compiler: Compiles, call: Call) -> Run:
    """`$total` starts as the second argument, or empty, and becomes what the first gives for each item."""
    target, step = compiler.target(call), compiler.run(call.arguments[0])
    start = compiler.run(call.arguments[1]) if len(call.arguments) > 1 else None

    def run(scope: Scope) -> Nodes:
        inner = Scope(scope.run, EMPTY, 0, start(scope) if start else EMPTY)
        for index, node in enumerate(target(scope)):
            inner.this, inner.index = [node], index
            inner.total = step(inner)
            scope.run.spend(1 + len(inner.total))
        return inner.total or EMPTY

    return run
