"""GET /metadata and /openapi.json: made when first asked for, then kept (https://hl7.org/fhir/R4/http.html#capabilities)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from anyio.to_thread import run_sync

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import encode_json
from fhir_server.rest.authentication import Authenticator
from fhir_server.rest.capability import capability_statement
from fhir_server.rest.openapi import openapi
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.rest.service import Service
from fhir_server.security import smart_configuration as smart

MAX_KEPT = 16
"""The base comes from the Host header, so what is kept must end somewhere."""


async def metadata(request: FhirRequest) -> Response:
    """The CapabilityStatement; `mode=full` and `normative` are the same here."""
    if (mode := request.parameter("mode")) not in (None, "full", "normative"):
        raise fault(Category.NOT_SUPPORTED, "not-supported", f"mode={mode} is not supported; use full.")
    return await represented(request, 200, await _kept(request, "metadata", capability_statement), [])


async def openapi_document(request: FhirRequest) -> Response:
    """OpenAPI 3.1, as application/json whatever is accepted."""
    return Response(200, [(b"content-type", b"application/json")], await _kept(request, "openapi", openapi))


async def smart_configuration(request: FhirRequest) -> Response:
    """What SMART clients look for below the base; NOT_FOUND where callers are not authenticated."""
    authentication = request.service.authentication
    if not isinstance(authentication, Authenticator) or (place := authentication.place_of(request.scope)) is None:
        sentence = "This server does not authenticate callers, so it has no SMART configuration (the setting authentication is off)."
        raise fault(Category.NOT_FOUND, "not-supported", sentence)
    document = smart.smart_configuration(place.root, authentication.protection)
    return Response(200, [(b"content-type", b"application/json")], msgspec.json.encode(document))


async def _kept(request: FhirRequest, name: str, make: Callable[[Service, str], dict[str, Any]]) -> bytes:
    documents, key = request.service.documents, (name, request.base, *request.service.acceptance.topics)
    if key not in documents:
        made = await run_sync(lambda: encode_json(make(request.service, request.base)))
        if len(documents) >= MAX_KEPT:
            documents.clear()
        documents[key] = made
    return documents[key]
