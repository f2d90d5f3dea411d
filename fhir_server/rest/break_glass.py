"""$break-glass over HTTP: POST Patient/[id]/$break-glass with a `reason`. 200 whether or not there is such a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import structlog

from fhir_server.access.permission import insufficient, permits
from fhir_server.model.issue import Category, Issue, fault, operation_outcome
from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.operations.break_glass import LONGEST_REASON, opening
from fhir_server.rest.operation import sent_arguments
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.search.sight.marks import TENANT
from fhir_server.security.caller import ITSELF

BREAK_GLASS = "OperationDefinition/passerelle-break-glass"
_PROFESSIONAL = frozenset(("Organization", "Practitioner", "PractitionerRole"))
log = structlog.stdlib.get_logger("passerelle.access")


async def break_glass(request: FhirRequest) -> Response:
    """FORBIDDEN for who is nobody in the record, for the person, and where the settings do not allow it."""
    hours = request.service.settings.break_glass_hours
    _require_professional(request, hours)
    reason = (await sent_arguments(request)).required("reason")[:LONGEST_REASON]
    if request.note is not None:
        request.note.explains(reason)
    if await _is_there(request):
        itself = replace(ITSELF, tenant=request.caller.tenant)
        opened = opening(request.id, request.caller.actors, reason, datetime.now(UTC), hours)
        await request.service.interactions_of(itself, request.note).transaction(opened)
        log.warning("emergency access", subject=request.caller.subject, client=request.caller.client)
    return await represented(request, 200, encode_json(operation_outcome([_told(request.id, hours)])), [])


def _told(id_: str, hours: float) -> Issue:
    whom = "Its circle and the data protection officer are told."
    return Issue("information", "informational", f"If there is a Patient/{id_}, its record is open to you for {hours:g} hours. {whom}")


def _require_professional(request: FhirRequest, hours: float) -> None:
    request.require_id()
    if not hours:
        raise fault(Category.FORBIDDEN, "forbidden", "Emergency access is not allowed on this server (the setting break_glass_hours).")
    if request.caller.patient or not any(type_name in _PROFESSIONAL for type_name, _ in request.caller.actors):
        sentence = "Emergency access is for professionals and structures that are known in the record (the actors of a client or token)."
        raise fault(Category.FORBIDDEN, "forbidden", sentence)
    if not permits(request.caller, "Patient", "r"):
        raise insufficient(request.caller, "Patient", "r")


async def _is_there(request: FhirRequest) -> bool:
    """A person of the caller's tenant; who has none asks of all."""
    interactions, tenant = request.service.interactions, request.caller.tenant
    found = await interactions.store.read("Patient", request.id)
    if found is None or found.content is None:
        return False
    return not tenant or TENANT + tenant in interactions.marks_of(decode_json(found.content), request.id)
