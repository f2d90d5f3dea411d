"""search by GET and by POST _search, of a type, of all types or of a compartment
(https://hl7.org/fhir/R4/http.html#search, search.html, compartmentdefinition.html#search).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from fhir_server.interactions.outcome import SearchResult
from fhir_server.model.issue import Category, FhirError, fault, operation_outcome
from fhir_server.model.json_format import encode_json
from fhir_server.model.phrase import translated
from fhir_server.rest.body import read_body
from fhir_server.rest.bundle import bundle_bytes, found_entries, outcome_entry, url
from fhir_server.rest.media_type import is_form
from fhir_server.rest.representation import assembled
from fhir_server.rest.request import FhirRequest, Pairs, decoded_pairs
from fhir_server.rest.response import Response
from fhir_server.rest.search_place import SearchPlace, search_place
from fhir_server.rest.summary import unknown_elements
from fhir_server.rest.view import VIEW_PARAMETERS
from fhir_server.search.scope import refusal

PAGE = "_page"
"""The parameter of a link that says where the page begins, or ends."""


async def search(request: FhirRequest) -> Response:
    """GET [type]?parameters, GET ?parameters, GET [compartment]/[id]/[type]?parameters"""
    return await _searched(request, request.query)


async def post_search(request: FhirRequest) -> Response:
    """POST [type]/_search, and the like of the others: parameters of the form body after those of the URL."""
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
    if request.note is not None:
        request.note.asks(urlencode(pairs))
    asked = [pair for pair in pairs if pair[0] not in VIEW_PARAMETERS]
    if view.summary == "count":
        asked.append(("_summary", "count"))
    place = search_place(request)
    result = await request.interactions.search(place.type, asked, place.compartment, tolerant=not request.is_strict)
    if refused := [issue for issue in result.issues if request.is_strict or issue.is_error]:
        raise FhirError(Category.MALFORMED, [refusal(issue) for issue in refused])
    shape = [pair for pair in pairs if pair[0] in VIEW_PARAMETERS]
    return await assembled(request, _searchset(request, place, result, shape, [value for name, value in pairs if name == PAGE]))


def _searchset(request: FhirRequest, place: SearchPlace, result: SearchResult, shape: Pairs, pages: list[str]) -> bytes:
    understood = [pair for pair in result.query.self_pairs if pair[0] not in VIEW_PARAMETERS] + shape
    asked = [(PAGE, page) for page in pages[-1:]]
    links = {"self": url(place.address, [*understood, *asked])}
    if not (request.view.summary == "count" or result.query.counts_only):
        if asked or result.next is not None:
            links["first"] = url(place.address, understood)
        neighbours = (("prev", result.previous), ("next", result.next), ("last", result.last))
        links |= {relation: url(place.address, [*understood, (PAGE, page)]) for relation, page in neighbours if page is not None}
    return bundle_bytes("searchset", result.total, links, _entries(request, place, result))


def _entries(request: FhirRequest, place: SearchPlace, result: SearchResult) -> Iterator[bytes]:
    if request.view.summary != "count":
        yield from found_entries(request, result.matches, b"match")
        yield from found_entries(request, result.includes, b"include")
    unknown = unknown_elements(request.view, place.type, request.service.schema) if place.type else []
    if issues := [*result.issues, *result.told, *unknown]:
        yield outcome_entry(encode_json(operation_outcome(translated(issues, request.language))))
