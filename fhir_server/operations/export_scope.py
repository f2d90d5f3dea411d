"""Which resources an export takes: all, or what belongs to some patients by the definition of their compartment
(https://hl7.org/fhir/R4/compartmentdefinition-patient.html), judged on the resource as it stood, not on the index as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import Expression, compile_expression
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.references import parse_reference
from fhir_server.search.compartment import members
from fhir_server.search.path import Path, Step, Where, paths_of

PATIENT = "Patient"
_MENTION = b"Patient/"

Values = Callable[[Resource], Iterator[Any]]


class PatientScope:
    """`ids` are the patients, or None for all; `base` is this server's own URL, with which references may begin."""

    def __init__(self, definitions: Definitions, ids: frozenset[str] | None, base: str | None = None):
        self._definitions = definitions
        self._codes = members(PATIENT, definitions)
        self._ids = ids
        self._base = base
        self._references: dict[str, list[Values]] = {}

    @property
    def types(self) -> frozenset[str]:
        """The resource types of which something can belong to a patient."""
        return frozenset((*self._codes, PATIENT))

    def holds(self, type_name: str, id_: str, content: bytes) -> bool:
        """True where the resource belongs to one of the patients; of patients only they themselves do."""
        if type_name == PATIENT:
            return self._ids is None or id_ in self._ids
        if _MENTION not in content:
            return False
        resource = decode_resource(content)
        return any(self._is_ours(value) for values in self._values(type_name) for value in values(resource))

    def _values(self, type_name: str) -> list[Values]:
        if type_name not in self._references:
            self._references[type_name] = list(self._compiled(type_name))
        return self._references[type_name]

    def _compiled(self, type_name: str) -> Iterator[Values]:
        parameters = self._definitions.search_parameters(type_name)
        for code in self._codes.get(type_name, ()):
            if (parameter := parameters.get(code)) and parameter.expression:
                paths, others = paths_of(parameter.expression, type_name, self._definitions.schema)
                yield from (partial(_walked, path) for path in paths)
                yield from (partial(_evaluated, compile_expression(one, self._definitions.schema)) for one in others)

    def _is_ours(self, value: Any) -> bool:
        text = value.get("reference") if isinstance(value, dict) else None
        if not isinstance(text, str):
            return False
        reference = parse_reference(text)
        is_local = reference.type == PATIENT and reference.base in (None, self._base)
        return is_local and (self._ids is None or reference.id in self._ids)


def _walked(path: Path, resource: Resource) -> Iterator[Any]:
    yield from _steps(resource, path.steps)


def _steps(value: Any, steps: Sequence[Step]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _steps(item, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict):
        yield from _steps(_next(value, steps[0]), steps[1:])


def _next(value: dict[str, Any], step: Step) -> Any:
    if isinstance(step, Where):
        return value if value.get(step.name) == step.literal else None
    return value.get(step)


def _evaluated(expression: Expression, resource: Resource) -> Iterator[Any]:
    return (value for value, _ in expression.values(resource, None))
