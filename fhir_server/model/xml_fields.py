"""The elements of each type as XML has them: how one is opened and closed while reading, and how it is written.

`xml_format` drives them (https://hl7.org/fhir/R4/xml.html); the tables are compiled from the schema, a type when it is first met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Element, Schema
from fhir_server.model.xhtml import XHTML, UnreadableXhtml, xhtml_for_xml

FHIR = "http://hl7.org/fhir"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

Node = dict[str, Any]


class Frame:
    """An element that is open while reading: the fields it may have, the dict they go into, and what it is itself."""

    __slots__ = ("field", "fields", "node", "parent", "value")

    def __init__(self, fields: Mapping[str, Field], node: Node, field: Field | None, parent: Node, value: Any = None):
        self.fields, self.node, self.field, self.parent, self.value = fields, node, field, parent, value


Write = Callable[[str], None]


class Field:
    """One element of a type: how it is opened and closed while reading, and how it is written."""

    def __init__(self, element: Element, tables: Tables, order: int):
        self.name, self.sibling, self.type = element.name, "_" + element.name, element.type
        self.many, self.order, self.tables = element.is_list, order, tables
        self.choice = element.choice
        self.is_attribute = element.xml_attribute
        self.tag = f"{FHIR} {element.name}"

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """What may stand inside: looked up when first met, since types hold themselves."""
        return self.tables[self.type]

    def open(self, parent: Node, attributes: dict[str, str]) -> Frame:
        raise NotImplementedError

    def close(self, frame: Frame) -> None:
        """Nothing is left to do."""

    def attribute_fault(self, _name: str) -> str | None:
        """Why it cannot have this XML attribute; None where it can."""
        return None

    def write(self, out: Write, node: Node) -> None:
        raise NotImplementedError

    def _place(self, parent: Node, value: Any) -> None:
        if self.many:
            parent.setdefault(self.name, []).append(value)
        elif self.name in parent or self.sibling in parent:
            raise Unreadable(phrase("The element {name} may occur once only here; keep one.", name=self.name))
        else:
            parent[self.name] = value

    def _occurrences(self, value: Any) -> list[Any]:
        if isinstance(value, list) != self.many:
            wanted = (
                phrase("{name} must be an array.", name=self.name) if self.many else phrase("{name} must not be an array.", name=self.name)
            )
            raise Unwritable(wanted, self.name)
        return value if self.many else [value]

    def _step(self, index: int) -> str:
        return f"{self.name}[{index}]" if self.many else self.name


class Complex(Field):
    def open(self, parent: Node, attributes: dict[str, str]) -> Frame:
        node = self.tables.attributes(self.type, attributes) if attributes else {}
        self._place(parent, node)
        return Frame(self.fields, node, self, parent)

    def attribute_fault(self, name: str) -> str | None:
        return self.tables.attribute_fault(self.type, name)

    def write(self, out: Write, node: Node) -> None:
        for index, value in enumerate(self._occurrences(node[self.name])):
            try:
                self.tables.write_complex(out, self.name, self.type, value)
            except Unwritable as error:
                raise error.under(self._step(index)) from None


class Primitive(Field):
    def __init__(self, element: Element, tables: Tables, order: int):
        super().__init__(element, tables, order)
        self.cast = _casts(element.type, tables.schema)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        return self.tables["Element"]

    def open(self, parent: Node, attributes: dict[str, str]) -> Frame:
        text = attributes.pop("value", None)
        value = None if text is None else self.cast(text)
        if not self.many:
            self._place(parent, value)
        elif value is not None or self.name in parent:
            _aligned(parent, self.name, len(parent.get(self.sibling, ()))).append(value)
        return Frame(self.fields, self.tables.attributes("Element", attributes) if attributes else {}, self, parent, value)

    def attribute_fault(self, name: str) -> str | None:
        return None if name == "value" else self.tables.attribute_fault("Element", name)

    def close(self, frame: Frame) -> None:
        if frame.value is None and not frame.node:
            raise Unreadable(
                phrase('The element {name} has no value and no extension; write <{name} value="..."/> or leave it out.', name=self.name)
            )
        if self.many:
            self._close_one_of_many(frame, frame.node or None)
            return
        if frame.node:
            frame.parent[self.sibling] = frame.node
        if frame.value is None:
            del frame.parent[self.name]

    def close_empty(self, frame: Frame) -> None:
        """What `close` refuses, kept as the empty object that a check finds."""
        if self.many:
            self._close_one_of_many(frame, frame.node)
        else:
            frame.parent[self.sibling] = frame.node
            del frame.parent[self.name]

    def _close_one_of_many(self, frame: Frame, node: Node | None) -> None:
        if node is not None or self.sibling in frame.parent:
            before = len(frame.parent.get(self.name, (None,))) - 1
            _aligned(frame.parent, self.sibling, before).append(node)

    def write(self, out: Write, node: Node) -> None:
        values, siblings = node.get(self.name), node.get(self.sibling)
        if not self.many:
            self._write_one(out, values, siblings, 0)
            return
        values = self._occurrences(values) if values is not None else []
        siblings = self._occurrences(siblings) if siblings is not None else []
        for index in range(max(len(values), len(siblings))):
            self._write_one(out, values[index] if index < len(values) else None, siblings[index] if index < len(siblings) else None, index)

    def _write_one(self, out: Write, value: Any, sibling: Any, index: int) -> None:
        try:
            attribute = "" if value is None else f' value="{_attribute_text(value, self.name)}"'
            if sibling is None:
                out(f"<{self.name}{attribute}/>")
            else:
                self.tables.write_complex(out, self.name, "Element", sibling, attribute)
        except Unwritable as error:
            raise error.under(self._step(index)) from None


def _aligned(parent: Node, name: str, before: int) -> list[Any]:
    """The array under `name`, begun with a null for each of the elements before it that had nothing to put there."""
    found: list[Any] = parent.setdefault(name, [None] * before)
    return found


class Container(Field):
    """An element that holds a whole resource in an element of its own: contained, Bundle.entry.resource, Parameters.parameter.resource."""

    def open(self, parent: Node, attributes: dict[str, str]) -> Frame:
        for name in attributes:
            raise Unreadable(self.attribute_fault(name))
        return Frame(self.tables.roots, {}, self, parent)

    def attribute_fault(self, name: str) -> str:
        return phrase("The element {name} only holds a resource; remove its attribute {attribute}.", name=self.name, attribute=name)

    def close(self, frame: Frame) -> None:
        if not frame.node:
            raise Unreadable(phrase("The element {name} is empty; put a resource in it or leave it out.", name=self.name))
        self._place(frame.parent, frame.node["resource"])

    def write(self, out: Write, node: Node) -> None:
        for index, value in enumerate(self._occurrences(node[self.name])):
            try:
                out(f"<{self.name}>")
                self.tables.write_resource(out, value)
                out(f"</{self.name}>")
            except Unwritable as error:
                raise error.under(self._step(index)) from None


class Root(Field):
    """The element of a resource itself, `<Patient>`."""

    def open(self, parent: Node, attributes: dict[str, str]) -> Frame:
        for fault in filter(None, map(self.attribute_fault, attributes)):
            raise Unreadable(fault)
        if parent:
            raise Unreadable(phrase("One element can hold one resource only; repeat the element for another one."))
        node: Node = {"resourceType": self.type}
        self._place(parent, node)
        return Frame(self.tables[self.type], node, self, parent)

    def attribute_fault(self, name: str) -> str | None:
        return None if name.startswith(SCHEMA_INSTANCE) else phrase("A resource has no XML attributes; remove {foreign}.", foreign=name)


class Div(Field):
    """The XHTML of a Narrative; the reader takes its text out of the source."""

    def __init__(self, element: Element, tables: Tables, order: int):
        super().__init__(element, tables, order)
        self.tag = f"{XHTML} {element.name}"

    def open(self, parent: Node, attributes: dict[str, str]) -> Frame:
        self._place(parent, None)
        return Frame({}, attributes, self, parent)

    def write(self, out: Write, node: Node) -> None:
        try:
            out(xhtml_for_xml(node[self.name]))
        except UnreadableXhtml as error:
            raise Unwritable(error.args[0], self.name) from None


class Tables:
    """The fields of every type of a schema, compiled when first asked for."""

    def __init__(self, schema: Schema):
        self.schema = schema
        self._by_tag: dict[str, dict[str, Field]] = {}
        self._by_key: dict[str, dict[str, Field]] = {}
        self._orders: dict[str, dict[str, int]] = {}
        self.roots = {one.tag: one for one in map(self._root, sorted(schema.resource_types))}

    def __getitem__(self, type_name: str) -> dict[str, Field]:
        """Fields by the name that expat gives their elements, `http://hl7.org/fhir birthDate`."""
        if type_name not in self._by_tag:
            self._by_tag[type_name] = {field.tag: field for field in self._made(type_name) if not field.is_attribute}
        return self._by_tag[type_name]

    def by_key(self, type_name: str) -> dict[str, Field]:
        """Fields by their names in JSON, `birthDate` and `_birthDate`."""
        if type_name not in self._by_key:
            made = self._made(type_name)
            siblings = {field.sibling: field for field in made if isinstance(field, Primitive)}
            fields = {field.name: field for field in made} | siblings
            self._orders[type_name] = {"resourceType": -1} | {key: field.order for key, field in fields.items()}
            self._by_key[type_name] = {key: field for key, field in fields.items() if not field.is_attribute}
        return self._by_key[type_name]

    def attributes(self, type_name: str, attributes: dict[str, str]) -> Node:
        """The XML attributes of an element as properties, its id and an extension's url."""
        for name in attributes:
            if fault := self.attribute_fault(type_name, name):
                raise Unreadable(fault)
        return attributes

    def attribute_fault(self, type_name: str, name: str) -> str | None:
        """Why elements of this type cannot have the XML attribute; None where they can."""
        allowed = name == "id" or (name == "url" and type_name == "Extension")
        return None if allowed else _unknown_attribute(name, type_name, self.schema)

    def write_resource(self, out: Write, resource: Any, attribute: str = "") -> None:
        if not isinstance(resource, dict) or resource.get("resourceType") not in self.schema.resource_types:
            raise Unwritable(phrase("A resource must be an object with a known resourceType."))
        self._write(out, resource["resourceType"], resource["resourceType"], resource, attribute)

    def write_complex(self, out: Write, tag: str, type_name: str, node: Any, attribute: str = "") -> None:
        if not isinstance(node, dict):
            raise Unwritable(phrase("{tag} must be an object.", tag=tag))
        if "id" in node:
            attribute += f' id="{_attribute_text(node["id"], "id")}"'
        if "url" in node and type_name == "Extension":
            attribute += f' url="{_attribute_text(node["url"], "url")}"'
        self._write(out, tag, type_name, node, attribute)

    def _write(self, out: Write, tag: str, type_name: str, node: Node, attribute: str) -> None:
        out(f"<{tag}{attribute}>")
        fields, orders = self.by_key(type_name), self._orders[type_name]
        try:
            keys = sorted(node, key=orders.__getitem__)
        except KeyError as error:
            raise Unwritable(
                phrase("The element {name} is unknown here, so it cannot be written as XML.", name=error.args[0]), str(error.args[0])
            ) from None
        for key in keys:
            field = fields.get(key)
            if field is not None and (key == field.name or field.name not in node):
                field.write(out, node)
        out(f"</{tag}>")

    def _made(self, type_name: str) -> list[Field]:
        return [self._field(element, order) for order, element in enumerate(self.schema[type_name].elements.values())]

    def _field(self, element: Element, order: int) -> Field:
        if element.type == "xhtml":
            return Div(element, self, order)
        if self.schema[element.type].kind == "resource":
            return Container(element, self, order)
        return (Primitive if element.type in self.schema.primitive_types else Complex)(element, self, order)

    def _root(self, name: str) -> Root:
        root = Root(Element("resource", name, name, max=1), self, 0)
        root.tag = f"{FHIR} {name}"
        return root


