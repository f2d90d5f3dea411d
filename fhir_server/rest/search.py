"""search by GET and by POST _search (https://hl7.org/fhir/R4/http.html#search, search.html)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fhir_server.interactions.outcome import SearchResult
from fhir_server.model.issue import Category, FhirError, Issue, fault, operation_outcome
from fhir_server.model.json_format import encode_json
from fhir_server.rest.body import read_body
from fhir_server.rest.bundle import bundle_bytes, found_entries, outcome_entry, url
from fhir_server.rest.media_type import is_form
from fhir_server.rest.representation import assembled
from fhir_server.rest.request import FhirRequest, Pairs, decoded_pairs
from fhir_server.rest.response import Response
from fhir_server.rest.summary import unknown_elements
from fhir_server.rest.view import VIEW_PARAMETERS

PAGE = "_page"
"""The parameter of a next link that says where the page before ended."""


async def search(request: FhirRequest) -> Response:
    """GET [type]?parameters"""
    return await _searched(request, request.query)


async def post_search(request: FhirRequest) -> Response:
    """POST [type]/_search: parameters of the form body after those of the URL."""
    pairs = [*request.query, *await _form(request)]
    request.view_with(pairs)
    return await _searched(request, pairs)


async def _form(request: FhirRequest) -> Pairs:
    source = await read_body(request)
    if source and not is_form(request.header(b"content-type") or ""):
        raise fault(Category.MEDIA_TYPE, "not-supported", "A _search body is application/x-www-form-urlencoded.")
    return decoded_pairs(source)


async def _searched(request: FhirRequest, pairs: Pairs) -> Response:
    view = request.view
    asked = [pair for pair in pairs if pair[0] not in VIEW_PARAMETERS]
    if view.summary == "count":
        asked.append(("_summary", "count"))
    result = await request.service.interactions.search(request.type, asked)
    if result.issues and request.is_strict:
        raise FhirError(Category.MALFORMED, [_as_error(issue) for issue in result.issues])
    shape = [pair for pair in pairs if pair[0] in VIEW_PARAMETERS]
    return await assembled(request, _searchset(request, result, shape))


def _as_error(issue: Issue) -> Issue:
    return replace(issue, severity="error")


def _searchset(request: FhirRequest, result: SearchResult, shape: Pairs) -> bytes:
    address = f"{request.base}/{request.type}"
    understood = [pair for pair in result.query.self_pairs if pair[0] not in VIEW_PARAMETERS] + shape
    links = {"self": url(address, understood)}
    if result.next is not None and request.view.summary != "count":
        links["next"] = url(address, [*(pair for pair in understood if pair[0] != PAGE), (PAGE, result.next)])
    return bundle_bytes("searchset", result.total, links, _entries(request, result))


def _entries(request: FhirRequest, result: SearchResult) -> Iterator[bytes]:
    if request.view.summary != "count":
        yield from found_entries(request, result.matches, b"match")
        yield from found_entries(request, result.includes, b"include")
    issues = [*result.issues, *unknown_elements(request.view, request.type, request.service.schema)]
    if issues:
        yield outcome_entry(encode_json(operation_outcome(issues)))
