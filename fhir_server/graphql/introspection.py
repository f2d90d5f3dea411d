"""`__schema` and `__type`: what there is to ask for (https://spec.graphql.org/October2021/#sec-Schema-Introspection).

The schema is some 15 MB, and the whole answer that clients ask for 10 MB that take seconds. So answers are worked out one at a time in a
thread, the last few are kept, compressed, and the schema is made anew for others.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from typing import Any

import msgspec
from anyio import Lock
from anyio.to_thread import run_sync
from graphql import ASTValidationRule, FieldNode, GraphQLError, GraphQLSchema, execute_sync, parse, specified_rules, validate

from fhir_server.definitions.definitions import Definitions
from fhir_server.graphql.fault import malformed, too_costly
from fhir_server.graphql.graph_schema import graph_schema
from fhir_server.graphql.request import GraphQLRequest, Operation
from fhir_server.model.json_format import encode_json

FIELDS = frozenset(("__schema", "__type"))
MAX_KEPT = 8
MAX_CHARACTERS = 5_000
"""The query that clients send has 2,000."""


class NoAlias(ASTValidationRule):
    """An alias would repeat what costs; without one the same field is answered once, however often it is written."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.alias:
            self.report_error(GraphQLError("a query of the schema has no alias; leave it out", [node]))


def is_introspection(operation: Operation) -> bool:
    """True where all that is asked at the top is what there is to ask for."""
    asked = [one.name.value if isinstance(one, FieldNode) else "" for one in operation.selections.selections]
    return not FIELDS.isdisjoint(asked) and FIELDS.issuperset(name for name in asked if name != "__typename")


class Introspection:
    """One for a server; begun anew when the search parameters change."""

    def __init__(self, definitions: Definitions):
        self._definitions = definitions
        self._generation = -1
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._one_at_a_time = Lock()

    async def answer(self, request: GraphQLRequest) -> msgspec.Raw:
        """The data as JSON; FhirError where the query is none of this schema, or asks too much of it."""
        key = encode_json([request.query, request.operation, request.variables])
        async with self._one_at_a_time:
            return await run_sync(self._answer, request, key)

    def _answer(self, request: GraphQLRequest, key: bytes) -> msgspec.Raw:
        if self._generation != self._definitions.parameters_generation:
            self._generation = self._definitions.parameters_generation
            self._kept.clear()
        if key not in self._kept:
            self._kept[key] = zlib.compress(encode_json(_data(graph_schema(self._definitions), request)), 1)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return msgspec.Raw(zlib.decompress(self._kept[key]))


def _data(schema: GraphQLSchema, request: GraphQLRequest) -> Any:
    if len(request.query) > MAX_CHARACTERS:
        raise too_costly(f"A query of the schema has {MAX_CHARACTERS} characters at most.")
    document, result = parse(request.query), None
    errors = validate(schema, document, [*specified_rules, NoAlias])
    if not errors:
        result = execute_sync(schema, document, variable_values=dict(request.variables), operation_name=request.operation)
        errors = result.errors or []
    if result is None or errors:
        raise malformed(f"What the query asks of the schema cannot be told: {errors[0].message}")
    return result.data
