"""The HL7 2.5 data types that maps address by name: `XAD.city`, `CX.authority.universalId` (HL7 2.5, chapter 2A).

The names and positions are data, in `data_types.json`: for each type its components in order, `name` or `name:type`,
for each segment the type of its composite fields, and how many fields it has in the latest version of HL7 v2.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Component:
    """Where a named component is: positions count from 0; `type` is that of its subcomponents, None for a simple value."""

    name: str
    position: int
    type: str | None


@dataclass(frozen=True, slots=True)
class DataTypes:
    types: dict[str, dict[str, Component]]
    segments: dict[str, dict[int, str]]
    fields: dict[str, int]

    def check(self, segment: str, field: int | None = None) -> None:
        """KeyError where the messages that are taken have no such segment, or it has no such field; what begins with Z is everybody's."""
        last = self.fields.get(segment)
        if last is None and not segment.startswith("Z"):
            raise KeyError(f"there is no segment {segment} (there are: {', '.join(self.fields)}, and those that begin with Z)")
        if last is not None and field is not None and not 1 <= field <= last:
            raise KeyError(f"{segment} has no field {field} (it has {last})")

    def field_type(self, segment: str, field: int) -> str | None:
        """The data type of a field, None where it is a simple value."""
        return self.segments.get(segment, {}).get(field)

    def component(self, type_name: str, name: str) -> Component:
        """KeyError, naming the components there are, where the type has no such one."""
        components = self.types.get(type_name)
        if components is None:
            raise KeyError(f"there is no data type {type_name} (known: {', '.join(sorted(self.types))})")
        if name not in components:
            raise KeyError(f"{type_name} has no component {name} (it has: {', '.join(components)})")
        return components[name]


@cache
def data_types() -> DataTypes:
    """The tables of `data_types.json`, read once."""
    tables = json.loads(Path(__file__).with_name("data_types.json").read_text("utf-8"))
    types = {name: _components(listed) for name, listed in tables["types"].items()}
    segments = {name: {int(number): kind for number, kind in fields.items()} for name, fields in tables["segments"].items()}
    return DataTypes(types, segments, tables["fields"])


def _components(listed: list[str]) -> dict[str, Component]:
    split = [text.partition(":") for text in listed]
    return {name: Component(name, position, kind or None) for position, (name, _, kind) in enumerate(split)}
