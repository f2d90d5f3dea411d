"""The system of elements that are bare codes, such as Patient.gender (https://hl7.org/fhir/R4/search.html#token).

Index rows hold a bare code without a system: its value set says it. `gender=http://hl7.org/fhir/administrative-gender|male` is
therefore read as `male` where the binding names that system.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.path import Path, paths_of
from fhir_server.search.types.token import TokenValue

STRUCTURE_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"


def without_implicit_system(value: TokenValue, resource_type: str, parameter: SearchParameter, definitions: Definitions) -> TokenValue:
    """The value without its system, if that is what the elements of the parameter are bound to; else as it was."""
    if not value.system or not value.code or not parameter.expression:
        return value
    implied = value.system.partition("|")[0] in _systems(resource_type, parameter.expression, definitions)
    return TokenValue(value.code, None) if implied else value


def implicit_system(resource_type: str, parameter: SearchParameter, definitions: Definitions) -> str | None:
    """The system of the parameter's elements, if they are bare codes of just one."""
    systems = _systems(resource_type, parameter.expression or "", definitions)
    return next(iter(systems)) if len(systems) == 1 else None


@lru_cache(maxsize=4096)
def _systems(resource_type: str, expression: str, definitions: Definitions) -> frozenset[str]:
    paths, _ = paths_of(expression, resource_type, definitions.schema)
    if not paths or any(path.type != "code" for path in paths):
        return frozenset()
    return frozenset(system for path in paths for system in _bound_systems(path, resource_type, definitions))


def _bound_systems(path: Path, resource_type: str, definitions: Definitions) -> Iterator[str]:
    name = ".".join((resource_type, *(step for step in path.steps if isinstance(step, str))))
    structure = definitions.resolve(STRUCTURE_DEFINITION + resource_type) or {}
    for element in (structure.get("snapshot") or {}).get("element", ()):
        if element["path"] == name:
            yield from _included(definitions.resolve((element.get("binding") or {}).get("valueSet", "")))


def _included(value_set: dict[str, Any] | None) -> Iterator[str]:
    for include in ((value_set or {}).get("compose") or {}).get("include", ()):
        if "system" in include:
            yield include["system"]
