"""$graphql over HTTP (https://hl7.org/fhir/R4/graphql.html#invoking): GET with a query, POST of the query or of JSON.

Answers are plain JSON. A query that cannot be answered whole has no data: its status is that of the first error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_server.graphql import GraphQLRequest, InteractionsSource, error_answer, execute
from fhir_server.interactions.status import STATUS
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.rest.body import read_body
from fhir_server.rest.errors import headers_of
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Header, Response

GRAPHQL = "http://hl7.org/fhir/OperationDefinition/Resource-graphql"
JSON = (b"content-type", b"application/json; charset=utf-8")
_PARAMETERS = frozenset(("query", "operationName", "variables"))
_JSON_TYPES = ("application/json", "application/fhir+json", "text/json")


async def graphql(request: FhirRequest) -> Response:
    """Of one resource, or of the whole server."""
    try:
        asked = await _asked(request)
        source = InteractionsSource(request.interactions, request.base)
        focus = (request.type, request.require_id()) if request.id else None
        return _answer(200, await execute(asked, source, focus, request.service.introspection), [])
    except FhirError as error:
        return _answer(STATUS[error.category], error_answer(error), headers_of(error))


def _answer(status: int, content: Any, headers: list[Header]) -> Response:
    return Response(status, [*headers, JSON], encode_json(content))


async def _asked(request: FhirRequest) -> GraphQLRequest:
    said: dict[str, Any] = dict(request.own_query)
    if unknown := said.keys() - _PARAMETERS:
        raise _malformed(f"$graphql knows query, operationName and variables, not {', '.join(sorted(unknown))[:100]}.")
    if isinstance(said.get("variables"), str):
        said["variables"] = decode_json(said["variables"].encode()) if said["variables"] else {}
    if request.method == "POST":
        said |= await _posted(request)
    return _request(said)


async def _posted(request: FhirRequest) -> Mapping[str, Any]:
    media_type = (request.header(b"content-type") or "").partition(";")[0].strip().lower()
    body = await read_body(request)
    if media_type == "application/graphql":
        return {"query": _text(body)}
    if media_type not in _JSON_TYPES:
        sentence = "Send the query as application/graphql, or JSON with query, operationName and variables as application/json."
        raise fault(Category.MEDIA_TYPE, "not-supported", sentence)
    said = decode_json(body)
    if not isinstance(said, dict):
        raise _malformed('The body is a JSON object such as {"query": "..."}.')
    return _of_parameters(said) if said.get("resourceType") == "Parameters" else said


def _of_parameters(body: dict[str, Any]) -> Mapping[str, Any]:
    listed = body.get("parameter")
    found = [one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict) and one.get("name") == "query"]
    return {"query": found[0].get("valueString")} if found else {}


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("The query is not UTF-8.") from None


def _request(said: Mapping[str, Any]) -> GraphQLRequest:
    query, operation, variables = said.get("query"), said.get("operationName"), said.get("variables")
    if not isinstance(query, str) or not query.strip():
        raise _malformed("There is no query; send it as the parameter 'query' or in the body.")
    if not isinstance(operation, str | None) or not isinstance(variables, dict | None):
        raise _malformed("operationName is a text, and variables are a JSON object.")
    return GraphQLRequest(query, operation or None, variables or {})


def _malformed(sentence: str) -> FhirError:
    return fault(Category.MALFORMED, "structure", sentence)