_compiled: WeakKeyDictionary[Schema, Tables] = WeakKeyDictionary()


def tables_of(schema: Schema) -> Tables:
    if schema not in _compiled:
        _compiled[schema] = Tables(schema)
    return _compiled[schema]


class Unreadable(Exception):
    """Found while reading, where the reader stands; the message says what and how to mend it."""


class Unwritable(Exception):
    """Found while writing; `path` grows from the inside out."""

    def __init__(self, sentence: str, step: str | None = None, code: str = "structure"):
        super().__init__(sentence)
        self.path, self.code = [step] if step else [], code

    def under(self, step: str) -> Unwritable:
        self.path.append(step)
        return self


_ESCAPE = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_SPECIAL = re.compile('[&<>"\t\n\r]|[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')


def _attribute_text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value if _SPECIAL.search(value) is None else _SPECIAL.sub(_escaped, value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, int):
        return str(value)
    raise Unwritable(phrase("{name} must be a string, a number, true or false.", name=name))


def _escaped(match: re.Match[str]) -> str:
    if found := _ESCAPE.get(match[0]):
        return found
    raise Unwritable(
        phrase("XML 1.0 cannot carry the character U+{code} of this text; ask for JSON instead.", code=format(ord(match[0]), "04X")),
        code="not-supported",
    )


def _decimal_text(value: Decimal) -> str:
    """As it was written where that can be known: without an exponent, unless it had one."""
    exponent = value.as_tuple().exponent
    return format(value, "f") if isinstance(exponent, int) and -20 < exponent <= 0 else str(value)


_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?", re.ASCII)


def _casts(type_name: str, schema: Schema) -> Callable[[str], Any]:
    if type_name == "boolean":
        return _boolean
    if schema.is_subtype(type_name, "integer"):
        return _integer
    return _decimal if type_name == "decimal" else str


def _boolean(text: str) -> Any:
    return True if text == "true" else False if text == "false" else text


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _decimal(text: str) -> Any:
    if not _DECIMAL.fullmatch(text):
        return text
    return int(text) if _INTEGER.fullmatch(text) and text != "-0" else Decimal(text)


def local_name(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _unknown_attribute(name: str, type_name: str, schema: Schema) -> str:
    if name in schema[type_name].elements:
        return phrase('{name} is an element, not an attribute: write <{name} value="..."/>.', name=name)
    if name == "value":
        return phrase('{type_name} has no attribute "value": it is made of elements.', type_name=type_name)
    return phrase('The attribute "{name}" is unknown here; FHIR XML has value, id, and the url of an extension.', name=local_name(name))
