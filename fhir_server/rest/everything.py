"""GET Patient/[id]/$everything over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.operations.everything import EverythingPage, EverythingRequest, PatientEverything
from fhir_server.rest.bundle import bundle_bytes, found_entries, url
from fhir_server.rest.paging import page_size, since
from fhir_server.rest.representation import assembled
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.rest.search import PAGE
from fhir_server.rest.view import VIEW_PARAMETERS

KNOWN = ("_count", "_since", "_type", PAGE)


async def everything(request: FhirRequest) -> Response:
    """A searchset: what belongs to the person as matches, what that refers to as includes; a next link while there is more."""
    unknown = [name for name, _ in request.own_query if name not in KNOWN]
    if unknown and request.preferences.handling != "lenient":
        raise _unknown(unknown)
    asked = EverythingRequest(request.id, page_size(request), _types(request), since(request), request.parameter(PAGE))
    page = await PatientEverything(request.service.interactions, request.base).page(asked)
    return await assembled(request, _bundle(request, page))


def _unknown(names: list[str]) -> FhirError:
    sentence = f"$everything knows _count, _since and _type, not {', '.join(names)}. Leave that out, or send Prefer: handling=lenient."
    return fault(Category.MALFORMED, "not-supported", sentence)


def _types(request: FhirRequest) -> frozenset[str]:
    names = frozenset(name for key, value in request.query if key == "_type" for name in value.split(",") if name)
    if strange := sorted(names - request.service.schema.resource_types):
        raise fault(Category.MALFORMED, "value", f"_type names what is no resource type of R4: {', '.join(strange)[:200]}.")
    return names


def _bundle(request: FhirRequest, page: EverythingPage) -> bytes:
    address = f"{request.base}/{request.type}/{request.id}/$everything"
    asked = [pair for pair in request.query if pair[0] in KNOWN or pair[0] in VIEW_PARAMETERS]
    links = {"self": url(address, asked)}
    if page.next is not None:
        links["next"] = url(address, [*(pair for pair in asked if pair[0] != PAGE), (PAGE, page.next)])
    return bundle_bytes("searchset", None, links, _entries(request, page))


def _entries(request: FhirRequest, page: EverythingPage) -> Iterator[bytes]:
    yield from found_entries(request, page.matches, b"match")
    yield from found_entries(request, page.supporting, b"include")
