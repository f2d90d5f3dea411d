"""The check at every write: can every reader understand this JSON as the resource it says it is?
(https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/element.html#invs for ele-1)

Unknown elements, wrong JSON types, malformed primitives, choices given twice, arrays that do not line up with their `_` siblings,
and elements without a value. Cardinality, bindings, invariants and profiles are the validator's.

Each type is compiled once to a walk over the keys that are there, so the cost is that of the resource, not of its definition. On its way
the walk notes what `content` watches for, which spares a second one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.json_format import MAX_DEPTH, too_deep
from fhir_server.model.near_miss import near_miss
from fhir_server.model.phrase import phrase
from fhir_server.model.plain_text import PLAIN_TEXTS
from fhir_server.model.primitive import PRIMITIVES, Accepts, check_primitive, cut, shown
from fhir_server.model.schema import Element, Schema, TypeDefinition
from fhir_server.model.xhtml import UnreadableXhtml, xhtml_for_xml
from fhir_server.validation.location import Location, expression, step_of
from fhir_server.validation.sighting import Held, Plain, Sighting, Watched

MAX_ISSUES = 100
"""The walk stops here: a text that is wrong throughout needs no longer list."""

Node = dict[str, Any]


class _Findings:
    """The issues of one check, and what it saw of the elements that are watched for; `held` is the resource that the walk is in."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.seen: list[Sighting] = []
        self.held: Held | None = None

    def enter(self, resource: Node, at: Location, full_url: str | None) -> None:
        self.held = Held(resource, at, self.held, full_url)
        self.seen.append(Sighting(self.held, resource, at))

    def id(self, value: Any) -> None:
        """The id of an element."""
        if self.held is not None:
            self.held.ids.append(value)

    def see(self, value: Any, at: Location, path: str, type_name: str) -> None:
        assert self.held is not None
        self.seen.append(Sighting(self.held, value, at, path, type_name))

    def add(self, at: Location | None, message_id: str, sentence: str, source: str | None = None, code: str = "structure") -> None:
        self.issues.append(Issue("error", code, sentence, expression(at) or None, message_id=message_id, source=source))
        if len(self.issues) >= MAX_ISSUES:
            sentence = phrase("The check stopped after {max_issues} findings.", max_issues=MAX_ISSUES)
            self.issues.append(Issue("information", "too-long", sentence, message_id="too-many-findings"))
            raise _Stop


class _Stop(Exception):
    """Nothing more is to be found."""


Walk = Callable[[Node, Location | None, int, _Findings], None]
Member = Callable[[Node, Any, Location | None, int, _Findings], None]


