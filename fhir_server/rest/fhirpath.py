"""$fhirpath over HTTP: 200 with the values, 422 with the place in the expression where it is wrong."""

from __future__ import annotations

from anyio.to_thread import run_sync

from fhir_server.model.json_format import encode_json
from fhir_server.operations.fhirpath import answered
from fhir_server.rest.body import read_resource
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response


async def fhirpath(request: FhirRequest) -> Response:
    """POST of Parameters with `expression`, `resource` and optionally `context`."""
    body = await read_resource(request)
    request.sent = None  # a line and column of the expression, not of the body
    service = request.service
    found = await run_sync(answered, body, service.schema, f"Passerelle {service.settings.software_version}")
    return await represented(request, 200, encode_json(found), [])
