"""An OperationDefinition: parameters that make sense, and profiles of its input and output (https://hl7.org/fhir/R4/operationdefinition.html)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed
from fhir_server.model.phrase import phrase
from fhir_server.validation.definitional.operation_profile import check_operation_profile
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error

SOURCE = "https://hl7.org/fhir/R4/operationdefinition.html"


def check_operation_definition(around: Surroundings) -> Iterator[Issue]:
    """The issues of an OperationDefinition's parameters and profiles."""
    yield from _parameters(around.resource, around.at, "parameter", around)
    for name in ("inputProfile", "outputProfile"):
        canonical = around.resource.get(name)
        profile = around.canonical(canonical, "StructureDefinition") if isinstance(canonical, str) else None
        if profile and profile.get("type") != "Parameters":
            sentence = phrase(
                "{canonical} is a profile of {type}; {name} is one of Parameters.", canonical=canonical, type=profile.get("type"), name=name
            )
            yield error("invalid", (around.at, name, None), sentence, "operation-profile", SOURCE)
        elif profile:
            yield from check_operation_profile(around.resource, around.at, name, profile)


def _parameters(node: dict[str, Any], at: Location, name: str, around: Surroundings) -> Iterator[Issue]:
    seen: set[tuple[Any, Any]] = set()
    for index, one in indexed(node.get(name)):
        place: Location = (at, name, index)
        key = (one.get("name"), one.get("use"))
        if key in seen:
            yield error(
                "business-rule", place, phrase("Another parameter of this use is named '{key}'.", key=key[0]), "operation-parameter", SOURCE
            )
        seen.add(key)
        yield from _parameter(one, place, around)
        yield from _parameters(one, place, "part", around)


def _parameter(parameter: dict[str, Any], at: Location, around: Surroundings) -> Iterator[Issue]:
    least, most, kind = parameter.get("min"), str(parameter.get("max")), parameter.get("type")
    if isinstance(least, int) and most.isdigit() and least > int(most):
        yield error(
            "business-rule",
            at,
            phrase("The least number, {least}, is above the greatest, {most}.", least=least, most=most),
            "operation-cardinality",
            SOURCE,
        )
    schema = around.definitions.schema
    if "searchType" in parameter and kind is not None and kind != "string":
        yield error("business-rule", at, phrase("A parameter with a searchType has the type string."), "operation-search-type", SOURCE)
    if isinstance(kind, str) and kind not in schema and kind not in ("Any", "Type"):
        yield error("invalid", at, phrase("'{kind}' is no type of R4.", kind=kind), "operation-type", SOURCE)
