"""A CapabilityStatement: do its search parameters say what their definitions say? (https://hl7.org/fhir/R4/capabilitystatement.html)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error

SOURCE = "https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.resource.searchParam.type"


def check_capability_statement(around: Surroundings) -> Iterator[Issue]:
    """The issues of the search parameters that a CapabilityStatement lists with a definition."""
    for number, rest in indexed(around.resource.get("rest")):
        at: Location = (around.at, "rest", number)
        yield from _listed(rest, at, around)
        for index, resource in indexed(rest.get("resource")):
            yield from _listed(resource, (at, "resource", index), around)


def _listed(node: dict[str, Any], at: Location, around: Surroundings) -> Iterator[Issue]:
    for index, one in indexed(node.get("searchParam")):
        canonical = one.get("definition")
        definition = around.canonical(canonical, "SearchParameter") if isinstance(canonical, str) else None
        if definition and definition.get("type") != one.get("type"):
            sentence = phrase(
                "{canonical} is a search parameter of type {type}, not {type2}.",
                canonical=canonical,
                type=definition.get("type"),
                type2=one.get("type"),
            )
            yield error("business-rule", (at, "searchParam", index), sentence, "capability-search-type", SOURCE)
