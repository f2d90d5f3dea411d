"""How the slices of an element are told apart (https://hl7.org/fhir/R4/profiling.html#discriminator).

A discriminator is compiled for one slice twice over: along the definition, to find what is asked at its path (a fixed value, a pattern, a
binding, a type, a profile, presence), and along the instance, to fetch the elements there. What comes out is a `Test`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

from fhir_server.model.json_format import encode_json
from fhir_server.model.phrase import alternatives, phrase
from fhir_server.model.primitive import cut
from fhir_server.model.references import parse_reference
from fhir_server.model.schema import Schema
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.assertions import matches
from fhir_server.validation.binding import Binding
from fhir_server.validation.bundle_resolver import inner_context
from fhir_server.validation.element_node import ElementNode
from fhir_server.validation.rule import Rule, Subject, conforms

Step = Callable[[Subject], Iterable[Subject]]
Matches = Callable[[Subject], bool]


class Unsliceable(Exception):
    """The discriminator says nothing that can be tested; the message says why."""


@dataclass(frozen=True, slots=True)
class Test:
    """One discriminator of one slice: true where some element at `path` is as wanted. `wanted` is in words."""

    path: str
    wanted: str
    steps: tuple[Step, ...]
    matches: Matches | None  # None: presence is enough
    absent: bool = False  # true where nothing may be there

    def holds(self, subject: Subject) -> bool:
        found = self.found(subject)
        if self.absent:
            return not found
        return bool(found) if self.matches is None else any(map(self.matches, found))

    def found(self, subject: Subject) -> list[Subject]:
        """The elements at the path."""
        found = [subject]
        for step in self.steps:
            found = [one for each in found for one in step(each)]
        return found

    def explain(self, subject: Subject) -> str:
        """`code is "a", not "b"`."""
        found = self.found(subject)
        if self.absent:
            return phrase("{path} is there, though it must not be", path=self.path)
        if not found:
            return phrase("{path} is missing; it must be {wanted}", path=self.path, wanted=self.wanted)
        return phrase("{path} is {found}; it must be {wanted}", path=self.path, found=shown(found[0]), wanted=self.wanted)


class Compiled(Protocol):
    """What a discriminator needs of the profile compiler."""

    schema: Schema
    terminology: Terminology

    def tree(self, canonical: str) -> ElementNode | None:
        """The element tree of another profile; None where it is unknown."""

    def conformance(self, canonical: str) -> Callable[[], tuple[Rule, ...]] | None:
        """The rules of a profile, compiled when called; None where it is unknown."""

    def type_of(self, canonical: str) -> str | None:
        """The type that a profile or base type is about."""

    def local_rules(self, node: ElementNode, type_name: str) -> tuple[Rule, ...]:
        """The rules of a row and those below it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path has come to in the definition. `value` is what a fixed value or pattern above leaves for this element;
    `targets` are profiles of what a reference refers to, once `resolve()` was passed.
    """

    node: ElementNode | None
    value: Any = None
    fixed: bool = False
    targets: tuple[str, ...] | None = None
    optional: bool = False  # a slice that need not be there


_STEP = re.compile(r"\(?([a-zA-Z$][\w\[\]]*)(?:\(\s*'?([^')]*)'?\s*\))?(?: +as +(\w+)\))?(?:\.|$)")


def compile_discriminator(kind: str, path: str, node: ElementNode, home: Compiled) -> Test:
    """The test of one slice; Unsliceable where the definition asks nothing at the path."""
    places, steps = [Place(node)], []
    for name, argument, as_type in _parse(path):
        places = [next_ for place in places for next_ in _definition_step(place, name, argument, home)]
        steps.append(_instance_step(name, argument, home.schema))
        if as_type:
            steps.append(_instance_step("ofType", as_type, home.schema))
    if path == "url" and not any(_asked(place)[0] for place in places):
        places += [Place(None, one.partition("|")[0], fixed=True) for one in node.type_profiles]  # an extension nobody has at hand
    make = _KINDS.get(kind)
    if make is None:
        raise Unsliceable(phrase("the discriminator type '{kind}' is not known", kind=kind))
    return make(path, tuple(steps), places, home)


def _parse(path: str) -> Iterator[tuple[str, str, str | None]]:
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None or match.end() == at:
            raise Unsliceable(phrase("the discriminator path '{path}' cannot be read", path=path))
        at = match.end()
        name, argument, as_type = match.groups()
        if name != "$this":
            yield name.removesuffix("[x]"), argument or "", as_type


# --- along the definition


def _definition_step(place: Place, name: str, argument: str, home: Compiled) -> Iterator[Place]:
    if name == "resolve":
        targets = [one for kind in place.node.row.get("type", ()) for one in kind.get("targetProfile", ())] if place.node else []
        yield Place(None, targets=tuple(targets))
    elif name == "extension" and argument:
        yield from _extension_places(place, argument, home)
    elif name in ("ofType", "as"):
        yield place
    else:
        yield from _child_places(place, name, home)


def _extension_places(place: Place, url: str, home: Compiled) -> Iterator[Place]:
    sliced = (root.child("extension") for root in _roots(place, home))
    slices = [node for one in sliced if one for node in one.slices.values()]
    found = next((node for node in slices if url in _extension_urls(node)), None)
    yield Place(found or home.tree(url))


def _extension_urls(node: ElementNode) -> list[str | None]:
    return [*(one.partition("|")[0] for one in node.type_profiles), _fixed_url(node)]


def _fixed_url(node: ElementNode) -> str | None:
    child = node.child("url")
    found = child.row.get("fixedUri") if child else None
    return str(found) if found else None


def _child_places(place: Place, name: str, home: Compiled) -> Iterator[Place]:
    value, fixed = _asked(place)
    if isinstance(value, (dict, list)):
        for inner in _within(value, name):
            yield Place(None, inner, fixed)
    for node in _roots(place, home):
        child = node.child(name)
        if child is not None:
            yield Place(child)
            yield from (Place(one, optional=int(one.row.get("min", 0)) == 0) for one in child.slices.values())


def _within(value: Any, name: str) -> Iterator[Any]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and name in one:
            inner = one[name]
            yield from inner if isinstance(inner, list) else [inner]


def _roots(place: Place, home: Compiled) -> Iterator[ElementNode]:
    """The node itself, the roots of the profiles of its type, and those of what it refers to."""
    if place.node is not None:
        yield place.node
    canonicals = place.targets if place.targets is not None else place.node.type_profiles if place.node else ()
    for canonical in canonicals:
        if tree := home.tree(canonical):
            yield tree


def _asked(place: Place) -> tuple[Any, bool]:
    """The fixed value or pattern at a place, and whether it is fixed."""
    if place.node is None:
        return place.value, place.fixed
    for key, value in place.node.row.items():
        if key.startswith(("fixed", "pattern")):
            return value, key.startswith("fixed")
    return None, False


# --- along the instance


def _instance_step(name: str, argument: str, schema: Schema) -> Step:
    if name == "resolve":
        return lambda subject: resolved(subject, schema)
    if name == "extension" and argument:
        return lambda subject: (one for one in children(subject, "extension", schema) if one.value.get("url") == argument)
    if name in ("ofType", "as"):
        return lambda subject: (subject,) if schema.is_subtype(subject.type, argument) else ()
    return lambda subject: children(subject, name, schema)


def children(subject: Subject, name: str, schema: Schema) -> Iterator[Subject]:
    """The child elements with a name (`value` for a choice), primitives with their siblings."""
    node, definition = subject.node, schema.get(subject.type if type(subject.value) is dict else "Element")
    if type(node) is not dict or definition is None:
        return
    for key in definition.choices.get(name) or (name,):
        element = definition.elements.get(key)
        if element is not None and (key in node or "_" + key in node):
            step = name if element.choice is None else f"{name}.ofType({element.type})"
            for index, value, sibling in paired(node.get(key), node.get("_" + key)):
                yield _child(subject, value, sibling, (subject.at, step, index), element.type)


def _child(parent: Subject, value: Any, sibling: Any, at: Any, type_name: str) -> Subject:
    if type(value) is dict and "resourceType" in value:
        return Subject(value, str(value["resourceType"]), at, inner_context(parent.context, parent.value, value, at[1]), None, parent)
    return Subject(value, type_name, at, parent.context, sibling, parent)


def paired(value: Any, sibling: Any) -> Iterator[tuple[int | None, Any, Any]]:
    """(index, value, sibling) of one element; the index is None where it does not repeat."""
    if type(value) is not list and type(sibling) is not list:
        yield None, value, sibling
        return
    values, siblings = (one if type(one) is list else [] for one in (value, sibling))
    for index, (one, beside) in enumerate(zip_longest(values, siblings)):
        yield index, one, beside


def resolved(subject: Subject, schema: Schema) -> list[Subject]:
    """What a reference refers to: the resource, or as much of it as the reference tells (its type) where it is not at hand."""
    text = subject.value.get("reference") if type(subject.value) is dict else None
    if not isinstance(text, str):
        return []
    found = _resource_at(text, subject)
    if found is None:
        name = parse_reference(text).type or subject.value.get("type")
        found = {"resourceType": name} if isinstance(name, str) and name in schema.resource_types else None
    if not isinstance(found, dict):
        return []
    at = (subject.at, "resolve()", None)
    return [Subject(found, str(found.get("resourceType")), at, inner_context(subject.context, None, found, "resolve()"), None, subject)]


def _resource_at(text: str, subject: Subject) -> Any:
    if text.startswith("#"):
        root = subject.context.root_resource or {}
        return root if text == "#" else subject.context.contained_in_root().find(text[1:])
    return subject.context.resolve(text) if subject.context.resolve else None


# --- the kinds


def _value_test(path: str, steps: tuple[Step, ...], places: list[Place], home: Compiled) -> Test:
    """What is asked at the path, or of its slices; those that may be missing count only where nothing else is asked."""
    required = [place for place in places if not place.optional]
    for some in (required, places):
        test = _asked_test(path, steps, some, home)
        if test:
            return test
    return _exists_test(path, steps, required, home)


def _asked_test(path: str, steps: tuple[Step, ...], places: list[Place], home: Compiled) -> Test | None:
    asked = [_asked(place) for place in places]
    if any(value is not None for value, _ in asked):
        return _valued(path, steps, asked)
    nodes = [place.node for place in places if place.node]
    below = (_below(path, steps, node, home) for node in nodes)
    return _bound(path, steps, nodes, home) or next((test for test in below if test), None)


def _valued(path: str, steps: tuple[Step, ...], asked: list[tuple[Any, bool]]) -> Test:
    wanted = [(value, fixed) for value, fixed in asked if value is not None]
    words = alternatives(_json(value) for value, _ in wanted)
    if len(wanted) == 1 and wanted[0][1]:
        only = wanted[0][0]
        return Test(path, words, steps, lambda subject: bool(subject.value == only))
    return Test(path, words, steps, lambda subject: any(matches(subject.value, value) for value, _ in wanted))


def _bound(path: str, steps: tuple[Step, ...], nodes: list[ElementNode], home: Compiled) -> Test | None:
    rows = [node.row.get("binding", {}) for node in nodes]
    value_sets = [str(row["valueSet"]) for row in rows if row.get("strength") == "required" and "valueSet" in row]
    if not value_sets:
        return None
    bound = [Binding(one, path, home.terminology) for one in value_sets]
    return Test(
        path,
        phrase("a code of {value_sets}", value_sets=alternatives(value_sets)),
        steps,
        lambda subject: any(one.answer(subject).is_yes for one in bound),
    )


def _below(path: str, steps: tuple[Step, ...], node: ElementNode, home: Compiled) -> Test | None:
    """Where the fixed values are on children: the element must meet all that is said of it."""
    if not any(key.startswith(("fixed", "pattern")) for one in node.walk() if one is not node for key in one.row):
        return None
    kinds = tuple(dict.fromkeys(node.type_codes))
    return Test(
        path,
        phrase("as {id} says", id=node.id),
        steps,
        lambda subject: subject.type in kinds and conforms(home.local_rules(node, subject.type), subject),
    )


def _exists_test(path: str, steps: tuple[Step, ...], places: list[Place], _home: Compiled) -> Test:
    rows = [place.node.row for place in places if place.node]
    if any(str(row.get("max")) == "0" for row in rows):
        return Test(path, phrase("absent"), steps, None, absent=True)
    if any(int(row.get("min", 0)) > 0 for row in rows):
        return Test(path, phrase("present"), steps, None)
    raise Unsliceable(phrase("nothing is fixed, bound or required at the discriminator path '{path}'", path=path))


def _type_test(path: str, steps: tuple[Step, ...], places: list[Place], home: Compiled) -> Test:
    codes = {one for place in places for one in _types(place, home)}
    if not codes:
        raise Unsliceable(phrase("no type is given at the discriminator path '{path}'", path=path))
    is_subtype = home.schema.is_subtype
    return Test(path, alternatives(sorted(codes)), steps, lambda subject: any(is_subtype(subject.type, code) for code in codes))


def _types(place: Place, home: Compiled) -> Iterator[str]:
    if place.targets is not None:
        yield from (one for one in map(home.type_of, place.targets) if one)
    elif place.node is not None:
        yield from (
            code.rpartition(".")[2].lower() if code.startswith("http://hl7.org/fhirpath/") else code for code in place.node.type_codes
        )


def _profile_test(path: str, steps: tuple[Step, ...], places: list[Place], home: Compiled) -> Test:
    canonicals = [one for place in places for one in (place.targets or (place.node.type_profiles if place.node else ()))]
    makers = [(home.type_of(one), home.conformance(one)) for one in canonicals]
    known = [(name, make) for name, make in makers if name and make]
    if not known:
        raise Unsliceable(phrase("no profile that is in use is named at the discriminator path '{path}'", path=path))

    def meets(subject: Subject) -> bool:
        return any(home.schema.is_subtype(subject.type, name) and conforms(make(), subject) for name, make in known)

    return Test(path, phrase("one that meets {canonicals}", canonicals=alternatives(canonicals)), steps, meets)


_KINDS: dict[str, Callable[[str, tuple[Step, ...], list[Place], Compiled], Test]] = {
    "value": _value_test, "pattern": _value_test, "type": _type_test, "profile": _profile_test, "exists": _exists_test,
}  # fmt: skip


def shown(subject: Subject) -> str:
    """The value in an error's words; a type or resource by its name."""
    value = subject.value
    return str(value["resourceType"]) if type(value) is dict and "resourceType" in value else _json(value)


def _json(value: Any) -> str:
    return cut(encode_json(value).decode(), 200)
