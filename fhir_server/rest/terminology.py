"""$expand, $validate-code, $lookup, $translate and $subsumes over HTTP (https://hl7.org/fhir/R4/terminology-service.html)."""

from __future__ import annotations

from datetime import UTC, datetime

from anyio.to_thread import run_sync

from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.operations import expand as expansion
from fhir_server.operations import lookup as looking_up
from fhir_server.operations import validate_code as validation
from fhir_server.operations.subsumes import subsumed
from fhir_server.operations.translate import translated_code
from fhir_server.rest.operation import answered, arguments_of
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response

OPERATION = "http://hl7.org/fhir/OperationDefinition/"
EXPAND, VALIDATE_CODE = OPERATION + "ValueSet-expand", OPERATION + "ValueSet-validate-code"
VALIDATE_CODE_IN_SYSTEM, LOOKUP = OPERATION + "CodeSystem-validate-code", OPERATION + "CodeSystem-lookup"
SUBSUMES, TRANSLATE = OPERATION + "CodeSystem-subsumes", OPERATION + "ConceptMap-translate"


async def expand(request: FhirRequest) -> Response:
    """The ValueSet with its expansion."""
    arguments, stored = await arguments_of(request, EXPAND, expansion.UNSUPPORTED), await _stored(request)
    service, now = request.service, datetime.now(UTC)
    made = await run_sync(expansion.expanded, arguments, service.definitions, service.validator.terminology, now, stored)
    return await answered(request, made)


async def validate_code(request: FhirRequest) -> Response:
    """Parameters, whether the code is in the value set or not."""
    arguments, stored = await arguments_of(request, VALIDATE_CODE, validation.UNSUPPORTED), await _stored(request)
    service, check = request.service, validation.validated_in_value_set
    made = await run_sync(check, arguments, service.definitions, service.validator.terminology, stored, request.language)
    return await answered(request, made)


async def validate_code_in_system(request: FhirRequest) -> Response:
    """The same for a code system."""
    arguments, stored = await arguments_of(request, VALIDATE_CODE_IN_SYSTEM, validation.UNSUPPORTED), await _stored(request)
    service, check = request.service, validation.validated_in_code_system
    made = await run_sync(check, arguments, service.definitions, service.validator.terminology, stored, request.language)
    return await answered(request, made)


async def lookup(request: FhirRequest) -> Response:
    """Parameters with what a code means; 404 where it is not here."""
    arguments = await arguments_of(request, LOOKUP, looking_up.UNSUPPORTED)
    service = request.service
    return await answered(request, await run_sync(looking_up.looked_up, arguments, service.definitions, service.validator.terminology))


async def subsumes(request: FhirRequest) -> Response:
    """Parameters with the outcome."""
    arguments, stored = await arguments_of(request, SUBSUMES), await _stored(request)
    service = request.service
    return await answered(request, await run_sync(subsumed, arguments, service.definitions, service.validator.terminology, stored))


async def translate(request: FhirRequest) -> Response:
    """Parameters with the matches."""
    arguments, stored = await arguments_of(request, TRANSLATE), await _stored(request)
    return await answered(request, await run_sync(translated_code, arguments, request.service.definitions, stored))


async def _stored(request: FhirRequest) -> Resource | None:
    """The resource that the address names, if it names one."""
    if not request.id:
        return None
    found = await request.interactions.read(request.type, request.id)
    return decode_resource(found.content or b"")
