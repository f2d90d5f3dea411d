"""first, last, tail, skip, take, intersect, exclude (http://hl7.org/fhirpath/N1/#subsetting)."""

from __future__ import annotations

from collections.abc import Callable

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.equality import distinct, key
from fhir_server.fhirpath.node import EMPTY, Nodes
from fhir_server.fhirpath.registry import Compiles, function, on_collection
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import integer


@on_collection("first")
def first(nodes: Nodes) -> Nodes:
    return nodes[:1]


@on_collection("last")
def last(nodes: Nodes) -> Nodes:
    return nodes[-1:]


@on_collection("tail")
def tail(nodes: Nodes) -> Nodes:
    return nodes[1:]


def _by_number(name: str, choose: Callable[[Nodes, int], Nodes]) -> None:
    @function(name, 1)
    def build(compiler: Compiles, call: Call) -> Run:
        target, amount, column = compiler.target(call), compiler.run(call.arguments[0]), call.column

        def run(scope: Scope) -> Nodes:
            number = integer(amount(scope), column)
            return EMPTY if number is None else choose(target(scope), max(0, number))

        return run


_by_number("skip", lambda nodes, number: nodes[number:])
_by_number("take", lambda nodes, number: nodes[:number])


@function("intersect", 1)
def intersect(compiler: Compiles, call: Call) -> Run:
    target, other = compiler.target(call), compiler.run(call.arguments[0])

    def run(scope: Scope) -> Nodes:
        wanted = {key(node) for node in other(scope)}
        return distinct([node for node in target(scope) if key(node) in wanted])

    return run


@function("exclude", 1)
def exclude(compiler: Compiles, call: Call) -> Run:
    target, other = compiler.target(call), compiler.run(call.arguments[0])

    def run(scope: Scope) -> Nodes:
        unwanted = {key(node) for node in other(scope)}
        return [node for node in target(scope) if key(node) not in unwanted]

    return run
