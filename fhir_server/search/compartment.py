"""Compartments (https://hl7.org/fhir/R4/compartmentdefinition.html): what belongs to one patient, encounter, practitioner,
related person or device, as the definitions of the core package say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_server.definitions.definitions import Definitions
from fhir_server.search.clause import AndClause, Clause, IdClause, OrClause, ParameterClause, TypeClause
from fhir_server.search.scope import Scope
from fhir_server.search.types.reference import ReferenceValue

URL = "http://hl7.org/fhir/CompartmentDefinition/"
COMPARTMENTS: Mapping[str, str] = {
    "Patient": "patient", "Encounter": "encounter", "RelatedPerson": "relatedPerson", "Practitioner": "practitioner", "Device": "device",
}  # fmt: skip
"""Types of resources that have a compartment, and what its definition is called."""

_ITSELF = "{def}"


@dataclass(frozen=True, slots=True)
class Compartment:
    """That of the resource `type`/`id`."""

    type: str
    id: str


def members(type_name: str, definitions: Definitions) -> Mapping[str, tuple[str, ...]]:
    """The resource types of a compartment, each with the parameters by which it belongs to it; empty where there is no definition."""
    definition = definitions.resolve(URL + COMPARTMENTS[type_name]) or {}
    return {one["code"]: tuple(one["param"]) for one in definition.get("resource", ()) if one.get("param")}


def core_members(type_name: str, definitions: Definitions) -> Mapping[str, tuple[str, ...]]:
    """As `members`, by R4's own definition, whatever is stored or in other packages."""
    definition = definitions.core(URL + COMPARTMENTS[type_name]) or {}
    return {one["code"]: tuple(one["param"]) for one in definition.get("resource", ()) if one.get("param")}


def compartment_clause(compartment: Compartment, resource_type: str, codes: tuple[str, ...], scope: Scope) -> Clause:
    """A resource of this type belongs to the compartment."""
    value = ReferenceValue(compartment.id, compartment.type, None)
    found: list[Clause] = []
    for code in codes:
        if code == _ITSELF:
            found.append(AndClause((TypeClause((compartment.type,)), IdClause((compartment.id,)))))
        elif (parameter := scope.parameters(resource_type).get(code)) and parameter.type == "reference":
            found.append(ParameterClause(parameter, parameter.key(resource_type), (value,)))
    return found[0] if len(found) == 1 else OrClause(tuple(found))


def whole_compartment(compartment: Compartment, asked: tuple[str, ...], scope: Scope) -> tuple[tuple[str, ...], Clause]:
    """The types of the compartment, of those that are asked for (none: of all), and what one of their resources belongs to it by."""
    inside = members(compartment.type, scope.definitions)
    types = {name: codes for name, codes in inside.items() if not asked or name in asked}
    clauses = [compartment_clause(compartment, name, codes, scope) for name, codes in types.items()]
    flat = [part for one in clauses for part in (one.clauses if isinstance(one, OrClause) else (one,))]
    return tuple(types), OrClause(tuple(flat))
