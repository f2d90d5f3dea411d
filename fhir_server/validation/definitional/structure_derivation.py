"""What a StructureDefinition says of itself as a whole: its kind, its type, how it derives from its base, where an extension may stand
(https://hl7.org/fhir/R4/structuredefinition.html#derivation).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_array import indexed, objects
from fhir_server.model.phrase import phrase
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, error

SOURCE = "https://hl7.org/fhir/R4/structuredefinition.html#derivation"
EXTENSION_SOURCE = "https://hl7.org/fhir/R4/defining-extensions.html"
BASE = "http://hl7.org/fhir/StructureDefinition/"

Structure = dict[str, Any]


def check_derivation(around: Surroundings, base: Structure | None) -> Iterator[Issue]:
    """The issues of a StructureDefinition's own elements; `base` is what it derives from, where that is at hand."""
    if base is not None:
        yield from _from_base(around.resource, base, around.at)
    yield from _type(around)
    if around.resource.get("type") == "Extension":
        yield from _extension_url(around.resource, around.at)
    else:
        yield from _no_context(around)


def _from_base(structure: Structure, base: Structure, at: Location) -> Iterator[Issue]:
    derivation, kind, kind_of_base = structure.get("derivation"), structure.get("kind"), base.get("kind")
    if derivation is None:
        sentence = phrase("With a baseDefinition, derivation says whether the definition constrains it or specializes it.")
        yield error("required", at, sentence, "structure-derivation", SOURCE)
        return
    if kind != kind_of_base and (derivation == "constraint" or base.get("abstract") is not True):
        sentence = phrase("The kind is that of the base, {kind_of_base}, not {kind}.", kind_of_base=kind_of_base, kind=kind)
        yield error("invalid", at, sentence, "structure-kind", SOURCE)
    same = structure.get("type") == base.get("type")
    if derivation == "constraint" and not same:
        sentence = phrase(
            "A constraint keeps the type of its base: {url} is about {type}, not {type2}.",
            url=structure.get("baseDefinition"), type=base.get("type"), type2=structure.get("type"),
        )  # fmt: skip
        yield error("invalid", at, sentence, "structure-type", SOURCE)
    elif derivation == "specialization" and same:
        sentence = phrase("A specialization is a new type; {type} is that of its base.", type=base.get("type"))
        yield error("invalid", at, sentence, "structure-type", SOURCE)


def _type(around: Surroundings) -> Iterator[Issue]:
    """Absolute types are those of logical models; the others are FHIR's own, which only FHIR itself defines."""
    structure, at = around.resource, (around.at, "type", None)
    name = structure.get("type")
    if not isinstance(name, str):
        return
    if "/" in name or ":" in name:
        if structure.get("kind") != "logical":
            sentence = phrase("Only a logical model has a type of its own such as {name}; name one of FHIR's types.", name=name)
            yield error("invalid", at, sentence, "structure-type-kind", SOURCE)
    elif name not in around.definitions.schema and around.definitions.resolve(BASE + name) is None:
        sentence = phrase("'{type}' is no type of R4; the type of a logical model is its URL.", type=name)
        yield error("invalid", at, sentence, "structure-type-unknown", SOURCE)
    elif structure.get("derivation") == "specialization" and structure.get("url") != BASE + name:
        sentence = phrase("{type} is defined by FHIR; other definitions of it are constraints.", type=name)
        yield error("invalid", at, sentence, "structure-type-defined", SOURCE)


def _extension_url(structure: Structure, at: Location) -> Iterator[Issue]:
    url = structure.get("url")
    if structure.get("baseDefinition") != BASE + "Extension" or not isinstance(url, str):
        return
    rows = objects((structure.get("differential") or {}).get("element"))
    fixed = next((row.get("fixedUri") for row in rows if row.get("path") == "Extension.url"), None)
    if fixed is None:
        sentence = phrase("The differential of an extension fixes Extension.url to {url}.", url=url)
        yield error("invalid", at, sentence, "structure-extension-url", EXTENSION_SOURCE)
    elif fixed != url:
        sentence = phrase("Extension.url is fixed to {fixed}, but the extension is {url}; make them agree.", fixed=fixed, url=url)
        yield error("invalid", at, sentence, "structure-extension-url", EXTENSION_SOURCE)


def _no_context(around: Surroundings) -> Iterator[Issue]:
    for index, _ in indexed(around.resource.get("context")):
        sentence = phrase("Only an extension has a context; take it out.")
        yield error("invalid", (around.at, "context", index), sentence, "structure-context", EXTENSION_SOURCE)
    invariants = around.resource.get("contextInvariant")
    for index, _one in enumerate(invariants if isinstance(invariants, list) else ()):
        sentence = phrase("Only an extension has a context; take it out.")
        yield error("invalid", (around.at, "contextInvariant", index), sentence, "structure-context", EXTENSION_SOURCE)
