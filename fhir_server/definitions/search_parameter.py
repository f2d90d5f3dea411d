"""SearchParameters, one for each resource type they apply to (https://hl7.org/fhir/R4/searchparameter.html)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec


class Component(msgspec.Struct, frozen=True):
    """One part of a composite parameter: the canonical URL of the parameter and the expression from the composite's element."""

    definition: str
    expression: str


class SearchParameter(msgspec.Struct, frozen=True):
    """A search parameter as it applies to one resource type (`base`); shared by all where base is Resource or DomainResource."""

    base: str
    code: str
    type: str  # token, reference, string, date, uri, number, quantity, composite, special
    url: str
    expression: str | None
    targets: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()
    modifiers: tuple[str, ...] = ()
    description: str = ""

    def key(self, resource_type: str) -> int:
        """A stable number for (resource type, code), used in index rows: the same in every process and on every store."""
        return parameter_key(resource_type, self.code)


def parameter_key(resource_type: str, code: str) -> int:
    """31 bits out of `Type.code`; `Definitions` refuses a parameter whose key another one has already."""
    return zlib.crc32(f"{resource_type}.{code}".encode()) & 0x7FFFFFFF


def search_parameters(resource: dict[str, Any]) -> Iterator[SearchParameter]:
    """The parameters that one SearchParameter resource defines, one for each base type."""
    components = tuple(Component(part["definition"], part["expression"]) for part in resource.get("component", ()))
    for base in resource.get("base", ()):
        yield SearchParameter(
            base,
            resource["code"],
            resource["type"],
            resource["url"],
            resource.get("expression"),
            tuple(resource.get("target", ())),
            components,
            tuple(resource.get("modifier", ())),
            resource.get("description", ""),
        )
