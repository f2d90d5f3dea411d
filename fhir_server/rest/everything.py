"""$everything over HTTP: Patient/[id], Patient and Encounter/[id], by GET and by POST of Parameters."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from fhir_server.model.issue import Category, fault
from fhir_server.model.temporal import parse_temporal
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.everything import MAX_PAGE, Everything, EverythingPage, EverythingRequest
from fhir_server.rest.bundle import bundle_bytes, found_entries, url
from fhir_server.rest.operation import arguments_of
from fhir_server.rest.representation import assembled
from fhir_server.rest.request import FhirRequest, Pairs
from fhir_server.rest.response import Response
from fhir_server.rest.search import PAGE
from fhir_server.rest.view import VIEW_PARAMETERS

PATIENT_EVERYTHING = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
ENCOUNTER_EVERYTHING = "http://hl7.org/fhir/OperationDefinition/Encounter-everything"
UTC = ZoneInfo("UTC")


async def everything(request: FhirRequest) -> Response:
    """A searchset: what belongs to the focus as matches, what that refers to as includes; a next link while there is more."""
    is_encounter = request.type == "Encounter"
    arguments = await arguments_of(request, ENCOUNTER_EVERYTHING if is_encounter else PATIENT_EVERYTHING, also=(PAGE,))
    if request.id:
        request.require_id()
    made = Everything(request.interactions, request.base, "Encounter" if is_encounter else "Patient")
    page = await made.page(_asked(request, arguments))
    return await assembled(request, _bundle(request, arguments, page))


def _asked(request: FhirRequest, arguments: Arguments) -> EverythingRequest:
    count = arguments.integer("_count", 1) or MAX_PAGE
    most = min(count, request.service.settings.max_count)
    since = _moment(arguments, "_since")
    for name in ("start", "end"):
        _moment(arguments, name)
    start, end = arguments.text("start"), arguments.text("end")
    return EverythingRequest(request.id or None, most, _types(request, arguments), since, arguments.text(PAGE), start, end)


def _moment(arguments: Arguments, name: str) -> int | None:
    """The beginning of a date or instant in microseconds since 1970-01-01 UTC."""
    text = arguments.text(name)
    try:
        return parse_temporal(text.replace(" ", "+")).interval(UTC)[0] if text else None  # a '+' that was not percent-encoded
    except ValueError as error:
        form = "an instant such as 2026-01-31T08:00:00+01:00" if name == "_since" else "a date such as 2026-01-31"
        raise fault(Category.MALFORMED, "value", f"{name} is not {form}: {error}") from None


def _types(request: FhirRequest, arguments: Arguments) -> frozenset[str]:
    names = frozenset(name for value in arguments.texts("_type") for name in value.split(",") if name)
    if strange := sorted(names - request.service.schema.resource_types):
        raise fault(Category.MALFORMED, "value", f"_type names what is no resource type of R4: {', '.join(strange)[:200]}.")
    return names


def _bundle(request: FhirRequest, arguments: Arguments, page: EverythingPage) -> bytes:
    address = "/".join(part for part in (request.base, request.type, request.id, "$everything") if part)
    asked: Pairs = [(name, str(value)) for name, values in arguments.values.items() for value in values]
    asked += [pair for pair in request.query if pair[0] in VIEW_PARAMETERS]
    links = {"self": url(address, asked)}
    if page.next is not None:
        links["next"] = url(address, [*(pair for pair in asked if pair[0] != PAGE), (PAGE, page.next)])
    return bundle_bytes("searchset", None, links, _entries(request, page))


def _entries(request: FhirRequest, page: EverythingPage) -> Iterator[bytes]:
    yield from found_entries(request, page.matches, b"match")
    yield from found_entries(request, page.supporting, b"include")
