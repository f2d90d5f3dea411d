"""CodeSystem/$lookup: what a code means (https://hl7.org/fhir/R4/codesystem-operation-lookup.html)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.validate_code import Asked, coding_asked
from fhir_server.terminology import Terminology
from fhir_server.terminology.code_system import CodeSystem, Concept
from fhir_server.terminology.designation import designations, display_in
from fhir_server.terminology.grammar import GRAMMARS

UNSUPPORTED = ("date",)
_OWN_PARAMETERS = frozenset(("system", "name", "version", "display", "designation"))
"""Names of `property` that are parameters of the answer themselves, and there anyway."""


def looked_up(arguments: Arguments, definitions: Definitions, terminology: Terminology) -> Resource:
    """Parameters with name, version, display, designations and properties; NOT_FOUND where system or code is not here."""
    asked = _asked(arguments)
    table = terminology.code_system(str(asked.system), asked.version)
    if table is None:
        return _without_table(asked, terminology)
    concept = table.find(asked.code)
    if concept is None:
        raise fault(Category.NOT_FOUND, "not-found", str(table.answer(asked.code).reason))
    resource = definitions.resolve(f"{table.url}|{table.version}" if table.version else table.url) or {}
    return answer(
        *_described(concept, table, resource, arguments), *_properties(concept, table, resource, frozenset(arguments.texts("property")))
    )


def _asked(arguments: Arguments) -> Asked:
    if ("coding" in arguments) == ("code" in arguments):
        raise fault(Category.MALFORMED, "required", "Send either 'code' with its 'system', or 'coding'.")
    if "coding" in arguments:
        found = coding_asked(arguments.element("coding"))
        if found.system is None:
            raise fault(Category.MALFORMED, "required", "The Coding has no system; nothing can be looked up.")
        return found
    return Asked(arguments.required("system"), arguments.text("version"), arguments.required("code"), None)


def _without_table(asked: Asked, terminology: Terminology) -> Resource:
    """A code of a grammar (UCUM, BCP 47) that is right is called as it is written."""
    grammar = GRAMMARS.get(str(asked.system))
    found = terminology.validate_in_system(str(asked.system), asked.code)
    if grammar is None or not found.is_yes:
        raise _absent(str(found.reason))
    return answer({"name": "name", "valueString": grammar.name}, {"name": "display", "valueString": asked.code})


def _absent(reason: str) -> FhirError:
    return fault(Category.NOT_FOUND, "not-found", reason)


def _described(concept: Concept, table: CodeSystem, resource: Resource, arguments: Arguments) -> Iterator[dict[str, Any]]:
    yield {"name": "name", "valueString": str(resource.get("name") or table.url)}
    if table.version:
        yield {"name": "version", "valueString": table.version}
    yield {"name": "display", "valueString": display_in((concept.source,), arguments.text("displayLanguage")) or concept.code}
    for one in designations(concept.source):
        parts = [("language", "valueCode"), ("use", "valueCoding"), ("value", "valueString")]
        yield {"name": "designation", "part": [{"name": name, key: one[name]} for name, key in parts if name in one]}


def _properties(concept: Concept, table: CodeSystem, resource: Resource, wanted: frozenset[str]) -> Iterator[dict[str, Any]]:
    described = {one.get("code"): one.get("description") for one in resource.get("property", ())}
    for code, key, value in _all_properties(concept, table):
        if not wanted - _OWN_PARAMETERS or code in wanted:
            parts: list[dict[str, Any]] = [{"name": "code", "valueCode": code}, {"name": "value", key: value}]
            parts += [{"name": "description", "valueString": described[code]}] if described.get(code) else []
            yield {"name": "property", "part": parts}


def _all_properties(concept: Concept, table: CodeSystem) -> Iterator[tuple[str, str, Any]]:
    """(code, value[x], value): the definition, what the concept carries, and the hierarchy around it."""
    if "definition" in concept.source:
        yield "definition", "valueString", concept.source["definition"]
    yield "inactive", "valueBoolean", concept.is_inactive
    for one in concept.source.get("property", ()):
        key = next((key for key in one if key.startswith("value")), None)
        if key and one.get("code") not in ("inactive", "parent", "child"):
            yield str(one.get("code")), key, one[key]
    yield from (("parent", "valueCode", parent) for parent in sorted(concept.parents))
    yield from (("child", "valueCode", other.code) for other in table if concept.code in other.parents)