class StructureCheck:
    """The structure check for all resource types of a schema; safe to share between threads."""

    def __init__(self, schema: Schema, watched: Watched | None = None):
        self.schema = schema
        self._watched = watched or {}
        self._walks: dict[str, Walk] = {}

    def check(self, resource: Any) -> list[Issue]:
        """The issues of a resource, as `json_format` or `xml_format` decoded it; [] where its structure is good."""
        return self.survey(resource)[0]

    def survey(self, resource: Any) -> tuple[list[Issue], list[Sighting]]:
        """The issues, and what was seen of the types that are watched."""
        found = _Findings()
        with suppress(_Stop):
            self._resource(resource, None, 0, found)
        return found.issues, found.seen

    def _resource(self, value: Any, at: Location | None, depth: int, found: _Findings, full_url: str | None = None) -> None:
        """`at` is where a nested resource stands; the outermost one begins the expression with its type."""
        if type(value) is not dict:
            found.add(at, "json-type", phrase("A resource is a JSON object; found {value}.", value=shown(value)))
            return
        name = value.get("resourceType")
        if type(name) is not str or name not in self.schema.resource_types:
            self._unknown_type(name, at, found)
            return
        at, outer = at or (None, name, None), found.held
        found.enter(value, at, full_url)
        self.walk(name)(value, at, depth, found)
        found.held = outer

    def _unknown_type(self, name: Any, at: Location | None, found: _Findings) -> None:
        if name is None:
            found.add(at, "resource-type", phrase('The resource has no resourceType; add one, for example "resourceType": "Patient".'))
        else:
            suggestion = near_miss(name, self.schema.resource_types) if isinstance(name, str) else ""
            found.add(
                at,
                "resource-type",
                phrase("{name} is not a resource type of FHIR R4.{suggestion}", name=shown(name), suggestion=suggestion),
            )

    def walk(self, type_name: str) -> Walk:
        """The compiled check of one type's elements."""
        if type_name not in self._walks:
            self._walks[type_name] = self._compile(self.schema[type_name])
        return self._walks[type_name]

    def _compile(self, definition: TypeDefinition) -> Walk:
        members: dict[str, Member] = {}
        if definition.kind == "resource":
            members["resourceType"] = _resource_type
        for element in definition.elements.values():
            members |= self._members(definition, element)
        return _walk(definition, members, self._plain_texts(definition))

    def _plain_texts(self, definition: TypeDefinition) -> PlainTexts:
        """What the texts of primitives most often look like; of watched types only where such a text is of no interest."""
        elements = definition.elements.values()
        known = {one.name: PLAIN_TEXTS[one.type] for one in elements if one.type in PLAIN_TEXTS and not one.is_list}
        return {name: plain for name, plain in known.items() if self._watched.get(definition.elements[name].type, bool) is not None}

    def _members(self, definition: TypeDefinition, element: Element) -> dict[str, Member]:
        type_ = self.schema[element.type]
        step, source = step_of(element.name, element.choice, element.type), f"{definition.url}#{element.path}"
        if element.type == "xhtml":
            return {element.name: _xhtml(step, source)}
        if type_.is_primitive:
            return self._primitive_members(element, step, source)
        if type_.kind == "resource":
            return {element.name: (_many_resources if element.is_list else _single_resource)(self._resource, step)}
        child, walks = self._complex_child(element.type, element.path), {} if element.type in self._watched else self._walks
        return {element.name: (_many if element.is_list else _single)(child, walks, element.type, step)}

    def _primitive_members(self, element: Element, step: str, source: str) -> dict[str, Member]:
        accepts = PRIMITIVES[element.type].accepts
        value = (_many_values if element.is_list else _single_value)(accepts, element.type, element.name, step, source)
        if element.type in self._watched:
            value = _watching(value, element, step, self._watched[element.type])
        if element.xml_attribute:
            return {element.name: value}
        sibling = (_many_siblings if element.is_list else _single_sibling)(self._complex_child("Element"), element.name, step, source)
        return {element.name: value, "_" + element.name: sibling}

    def _complex_child(self, type_name: str, path: str = "") -> Child:
        """Compiled when first met, since types hold themselves (Extension.extension)."""
        walks, is_watched = self._walks, type_name in self._watched

        def child(value: Any, at: Location, depth: int, found: _Findings) -> None:
            walk = walks.get(type_name) or self.walk(type_name)
            if type(value) is dict and value:
                if is_watched:
                    found.see(value, at, path, type_name)
                walk(value, at, depth, found)
            else:
                _not_an_object(value, type_name, at, found)

        return child


Child = Callable[[Any, Location, int, _Findings], None]


PlainTexts = dict[str, Callable[[str], object]]


def _walk(definition: TypeDefinition, members: dict[str, Member], plain_texts: PlainTexts) -> Walk:
    get, is_plain = members.get, plain_texts.get
    ele_1 = definition.kind != "resource"
    stems = {prefix + name: stem for stem, names in definition.choices.items() for name in names for prefix in ("", "_")}
    choices = frozenset(stems)

    def walk(node: Node, at: Location | None, depth: int, found: _Findings) -> None:
        if depth > MAX_DEPTH:
            found.issues.append(too_deep())
            raise _Stop
        for key, value in node.items():
            if type(value) is str and (plain := is_plain(key)) is not None and plain(value):
                continue
            member = get(key)
            if member is None:
                _unknown(definition, members, key, at, found)
            else:
                member(node, value, at, depth, found)
        if ele_1 and "id" in node:
            found.id(node["id"])
            if len(node) == 1:
                _no_content(definition, at, found)
        if choices and len(given := choices.intersection(node)) > 1:
            _choice_twice(definition, stems, given, at, found)

    return walk


def _choice_twice(definition: TypeDefinition, stems: dict[str, str], given: frozenset[str], at: Location | None, found: _Findings) -> None:
    by_stem: dict[str, set[str]] = {}
    for key in given:
        by_stem.setdefault(stems[key], set()).add(key.removeprefix("_"))
    for stem, names in by_stem.items():
        if len(names) > 1:
            listed = " and ".join(sorted(names))
            found.add(
                at,
                "choice-twice",
                phrase("{name}.{stem}[x] is given as {listed}; keep one of them.", name=definition.name, stem=stem, listed=listed),
                definition.url,
            )


