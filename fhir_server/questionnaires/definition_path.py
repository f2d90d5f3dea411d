"""`item.definition` and where it leads (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.definition): a profile
or type, then `#` and the id of one of its elements, which may go on into the types below (`Patient.name.given`), name slices
(`Patient.identifier:NIR.value`) and choose a type (`Observation.value[x]:valueQuantity.value`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.fhirpath import Node
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Element, Schema
from fhir_server.questionnaires.element_value import element_value, type_of

PREFERRED = ("CodeableConcept", "Quantity", "string", "dateTime", "integer", "Reference")
"""Of the types that a value could take in a choice, where none is its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of an element's id."""

    name: str
    slice: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.slice}" if self.slice else self.name


Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class DefinitionPath:
    """`canonical` without its version; `type` is the first part of the id."""

    canonical: str
    type: str
    steps: Steps


def definition_path(definition: object) -> DefinitionPath | None:
    """The parts of an element definition's URI; None where it names no element below a type."""
    canonical, _, element_id = str(definition).partition("#")
    type_name, *names = element_id.split(".")
    if not names or not all(names):
        return None
    parts = (name.partition(":") for name in names)
    return DefinitionPath(canonical.partition("|")[0], type_name, tuple(Step(name, slice_) for name, _, slice_ in parts))


def element_id(type_name: str, steps: Steps) -> str:
    """The id again."""
    return ".".join((type_name, *map(str, steps)))


def element_at(type_name: str, step: Step, schema: Schema, holder: Resource, then: Step | Node | None) -> Element | None:
    """The element that a step leads to; None where the type has none.

    A choice without a type takes that of the value that comes (`then` a Node), or one that has the next step.
    """
    definition = schema.get(type_name)
    if definition is None:
        return None
    stem = step.name.removesuffix("[x]")
    found = definition.elements.get(step.slice) if stem in definition.choices else None
    if found is not None or stem not in definition.choices:
        return found or definition.elements.get(stem)
    elements = [definition.elements[name] for name in definition.choices[stem]]
    return _of_value(elements, then, schema) if isinstance(then, Node) else _with_step(elements, then, schema, holder)


def _of_value(elements: list[Element], node: Node, schema: Schema) -> Element | None:
    own = [one for one in elements if one.type == type_of(node)]
    ordered = sorted(elements, key=lambda one: PREFERRED.index(one.type) if one.type in PREFERRED else len(PREFERRED))
    return next((one for one in [*own, *ordered] if element_value(node, one.type, schema) is not None), None)


def _with_step(elements: list[Element], then: Step | None, schema: Schema, holder: Resource) -> Element | None:
    fitting = [one for one in elements if then and element_at(one.type, then, schema, {}, None)]
    return next((one for one in fitting if one.name in holder), next(iter(fitting), None))
