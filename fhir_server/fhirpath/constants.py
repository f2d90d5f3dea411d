"""`%name`: the constants and the surroundings of an evaluation (https://hl7.org/fhir/R4/fhirpath.html#variables)."""

from __future__ import annotations

from typing import Any

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import Node, Nodes, collection

CODE_SYSTEMS = {"sct": "http://snomed.info/sct", "loinc": "http://loinc.org", "ucum": "http://unitsofmeasure.org"}
PREFIXES = {"vs-": "http://hl7.org/fhir/ValueSet/", "ext-": "http://hl7.org/fhir/StructureDefinition/"}


def constant(name: str, column: int) -> Run:
    """The closure of `%name`; an unknown name is an error when it is evaluated, since contexts may add names."""
    if name in _SURROUNDINGS:
        return _SURROUNDINGS[name]
    fixed = _fixed(name)
    known = None if fixed is None else collection(fixed)

    def run(scope: Scope) -> Nodes:
        if name in scope.run.context.variables:
            return _as_nodes(scope.run.context.variables[name])
        if known is None:
            raise FhirPathError(f"There is no %{name} here.", column)
        return known

    return run


def is_known(name: str) -> bool:
    """Whether `%name` means something in every context."""
    return name in _SURROUNDINGS or _fixed(name) is not None


def _fixed(name: str) -> str | None:
    if name in CODE_SYSTEMS:
        return CODE_SYSTEMS[name]
    return next((base + name.removeprefix(prefix) for prefix, base in PREFIXES.items() if name.startswith(prefix)), None)


def _as_nodes(value: Any) -> Nodes:
    if isinstance(value, Node):
        return [value]
    if isinstance(value, list):
        return [node for item in value for node in _as_nodes(item)]
    if isinstance(value, dict):
        return [Node(value, str(value.get("resourceType", "Element")))]
    return collection(value)


_SURROUNDINGS: dict[str, Run] = {
    "resource": lambda scope: [scope.run.resource],
    "rootResource": lambda scope: [scope.run.root_resource],
    "context": lambda scope: [scope.run.root],
}