def _unknown(definition: TypeDefinition, members: dict[str, Member], key: str, at: Location | None, found: _Findings) -> None:
    where = (at, key, None) if key.isidentifier() else at
    if key == "fhir_comments":
        found.add(where, "unknown-element", phrase("fhir_comments belongs to DSTU2 and is not part of R4 JSON; remove it."), definition.url)
        return
    choice = definition.choices.get(key)
    hint = phrase(" Name its type: {choice}...", choice=", ".join(choice[:3])) if choice else near_miss(key, members)
    found.add(
        where,
        "unknown-element",
        phrase("{name} has no element '{key}'.{hint}", name=definition.name, key=cut(key), hint=hint),
        definition.url,
    )


def _no_content(definition: TypeDefinition, at: Location | None, found: _Findings) -> None:
    sentence = phrase("This {name} has an id only; every element has a value or children. Fill it or leave it out.", name=definition.name)
    found.add(at, "ele-1", sentence, "http://hl7.org/fhir/StructureDefinition/Element#ele-1", "invariant")


def _not_an_object(value: Any, type_name: str, at: Location, found: _Findings) -> None:
    if value == {}:
        found.add(at, "empty-object", phrase("The object is empty; leave the element out or fill it."), code="invalid")
        return
    mending = phrase(" Take the [ and ] away: it does not repeat.") if isinstance(value, list) else ""
    found.add(
        at,
        "json-type",
        phrase(
            "Found {value} where an object ({type_name}) is expected.{mending}", value=shown(value), type_name=type_name, mending=mending
        ),
    )


def _not_an_array(value: Any, at: Location, found: _Findings) -> None:
    if value == []:
        found.add(at, "empty-array", phrase("The array is empty; leave the element out or fill it."), code="invalid")
    else:
        found.add(
            at,
            "json-type",
            phrase("Found {value} where an array is expected: the element may repeat, so put it in [ and ].", value=shown(value)),
        )


def _resource_type(_node: Node, _value: Any, _at: Location | None, _depth: int, _found: _Findings) -> None:
    """Looked at before the walk."""


Enter = Callable[[Any, Location, int, _Findings, str | None], None]


def _single_resource(enter: Enter, step: str) -> Member:
    def check(node: Node, value: Any, at: Location | None, depth: int, found: _Findings) -> None:
        url = node.get("fullUrl")
        enter(value, (at, step, None), depth + 1, found, url if type(url) is str else None)

    return check


def _many_resources(enter: Enter, step: str) -> Member:
    def check(_node: Node, value: Any, at: Location | None, depth: int, found: _Findings) -> None:
        if type(value) is not list or not value:
            _not_an_array(value, (at, step, None), found)
            return
        for index, one in enumerate(value):
            enter(one, (at, step, index), depth + 1, found, None)

    return check


def _watching(check: Member, element: Element, step: str, plain: Plain | None) -> Member:
    """Notes each value of a primitive that is not plain."""
    path, type_name = element.path, element.type

    def watch(node: Node, value: Any, at: Location | None, depth: int, found: _Findings) -> None:
        check(node, value, at, depth, found)
        is_list = type(value) is list
        for index, one in enumerate(value if is_list else (value,)):
            if one is not None and not (plain is not None and plain(one)):
                found.see(one, (at, step, index if is_list else None), path, type_name)

    return watch


def _single(child: Child, walks: dict[str, Walk], type_name: str, step: str) -> Member:
    """`walks` are those known by now, of types whose objects need nothing but a walk."""

    def check(_node: Node, value: Any, at: Location | None, depth: int, found: _Findings) -> None:
        walk = walks.get(type_name)
        if walk is not None and type(value) is dict and value:
            walk(value, (at, step, None), depth + 1, found)
        else:
            child(value, (at, step, None), depth + 1, found)

    return check


