"""create, update and delete (https://hl7.org/fhir/R4/http.html#create, #update, #delete)."""

from __future__ import annotations

from fhir_server.interactions.outcome import Outcome
from fhir_server.model.issue import Issue, operation_outcome
from fhir_server.model.json_format import encode_json
from fhir_server.model.phrase import translated
from fhir_server.rest.body import read_resource
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Header, Response
from fhir_server.rest.versioning import version_headers
from fhir_server.store.stored import Stored

STATUS = {"created": 201, "updated": 200, "unchanged": 200, "matched": 200}
_SENTENCE = {
    "created": "{} was created as version {}.",
    "updated": "{} was updated; it is now version {}.",
    "unchanged": "{} was this already; it is still version {}.",
    "matched": "{} matched If-None-Exist in version {}; nothing was created.",
    "deleted": "{} was deleted; version {} says so.",
    "absent": "{} was not there; nothing changed.",
}


async def create(request: FhirRequest) -> Response:
    """201, or 200 where If-None-Exist found the resource."""
    resource = await read_resource(request)
    outcome = await request.service.interactions.create(request.type, resource, request.header(b"if-none-exist"))
    return await _written(request, outcome)


async def update(request: FhirRequest) -> Response:
    """200, or 201 where nothing stood under the id."""
    resource = await read_resource(request)
    outcome = await request.service.interactions.update(request.type, request.require_id(), resource, request.header(b"if-match"))
    return await _written(request, outcome)


async def delete(request: FhirRequest) -> Response:
    """204 (200 with a wanted OperationOutcome), whether or not the resource was there."""
    outcome = await request.service.interactions.delete(request.type, request.require_id(), request.header(b"if-match"))
    headers = version_headers(outcome.stored) if outcome.stored else []
    if request.preferences.returns == "OperationOutcome":
        return await represented(request, 200, _told(request, outcome), headers)
    return Response(204, headers)


async def _written(request: FhirRequest, outcome: Outcome) -> Response:
    stored, status = outcome.stored, STATUS[outcome.status]
    if stored is None or stored.content is None:
        raise AssertionError("a write has a result")
    headers = [_location(request, stored), *version_headers(stored)]
    wanted = request.preferences.returns
    if wanted == "minimal":
        return Response(status, headers)
    return await represented(request, status, _told(request, outcome) if wanted == "OperationOutcome" else stored.content, headers)


def _location(request: FhirRequest, stored: Stored) -> Header:
    return b"location", f"{request.base}/{stored.type}/{stored.id}/_history/{stored.version}".encode()


def _told(request: FhirRequest, outcome: Outcome) -> bytes:
    stored = outcome.stored
    name = f"{stored.type}/{stored.id}" if stored else f"{request.type}/{request.id}"
    sentence = _SENTENCE[outcome.status].format(name, stored.version if stored else "")
    return encode_json(operation_outcome([Issue("information", "informational", sentence), *translated(outcome.issues, request.language)]))
