"""A StructureDefinition's differential: paths, ids, types, bindings, slicing, constraints, and how it agrees with its base
(https://hl7.org/fhir/R4/profiling.html, https://hl7.org/fhir/R4/elementdefinition.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fhir_server.fhirpath import FhirPathError, compile_expression
from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema
from fhir_server.validation.definitional.element_path import types_at
from fhir_server.validation.definitional.structure_constraint import check_constraints
from fhir_server.validation.definitional.structure_derivation import check_derivation
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error, warning

SOURCE = "https://hl7.org/fhir/R4/elementdefinition.html"
BASE = "http://hl7.org/fhir/StructureDefinition/"
BINDABLE = frozenset(
    ("code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "url", "canonical", "markdown", "Extension", "Reference")
)
"""Types a binding means something for; Reference stands for CodeableReference in definitions made for later versions."""

WITH_LENGTH = frozenset(
    ("string", "uri", "url", "canonical", "code", "id", "oid", "uuid", "markdown", "integer", "positiveInt", "unsignedInt", "decimal",
     "date", "dateTime", "instant", "time")
)  # fmt: skip
"""Types that are written as text of some length."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    """The StructureDefinition under check with what it derives from."""

    resource: Row
    type: str
    schema: Schema
    base: Row | None
    rows: dict[str, Row]  # of the base's snapshot, by path, slices left out
    rows_of_type: dict[str, Row]  # of the type itself

    @property
    def is_constraint(self) -> bool:
        return self.resource.get("derivation") == "constraint"


def check_structure_definition(around: Surroundings) -> Iterator[Issue]:
    """The issues of a StructureDefinition."""
    resource, base_url = around.resource, around.resource.get("baseDefinition")
    base = around.canonical(base_url, "StructureDefinition") if isinstance(base_url, str) else None
    core = around.definitions.resolve(BASE + str(resource.get("type")))
    definition = Definition(resource, str(resource.get("type")), around.definitions.schema, base, _rows(base), _rows(core))
    yield from _base(definition, around)
    yield from check_derivation(around, base)
    yield from check_constraints(resource, base, around.at)
    yield from _context(definition, around)
    yield from _unfit(definition, around.at)
    for part in ("differential", "snapshot"):
        elements = indexed((resource.get(part) or {}).get("element"))
        at: Location = (around.at, part, None)
        yield from _ids(elements, at)
        for index, row in elements:
            yield from _row(row, (at, "element", index), definition, part == "differential")


def _rows(structure: Row | None) -> dict[str, Row]:
    listed = (structure or {}).get("snapshot") or (structure or {}).get("differential") or {}
    return {str(row.get("path")): row for row in reversed(objects(listed.get("element"))) if ":" not in str(row.get("id", ""))}


def _base(definition: Definition, around: Surroundings) -> Iterator[Issue]:
    url = definition.resource.get("baseDefinition")
    if isinstance(url, str) and definition.base is None and url.partition("|")[0] != BASE + "Base":
        sentence = phrase("The base definition {url} is not at hand, so the differential was not checked against it.", url=url)
        yield warning("not-found", (around.at, "baseDefinition", None), sentence, "structure-base-unknown", SOURCE)


def _unfit(definition: Definition, at: Location) -> Iterator[Issue]:
    """What is not there is told at its row; here is what follows for the definition as a whole."""
    if definition.resource.get("kind") == "logical" or not definition.is_constraint:
        return
    rows = objects((definition.resource.get("differential") or {}).get("element"))
    named = [one for row in rows for one in (str(row.get("path")), *_discriminator_paths(row))]
    lost = [one for one in named if types_at(definition.schema, definition.type, one) == frozenset()]
    if lost:
        sentence = phrase(
            "The profile cannot be used, since {type} has no {lost}.", type=definition.type, lost=", ".join(dict.fromkeys(lost[:5]))
        )
        yield error("invalid", at, sentence, "structure-unusable", SOURCE)


def _discriminator_paths(row: Row) -> Iterator[str]:
    slicing = row.get("slicing")
    for one in objects((slicing if isinstance(slicing, dict) else {}).get("discriminator")):
        path = str(one.get("path"))
        if path != "$this" and "(" not in path:
            yield f"{row.get('path')}.{path}"


def _context(definition: Definition, around: Surroundings) -> Iterator[Issue]:
    for index, one in indexed(definition.resource.get("context")):
        place: Location = (around.at, "context", index)
        if one.get("type") == "element" and one.get("expression") == "Element":
            sentence = phrase("With the context Element the extension can stand anywhere; name the elements it is meant for.")
            yield warning("business-rule", place, sentence, "structure-context-element", SOURCE)
        elif one.get("type") == "fhirpath":
            faults = _compiles(str(one.get("expression")), place, definition.schema, phrase("The context"))
            yield from (replace(fault, severity="warning") for fault in faults)  # contexts may be of another version of FHIR


def _ids(elements: list[tuple[int, Row]], at: Location) -> Iterator[Issue]:
    seen: set[str] = set()
    for index, row in elements:
        place, id_ = (at, "element", index), row.get("id")
        if not isinstance(id_, str):
            continue
        if id_ in seen:
            yield error("business-rule", place, phrase("Another element has the id '{id}'.", id=id_), "structure-id", SOURCE)
        seen.add(id_)
        if _path_of(id_) != str(row.get("path")):
            yield warning(
                "business-rule",
                place,
                phrase("The id '{id}' does not go with the path '{path}'.", id=id_, path=row.get("path")),
                "structure-id-path",
                SOURCE,
            )


def _path_of(id_: str) -> str:
    return ".".join(step.partition(":")[0] for step in id_.split("."))


def _row(row: Row, at: Location, definition: Definition, differential: bool) -> Iterator[Issue]:
    path = str(row.get("path"))
    for index, constraint in indexed(row.get("constraint")):
        if isinstance(source := constraint.get("expression"), str):
            yield from _compiles(
                source, (at, "constraint", index), definition.schema, phrase("The constraint {key}", key=constraint.get("key"))
            )
    if not differential or definition.resource.get("kind") == "logical" or not definition.is_constraint:
        return
    yield from _not_here(row, at)
    types = types_at(definition.schema, definition.type, path)
    if path.partition(".")[0] != definition.type.rpartition("/")[2]:
        sentence = phrase("The path '{path}' begins with another type than {type}.", path=path, type=definition.type)
        yield error("value", at, sentence, "structure-path", SOURCE)
    elif types is not None and not types:
        yield error(
            "value", at, phrase("{type} has no element '{path}'.", type=definition.type, path=path), "structure-path-unknown", SOURCE
        )
    elif types:
        yield from _against_type(row, at, frozenset(types), definition)
    yield from _against_base(row, at, definition)


def _not_here(row: Row, at: Location) -> Iterator[Issue]:
    """What no row of a profile can say, or not of a type."""
    path = str(row.get("path"))
    if "slicing" in row and "." not in path:
        yield error("invalid", at, phrase("The root of a profile is one element, so it cannot be sliced."), "structure-slicing", SOURCE)
    if "meaningWhenMissing" in row and path != "Extension" and not path.endswith(".extension"):
        sentence = phrase("A profile cannot change what a missing element means (meaningWhenMissing); take it out.")
        yield error("invalid", at, sentence, "structure-meaning", SOURCE)
    said = {str(one.get("code")) for one in objects(row.get("type"))}
    if "maxLength" in row and said and not said & WITH_LENGTH and not any("/" in one for one in said):
        sentence = phrase("A maxLength says nothing for {kinds}; take it out.", kinds=", ".join(sorted(said)))
        yield error("business-rule", at, sentence, "structure-length", SOURCE)


def _compiles(source: str, at: Location, schema: Schema, what: str) -> Iterator[Issue]:
    try:
        compile_expression(source, schema)
    except FhirPathError as fault:
        yield error("invalid", at, phrase("{what} is no FHIRPath: {fault}", what=what, fault=fault), "structure-expression", SOURCE)


def _against_type(row: Row, at: Location, types: frozenset[str], definition: Definition) -> Iterator[Issue]:
    said = [str(one.get("code")) for one in objects(row.get("type"))]
    allowed = {name for name in said if _among(name, types, definition.schema)}
    for name in said:
        if name not in allowed:
            yield error(
                "invalid",
                at,
                phrase("The type {name} is not among those of the base: {types}.", name=name, types=", ".join(sorted(types))),
                "structure-types",
                SOURCE,
            )
    kinds = allowed or types
    if "binding" in row and not any(kind in BINDABLE or definition.schema.is_subtype(kind, "Quantity") for kind in kinds):
        sentence = phrase("A binding says nothing for {kinds}; take it out.", kinds=", ".join(sorted(kinds)))
        yield error("business-rule", at, sentence, "structure-binding", SOURCE)
    yield from _value(row, at, kinds)
    yield from _discriminators(row, at, definition)


def _among(name: str, types: frozenset[str], schema: Schema) -> bool:
    """A type, a specialisation of one (Patient where the base says Resource), or FHIRPath's name of one."""
    return name.startswith("http") or any(name == one or schema.is_subtype(name, one) or "." in one for one in types)


