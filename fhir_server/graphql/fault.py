"""Errors in GraphQL's shape, each with its OperationOutcome (https://hl7.org/fhir/R4/graphql.html#errors)."""

from __future__ import annotations

from typing import Any

from graphql import Node

from fhir_server.model.issue import Category, FhirError, Issue, operation_outcome


class GraphQLFault(FhirError):
    """A FhirError with the place in the query: 1-based `line` and `column`."""

    def __init__(self, category: Category, code: str, sentence: str, node: Node | None = None):
        place = node.loc.start_token if node is not None and node.loc else None
        line, column = (place.line, place.column) if place else (None, None)
        super().__init__(category, (Issue("error", code, sentence, line=line, column=column, message_id="graphql"),))


def malformed(sentence: str, node: Node | None = None) -> GraphQLFault:
    """The query asks for what there is not, or says it wrongly."""
    return GraphQLFault(Category.MALFORMED, "value", sentence, node)


def unsupported(sentence: str, node: Node | None = None) -> GraphQLFault:
    return GraphQLFault(Category.NOT_SUPPORTED, "not-supported", sentence, node)


def too_costly(sentence: str, node: Node | None = None) -> GraphQLFault:
    return GraphQLFault(Category.TOO_LARGE, "too-costly", sentence, node)


def error_answer(error: FhirError) -> dict[str, Any]:
    """`data` null and an error for each issue."""
    return {"data": None, "errors": [_error(issue) for issue in error.issues]}


def _error(issue: Issue) -> dict[str, Any]:
    place = {"locations": [{"line": issue.line, "column": issue.column}]} if issue.line and issue.column else {}
    return {"message": str(issue.diagnostics), **place, "extensions": {"resource": operation_outcome([issue])}}
