"""is, as, ofType, type (http://hl7.org/fhirpath/N1/#types)."""

from __future__ import annotations

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.elements import TYPE_INFO
from fhir_server.fhirpath.node import EMPTY, FALSE, TRUE, Node, Nodes
from fhir_server.fhirpath.registry import Compiles, function
from fhir_server.fhirpath.tree import Call
from fhir_server.fhirpath.types import TypeName, as_matcher, is_matcher, lenient_matcher, require_known, split_type, type_argument
from fhir_server.fhirpath.values import single
from fhir_server.model.schema import Schema


def type_test(operand: Run, wanted: TypeName, schema: Schema, column: int) -> Run:
    """`is`: whether the one item is of the type or of one derived from it."""
    strict = is_matcher(wanted, schema)
    lenient = lenient_matcher(strict, wanted, schema)

    def run(scope: Scope) -> Nodes:
        node = single(operand(scope), column)
        matches = lenient if scope.run.lenient else strict
        return EMPTY if node is None else TRUE if matches(node.type) else FALSE

    return run


def cast(operand: Run, wanted: TypeName, schema: Schema, column: int) -> Run:
    """`as`: the one item if it is of the type, else empty. A type that does not exist is an error."""
    require_known(wanted, schema)
    strict = as_matcher(wanted, schema)
    lenient = lenient_matcher(strict, wanted, schema)

    def run(scope: Scope) -> Nodes:
        nodes = operand(scope)
        if len(nodes) > 1 and not scope.run.lenient:
            single(nodes, column)
        matches = lenient if scope.run.lenient else strict
        return [node for node in nodes if matches(node.type)]

    return run


@function("is", 1)
def is_function(compiler: Compiles, call: Call) -> Run:
    return type_test(compiler.target(call), type_argument(call.arguments[0]), compiler.schema, call.column)


@function("as", 1)
def as_function(compiler: Compiles, call: Call) -> Run:
    return cast(compiler.target(call), type_argument(call.arguments[0]), compiler.schema, call.column)


@function("ofType", 1)
def of_type(compiler: Compiles, call: Call) -> Run:
    target, wanted = compiler.target(call), type_argument(call.arguments[0])
    require_known(wanted, compiler.schema)
    matches = as_matcher(wanted, compiler.schema)
    return lambda scope: [node for node in target(scope) if matches(node.type)]


@function("type")
def type_function(compiler: Compiles, call: Call) -> Run:
    target = compiler.target(call)
    return lambda scope: [Node(split_type(node.type), TYPE_INFO) for node in target(scope)]