def _value(row: Row, at: Location, types: frozenset[str] | set[str]) -> Iterator[Issue]:
    for key in row:
        stem = next((one for one in ("fixed", "pattern", "minValue", "maxValue") if key.startswith(one) and key != one), None)
        if stem and key.removeprefix(stem).lower() not in {one.lower() for one in types} and not any("." in one for one in types):
            sentence = phrase("{key} does not go with the type {types}.", key=key, types=", ".join(sorted(types)))
            yield error("invalid", at, sentence, "structure-value-type", SOURCE)


def _discriminators(row: Row, at: Location, definition: Definition) -> Iterator[Issue]:
    slicing = row.get("slicing")
    if isinstance(slicing, dict) and not _repeats(str(row.get("path")), definition):
        sentence = phrase("'{path}' neither repeats nor has several types, so there is nothing to slice.", path=row.get("path"))
        yield error("not-found", (at, "slicing", None), sentence, "structure-slicing", SOURCE)
    for index, one in indexed((slicing if isinstance(slicing, dict) else {}).get("discriminator")):
        path = str(one.get("path"))
        place: Location = ((at, "slicing", None), "discriminator", index)
        simple = path != "$this" and "(" not in path
        if simple and types_at(definition.schema, definition.type, f"{row.get('path')}.{path}") == frozenset():
            sentence = phrase("The discriminator '{path}' is no element of '{path2}'.", path=path, path2=row.get("path"))
            yield error("invalid", place, sentence, "structure-discriminator", SOURCE)


