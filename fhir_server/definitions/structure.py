"""StructureDefinitions of base types -> `TypeDefinition`s (https://hl7.org/fhir/R4/structuredefinition.html)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fhir_server.model.schema import Element, Kind, TypeDefinition

FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
SYSTEM = "http://hl7.org/fhirpath/System."


def defines_type(resource: dict[str, Any]) -> bool:
    """True for a base type (not a profile, an extension or a logical model)."""
    is_base = resource.get("derivation", "specialization") == "specialization"
    return is_base and resource.get("kind") in ("primitive-type", "complex-type", "resource") and "snapshot" in resource


def type_definitions(resource: dict[str, Any]) -> list[TypeDefinition]:
    """The type that a StructureDefinition defines and the backbone types inside it."""
    rows = resource["snapshot"]["element"]
    groups = _children_by_parent(rows)
    main = resource["type"]
    base = (resource.get("baseDefinition") or "").rpartition("/")[2] or None
    kind: Kind = resource["kind"]
    found = [_definition(main, kind, resource, base, groups.get(main, ()))]
    inner = [row for row in rows if row["path"] != main and row["path"] in groups]
    return found + [_definition(row["path"], "backbone", resource, row["type"][0]["code"], groups[row["path"]]) for row in inner]


def _children_by_parent(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if "." in row["path"] and ":" not in row["id"]:
            groups.setdefault(row["path"].rpartition(".")[0], []).append(row)
    parents = set(groups)
    for children in groups.values():
        for row in children:
            row["hasChildren"] = row["path"] in parents
    return groups


def _definition(name: str, kind: Kind, resource: dict[str, Any], base: str | None, rows: Iterable[dict[str, Any]]) -> TypeDefinition:
    elements: dict[str, Element] = {}
    choices: dict[str, tuple[str, ...]] = {}
    pattern = None
    for row in rows:
        if kind == "primitive-type" and row["path"].endswith(".value"):
            pattern = _pattern(row)
            continue
        made = list(_elements(row))
        elements |= {element.name: element for element in made}
        if made[0].choice:
            choices[made[0].choice] = tuple(element.name for element in made)
    abstract = bool(resource.get("abstract")) and kind != "backbone"
    return TypeDefinition(name, kind, resource["url"], base, abstract, elements, pattern, choices)


def _elements(row: dict[str, Any]) -> Iterable[Element]:
    name = row["path"].rpartition(".")[2]
    if not name.endswith("[x]"):
        yield _element(row, name, _type_of(row))
        return
    stem = name[:-3]
    for kind in row["type"]:
        code = kind["code"]
        yield _element(row, stem + code[0].upper() + code[1:], code, stem)


def _element(row: dict[str, Any], name: str, type_name: str, choice: str | None = None) -> Element:
    maximum = None if row["max"] == "*" else int(row["max"])
    return Element(
        name,
        type_name,
        row["path"],
        row["min"],
        maximum,
        choice,
        "xmlAttr" in row.get("representation", ()),
        bool(row.get("isSummary")),
        bool(row.get("isModifier")),
    )


def _type_of(row: dict[str, Any]) -> str:
    if reference := row.get("contentReference"):
        return str(reference).rpartition("#")[2]
    if row.get("hasChildren"):
        return str(row["path"])
    if row["base"]["path"] == "Resource.id":
        return "id"  # the snapshots of 4.0.1 say string; https://hl7.org/fhir/R4/resource.html#id says id
    code = str(row["type"][0]["code"])
    if code.startswith(SYSTEM):
        return _extension(row["type"][0], FHIR_TYPE) or code.removeprefix(SYSTEM).lower()
    return code


def _pattern(row: dict[str, Any]) -> str | None:
    return _extension(row["type"][0], REGEX)


def _extension(element: dict[str, Any], url: str) -> str | None:
    for extension in element.get("extension", ()):
        if extension["url"] == url:
            return next(str(value) for key, value in extension.items() if key.startswith("value"))
    return None
