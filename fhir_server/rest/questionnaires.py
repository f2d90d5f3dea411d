"""Operations on forms over HTTP: SDC's $populate (https://hl7.org/fhir/uv/sdc/STU4/), and $explain-score of our own."""

from __future__ import annotations

from datetime import UTC, datetime

from anyio.to_thread import run_sync

from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.operations import explain_score as explanation
from fhir_server.operations import populate as population
from fhir_server.operations.form_source import FormSource
from fhir_server.operations.populate import FormDesk
from fhir_server.rest.operation import answered, defined_arguments
from fhir_server.rest.operation_definition import PLACE
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response

POPULATE = "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate"
EXPLAIN_SCORE = f"{PLACE}passerelle-explain-score"


async def populate(request: FhirRequest) -> Response:
    """Parameters with the response and what could not be told."""
    arguments = await defined_arguments(request, population.DEFINITION, population.UNSUPPORTED)
    stored = await stored_form(request)
    return await answered(request, await run_sync(population.populated, arguments, form_desk(request), stored))


async def explain_score(request: FhirRequest) -> Response:
    """Parameters with each answer that counts, and the text of it all."""
    arguments, stored = await defined_arguments(request, explanation.DEFINITION), await stored_form(request)
    return await answered(request, await run_sync(explanation.explained, arguments, form_desk(request), stored))


def form_desk(request: FhirRequest) -> FormDesk:
    """What the caller may read, and what is defined here."""
    source = FormSource(request.interactions, request.base)
    service = request.service
    return FormDesk(source, service.definitions, service.validator.terminology, datetime.now(UTC), request.language)


async def stored_form(request: FhirRequest) -> Resource | None:
    """The resource that the address names, if it names one."""
    if not request.id:
        return None
    found = await request.interactions.read(request.type, request.id)
    return decode_resource(found.content or b"")
