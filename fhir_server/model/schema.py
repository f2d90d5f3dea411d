"""What a FHIR type is made of: the compact tables that formats, FHIRPath, search and validation all read.

`fhir_server.definitions.structure` makes them from StructureDefinitions; this module only says what they look like.
A backbone element is a type of its own, named by its path (`Patient.contact`), and a content reference is resolved to the
type it points at (`Questionnaire.item.item` has the type `Questionnaire.item`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

Kind = Literal["primitive-type", "complex-type", "resource", "backbone"]


class Element(msgspec.Struct, frozen=True):
    """One JSON property of a type. A choice element has one `Element` for each of its types (`valueQuantity`, `valueString`...)."""

    name: str  # as in JSON: "birthDate", "valueQuantity"
    type: str  # key into Schema: "HumanName", "Patient.contact", "Resource" for any resource, "xhtml"
    path: str  # as in the StructureDefinition: "Patient.birthDate", "Observation.value[x]"
    min: int = 0
    max: int | None = None  # None is *
    choice: str | None = None  # "value" where the element is one of value[x]
    xml_attribute: bool = False  # Element.id, Extension.url
    is_summary: bool = False
    is_modifier: bool = False

    @property
    def is_list(self) -> bool:
        return self.max is None or self.max > 1


class TypeDefinition(msgspec.Struct, frozen=True):
    """A type with its elements in the order of the specification, inherited ones included."""

    name: str
    kind: Kind
    url: str
    base: str | None
    abstract: bool
    elements: dict[str, Element]
    pattern: str | None = None  # a primitive's regular expression, as the specification writes it
    choices: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)  # "value" -> ("valueQuantity", ...)

    @property
    def is_primitive(self) -> bool:
        return self.kind == "primitive-type"


class Schema:
    """All types by name; `schema["Patient"].elements["name"].type == "HumanName"`."""

    def __init__(self, types: Iterable[TypeDefinition]):
        self.types: Mapping[str, TypeDefinition] = {definition.name: definition for definition in types}
        self.resource_types = frozenset(name for name, one in self.types.items() if one.kind == "resource" and not one.abstract)
        self.primitive_types = frozenset(name for name, one in self.types.items() if one.is_primitive)

    def __getitem__(self, name: str) -> TypeDefinition:
        return self.types[name]

    def __contains__(self, name: object) -> bool:
        return name in self.types

    def get(self, name: str) -> TypeDefinition | None:
        return self.types.get(name)

    def is_subtype(self, name: str, ancestor: str) -> bool:
        """True where `name` is `ancestor` or derives from it (`Patient` from `DomainResource`, `Age` from `Quantity`)."""
        current: str | None = name
        while current is not None and current != ancestor:
            definition = self.types.get(current)
            current = definition.base if definition else None
        return current == ancestor
