"""A template with its values filled in (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#template-based-extraction): a clone of a resource
in which `templateExtractContext` repeats or removes elements, and `templateExtractValue` puts values in place of them.

An element that repeats is cloned for each item of its context; one that does not has all of them before it. What an expression leaves
without content is taken out, and so is what cannot be without it: an extension or a parameter without a value, an entry without its
resource.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fhir_server.fhirpath import Node
from fhir_server.fhirpath.plain import plain
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.questionnaires.element_value import element_value, type_of
from fhir_server.questionnaires.item import SDC, Item, extension

CONTEXT, VALUE = SDC + "templateExtractContext", SDC + "templateExtractValue"
MAX_ELEMENTS = 100_000
"""Elements that one template may make: contexts within contexts multiply."""

Nodes = list[Node]


@dataclass(frozen=True, slots=True)
class Focus:
    """What expressions begin with, and the names that contexts around gave."""

    nodes: Nodes
    names: Mapping[str, Any] = field(default_factory=dict)


class Asking(Protocol):
    """Evaluates the expressions of a template, and hears what is odd about it."""

    def evaluate(self, expression: Any, focus: Focus) -> Nodes:
        """The values; none where the expression cannot be evaluated, which is told."""

    def tell(self, sentence: str) -> None:
        """A warning about the template."""


def filled(template: Resource, focus: Focus, asking: Asking, schema: Schema) -> list[tuple[Resource, Nodes]]:
    """The resources that the template makes, each with what it is made of: one, or none or several where its root has a context. Its own
    id is not theirs."""
    own = {name: value for name, value in template.items() if name != "id"}
    type_name, filling = str(template.get("resourceType")), _Filling(asking, schema)
    return [(made, inner.nodes) for inner in filling.contexts(own, focus, each=True) for made in filling.element(own, type_name, inner)]


class _Filling:
    """One template being filled in."""

    def __init__(self, asking: Asking, schema: Schema):
        self._asking, self._schema, self._left = asking, schema, MAX_ELEMENTS

    def elements(self, element: Item, type_name: str, focus: Focus, *, each: bool) -> list[Item]:
        """What comes in place of a complex element."""
        return [made for inner in self.contexts(element, focus, each) for made in self.element(element, type_name, inner)]

    def contexts(self, element: Item, focus: Focus, each: bool) -> Iterator[Focus]:
        """The focus of each clone."""
        expression = extension(element, CONTEXT)
        if expression is None:
            yield focus
            return
        nodes = self._asking.evaluate(expression, focus)
        name = expression.get("name") if isinstance(expression, dict) else None
        for group in ([node] for node in nodes) if each else ([nodes] if nodes else []):
            yield Focus(group, {**focus.names, name: group} if name else focus.names)

    def element(self, element: Item, type_name: str, focus: Focus) -> list[Item]:
        """What comes in place of one clone of it: nothing where nothing is left."""
        self._left -= 1
        if self._left < 0:
            raise fault(Category.TOO_LARGE, "too-costly", f"A template makes more than {MAX_ELEMENTS} elements; repeat less in it.")
        fixed = self._children(element, type_name, focus)
        expression = extension(element, VALUE)
        if expression is None:
            return [] if _is_hollow(fixed, element, type_name) else [fixed]
        values = (self._converted(node, type_name) for node in self._asking.evaluate(expression, focus))
        return [{**fixed, **value} for value in values if isinstance(value, dict)]

    def _children(self, holder: Item, type_name: str, focus: Focus) -> Item:
        made: Item = {}
        for name in dict.fromkeys(key.removeprefix("_") for key in holder):
            self._fill(name, holder, type_name, focus, made)
        return made

    def _fill(self, name: str, holder: Item, type_name: str, focus: Focus, made: Item) -> None:
        value = holder.get(name)
        child, each = self._type(type_name, name), isinstance(value, list) or isinstance(holder.get("_" + name), list)
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
            found = [
                one for part in _parts(name, value) for one in self.elements(part, str(part.get("resourceType", child)), focus, each=each)
            ]
            self._put(name, found, each, made)
        else:
            self._fill_primitive(name, value, holder.get("_" + name), child, focus, made)

    def _fill_primitive(self, name: str, value: Any, sibling: Any, child: str, focus: Focus, made: Item) -> None:
        each = isinstance(value, list) or isinstance(sibling, list)
        values = value if isinstance(value, list) else [value]
        siblings = sibling if isinstance(sibling, list) else [sibling]
        length = max(len(values), len(siblings))
        rows = zip([*values, *[None] * (length - len(values))], [*siblings, *[None] * (length - len(siblings))], strict=True)
        found = [one for plain_value, beside in rows for one in self._primitives(plain_value, beside, child, focus, each)]
        self._put(name, [one for one, _ in found], each, made, keep_empty=any(beside for _, beside in found))
        if any(beside for _, beside in found):
            made["_" + name] = [beside for _, beside in found] if each else found[0][1]

    def _primitives(self, value: Any, sibling: Any, child: str, focus: Focus, each: bool) -> Iterator[tuple[Any, Item | None]]:
        """(value, what stands beside it) in place of one primitive."""
        if not isinstance(sibling, dict):
            yield value, None
            return
        for inner in self.contexts(sibling, focus, each):
            beside = self._children(sibling, "Element", inner) or None
            expression = extension(sibling, VALUE)
            if expression is None:
                yield value, beside
                continue
            for node in self._asking.evaluate(expression, inner):
                if (made := self._converted(node, child)) is not None:
                    yield made, {**(node.sibling or {}), **(beside or {})} or None

    def _put(self, name: str, found: list[Any], each: bool, made: Item, keep_empty: bool = False) -> None:
        if not keep_empty:
            found = [one for one in found if one is not None]
        if each and found:
            made[name] = found
        elif found and found[0] is not None:
            made[name] = found[0]
        if len(found) > 1 and not each:
            self._asking.tell(f"{len(found)} values were found for '{name}', which takes one; the first was taken. Add .first() to choose.")

    def _converted(self, node: Node, type_name: str) -> Any:
        known = type_name in self._schema
        made = element_value(node, type_name, self._schema) if known else plain(node.value)
        if made is None and node.value is not None:
            self._asking.tell(f"A {type_of(node)} was found where a {type_name} is to stand; choose a part of it, such as .code.")
        return made

    def _type(self, type_name: str, name: str) -> str:
        definition = self._schema.get(type_name)
        element = definition.elements.get(name) if definition else None
        return element.type if element else ""


def _parts(name: str, value: Any) -> list[Item]:
    found = objects(value) if isinstance(value, list) else [value]
    return [one for one in found if name != "extension" or one.get("url") not in (CONTEXT, VALUE)]


def _is_hollow(made: Item, template: Item, type_name: str) -> bool:
    """True where nothing is left, or not what the element is there for."""
    if not made:
        return True
    lost = template.keys() - made.keys()
    if type_name == "Extension":
        return bool(lost) and made.keys() <= {"url", "id"}
    if type_name == "Parameters.parameter":
        return (bool(lost) and made.keys() <= {"name", "id"}) or _is_cut_operation(made, template)
    return type_name == "Bundle.entry" and "resource" in lost


def _is_cut_operation(made: Item, template: Item) -> bool:
    """True for an operation of FHIRPath Patch that has lost a part: to do the rest of it would be something else."""
    return made.get("name") == "operation" and len(made.get("part", ())) < len(objects(template.get("part")))
