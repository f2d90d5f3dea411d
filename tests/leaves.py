"""What a map made and what its trace tells, both as simple values with their places: ("Patient.name[0].family", "MARTIN")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adapters.mapping.run import Run

Leaf = tuple[str, Any]


def filled(run: Run) -> set[Leaf]:
    """What the trace says that lines have filled."""
    return {leaf for line in run.trace for leaf in leaves(line.value, line.element)}


def made(run: Run) -> set[Leaf]:
    """What is in the resources."""
    return {leaf for one in run.entries for leaf in leaves(one.resource, one.resource["resourceType"])}


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        parts = [(f"{path}.{name}", one) for name, one in value.items() if name != "resourceType"]
    else:
        parts = [(f"{path}[{at}]", one) for at, one in enumerate(value)] if isinstance(value, list) else []
    if not parts:
        yield path, value
    for place, one in parts:
        yield from leaves(one, place)
