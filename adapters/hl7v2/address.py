"""Where a path of a map leads in a message: `PID-7`, `PID-11.city`, or `CX.authority.universalId` inside `$each: PID-3`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.hl7v2.data_types import DataTypes
from adapters.hl7v2.fault import Place
from adapters.hl7v2.message import Repetition, Segment
from adapters.mapping.run import Scope

_PATH = re.compile(r"([A-Z][A-Z0-9]{1,2})(?:-(\d+))?((?:\.[A-Za-z]+)*)")


@dataclass(frozen=True, slots=True)
class Address:
    """A path, resolved: the field of a segment or the bound value, and where in it (positions from 0)."""

    root: str
    number: int | None
    position: int = 0
    subposition: int = 0

    def place(self, scope: Scope) -> Place:
        current = scope.get(self.root)
        component = self.position + 1
        if isinstance(current, Repetition):
            return Place(current.segment.name, current.segment.occurrence, current.field, current.number, component)
        occurrence = current.occurrence if isinstance(current, Segment) else 1
        return Place(self.root, occurrence, self.number, None, component if self.position else None)


def located(path: str, bound: frozenset[str], types: DataTypes) -> Address:
    """The path of a map, resolved; ValueError where it leads nowhere. `bound`: the names that `$each` has bound."""
    root, number, names = parsed(path)
    if number is not None:
        types.check(root, number)
        kind = types.field_type(root, number)
    elif (root in bound and len(root) == 2) or root in types.types:
        kind = root
    else:
        raise ValueError(f"{path} names a segment without a field")
    if number is None and root not in bound:
        raise ValueError(f"{path}: no $each has bound {root} here")
    return _component(Address(root, number), kind, names, path, types)


def _component(address: Address, kind: str | None, names: list[str], path: str, types: DataTypes) -> Address:
    if not names:
        return address
    if kind is None:
        raise ValueError(f"{path}: {address.root}-{address.number} is a simple value (or its data type is not in data_types.json)")
    first = types.component(kind, names[0])
    if len(names) == 1:
        return Address(address.root, address.number, first.position)
    if first.type is None or len(names) > 2:
        raise ValueError(f"{path}: {kind}.{first.name} has no parts")
    second = types.component(first.type, names[1])
    return Address(address.root, address.number, first.position, second.position)


def parsed(path: str) -> tuple[str, int | None, list[str]]:
    """Segment or bound type, number of the field, names of components; ValueError where it is no path."""
    match = _PATH.fullmatch(path.strip())
    if match is None:
        raise ValueError(f"{path} is not a path like PID-7, PID-11.city or XAD.city")
    root, number, names = match.groups()
    return root, int(number) if number else None, names.split(".")[1:]
