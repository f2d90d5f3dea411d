"""create, update, patch and delete, by id and by condition (https://hl7.org/fhir/R4/http.html#create, #update, #patch, #delete)."""

from __future__ import annotations

from urllib.parse import urlencode

from fhir_server.interactions.outcome import Outcome
from fhir_server.model.issue import Category, Issue, fault, operation_outcome
from fhir_server.model.json_format import encode_json
from fhir_server.model.phrase import translated
from fhir_server.rest.body import read_patch, read_resource
from fhir_server.rest.prefer import Return
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
    _require_no_search(request)
    resource = await read_resource(request)
    outcome = await request.interactions.create(request.type, resource, request.header(b"if-none-exist"))
    return await _written(request, outcome)


def _require_no_search(request: FhirRequest) -> None:
    """MALFORMED: to pass over a search that was meant as a condition would make a duplicate."""
    if request.scope["query_string"] and request.own_query:
        mend = f"send If-None-Exist: {urlencode(request.own_query)[:200]} to create only where nothing matches"
        raise fault(Category.MALFORMED, "not-supported", f"A create takes no search in its URL; {mend}, or leave it out.")


async def update(request: FhirRequest) -> Response:
    """200, or 201 where nothing stood under the id; with If-None-Match: * only the latter."""
    resource = await read_resource(request)
    conditions = (request.header(b"if-match"), request.header(b"if-none-match"))
    return await _written(request, await request.interactions.update(request.type, request.require_id(), resource, *conditions))


async def update_match(request: FhirRequest) -> Response:
    """200 where the search of the URL found one resource, 201 where it found none, 412 where it found several."""
    search = _condition(request)
    resource = await read_resource(request)
    outcome = await request.interactions.update_match(request.type, search, resource, request.header(b"if-match"))
    return await _written(request, outcome)


async def patch(request: FhirRequest) -> Response:
    """200; 404 where there is nothing to patch, 422 where the patch does not apply."""
    read = await read_patch(request)
    outcome = await request.interactions.patch(request.type, request.require_id(), read, request.header(b"if-match"))
    return await _written(request, outcome)


async def patch_match(request: FhirRequest) -> Response:
    """200 where the search of the URL found one resource, 404 where it found none, 412 where it found several."""
    search = _condition(request)
    read = await read_patch(request)
    outcome = await request.interactions.patch_match(request.type, search, read, request.header(b"if-match"))
    return await _written(request, outcome)


async def delete(request: FhirRequest) -> Response:
    """204 (200 with a wanted OperationOutcome), whether or not the resource was there."""
    outcome = await request.interactions.delete(request.type, request.require_id(), request.header(b"if-match"))
    return await _deleted(request, [outcome])


async def delete_match(request: FhirRequest) -> Response:
    """204 whether the search of the URL found something or not; 412 where it found several and only one may be deleted."""
    outcomes = await request.interactions.delete_match(request.type, _condition(request), request.header(b"if-match"))
    return await _deleted(request, outcomes)


def _condition(request: FhirRequest) -> str:
    """The search of the URL; PRECONDITION where it says nothing."""
    if not request.own_query:
        sentence = f"{request.method} needs an id, as in {request.type}/123, or a search, as in {request.type}?identifier=x."
        raise fault(Category.PRECONDITION, "required", sentence)
    return urlencode(request.own_query)


async def _deleted(request: FhirRequest, outcomes: list[Outcome]) -> Response:
    stored = outcomes[0].stored if len(outcomes) == 1 else None
    headers = version_headers(stored) if stored else []
    if request.preferences.returns == "OperationOutcome":
        return await represented(request, 200, _told(request, outcomes), headers)
    return Response(204, headers)


async def _written(request: FhirRequest, outcome: Outcome) -> Response:
    return await written(request, outcome)


async def written(request: FhirRequest, outcome: Outcome, default: Return | None = None) -> Response:
    """The answer to a create, update or patch; `default` is what comes back where nothing is preferred."""
    stored, status = outcome.stored, STATUS[outcome.status]
    if stored is None or stored.content is None:
        raise AssertionError("a write has a result")
    headers = [_location(request, stored), *version_headers(stored)]
    wanted = request.preferences.returns or default
    if wanted == "minimal":
        return Response(status, headers)
    return await represented(request, status, _told(request, [outcome]) if wanted == "OperationOutcome" else stored.content, headers)


def _location(request: FhirRequest, stored: Stored) -> Header:
    return b"location", f"{request.base}/{stored.type}/{stored.id}/_history/{stored.version}".encode()


def _told(request: FhirRequest, outcomes: list[Outcome]) -> bytes:
    issues = [issue for outcome in outcomes for issue in _issues(request, outcome)]
    return encode_json(operation_outcome(issues or [Issue("information", "informational", "Nothing matched; nothing changed.")]))


def _issues(request: FhirRequest, outcome: Outcome) -> list[Issue]:
    stored = outcome.stored
    name = f"{stored.type}/{stored.id}" if stored else f"{request.type}/{request.id}"
    sentence = _SENTENCE[outcome.status].format(name, stored.version if stored else "")
    return [Issue("information", "informational", sentence), *translated(outcome.issues, request.language)]
