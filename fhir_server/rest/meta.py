"""$meta, $meta-add and $meta-delete over HTTP (https://hl7.org/fhir/R4/resource-operation-meta.html): 200 with Parameters."""

from __future__ import annotations

from fhir_server.model.json_format import Resource, encode_json
from fhir_server.operations.meta import adding, asked_meta, deleting, meta_of, returned, used_meta
from fhir_server.patch import Patch
from fhir_server.rest.body import read_resource
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response


async def meta(request: FhirRequest) -> Response:
    """Of a resource, or what all resources of a type, or of the server, have in use."""
    if request.id:
        stored = await request.interactions.read(request.type, request.id)
        return await _answered(request, returned(meta_of(stored.content)))
    types = [request.type] if request.type else sorted(request.service.schema.resource_types)
    return await _answered(request, returned(await used_meta(request.interactions, types)))


async def meta_of_version(request: FhirRequest) -> Response:
    """Of one version."""
    stored = await request.interactions.vread(request.type, request.id, request.version)
    return await _answered(request, returned(meta_of(stored.content)))


async def meta_add(request: FhirRequest) -> Response:
    """Add profiles, tags and labels."""
    return await _changed(request, adding(asked_meta(await read_resource(request))))


async def meta_delete(request: FhirRequest) -> Response:
    """Take profiles, tags and labels away."""
    return await _changed(request, deleting(asked_meta(await read_resource(request))))


async def _changed(request: FhirRequest, change: Patch) -> Response:
    outcome = await request.interactions.patch(request.type, request.require_id(), change, request.header(b"if-match"))
    return await _answered(request, returned(meta_of(outcome.stored.content if outcome.stored else None)))


async def _answered(request: FhirRequest, parameters: Resource) -> Response:
    return await represented(request, 200, encode_json(parameters), [])
