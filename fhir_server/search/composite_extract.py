"""The index rows of composite parameters: for each element, the rows of all its components, or none where one is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhir_server.search.path import Step, Where
from fhir_server.search.rows import ROWS_OF_TYPE, IndexRows

Walk = Callable[[Any, IndexRows], None]

RESOURCE = "%resource."
"""Components of MolecularSequence that are not in the element begin with this."""


@dataclass(frozen=True, slots=True)
class Component:
    """How one component's rows are made: walks by member of the element (or, `of_resource`, of the resource), and expressions."""

    type: str
    key: int
    members: Mapping[str, Walk]
    expressions: Sequence[Walk] = ()
    of_resource: bool = False

    def may_be_in(self, source: Mapping[str, Any]) -> bool:
        return bool(self.expressions) or not self.members.keys().isdisjoint(source)

    def write(self, source: Mapping[str, Any], rows: IndexRows) -> None:
        for name, walk in self.members.items():
            if name in source:
                walk(source[name], rows)
        for evaluate in self.expressions:
            evaluate(source, rows)


def composite_walk(bases: Sequence[tuple[tuple[Step, ...], tuple[Component, ...]]]) -> Walk:
    """(resource, rows): the composite's rows; `bases` are the ways to its elements, each with the components as they are there."""

    def walk(resource: Any, rows: IndexRows) -> None:
        number = 0
        for steps, components in bases:
            for element in _elements(resource, steps):
                if _is_whole(element, resource, components):
                    _write(element, resource, components, number, rows)
                    number += 1

    return walk


def _is_whole(element: Any, resource: Any, components: tuple[Component, ...]) -> bool:
    """Nearly always tells at once that an element lacks a component."""
    return all(component.may_be_in(resource if component.of_resource else element) for component in components)


def _write(element: Any, resource: Any, components: tuple[Component, ...], number: int, rows: IndexRows) -> None:
    found = IndexRows()
    for component in components:
        component.write(resource if component.of_resource else element, found)
    tables = {ROWS_OF_TYPE[component.type] for component in components}
    if len({row[0] for table in tables for row in getattr(found, table)}) < len(components):
        return
    for table in tables:
        numbered: list[tuple[Any, ...]] = getattr(rows, f"component_{table}")
        numbered += [(row[0], number, *row[1:]) for row in getattr(found, table)]


def _elements(value: Any, steps: Sequence[Step]) -> Iterator[Any]:
    """The objects that the steps lead to."""
    if type(value) is list:
        for item in value:
            yield from _elements(item, steps)
    elif type(value) is dict:
        yield from _below(value, steps)


def _below(element: dict[str, Any], steps: Sequence[Step]) -> Iterator[Any]:
    if not steps:
        yield element
    elif isinstance(steps[0], Where):
        if element.get(steps[0].name) == steps[0].literal:
            yield from _below(element, steps[1:])
    elif steps[0] in element:
        yield from _elements(element[steps[0]], steps[1:])
