"""A ValueSet's includes and excludes: systems, codes and filters (https://hl7.org/fhir/R4/valueset.html#compositions)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.phrase import phrase
from fhir_server.questionnaires.moment import earliest
from fhir_server.terminology.answer import Answer
from fhir_server.terminology.code_system import BUILT_IN, CodeSystem
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.definitional.code_system import standard_properties
from fhir_server.validation.definitional.ecl import ecl_fault
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error, warning
from fhir_server.validation.tables import code_system

SOURCE = "https://hl7.org/fhir/R4/valueset.html#compositions"
SNOMED = "http://snomed.info/sct"
HIERARCHY = ("is-a", "descendent-of", "is-not-a", "generalizes")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_CODING = re.compile(r"\S+:\S*(\|[^#\s]+)?#\S+")

_FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "boolean": (lambda text: text in ("true", "false"), phrase("true or false")),
    "integer": (lambda text: text.lstrip("-").isdigit(), phrase("a whole number")),
    "decimal": (lambda text: _NUMBER.fullmatch(text) is not None, phrase("a number")),
    "dateTime": (lambda text: earliest(text) is not None, phrase("a date")),
    "Coding": (lambda text: _CODING.fullmatch(text) is not None, "system(|version)#code"),
}
"""What the value of a filter must look like, by the type of the property."""


def check_value_set(around: Surroundings) -> Iterator[Issue]:
    """The issues of a ValueSet's compose."""
    compose = around.resource.get("compose")
    for name in ("include", "exclude"):
        for index, one in indexed(compose.get(name) if isinstance(compose, dict) else ()):
            yield from _include(one, ((around.at, "compose", None), name, index), around)


@dataclass(frozen=True, slots=True)
class _System:
    """The code system that a filter runs over: its tables, where they are here, and the types of its properties."""

    url: str
    table: CodeSystem | None
    types: Mapping[str, str]


def _include(include: dict[str, Any], at: Location, around: Surroundings) -> Iterator[Issue]:
    system = include.get("system")
    if not isinstance(system, str):
        return
    yield from _system(system, at, around)
    table = _table(system, include.get("version"), around)
    yield from _concepts(include, at, lambda code: table.answer(code) if table else around.terminology.validate_in_system(system, code))
    for index, one in indexed(include.get("filter")):
        yield from _filter(one, (at, "filter", index), _System(system, table, _types(system, around)))


def _table(system: str, version: Any, around: Surroundings) -> CodeSystem | None:
    terminology: Terminology = around.terminology
    if found := terminology.code_system(system, version if isinstance(version, str) else None):
        return found
    resource = around.canonical(system, "CodeSystem") or _contained_system(system, around)
    return code_system(resource) if resource and resource.get("content") == "complete" else None


def _contained_system(system: str, around: Surroundings) -> dict[str, Any] | None:
    return None if around.is_contained else around.inner.canonical("CodeSystem", system)


def _system(system: str, at: Location, around: Surroundings) -> Iterator[Issue]:
    found = around.definitions.resolve(system)
    kind = found.get("resourceType") if found else None
    if kind not in (None, "CodeSystem", "NamingSystem"):
        sentence = phrase(
            "{system} is a {kind}, not a code system; name the code system (or use include.valueSet).", system=system, kind=kind
        )
        yield error("invalid", at, sentence, "value-set-system", SOURCE)
    elif found and kind == "CodeSystem" and found.get("content") == "supplement":
        base = found.get("supplements")
        sentence = phrase("{system} is a supplement: its codes are those of {base}. Name that one.", system=system, base=base)
        yield error("invalid", at, sentence, "value-set-supplement", SOURCE)
    elif ":" not in system:
        yield error(
            "invalid", at, phrase("The system '{system}' must be an absolute URI.", system=system), "value-set-system-relative", SOURCE
        )


