"""A resource that grows while the answers are walked through (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#definition-based-extraction).

A `Spot` is a place in it that the items at hand write below: the resource itself, or the element that a group stands for. Items at one spot
share the elements between (family and given names are of one name), until one of them says what is said already: it opens the next
repetition, and takes along what else it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from fhir_server.fhirpath import Node
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Element, Schema
from fhir_server.questionnaires.definition_path import DefinitionPath, Step, Steps, element_at, element_id
from fhir_server.questionnaires.element_value import element_value, type_of
from fhir_server.questionnaires.item import Item

Placed = tuple[dict[str, Any], str]
"""An element of the resource, and its type."""


@dataclass(slots=True)
class Target:
    """A resource in the making; `canonical` is None where any definition of its type is meant (`itemExtractionContext`).

    `made` are the elements that were made, by the id of their definition. `tell` hears what could not be written.
    """

    type: str
    canonical: str | None
    schema: Schema
    tell: Callable[[str], None]
    extension_url: Callable[[str], str | None]
    resource: Resource = field(init=False)
    made: list[tuple[str, dict[str, Any]]] = field(init=False)

    def __post_init__(self) -> None:
        self.resource = {"resourceType": self.type}
        self.made = [(self.type, self.resource)]

    def means(self, path: DefinitionPath) -> bool:
        return path.type == self.type if self.canonical is None else path.canonical == self.canonical


@dataclass(frozen=True, slots=True)
class Write:
    """A value on its way; a fixed one is written once however many answers there are."""

    steps: Steps
    node: Node
    is_fixed: bool = False


class Spot:
    """A place in a target; `current` are the elements below it that the next value may join."""

    def __init__(self, target: Target, steps: Steps, placed: Placed):
        self.target, self.steps, self._placed = target, steps, placed
        self._current: dict[Steps, Placed] = {}

    def again(self) -> Spot:
        """The same place for another repetition: what it writes joins nothing that is there."""
        return Spot(self.target, self.steps, self._placed)

    def below(self, steps: Steps) -> Spot | None:
        """The place of a group: a new repetition of its element, where that repeats."""
        self._forget(steps)
        placed = self._reached(steps)
        return Spot(self.target, (*self.steps, *steps), placed) if placed else None

    def write(self, writes: Iterable[Write]) -> None:
        """Write what one item says: together into one repetition."""
        together: dict[Steps, list[Write]] = {}
        for write in writes:
            together.setdefault(self._branch(write), []).append(write)
        for branch, group in together.items():
            if branch and any(self._is_said(write) for write in group):
                self._forget(branch)
            for write in group:
                self._put(write)

    def _branch(self, write: Write) -> Steps:
        """The innermost element on the way that repeats; () where none does."""
        type_name, found = self._placed[1], 0
        for length, (step, then) in enumerate(zip(write.steps, write.steps[1:], strict=False), 1):
            element = element_at(type_name, step, self.target.schema, {}, then)
            if element is None:
                break
            found, type_name = (length if element.is_list else found), element.type
        return write.steps[:found]

    def _forget(self, branch: Steps) -> None:
        for known in [one for one in self._current if one[: len(branch)] == branch]:
            del self._current[known]

    def _is_said(self, write: Write) -> bool:
        """True where the element has another value already, and takes one."""
        holder = self._current.get(write.steps[:-1])
        if holder is None:
            return False
        element = element_at(holder[1], write.steps[-1], self.target.schema, holder[0], write.node)
        if element is None or element.is_list:
            return False
        here = [holder[0][name] for name in self._choices(holder[1], element) if name in holder[0]]
        return bool(here) and here != [element_value(write.node, element.type, self.target.schema)]

    def _choices(self, type_name: str, element: Element) -> tuple[str, ...]:
        return self.target.schema[type_name].choices[element.choice] if element.choice else (element.name,)

    def _put(self, write: Write) -> None:
        placed = self._reached(write.steps[:-1], write.steps[-1]) if write.steps[:-1] else self._placed
        if placed is None:
            return
        holder, type_name = placed
        element = element_at(type_name, write.steps[-1], self.target.schema, holder, write.node)
        value = None if element is None else element_value(write.node, element.type, self.target.schema)
        if element is None or value is None:
            self._tell_unfit(write, element)
        elif element.is_list:
            self._add(holder, element, value, write)
        elif holder.setdefault(element.name, value) != value:
            self.target.tell(f"{self._name(write.steps)} takes one value, and has one already; another one was left out.")

    def _add(self, holder: dict[str, Any], element: Element, value: Any, write: Write) -> None:
        listed = holder.setdefault(element.name, [])
        if write.is_fixed and value in listed:
            return
        listed.append(value)
        if isinstance(value, dict):
            self._note(write.steps, value)

    def _reached(self, steps: Steps, then: Step | None = None) -> Placed | None:
        """The element at the end of these steps, made where it is not there."""
        placed = self._placed
        for length, (step, next_step) in enumerate(zip(steps, (*steps[1:], then), strict=True), 1):
            way = steps[:length]
            made = self._current.get(way) or self._made(placed, way, step, next_step)
            if made is None:
                return None
            placed = self._current[way] = made
        return placed

    def _made(self, placed: Placed, way: Steps, step: Step, then: Step | None) -> Placed | None:
        holder, type_name = placed
        element = element_at(type_name, step, self.target.schema, holder, then)
        if element is None or element.type in self.target.schema.primitive_types:
            self.target.tell(f"There is no {self._name(way)}; mend the definition of the item.")
            return None
        if element.is_list:
            holder.setdefault(element.name, []).append(made := {})
        else:
            made = holder.setdefault(element.name, {})
        self._begin(made, element, way)
        return made, element.type

    def _begin(self, made: dict[str, Any], element: Element, way: Steps) -> None:
        self._note(way, made)
        if element.choice and not way[-1].slice:
            self._note((*way[:-1], Step(f"{element.choice}[x]", element.name)), made)
        if element.type == "Extension" and (url := self.target.extension_url(self._name(way))):
            made.setdefault("url", url)

    def _note(self, way: Steps, made: dict[str, Any]) -> None:
        self.target.made.append((self._name(way), made))

    def _name(self, way: Steps) -> str:
        return element_id(self.target.type, (*self.steps, *way))

    def _tell_unfit(self, write: Write, element: Element | None) -> None:
        name = self._name(write.steps)
        if element is None:
            self.target.tell(f"There is no {name} that takes a {type_of(write.node)}; mend the definition of the item.")
        else:
            self.target.tell(f"A {type_of(write.node)} cannot be written as {name}, which is a {element.type}.")


def origin(target: Target) -> Spot:
    """The resource itself as a place."""
    return Spot(target, (), (target.resource, target.type))


def spot_for(path: DefinitionPath, spots: Iterable[Spot]) -> Spot | None:
    """The innermost place that a definition leads below; `spots` are innermost first."""
    fitting = (one for one in spots if one.target.means(path) and len(one.steps) < len(path.steps))
    return next((one for one in fitting if path.steps[: len(one.steps)] == one.steps), None)


def written_from(question: Item) -> bool:
    """True for an item whose definition is written from its answers; a group's is a place."""
    return question.get("type") not in ("group", "display")
