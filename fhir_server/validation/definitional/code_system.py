"""A CodeSystem: its properties, its concepts and what it says of its content (https://hl7.org/fhir/R4/codesystem.html)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error, warning

SOURCE = "https://hl7.org/fhir/R4/codesystem.html"
STANDARD = "http://hl7.org/fhir/concept-properties#"
HL7 = ("http://hl7.org/fhir", "http://terminology.hl7.org/")
INTERNAL = ("parent", "child")
"""Properties whose values are codes of the same system."""

Concept = dict[str, Any]
Placed = tuple[Concept, Location]


@cache
def standard_properties() -> Mapping[str, str]:
    """The types of the properties that HL7 defines for all code systems, by code."""
    types: dict[str, str] = json.loads(files(__package__).joinpath("concept_properties.json").read_text("utf-8"))
    return types


def check_code_system(around: Surroundings) -> Iterator[Issue]:
    """The issues of a CodeSystem. (That its codes are unique is csd-1.)"""
    system, at = around.resource, around.at
    concepts = list(placed_concepts(system, at))
    yield from _content(system, at, concepts)
    yield from _properties(system, at)
    yield from _concepts(system, concepts)
    yield from _supplement(system, concepts, around)
    yield from _value_set(system, around)


def placed_concepts(system: Resource, at: Location) -> Iterator[Placed]:
    """All concepts at any depth, in order, with their places."""
    waiting: list[Placed] = [(one, (at, "concept", index)) for index, one in reversed(indexed(system.get("concept")))]
    while waiting:
        concept, place = waiting.pop()
        yield concept, place
        waiting += [(one, (place, "concept", index)) for index, one in reversed(indexed(concept.get("concept")))]


def _content(system: Resource, at: Location, concepts: list[Placed]) -> Iterator[Issue]:
    content, count = system.get("content"), system.get("count")
    if content == "not-present" and concepts:
        sentence = phrase("The content is said to be not-present, but here are concepts; change the one or take out the others.")
        yield error("invalid", concepts[0][1], sentence, "code-system-content", SOURCE)
    if content == "complete" and not concepts:
        yield warning("invalid", at, phrase("The content is said to be complete, but there is no concept."), "code-system-empty", SOURCE)
    if isinstance(count, int) and ((content == "complete" and count != len(concepts)) or (content == "fragment" and count < len(concepts))):
        sentence = phrase("CodeSystem.count is {count}, but there are {concepts} concepts.", count=count, concepts=len(concepts))
        yield error("business-rule", at, sentence, "code-system-count", SOURCE)
    if str(system.get("url")).startswith(HL7) and "caseSensitive" not in system:
        yield warning("business-rule", at, phrase("Say whether codes are case-sensitive (caseSensitive)."), "code-system-case", SOURCE)


def _properties(system: Resource, at: Location) -> Iterator[Issue]:
    codes: set[Any] = set()
    uris: set[Any] = set()
    for index, one in indexed(system.get("property")):
        place: Location = (at, "property", index)
        code, uri = one.get("code"), one.get("uri")
        if code in codes:
            yield error(
                "business-rule", place, phrase("Another property has the code '{code}'.", code=code), "code-system-property-code", SOURCE
            )
        if uri is not None and uri in uris:
            yield error(
                "business-rule", place, phrase("Another property has the URI '{uri}'.", uri=uri), "code-system-property-uri", SOURCE
            )
        yield from _standard(one, place)
        codes.add(code)
        uris.add(uri)


def _standard(property_: dict[str, Any], at: Location) -> Iterator[Issue]:
    """A property that HL7 defines keeps its type and its code."""
    code, uri, kind = str(property_.get("code")), property_.get("uri"), property_.get("type")
    types = standard_properties()
    if uri is None and code in types:
        sentence = phrase(
            "The property '{code}' has a standard meaning, but only with the URI {standard}{code}; add it.", code=code, standard=STANDARD
        )
        yield warning("business-rule", at, sentence, "code-system-property-no-uri", SOURCE)
        if kind != types[code]:
            yield warning(
                "business-rule",
                at,
                phrase("The standard property '{code}' is a {types}.", code=code, types=types[code]),
                "code-system-property-type",
                SOURCE,
            )
    name = str(uri).removeprefix(STANDARD)
    if not str(uri).startswith(STANDARD) or name not in types:
        return
    if kind != types[name]:
        sentence = phrase("The property {uri} is a {types}, not a {kind}.", uri=uri, types=types[name], kind=kind)
        yield error("business-rule", at, sentence, "code-system-property-type", SOURCE)
    if code != name:
        make = error if code in types else warning
        yield make(
            "business-rule",
            at,
            phrase("The property {uri} has the code '{name}', not '{code}'.", uri=uri, name=name, code=code),
            "code-system-property-name",
            SOURCE,
        )


def _concepts(system: Resource, concepts: list[Placed]) -> Iterator[Issue]:
    types: dict[Any, Any] = {}
    for one in objects(system.get("property")):
        types.setdefault(one.get("code"), one.get("type"))
    known = {concept.get("code") for concept, _ in concepts}
    is_hl7 = str(system.get("url")).startswith(HL7)
    for concept, place in concepts:
        for index, one in indexed(concept.get("property")):
            yield from _value(one, (place, "property", index), types, known)
    without = next((place for concept, place in concepts if "definition" not in concept), None)
    if is_hl7 and without:
        yield warning("business-rule", without, phrase("Give every concept a definition."), "code-system-definition", SOURCE)


def _value(property_: dict[str, Any], at: Location, types: Mapping[Any, Any], known: set[Any]) -> Iterator[Issue]:
    code = property_.get("code")
    name = next((key for key in property_ if key.startswith("value")), "value")
    given, wanted = name[5:6].lower() + name[6:], types.get(code)
    if code not in types:
        if code not in standard_properties():
            sentence = phrase("The property '{code}' is not defined in CodeSystem.property.", code=code)
            yield warning("business-rule", at, sentence, "code-system-property-undefined", SOURCE)
    elif given != ("Coding" if wanted == "Coding" else wanted) and given.lower() != str(wanted).lower():
        sentence = phrase("The property '{code}' is defined as a {wanted}, but has a {given}.", code=code, wanted=wanted, given=given)
        yield error("business-rule", at, sentence, "code-system-property-value", SOURCE)
    if code in INTERNAL and property_.get(name) not in known:
        sentence = phrase("'{get}' is no code of this code system.", get=property_.get(name))
        yield error("business-rule", at, sentence, "code-system-property-target", SOURCE)


def _supplement(system: Resource, concepts: list[Placed], around: Surroundings) -> Iterator[Issue]:
    base, content = system.get("supplements"), system.get("content")
    if isinstance(base, str) and content != "supplement":
        place: Location = (around.at, "content", None)
        yield error("business-rule", place, phrase("A supplement has the content 'supplement'."), "code-system-supplement-content", SOURCE)
    if content == "supplement" and not isinstance(base, str):
        yield error(
            "business-rule",
            around.at,
            phrase("A supplement names the code system that it adds to (supplements)."),
            "code-system-supplements",
            SOURCE,
        )
    if not isinstance(base, str):
        return
    for concept, place in concepts:
        if around.terminology.validate_in_system(base, str(concept.get("code"))).is_no:
            sentence = phrase("'{code}' is no code of {base}; a supplement adds no codes.", code=concept.get("code"), base=base)
            yield error("business-rule", place, sentence, "code-system-supplement-code", SOURCE)


def _value_set(system: Resource, around: Surroundings) -> Iterator[Issue]:
    canonical = system.get("valueSet")
    value_set = around.canonical(canonical, "ValueSet") if isinstance(canonical, str) else None
    if value_set is None or not isinstance(value_set.get("compose"), dict):
        return
    includes = objects(value_set["compose"].get("include"))
    whole = len(includes) == 1 and includes[0].get("system") == system.get("url") and not {"filter", "concept"} & set(includes[0])
    if not whole or "exclude" in value_set["compose"]:
        sentence = phrase("CodeSystem.valueSet is the set of all its codes; {canonical} is another.", canonical=canonical)
        yield error("business-rule", (around.at, "valueSet", None), sentence, "code-system-value-set", SOURCE)
