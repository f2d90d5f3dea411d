"""empty, exists, all, allTrue..., subsetOf, count, distinct (http://hl7.org/fhirpath/N1/#existence)."""

from __future__ import annotations

from collections.abc import Callable

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.equality import distinct, key
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, FALSE, TRUE, Nodes, collection
from fhir_server.fhirpath.registry import Compiles, function, on_collection
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.values import boolean, strict_boolean


@on_collection("empty")
def empty(nodes: Nodes) -> Nodes:
    return FALSE if nodes else TRUE


@on_collection("count")
def count(nodes: Nodes) -> Nodes:
    return collection(len(nodes))


@on_collection("isDistinct")
def is_distinct(nodes: Nodes) -> Nodes:
    return TRUE if len(distinct(nodes)) == len(nodes) else FALSE


on_collection("distinct")(distinct)


@function("not")
def negation(compiler: Compiles, call: Call) -> Run:
    target, column = compiler.target(call), call.column

    def run(scope: Scope) -> Nodes:
        value = boolean(target(scope), column)
        return EMPTY if value is None else FALSE if value else TRUE

    return run


@function("exists", 0, 1)
def exists(compiler: Compiles, call: Call) -> Run:
    target, column = compiler.target(call), call.column
    if not call.arguments:
        return lambda scope: TRUE if target(scope) else FALSE
    criteria = compiler.run(call.arguments[0])
    return lambda scope: TRUE if any(answer for answer in _answers(target, criteria, scope, column)) else FALSE


@function("all", 1)
def all_items(compiler: Compiles, call: Call) -> Run:
    """True of an empty collection; an item of which the criteria say nothing does not count as true."""
    target, criteria, column = compiler.target(call), compiler.run(call.arguments[0]), call.column
    return lambda scope: TRUE if all(answer for answer in _answers(target, criteria, scope, column)) else FALSE


def _answers(target: Run, criteria: Run, scope: Scope, column: int) -> list[bool | None] | map[bool | None]:
    nodes = target(scope)
    if not nodes:
        return []
    scope.run.spend(len(nodes))
    inner = Scope(scope.run, EMPTY, 0, scope.total)

    def answer(place: int) -> bool | None:
        inner.this, inner.index = [nodes[place]], place
        return boolean(criteria(inner), column)

    return map(answer, range(len(nodes)))


def _of_booleans(name: str, decide: Callable[[list[bool]], bool]) -> None:
    @function(name)
    def build(compiler: Compiles, call: Call) -> Run:
        target, column = compiler.target(call), call.column

        def run(scope: Scope) -> Nodes:
            values = [strict_boolean([node], column) for node in target(scope)]
            return collection(decide([value for value in values if value is not None]))

        return run


_of_booleans("allTrue", all)
_of_booleans("anyTrue", any)
_of_booleans("allFalse", lambda values: not any(values))
_of_booleans("anyFalse", lambda values: not all(values))


def _of_two_sets(name: str, decide: Callable[[set[object], set[object]], bool]) -> None:
    @function(name, 1)
    def build(compiler: Compiles, call: Call) -> Run:
        target, other = compiler.target(call), compiler.run(call.arguments[0])

        def run(scope: Scope) -> Nodes:
            mine, others = {key(node) for node in target(scope)}, {key(node) for node in other(scope)}
            return TRUE if decide(mine, others) else FALSE

        return run


_of_two_sets("subsetOf", lambda mine, others: mine <= others)
_of_two_sets("supersetOf", lambda mine, others: mine >= others)


@on_collection("single")
def single_item(nodes: Nodes) -> Nodes:
    if len(nodes) > 1:
        raise FhirPathError(f"single() expects at most one item; here are {len(nodes)}.")
    return nodes