def _repeats(path: str, definition: Definition) -> bool:
    """Whether the type itself lets the element occur more than once, or as several types; True where that is not known."""
    row = definition.rows_of_type.get(path)
    return "." not in path or row is None or "[x]" in path or str(row.get("max")) != "1"


def _against_base(row: Row, at: Location, definition: Definition) -> Iterator[Issue]:
    base = definition.rows.get(str(row.get("path")))
    if base is None or ":" in str(row.get("id", "")):
        return
    least, most = row.get("min"), str(row.get("max", ""))
    if isinstance(least, int) and least < int(base.get("min", 0)) and "sliceName" not in row:
        yield error(
            "invalid",
            at,
            phrase("min {least} is below that of the base, {min}.", least=least, min=base.get("min")),
            "structure-min",
            SOURCE,
        )
    if _beyond(most, str(base.get("max", "*"))):
        yield error(
            "invalid", at, phrase("max {most} is above that of the base, {max}.", most=most, max=base.get("max")), "structure-max", SOURCE
        )
    for key, value in row.items():
        if key.startswith("fixed") and key in base and base[key] != value:
            yield error(
                "value",
                at,
                phrase("{key} is {value}, but {base} in the base; it cannot change.", key=key, value=repr(value), base=repr(base[key])),
                "structure-fixed",
                SOURCE,
            )


def _beyond(most: str, allowed: str) -> bool:
    if allowed == "*" or not most:
        return False
    return most == "*" or (most.isdigit() and int(most) > int(allowed))
