"""$validate over HTTP (https://hl7.org/fhir/R4/resource-operation-validate.html): 200 with an OperationOutcome, whatever it says.

Many at once: POST /$validate takes NDJSON (an OperationOutcome a line comes back) and a Bundle, whose entries are checked one by one
(a batch-response comes back). A Bundle sent to /Bundle/$validate is checked as the one resource that it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from anyio.to_thread import run_sync

from fhir_server.model.issue import Category, FhirError, Issue, operation_outcome
from fhir_server.model.json_format import Resource, decode_resource, encode_json
from fhir_server.model.phrase import translated
from fhir_server.model.position import with_places
from fhir_server.model.repeated_name import repeated_names
from fhir_server.operations.validate import ResourceValidator, ValidateRequest, each_entry, request_of_body, validated
from fhir_server.rest.body import read_body, read_faulty_resource
from fhir_server.rest.place import placed
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response

NDJSON = ("application/fhir+ndjson", "application/ndjson", "application/x-ndjson")


async def validate(request: FhirRequest) -> Response:
    """POST of the resource itself, or of Parameters with resource, profile and mode."""
    body, faults = await read_faulty_resource(request)
    return await _checked(request, _asked(request, body), faults)


async def validate_instance(request: FhirRequest) -> Response:
    """GET: the resource as it is stored."""
    stored = await request.interactions.read(request.type, request.id)
    resource = decode_resource(stored.content or b"")
    return await _checked(request, ValidateRequest(resource, request.parameter("profile"), request.parameter("mode")))


async def validate_any(request: FhirRequest) -> Response:
    """POST without a type: one resource, each entry of a Bundle, or each line of NDJSON."""
    if (request.header(b"content-type") or "").partition(";")[0].strip().lower() in NDJSON:
        return await _lines(request, await read_body(request))
    body, faults = await read_faulty_resource(request)
    asked = _asked(request, body)
    if asked.resource is None or asked.resource.get("resourceType") != "Bundle":
        return await _checked(request, asked, faults)
    if faults:
        raise FhirError(Category.MALFORMED, tuple(faults))  # a batch-response has a place for each entry, none for the Bundle
    return await _entries(request, asked.resource, asked.profile)


def _asked(request: FhirRequest, body: Resource) -> ValidateRequest:
    return request_of_body(body, request.type, request.parameter("profile"), request.parameter("mode"))


async def _checked(request: FhirRequest, asked: ValidateRequest, faults: Sequence[Issue] = ()) -> Response:
    issues = await run_sync(validated, request.service.validator, asked, request.type, request.id or None)
    if request.sent is not None:
        repeated = [] if request.sent.is_xml else await run_sync(repeated_names, request.sent.source)
        issues = [*repeated, *await placed(issues, request.sent, asked.below)]
    return await represented(request, 200, encode_json(_outcome([*faults, *issues], request.language)), [])


def _outcome(issues: list[Issue], language: str) -> Resource:
    outcome = operation_outcome(translated(issues, language))
    return outcome if language == "en" else {"resourceType": outcome.pop("resourceType"), "language": language, **outcome}


async def _entries(request: FhirRequest, bundle: Resource, profile: str | None) -> Response:
    found = await run_sync(each_entry, request.service.validator, bundle, profile)
    answers = [{"response": {"status": "200", "outcome": _outcome(issues, request.language)}} for issues in found]
    answer: Resource = {"resourceType": "Bundle", "type": "batch-response"} | ({"entry": answers} if answers else {})
    return await represented(request, 200, encode_json(answer), [])


async def _lines(request: FhirRequest, source: bytes) -> Response:
    told = await run_sync(_each_line, request.service.validator, source, request.parameter("profile"), request.language)
    return Response(200, [(b"content-type", b"application/fhir+ndjson")], told)


def _each_line(validator: ResourceValidator, source: bytes, profile: str | None, language: str) -> bytes:
    """A line for each line that is not empty, in the same order; an issue's line is that of the body."""
    numbered = [(number, line) for number, line in enumerate(source.splitlines(), 1) if line.strip()]
    found = ([replace(issue, line=number) for issue in _of_line(validator, line, profile)] for number, line in numbered)
    return b"".join(encode_json(_outcome(issues, language)) + b"\n" for issues in found)


def _of_line(validator: ResourceValidator, line: bytes, profile: str | None) -> list[Issue]:
    try:
        return with_places(validator.validate(decode_resource(line), profile), line)
    except FhirError as error:
        return list(error.issues)
