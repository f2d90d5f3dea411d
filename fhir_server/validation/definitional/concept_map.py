"""A ConceptMap: are its codes those of the systems it maps between? (https://hl7.org/fhir/R4/conceptmap.html)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.phrase import phrase
from fhir_server.terminology.code_system import CodeSystem
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error, warning
from fhir_server.validation.tables import code_system

SOURCE = "https://hl7.org/fhir/R4/conceptmap.html"


def check_concept_map(around: Surroundings) -> Iterator[Issue]:
    """The issues of a ConceptMap's groups, as far as the code systems are at hand."""
    for index, group in indexed(around.resource.get("group")):
        source, target = _table(group, "source", around), _table(group, "target", around)
        yield from _group(group, (around.at, "group", index), source, target)


def _table(group: dict[str, Any], name: str, around: Surroundings) -> CodeSystem | None:
    url, version = group.get(name), group.get(f"{name}Version")
    if not isinstance(url, str):
        return None
    if found := around.terminology.code_system(url, version if isinstance(version, str) else None):
        return found
    resource = around.canonical(url, "CodeSystem")
    return code_system(resource) if resource and resource.get("content") == "complete" else None


def _group(group: dict[str, Any], at: Location, source: CodeSystem | None, target: CodeSystem | None) -> Iterator[Issue]:
    seen: set[Any] = set()
    for index, element in indexed(group.get("element")):
        place: Location = (at, "element", index)
        yield from _code(element, place, source)
        if element.get("code") in seen:
            yield warning(
                "business-rule",
                place,
                phrase("The code '{code}' is mapped twice.", code=element.get("code")),
                "concept-map-duplicate",
                SOURCE,
            )
        seen.add(element.get("code"))
        for number, one in indexed(element.get("target")):
            yield from _code(one, (place, "target", number), target)


def _code(element: dict[str, Any], at: Location, table: CodeSystem | None) -> Iterator[Issue]:
    code = element.get("code")
    answer = table.answer(code) if table and isinstance(code, str) else None
    if answer and answer.is_no:
        yield error("code-invalid", (at, "code", None), answer.reason, "concept-map-code", SOURCE)
