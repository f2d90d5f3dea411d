"""Whether a map writes only what FHIR has: each element by its name, its type and whether it is a list (https://hl7.org/fhir/R4/json.html).

A map that says `statsu` would fill an element that no reader knows. The walk goes down from the type of each resource, through the blocks
where they are used, and stops at the first mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.mapping.compiler import PIPE, names
from adapters.mapping.source import Node
from fhir_server.model.near_miss import near_miss
from fhir_server.model.schema import Element, Schema, TypeDefinition

MAKES_LIST = "codings"
MAKES_CODING = ("coding", MAKES_LIST)
"""The functions whose result is not a primitive."""


@dataclass(frozen=True, slots=True)
class ElementCheck:
    """The types of FHIR, and the blocks of a map."""

    schema: Schema
    blocks: Mapping[str, Node]

    def resource(self, head: Mapping[str, Node], elements: Mapping[str, Node]) -> None:
        """MapError at the first element that the resource's type does not have, or that cannot hold what the map puts there."""
        definition = self.schema.get(head["type"].value)
        if definition is None or definition.name not in self.schema.resource_types:
            known = near_miss(head["type"].value, self.schema.resource_types)
            raise head["type"].error(f"R4 has no resource type {head['type'].value}.{known}")
        self._elements(elements, definition, definition.name)
        for name, rule in head["merge"].items() if "merge" in head else ():
            self._merge(name, rule, definition)

    def _elements(self, elements: Mapping[str, Node], definition: TypeDefinition, path: str) -> None:
        for block in names(elements.get("$use")):
            if block in self.blocks:  # the compiler tells of one that is not there
                self._elements(self.blocks[block].value["set"].value, definition, path)
        for name, node in elements.items():
            if not name.startswith("$"):
                self._value(node, self._element(name, definition, path, node), f"{path}.{name}")

    def _element(self, name: str, definition: TypeDefinition, path: str, node: Node) -> Element:
        element = definition.elements.get(name.removeprefix("_"))
        if element is None:
            raise node.error(f"{path}.{name}: R4 has no such element.{near_miss(name, definition.elements)}")
        if not name.startswith("_"):
            return element
        if not self._is_primitive(element.type):
            raise node.error(f"{path}.{name}: only an element with a simple value has such a twin, and {element.name} has parts")
        return Element(name, "Element", element.path, max=element.max)

    def _value(self, node: Node, element: Element, path: str, item: bool = False) -> None:
        """`item`: the node is one of a list already."""
        if isinstance(node.value, list):
            self._listed(node, element, path)
        elif isinstance(node.value, dict):
            self._object(node, element, path, item)
        else:
            self._scalar(node, element, path, item)

    def _listed(self, node: Node, element: Element, path: str) -> None:
        if not element.is_list:
            raise node.error(f"{path}: there can be only one value here, so it is not a list")
        for one in node.value:
            self._value(one, element, path, item=True)

    def _object(self, node: Node, element: Element, path: str, item: bool) -> None:
        many = item or "$each" in node
        if (reference := node.get("$reference")) is not None:
            self._held("Reference", reference, element, path)
            self._in_list(reference, element, path, many)
        elif (value := node.get("$value")) is not None:
            self._value(value, element, path, many)
        elif (first := node.get("$first")) is not None:
            self._in_list(node, element, path, many)
            for one in first.value:
                self._value(one, element, path, item=True)
        else:
            self._in_list(node, element, path, many)
            self._parts(node, element, path)

    def _parts(self, node: Node, element: Element, path: str) -> None:
        if self._is_primitive(element.type):
            raise node.error(f"{path}: a {element.type} has no parts")
        definition = self.schema[element.type]
        if not definition.abstract or definition.name == "Element":
            self._elements(node.value, definition, path)
            self._pattern(node.get("$delete"), definition, path)

    def _pattern(self, pattern: Node | None, definition: TypeDefinition, path: str) -> None:
        for name, node in pattern.items() if pattern else ():
            self._element(name, definition, path, node)

    def _scalar(self, node: Node, element: Element, path: str, item: bool) -> None:
        functions = [pipe.split()[0] for pipe in PIPE.split(str(node.value))[1:]]
        last = functions[-1] if functions else ""
        self._in_list(node, element, path, item or last == MAKES_LIST)
        if last in MAKES_CODING:
            self._held("Coding", node, element, path)
        elif not self._is_primitive(element.type):
            raise node.error(f"{path}: a {element.type} has parts, and this is a simple value")
        elif not functions:
            self._constant(node, element, path)

    def _constant(self, node: Node, element: Element, path: str) -> None:
        """A fixed value must be one of the type; of what is read from the message nothing is known here."""
        if isinstance(node.value, str) and (not node.value.startswith("=") or "{" in node.value):
            return
        text = str(node.value).lower() if isinstance(node.value, bool) else str(node.value).removeprefix("=")
        if isinstance(node.value, bool) is not (element.type == "boolean"):
            raise node.error(f"{path}: true or false, not quoted, is what a boolean is, and nothing else; this is a {element.type}")
        pattern = self.schema[element.type].pattern
        if pattern and not re.fullmatch(pattern, text):
            raise node.error(f"{path}: this is not a {element.type}")

    def _in_list(self, node: Node, element: Element, path: str, many: bool) -> None:
        if element.is_list and not many:
            raise node.error(f"{path}: there can be several values here, so it is a list")

    def _held(self, made: str, node: Node, element: Element, path: str) -> None:
        if element.type != made:
            raise node.error(f"{path}: a {made} cannot stand here; this is a {element.type}")

    def _is_primitive(self, type_name: str) -> bool:
        return type_name in self.schema.primitive_types or type_name == "xhtml"

    def _merge(self, name: str, rule: Node, definition: TypeDefinition) -> None:
        path = definition.name
        element = self._element(name, definition, path, rule)
        for other in (one for key in ("instead_of", "unless") if key in rule for one in rule.value[key].value):
            self._element(other.value, definition, path, other)
        for key in rule.value["key"].value if "key" in rule else ():
            self._key(key, element, f"{path}.{name}")

    def _key(self, key: Node, element: Element, path: str) -> None:
        """A part of the items by which they are told apart: `other.reference`."""
        for step in key.value.split("."):
            if self._is_primitive(element.type):
                raise key.error(f"{path}: a {element.type} has no parts")
            element = self._element(step, self.schema[element.type], path, key)
            path = f"{path}.{step}"


def check_elements(
    heads: Mapping[str, Mapping[str, Node]], elements: Mapping[str, Mapping[str, Node]], blocks: Mapping[str, Node], schema: Schema
) -> None:
    """All resources of a joined map: their heads, what they set, and the blocks that are used there."""
    check = ElementCheck(schema, blocks)
    for name, head in heads.items():
        check.resource(head, elements[name])
