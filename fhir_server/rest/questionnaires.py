"""Operations on forms over HTTP: SDC's $populate, $extract and $assemble (https://hl7.org/fhir/uv/sdc/STU4/), $explain-score and
$questionnaire-package of our own. None of them stores anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from anyio.to_thread import run_sync

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.operations import assemble as assembly
from fhir_server.operations import explain_score as explanation
from fhir_server.operations import extract as extraction
from fhir_server.operations import populate as population
from fhir_server.operations import questionnaire_package as packaging
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.form_source import FormSource
from fhir_server.operations.populate import FormDesk
from fhir_server.rest.operation import answered, defined_arguments
from fhir_server.rest.operation_definition import PLACE
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response

SDC = "http://hl7.org/fhir/uv/sdc/OperationDefinition/"
POPULATE, ASSEMBLE, EXTRACT = f"{SDC}Questionnaire-populate", f"{SDC}Questionnaire-assemble", f"{SDC}QuestionnaireResponse-extract"
PACKAGE = f"{PLACE}passerelle-questionnaire-package"
EXPLAIN_SCORE = f"{PLACE}passerelle-explain-score"

Work = Callable[[Arguments, FormDesk, Resource | None], Resource]


async def populate(request: FhirRequest) -> Response:
    """Parameters with the response and what could not be told."""
    arguments = await defined_arguments(request, population.DEFINITION, population.UNSUPPORTED)
    stored = await stored_form(request)
    return await answered(request, await _worked_on(population.populated, arguments, request, stored))


async def explain_score(request: FhirRequest) -> Response:
    """Parameters with each answer that counts, and the text of it all."""
    arguments, stored = await defined_arguments(request, explanation.DEFINITION), await stored_form(request)
    return await answered(request, await _worked_on(explanation.explained, arguments, request, stored))


async def extract(request: FhirRequest) -> Response:
    """Parameters with the transaction, and what there is to tell."""
    arguments, stored = await defined_arguments(request, extraction.DEFINITION), await stored_form(request)
    return await answered(request, await _worked_on(extraction.extracted_from, arguments, request, stored))


async def assemble(request: FhirRequest) -> Response:
    """Parameters with the form that has no modules any more."""
    arguments, stored = await defined_arguments(request, assembly.DEFINITION), await stored_form(request)
    return await answered(request, await _worked_on(assembly.assembled_form, arguments, request, stored))


async def questionnaire_package(request: FhirRequest) -> Response:
    """Parameters with a Bundle of the form and what it needs."""
    arguments, stored = await defined_arguments(request, packaging.DEFINITION), await stored_form(request)
    return await answered(request, await _worked_on(packaging.packaged, arguments, request, stored))


async def _worked_on(work: Work, arguments: Arguments, request: FhirRequest, stored: Resource | None) -> Resource:
    """What an operation makes, in a worker thread; INVALID where a form is nested deeper than it can be worked through."""
    try:
        return await run_sync(work, arguments, form_desk(request), stored)
    except RecursionError:
        sentence = "The form, its modules, its templates or the response are nested too deep to be worked through; make them flatter."
        raise fault(Category.INVALID, "too-costly", sentence) from None


def form_desk(request: FhirRequest) -> FormDesk:
    """What the caller may read, and what is defined here."""
    source = FormSource(request.interactions, request.base)
    service = request.service
    may_condition = request.caller.whole and not request.caller.patient
    return FormDesk(source, service.definitions, service.validator.terminology, datetime.now(UTC), request.language, may_condition)


async def stored_form(request: FhirRequest) -> Resource | None:
    """The resource that the address names, if it names one."""
    if not request.id:
        return None
    found = await request.interactions.read(request.type, request.id)
    return decode_resource(found.content or b"")