def _concepts(include: dict[str, Any], at: Location, check: Callable[[str], Answer]) -> Iterator[Issue]:
    seen: set[Any] = set()
    for index, concept in indexed(include.get("concept")):
        code, place = concept.get("code"), (at, "concept", index)
        if code in seen:
            yield warning("business-rule", place, phrase("The code '{code}' is listed twice.", code=code), "value-set-duplicate", SOURCE)
        seen.add(code)
        answer = check(str(code))
        if answer.is_no:
            yield error(
                "business-rule",
                place,
                phrase("'{code}' is not valid here. {reason}", code=code, reason=answer.reason),
                "value-set-code",
                SOURCE,
            )


def _filter(filter_: dict[str, Any], at: Location, system: _System) -> Iterator[Issue]:
    name, operator, value = (str(filter_.get(key, "")) for key in ("property", "op", "value"))
    if system.url == SNOMED:
        yield from _snomed(name, operator, value, at)
    elif operator == "exists":
        yield from _form("boolean", name, value, at)
    elif operator == "regex":
        yield from _regex(value, at)
    elif name in ("concept", "code") and operator in ("=", *HIERARCHY):
        yield from _code(value, at, system.table)
    else:
        yield from _property(name, operator, value, at, system)


def _regex(value: str, at: Location) -> Iterator[Issue]:
    try:
        re.compile(value)
    except re.error as fault:
        yield error(
            "invalid",
            at,
            phrase("The regular expression '{value}' cannot be read: {fault}.", value=value[:60], fault=fault),
            "value-set-regex",
            SOURCE,
        )


def _code(value: str, at: Location, table: CodeSystem | None) -> Iterator[Issue]:
    answer = table.answer(value) if table else None
    if answer and answer.is_no:
        yield error(
            "invalid",
            at,
            phrase("The filter's value must be a code of the system. {reason}", reason=answer.reason),
            "value-set-filter-code",
            SOURCE,
        )


def _property(name: str, operator: str, value: str, at: Location, system: _System) -> Iterator[Issue]:
    kind = system.types.get(name)
    if system.table is not None and kind is None and name not in BUILT_IN:
        sentence = phrase(
            "The code system {url} defines no property '{name}', so tools may not understand the filter.", url=system.url, name=name
        )
        yield warning("invalid", at, sentence, "value-set-filter-property", SOURCE)
    for one in value.split(",") if operator in ("in", "not-in") else (value,):
        yield from _form(kind or "", name, one.strip(), at)


def _types(system: str, around: Surroundings) -> Mapping[str, str]:
    resource = around.canonical(system, "CodeSystem") or {}
    own = {str(one.get("code")): str(one.get("type")) for one in objects(resource.get("property"))}
    return {**standard_properties(), **own}


def _form(kind: str, name: str, value: str, at: Location) -> Iterator[Issue]:
    accepts, wanted = _FORMS.get(kind, (None, ""))
    if accepts is not None and not accepts(value):
        sentence = phrase(
            "The value of a filter on '{name}' must be {wanted}; found '{value}'.", name=name, wanted=wanted, value=value[:60]
        )
        yield error("invalid", at, sentence, "value-set-filter-value", SOURCE)


def _snomed(name: str, operator: str, value: str, at: Location) -> Iterator[Issue]:
    """https://terminology.hl7.org/SNOMEDCT.html: concept, constraint, expressions, and the attributes by their ids."""
    if name == "constraint" and (fault := ecl_fault(value)):
        yield error(
            "invalid",
            at,
            phrase("'{value}' is no expression constraint (ECL): {fault}.", value=value[:80], fault=fault),
            "value-set-ecl",
            SOURCE,
        )
    elif name == "concept" and operator in (*HIERARCHY, "=") and not value.isdigit():
        yield error("invalid", at, phrase("'{value}' is no SNOMED CT concept id.", value=value[:60]), "value-set-filter-code", SOURCE)
    elif name.isdigit() and operator not in ("=", "in"):
        sentence = phrase(
            "A SNOMED CT attribute ({name}) can be filtered with '=' and 'in', not with '{operator}'.", name=name, operator=operator
        )
        yield error("invalid", at, sentence, "value-set-filter-op", SOURCE)
    elif name in ("inactive", "expressions"):
        yield from _form("boolean", name, value, at)
