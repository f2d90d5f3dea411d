"""Resources as bytes in the asked form. JSON leaves as it was stored; anything else is decoded and written anew."""

from __future__ import annotations

from typing import Any

import msgspec
from anyio.to_thread import run_sync

from fhir_server.model.issue import FhirError, operation_outcome
from fhir_server.model.json_format import decode_resource, encode_json, pretty_json
from fhir_server.model.phrase import translated
from fhir_server.model.schema import Schema
from fhir_server.model.xml_format import encode_xml
from fhir_server.model.xml_indentation import indented_xml
from fhir_server.rest.media_type import JSON
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Header, Response
from fhir_server.rest.summary import subset
from fhir_server.rest.view import View

INLINE_BYTES = 16 * 1024
"""A larger resource is rewritten in a thread."""

JSON_VIEW = View(JSON, JSON.content_type)


async def represented(request: FhirRequest, status: int, content: bytes, headers: list[Header]) -> Response:
    """A response with a resource that is there as JSON bytes."""
    view = request.view
    headers.append((b"content-type", view.content_type))
    return Response(status, headers, content if view.serves_stored_bytes else await _rewritten(content, view, request.service.schema))


async def assembled(request: FhirRequest, content: bytes) -> Response:
    """A response with a Bundle whose entries have been cut to the view already."""
    view = request.view
    whole = View(view.format, view.content_type, view.pretty)
    return Response(200, [(b"content-type", view.content_type)], await _rewritten(content, whole, request.service.schema))


async def _rewritten(content: bytes, view: View, schema: Schema) -> bytes:
    if view.serves_stored_bytes:
        return content
    if len(content) <= INLINE_BYTES:
        return rewritten(content, view, schema)
    return await run_sync(rewritten, content, view, schema)


def rewritten(content: bytes, view: View, schema: Schema) -> bytes:
    """JSON bytes of a resource in the form of the view."""
    if view.format.name == "json" and view.is_whole:
        return msgspec.json.format(content, indent=2) if view.pretty else content
    return encoded(subset(decode_resource(content), view, schema), view, schema)


def encoded(resource: dict[str, Any], view: View, schema: Schema) -> bytes:
    """A resource as bytes in the view's format."""
    if view.format.name == "xml":
        written = encode_xml(resource, schema)
        return indented_xml(written) if view.pretty else written
    return pretty_json(resource) if view.pretty else encode_json(resource)


def cut(content: bytes, view: View, schema: Schema) -> bytes:
    """JSON bytes of the part of a resource that the view asks for, in JSON whatever the view's format."""
    return content if view.is_whole else encode_json(subset(decode_resource(content), view, schema))


def outcome_of(request: FhirRequest, status: int, error: FhirError, headers: list[Header]) -> Response:
    """A refusal as an OperationOutcome, in JSON where the asked form cannot be had."""
    try:
        view = View(request.view.format, request.view.content_type, request.view.pretty)
    except FhirError:
        view = JSON_VIEW
    body = encoded(operation_outcome(translated(error.issues, request.language)), view, request.service.schema)
    return Response(status, [*headers, (b"content-type", view.content_type)], body)
