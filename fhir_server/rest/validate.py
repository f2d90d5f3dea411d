"""$validate over HTTP (https://hl7.org/fhir/R4/resource-operation-validate.html): 200 with an OperationOutcome, whatever it says."""

from __future__ import annotations

from anyio.to_thread import run_sync

from fhir_server.model.issue import operation_outcome
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.model.repeated_name import repeated_names
from fhir_server.operations.validate import ValidateRequest, request_of_body, validated
from fhir_server.rest.body import read_resource
from fhir_server.rest.place import placed
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response


async def validate(request: FhirRequest) -> Response:
    """POST of the resource itself, or of Parameters with resource, profile and mode."""
    asked = request_of_body(await read_resource(request), request.type, request.parameter("profile"), request.parameter("mode"))
    return await _checked(request, asked)


async def validate_instance(request: FhirRequest) -> Response:
    """GET: the resource as it is stored."""
    stored = await request.service.interactions.read(request.type, request.id)
    resource = decode_resource(stored.content or b"")
    return await _checked(request, ValidateRequest(resource, request.parameter("profile"), request.parameter("mode")))


async def _checked(request: FhirRequest, asked: ValidateRequest) -> Response:
    issues = await run_sync(validated, request.service.validator, asked, request.type, request.id or None)
    if request.sent is not None:
        repeated = [] if request.sent.is_xml else await run_sync(repeated_names, request.sent.source)
        issues = [*repeated, *await placed(issues, request.sent, asked.below)]
    return await represented(request, 200, encode_json(operation_outcome(issues)), [])
