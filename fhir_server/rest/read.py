"""read and vread (https://hl7.org/fhir/R4/http.html#read, #vread)."""

from __future__ import annotations

from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.rest.versioning import is_unmodified, version_headers
from fhir_server.store.stored import Stored


async def read(request: FhirRequest) -> Response:
    """200, 304, 404, or 410 where it was deleted."""
    return await _answer(request, await request.interactions.read(request.type, request.id))


async def vread(request: FhirRequest) -> Response:
    """One version."""
    return await _answer(request, await request.interactions.vread(request.type, request.id, request.version))


async def _answer(request: FhirRequest, stored: Stored) -> Response:
    headers = version_headers(stored)
    if is_unmodified(request.headers, stored):
        return Response(304, headers)
    return await represented(request, 200, stored.content or b"", headers)
