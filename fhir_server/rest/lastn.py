"""Observation/$lastn over HTTP: search parameters of Observation, and `max`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fhir_server.model.issue import Category, FhirError, Issue, fault, operation_outcome
from fhir_server.model.json_format import encode_json
from fhir_server.operations.arguments import Arguments, from_body, from_query
from fhir_server.operations.last_observations import LastObservations, last_observations
from fhir_server.rest.body import read_body, read_resource
from fhir_server.rest.bundle import bundle_bytes, found_entries, outcome_entry, url
from fhir_server.rest.media_type import is_form
from fhir_server.rest.representation import assembled
from fhir_server.rest.request import FhirRequest, Pairs, decoded_pairs
from fhir_server.rest.response import Response
from fhir_server.rest.view import VIEW_PARAMETERS

LASTN = "http://hl7.org/fhir/OperationDefinition/Observation-lastn"


async def lastn(request: FhirRequest) -> Response:
    """A searchset, most recent first."""
    arguments = await _asked(request)
    most = arguments.integer("max", 1) or 1
    pairs = [(name, value) for name in arguments.values if name != "max" for value in arguments.texts(name)]
    found = await last_observations(request.interactions, pairs, most)
    if found.issues and request.is_strict:
        raise FhirError(Category.MALFORMED, [replace(issue, severity="error") for issue in found.issues])
    return await assembled(request, _searchset(request, pairs, most, found))


async def _asked(request: FhirRequest) -> Arguments:
    """By any name: search parameters are no parameters of the OperationDefinition."""
    if request.method != "POST":
        return from_query(request.own_query)
    if is_form(request.header(b"content-type") or ""):
        return from_query([*request.own_query, *decoded_pairs(await read_body(request))])
    body = await read_resource(request)
    if body.get("resourceType") != "Parameters":
        raise fault(Category.MALFORMED, "structure", "$lastn is sent Parameters, or a form.")
    return from_body(body, request.own_query, {})


def _searchset(request: FhirRequest, pairs: Pairs, most: int, found: LastObservations) -> bytes:
    asked = [("max", str(most)), *pairs, *(pair for pair in request.query if pair[0] in VIEW_PARAMETERS)]
    links = {"self": url(f"{request.base}/Observation/$lastn", asked)}
    return bundle_bytes("searchset", len(found.observations), links, _entries(request, found))


def _entries(request: FhirRequest, found: LastObservations) -> Iterator[bytes]:
    yield from found_entries(request, found.observations, b"match")
    issues: list[Issue] = found.issues
    if issues:
        yield outcome_entry(encode_json(operation_outcome(issues)))
