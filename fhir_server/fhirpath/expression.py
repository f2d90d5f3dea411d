"""A compiled expression, and the cache of them."""

from __future__ import annotations

from functools import lru_cache

from fhir_server.fhirpath.compiler import compile_tree
from fhir_server.fhirpath.context import Context, Evaluation, Scope
from fhir_server.fhirpath.elements import resource_type
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import Node
from fhir_server.fhirpath.parser import parse
from fhir_server.fhirpath.routes import NeedsNodes, Route, Values, plain_values, route_of
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema

CACHED = 4096
_NO_CONTEXT = Context()
_SEARCH = Context(stub_references=True)


class Expression:
    """FHIRPath ready to run; safe to use from several threads."""

    def __init__(self, source: str, schema: Schema):
        self.source = source
        self.schema = schema
        self.tree = parse(source)
        self._run = compile_tree(self.tree, schema)
        self._routes: dict[str, Route | None] = {}

    def evaluate(self, root: Resource | Node, context: Context | None = None, focus: list[Node] | None = None) -> list[Node]:
        """The collection that the expression gives for a resource or a part of one; FhirPathError where it cannot.

        `focus` is what the expression begins with, where that is not the root: a collection of any size.
        """
        return self._evaluate(root, context or _NO_CONTEXT, lenient=False, focus=focus)

    def _evaluate(self, root: Resource | Node, context: Context, *, lenient: bool, focus: list[Node] | None = None) -> list[Node]:
        node = root if isinstance(root, Node) else Node(root, resource_type(root))
        run = Evaluation(node, context, self.schema, lenient=lenient or context.lenient)
        try:
            return list(self._run(Scope(run, [node] if focus is None else focus)))
        except RecursionError:
            raise FhirPathError("The expression or the resource is nested too deep.") from None
        finally:
            if context.steps is not None:
                context.steps.take(run.allowed - run.left)

    def test(self, root: Resource | Node, context: Context | None = None) -> bool:
        """The expression as an invariant: it fails only where the result is `false`. Empty counts as met, and so does any
        other single item; several items are a FhirPathError. Types are read leniently (see `Context.lenient`),
        as R4's own invariants dom-3 and que-7 suppose."""
        found = self._evaluate(root, context or _NO_CONTEXT, lenient=True)
        if len(found) > 1:
            raise FhirPathError(f"An invariant is true or false; this one gives {len(found)} items.")
        return not found or found[0].value is not False

    def values(self, value: Resource, type_name: str | None = None) -> Values:
        """(value, FHIR type) of what the expression gives, without nodes or locations: for search indexes.

        `type_name` is the type of `value` where it is not a resource. Types are read leniently, a reference counts as what its
        text or `type` says it is, primitives without a value are left out, and equal values of a union may come twice.
        """
        kind = type_name or resource_type(value)
        if kind not in self._routes:
            self._routes[kind] = route_of(self.tree, kind, self.schema)
        route = self._routes[kind]
        if route is not None:
            try:
                out: Values = []
                route(value, out)
                return out
            except (NeedsNodes, AttributeError, TypeError):  # a contained reference; or no such resource as the schema describes
                pass
        return plain_values(self._evaluate(Node(value, kind), _SEARCH, lenient=True))

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"


@lru_cache(maxsize=CACHED)
def compile_expression(source: str, schema: Schema) -> Expression:
    """The expression ready to run, kept for the next one who asks; FhirPathError with the column where it is not FHIRPath."""
    return Expression(source, schema)
