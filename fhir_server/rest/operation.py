"""Operations over HTTP (https://hl7.org/fhir/R4/operations.html#executing): by GET with everything in the address, or by POST of
Parameters, of the one resource that is asked about, or of a form.
"""

from __future__ import annotations

from collections.abc import Collection

from fhir_server.model.json_format import Resource, encode_json
from fhir_server.operations.arguments import Arguments, checked, from_body, from_query
from fhir_server.rest.body import read_body, read_resource
from fhir_server.rest.media_type import is_form
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest, decoded_pairs
from fhir_server.rest.response import Response


async def arguments_of(request: FhirRequest, operation: str, unsupported: Collection[str] = (), also: Collection[str] = ()) -> Arguments:
    """What was asked, checked against the OperationDefinition; `unsupported` names of it are refused, `also` names beside it taken."""
    definition = request.service.definitions.resolve(operation) or {}
    return checked(await _sent(request, definition), definition, unsupported, also)


async def defined_arguments(request: FhirRequest, definition: Resource, unsupported: Collection[str] = ()) -> Arguments:
    """The same by a definition that no package needs to have: its code and the names of its parameters."""
    return checked(await _sent(request, definition), definition, unsupported)


async def sent_arguments(request: FhirRequest) -> Arguments:
    """What was asked of an operation that R4 does not define, unchecked: the address, a form or Parameters."""
    return await _sent(request, {})


async def _sent(request: FhirRequest, definition: Resource) -> Arguments:
    if request.method != "POST":
        return from_query(request.own_query)
    if is_form(request.header(b"content-type") or ""):
        return from_query([*request.own_query, *decoded_pairs(await read_body(request))])
    if request.header(b"content-type") is None and not _has_body(request):
        return from_query(request.own_query)
    return from_body(await read_resource(request), request.own_query, definition)


def _has_body(request: FhirRequest) -> bool:
    return request.header(b"content-length") not in (None, "0") or request.header(b"transfer-encoding") is not None


async def answered(request: FhirRequest, resource: Resource) -> Response:
    """200 with the resource that the operation gave: its `return`, or Parameters."""
    return await represented(request, 200, encode_json(resource), [])
