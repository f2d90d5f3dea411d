"""Whether R4 has what a path of a map reads: `Patient.name[0].family`, `CarePlan.author->name.family`."""

from __future__ import annotations

from collections.abc import Iterable

from fhir_server.model.near_miss import near_miss
from fhir_server.model.schema import Schema

Types = frozenset[str]


def types_at(path: str, start: Types, steps: Iterable[tuple[str, str, str]], schema: Schema) -> Types:
    """The types that a path may lead to; `start` are those of its root. ValueError, with the nearest right name, where there are none.

    What a reference leads to may be any resource: of it only those are left that have the next element.
    """
    found = start
    for mark, name, _ in steps:
        if mark == "->":
            if "Reference" not in found:
                raise ValueError(f"{path}: only a Reference leads on by ->, and this is a {' or '.join(sorted(found))}")
            found = schema.resource_types
        if name:
            found = _inside(path, name, found, schema)
    return found


def root_type(path: str, name: str, schema: Schema) -> Types:
    """The type that a path begins with."""
    if name not in schema.resource_types:
        raise ValueError(f"{path}: R4 has no resource type {name}.{near_miss(name, schema.resource_types)}")
    return frozenset((name,))


def _inside(path: str, name: str, types: Types, schema: Schema) -> Types:
    definitions = [schema[one] for one in types if one in schema]
    found = frozenset(one.elements[name].type for one in definitions if name in one.elements)
    if not found:
        known = {element for one in definitions for element in one.elements}
        raise ValueError(f"{path}: R4 has no element {name} here.{near_miss(name, known)}")
    return schema.resource_types if found & {"Resource"} else found
