"""What a search's address says: a type, all types, or the compartment of a resource
(https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/compartmentdefinition.html#search).
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.model.issue import Category, fault
from fhir_server.rest.request import FhirRequest
from fhir_server.search.compartment import Compartment, members


@dataclass(frozen=True, slots=True)
class SearchPlace:
    """`type` is "" for all types; `address` is the URL that parameters follow."""

    type: str
    compartment: Compartment | None
    address: str


def search_place(request: FhirRequest) -> SearchPlace:
    """NOT_FOUND where a compartment has no resources of the type."""
    if not request.type:
        return SearchPlace("", None, f"{request.base}/")
    if not request.id:
        return SearchPlace(request.type, None, f"{request.base}/{request.type}")
    compartment = Compartment(request.type, request.require_id())
    address = f"{request.base}/{request.type}/{request.id}/{request.member or '*'}"
    if request.member and request.member not in members(request.type, request.service.definitions):
        raise _no_member(request)
    return SearchPlace(request.member, compartment, address)


def _no_member(request: FhirRequest) -> Exception:
    kind = request.member[:64]
    what = "no resources of this type" if request.member in request.service.schema.resource_types else "nothing of this name"
    sentence = f"The compartment of a {request.type} has {what}: {kind!r}. {request.type}/{request.id}/* is all that it has."
    return fault(Category.NOT_FOUND, "not-supported", sentence)
