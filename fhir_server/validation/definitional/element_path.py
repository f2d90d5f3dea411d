"""A path of an ElementDefinition followed through the base types (https://hl7.org/fhir/R4/elementdefinition.html#path)."""

from __future__ import annotations

from fhir_server.model.schema import Schema, TypeDefinition

Types = frozenset[str]


def types_at(schema: Schema, root: str, path: str) -> Types | None:
    """The types that the element at `path` may have; empty where there is no such element, None where that cannot be told."""
    first, *steps = path.split(".")
    if root not in schema or first != root:
        return None
    types: Types = frozenset((root,))
    for step in steps:
        if any(_is_open(schema, one) for one in types):
            return None
        types = frozenset(kind for one in types for kind in _children(schema[one], step))
        if not types:
            return types
    return types


def _is_open(schema: Schema, name: str) -> bool:
    definition = schema.get(name)
    return definition is None or definition.name == "Resource" or definition.is_primitive


def _children(definition: TypeDefinition, step: str) -> list[str]:
    stem = step.removesuffix("[x]")
    if stem in definition.choices and (step.endswith("[x]") or stem == step):
        return [definition.elements[name].type for name in definition.choices[stem]]
    element = definition.elements.get(step)
    return [element.type] if element else []
