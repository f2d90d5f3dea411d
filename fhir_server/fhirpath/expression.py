"""A compiled expression, and the cache of them."""

from __future__ import annotations

from functools import lru_cache

from fhir_server.fhirpath.compiler import compile_tree
from fhir_server.fhirpath.context import Context, Evaluation, Scope
from fhir_server.fhirpath.elements import resource_type
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import Node
from fhir_server.fhirpath.parser import parse
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema

CACHED = 4096
_NO_CONTEXT = Context()


class Expression:
    """FHIRPath ready to run; safe to use from several threads."""

    def __init__(self, source: str, schema: Schema):
        self.source = source
        self.schema = schema
        self.tree = parse(source)
        self._run = compile_tree(self.tree, schema)

    def evaluate(self, root: Resource | Node, context: Context | None = None) -> list[Node]:
        """The collection that the expression gives for a resource or a part of one; FhirPathError where it cannot."""
        return self._evaluate(root, context or _NO_CONTEXT, lenient_as=False)

    def _evaluate(self, root: Resource | Node, context: Context, *, lenient_as: bool) -> list[Node]:
        node = root if isinstance(root, Node) else Node(root, resource_type(root))
        run = Evaluation(node, context, self.schema, lenient_as=lenient_as or context.lenient_as)
        try:
            return list(self._run(Scope(run, [node])))
        except RecursionError:
            raise FhirPathError("The expression or the resource is nested too deep.") from None

    def test(self, root: Resource | Node, context: Context | None = None) -> bool:
        """The expression as an invariant: it fails only where the result is `false`. Empty counts as met, and so does any
        other single item; several items are a FhirPathError. `as` filters here, as R4's own invariant dom-3 supposes."""
        found = self._evaluate(root, context or _NO_CONTEXT, lenient_as=True)
        if len(found) > 1:
            raise FhirPathError(f"An invariant is true or false; this one gives {len(found)} items.")
        return not found or found[0].value is not False

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"


@lru_cache(maxsize=CACHED)
def compile_expression(source: str, schema: Schema) -> Expression:
    """The expression ready to run, kept for the next one who asks; FhirPathError with the column where it is not FHIRPath."""
    return Expression(source, schema)