def _many(child: Child, walks: dict[str, Walk], type_name: str, step: str) -> Member:
    def check(_node: Node, value: Any, at: Location | None, depth: int, found: _Findings) -> None:
        if type(value) is not list or not value:
            _not_an_array(value, (at, step, None), found)
            return
        walk = walks.get(type_name)
        for index, one in enumerate(value):
            if walk is not None and type(one) is dict and one:
                walk(one, (at, step, index), depth + 1, found)
            else:
                child(one, (at, step, index), depth + 1, found)

    return check


def _single_value(accepts: Accepts, type_name: str, _name: str, step: str, source: str) -> Member:
    def check(_node: Node, value: Any, at: Location | None, _depth: int, found: _Findings) -> None:
        if not accepts(value):
            _bad_value(type_name, value, (at, step, None), source, found)

    return check


def _many_values(accepts: Accepts, type_name: str, name: str, step: str, source: str) -> Member:
    sibling = "_" + name

    def check(node: Node, value: Any, at: Location | None, _depth: int, found: _Findings) -> None:
        if type(value) is not list or not value:
            _not_an_array(value, (at, step, None), found)
            return
        for index, one in enumerate(value):
            if not accepts(one) and not (one is None and _at(node.get(sibling), index) is not None):
                _bad_value(type_name, one, (at, step, index), source, found)

    return check


def _bad_value(type_name: str, value: Any, at: Location, source: str, found: _Findings) -> None:
    if isinstance(value, list):
        found.add(
            at, "json-type", phrase("Found an array where a single value is expected; take the [ and ] away: it does not repeat."), source
        )
    elif isinstance(value, dict):
        name = at[1].partition(".")[0]
        hint = (
            phrase(" The id and extensions of a primitive value go into '_{name}'.", name=name) if set(value) <= {"id", "extension"} else ""
        )
        found.add(at, "json-type", (check_primitive(type_name, value) or "") + hint, source)
    else:
        found.add(at, "primitive-format", check_primitive(type_name, value) or "", source, "invalid")


def _at(values: Any, index: int) -> Any:
    return values[index] if isinstance(values, list) and index < len(values) else None


def _single_sibling(child: Child, name: str, step: str, _source: str) -> Member:
    def check(node: Node, value: Any, at: Location | None, depth: int, found: _Findings) -> None:
        if name in node and value == {}:
            _not_an_object(value, "Element", (at, step, None), found)
        elif name in node and type(value) is dict and len(value) == 1 and "id" in value:
            _primitive_id(value["id"], (at, step, None), found)
        else:
            child(value, (at, step, None), depth + 1, found)

    return check


def _many_siblings(child: Child, name: str, step: str, _source: str) -> Member:
    def check(node: Node, value: Any, at: Location | None, depth: int, found: _Findings) -> None:
        if type(value) is not list or not value:
            _not_an_array(value, (at, step, None), found)
            return
        values = node.get(name)
        for index, one in enumerate(value):
            if one is not None:
                _sibling(child, one, _at(values, index), (at, step, index), depth, found)
            elif not isinstance(values, list) or index >= len(values):
                found.add(
                    (at, step, index), "ele-1", phrase("This entry has neither a value nor an extension; remove it."), code="invariant"
                )
        if isinstance(values, list) and len(values) != len(value):
            sentence = phrase(
                "'{name}' has {values} entries and '_{name}' {value}; fill the shorter one with null.",
                name=name,
                values=len(values),
                value=len(value),
            )
            found.add((at, step, None), "null-padding", sentence, code="invalid")

    return check


def _sibling(child: Child, one: Any, value: Any, at: Location, depth: int, found: _Findings) -> None:
    if value is not None and type(one) is dict and len(one) == 1 and "id" in one:
        _primitive_id(one["id"], at, found)
    else:
        child(one, at, depth + 1, found)


def _primitive_id(value: Any, at: Location, found: _Findings) -> None:
    found.id(value)
    found.see(value, (at, "id", None), "Element.id", "string")
    if sentence := check_primitive("string", value):
        found.add((at, "id", None), "primitive-format", sentence, code="invalid")


def _xhtml(step: str, source: str) -> Member:
    def check(_node: Node, value: Any, at: Location | None, _depth: int, found: _Findings) -> None:
        sentence: str | None = check_primitive("xhtml", value)
        try:
            sentence = sentence or (xhtml_for_xml(value) and None)
        except UnreadableXhtml as error:
            sentence = error.args[0]
        if sentence:
            found.add((at, step, None), "xhtml", sentence, source, "invalid")

    return check
