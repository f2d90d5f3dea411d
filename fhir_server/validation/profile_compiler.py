"""One snapshot compiled: its tree of elements becomes rules with small assertions (https://hl7.org/fhir/R4/profiling.html).

`profile.Profiles` asks for it and keeps what it makes; here nothing is kept and nothing is looked up but through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Element, Schema
from fhir_server.validation.assertions import Cardinality, Fixed, NotThisType, Pattern
from fhir_server.validation.binding import bindings
from fhir_server.validation.coding import KnownCode, KnownUnit
from fhir_server.validation.constraint import invariant_of
from fhir_server.validation.discriminator import Test, Unsliceable, compile_discriminator
from fhir_server.validation.element_node import ElementNode, element_tree, profiles_of
from fhir_server.validation.extension import ExtensionUse
from fhir_server.validation.limits import limits
from fhir_server.validation.location import step_of
from fhir_server.validation.narrative_language import narrative_language
from fhir_server.validation.reference_target import reference_target
from fhir_server.validation.rule import Assertion, Member, NestedResource, PrimitiveMember, ResourceMember, Rule, Sliced
from fhir_server.validation.slicing import DEFAULT, Slice, Slicing, Unclear
from fhir_server.validation.type_profile import Choice, OneOfProfiles, ResourceType

if TYPE_CHECKING:
    from fhir_server.validation.profile import Profiles

BASE = "http://hl7.org/fhir/StructureDefinition/"
URL_DISCRIMINATOR = {"type": "value", "path": "url"}
EXTENSIONS = ("extension", "modifierExtension")
_BACKBONES = ("BackboneElement", "Element")

Definition = dict[str, Any]


class ProfileCompiler:
    """One snapshot while it is compiled."""

    def __init__(self, resource: Definition, profiles: Profiles):
        self.profiles, self.schema, self.url = profiles, profiles.schema, str(resource["url"])
        self.terminology = profiles.terminology
        self.type = str(resource["type"])
        self.is_profile = resource.get("derivation") == "constraint"
        self.tree_root = element_tree(resource["snapshot"]["element"])
        self._by_id = {node.id: node for node in self.tree_root.walk()}
        self._rules: dict[tuple[str, str, bool], Rule] = {}
        self._unfinished: list[Rule] = []

    def root(self) -> Rule:
        base = self.profiles.tree(BASE + self.type) if self.is_profile else None
        rule = self._rule(self.tree_root, self.type, base.row if base else {})
        if not self.is_profile:
            rule.assertions = (*rule.assertions, *_of_every(self.type, self.profiles))
        return rule

    def part(self, id_: str) -> tuple[str, Rule]:
        """(type, rule) of one element, for profiles that are libraries of elements."""
        node = self._by_id[id_]
        type_name = declared_type(node, self.schema)
        return type_name, self._rule(node, type_name, {})

    # what discriminators need

    def tree(self, canonical: str) -> ElementNode | None:
        return self.profiles.tree(canonical)

    def type_of(self, canonical: str) -> str | None:
        return self.profiles.type_of(canonical)

    def conformance(self, canonical: str) -> Callable[[], tuple[Rule, ...]] | None:
        known = self.profiles.resolve(canonical.partition("#")[0]) is not None
        return self.profiles.rules(canonical, self.url) if known else None

    def local_rules(self, node: ElementNode, type_name: str) -> tuple[Rule, ...]:
        return (self._rule(node, type_name, {}),)

    # rules

    def _rule(self, node: ElementNode, type_name: str, base: Definition) -> Rule:
        """`base` is the row of the base type that this row narrows; {} for what only a profile knows."""
        key = (node.id, type_name, bool(base))
        if key not in self._rules:
            rule = self._rules[key] = Rule(schema=self.schema)
            self._unfinished.append(rule)
            rule.assertions = (*self._assertions(node, base), *self._cardinalities(node, type_name))
            rule.members = dict(self._members(node, type_name))
            rule.slicings = tuple(self._slicings(node, type_name))
            self._unfinished.pop()
        return self._rules[key]

    def _asks(self, rule: Rule) -> bool:
        """False for a rule without content; one that is still being compiled holds itself."""
        return not rule.is_empty or any(one is rule for one in self._unfinished)

    def _base_row(self, element: Element) -> Definition:
        return self._row_at(element.path) if self.is_profile else {}

    def _row_at(self, path: str) -> Definition:
        """`HumanName.family` -> the row in the snapshot of HumanName."""
        type_name, *names = path.split(".")
        node = self.profiles.tree(BASE + type_name)
        for name in names:
            node = node.children.get(name) if node else None
        return node.row if node else {}

    def _elements(self, child: ElementNode, type_name: str) -> list[Element]:
        """The schema's elements of a row: one, or one for each type of a choice."""
        definition = self.schema.get(type_name if type_name not in self.schema.primitive_types else "Element")
        if definition is None:
            return []
        name = child.name
        names = definition.choices.get(name.removesuffix("[x]"), ()) if name.endswith("[x]") else (name,)
        return [definition.elements[one] for one in names if one in definition.elements]

    def _members(self, node: ElementNode, type_name: str) -> Iterator[tuple[str, Member]]:
        for child in node.children.values():
            for element in self._elements(child, type_name):
                yield from self._member(child, element)

    def _member(self, child: ElementNode, element: Element) -> Iterator[tuple[str, Member]]:
        step = step_of(element.name, element.choice, element.type)
        kind = self.schema[element.type]
        own = self._own(child, element)
        if kind.kind == "resource":
            yield from self._resource_member(child, element, own, step)
        elif not kind.is_primitive:
            shared = self._shared(child, element)
            if own or shared:
                yield element.name, Member(step, element.type, own, shared or tuple)
        else:
            yield from self._primitive_member(element, own, step)

    def _primitive_member(self, element: Element, own: tuple[Rule, ...], step: str) -> Iterator[tuple[str, Member]]:
        has_sibling = not self.is_profile and not element.xml_attribute
        shared = self._element_rule if has_sibling else tuple
        if own:
            member = PrimitiveMember(step, element.type, own, shared, name=element.name)
            yield element.name, member
            yield "_" + element.name, member
        elif has_sibling:
            yield "_" + element.name, PrimitiveMember(step, element.type, (), shared)

    def _element_rule(self) -> tuple[Rule, ...]:
        """What holds for the id and the extensions of a primitive."""
        return (self.profiles.of_type("Element"),)

    def _resource_member(self, child: ElementNode, element: Element, own: tuple[Rule, ...], step: str) -> Iterator[tuple[str, Member]]:
        if not self.is_profile:
            yield element.name, NestedResource(step, element.type, (), check=lambda *args: self.profiles.nested(*args))
            return
        shared = self._shared(child, element)
        if own or shared:
            yield element.name, ResourceMember(step, element.type, own, shared or tuple)

    def _own(self, child: ElementNode, element: Element) -> tuple[Rule, ...]:
        allowed = tuple(child.type_codes)
        if self.schema[element.type].kind == "resource":
            return self._own_of_resource(child, allowed)
        if element.choice and allowed and element.type not in allowed:
            return (Rule((NotThisType(allowed, self._source(child)),)),)
        nodes = [child]
        if reference := child.row.get("contentReference"):
            nodes += [target] if (target := self._by_id.get(str(reference).rpartition("#")[2])) else []
        base = self._base_row(element)
        rules = [self._rule(node, element.type, base) for node in (*nodes, *self._type_slices(child, element))]
        return tuple(rule for rule in rules if self._asks(rule))

    def _own_of_resource(self, child: ElementNode, allowed: tuple[str, ...]) -> tuple[Rule, ...]:
        if not self.is_profile:
            return ()
        type_rule = Rule((ResourceType(allowed, self.schema, self._source(child)),)) if allowed and "Resource" not in allowed else Rule()
        rules = (type_rule, *(self._rule(child, one, {}) for one in allowed if child.children and one in self.schema))
        return tuple(rule for rule in rules if not rule.is_empty)

    def _shared(self, child: ElementNode, element: Element) -> Callable[[], tuple[Rule, ...]] | None:
        """The rules of the element's type and of the profiles asked of it."""
        asked = self._asked(child, element.type)
        if self.is_profile or self.schema[element.type].kind in ("backbone", "resource"):
            return (lambda: tuple(rule for one in asked for rule in one())) if asked else None
        return lambda: (self.profiles.of_type(element.type), *(rule for one in asked for rule in one()))

    def _asked(self, node: ElementNode, type_name: str) -> list[Callable[[], tuple[Rule, ...]]]:
        is_resource = self.schema[type_name].kind == "resource"
        kinds = [kind for kind in node.row.get("type", ()) if is_resource or kind.get("code") in (type_name, *_BACKBONES)]
        canonicals = [one for kind in kinds for one in profiles_of(kind)]
        if type_name == "Extension" or not canonicals:
            return []  # an extension meets its own definition wherever it stands
        source = self._source(node)
        if len(canonicals) == 1 and not is_resource:
            return [self.profiles.rules(canonicals[0], source)]
        choices = tuple(Choice(one, self.type_of(one) or type_name, self.profiles.rules(one, source)) for one in canonicals)
        return [lambda: (Rule((OneOfProfiles(choices, self.schema, source),)),)]

    # assertions

    def _assertions(self, node: ElementNode, base: Definition) -> Iterator[Assertion]:
        row, source = node.row, self._source(node)
        for key, value in row.items():
            if key.startswith("fixed"):
                yield Fixed(value, source)
            elif key.startswith("pattern"):
                yield Pattern(value, source)
        yield from limits(row, base, source)
        yield from bindings(row, base, source, self.terminology)
        yield from self._targets(row, base, source)
        yield from narrative_language(row, source)
        yield from self._invariants(node, base)

    def _targets(self, row: Definition, base: Definition, source: str) -> Iterator[Assertion]:
        if row.get("type") == base.get("type"):
            return
        found = reference_target(row.get("type", ()), self.type_of, lambda one: self.profiles.rules(one, source), source)
        if found is not None:
            yield found

    def _invariants(self, node: ElementNode, base: Definition) -> Iterator[Assertion]:
        known = {"ele-1", "dom-3"} | {one["key"] for one in base.get("constraint", ())} | self._keys_of_types(node)
        for constraint in node.row.get("constraint", ()):
            if constraint["key"] not in known and "expression" in constraint:
                invariant = invariant_of(constraint, self.url, self.schema)
                if self.profiles.best_practice or not invariant.best_practice:
                    yield invariant

    def _keys_of_types(self, node: ElementNode) -> set[str]:
        if node.parent is None:
            return set()
        roots = [self.profiles.tree(BASE + code) for code in node.type_codes if code in self.schema]
        return {constraint["key"] for root in roots if root for constraint in root.row.get("constraint", ())}

    def _cardinalities(self, node: ElementNode, type_name: str) -> Iterator[Assertion]:
        for child in node.children.values():
            elements = self._elements(child, type_name)
            if elements and (found := self._cardinality(child, child.row, elements)):
                yield found
            for one in _type_slices_of(child) if elements else ():
                of_slice = [element for element in elements if element.type in one.type_codes]
                if of_slice and (found := self._cardinality(one, {}, of_slice)):
                    yield found

    def _cardinality(self, child: ElementNode, compared: Definition, elements: list[Element]) -> Cardinality | None:
        minimum, maximum = int(child.row["min"]), None if child.row["max"] == "*" else int(child.row["max"])
        base = self._row_at(elements[0].path) if self.is_profile and compared else {}
        repeated = bool(base) and (base["min"], base["max"]) == (child.row["min"], child.row["max"])
        if repeated or (minimum == 0 and maximum in (None, elements[0].max)):
            return None
        name = elements[0].choice or elements[0].name
        return Cardinality(name, tuple(one.name for one in elements), minimum, maximum, self._source(child))

    # slices

    def _slicings(self, node: ElementNode, type_name: str) -> Iterator[Sliced]:
        for child in node.children.values():
            if child.slices and not _is_sliced_by_type(child):
                elements = self._elements(child, type_name)
                if elements:
                    yield self._slicing(child, elements)

    def _slicing(self, node: ElementNode, elements: list[Element]) -> Slicing:
        """The slices of an element, or the re-slices of a slice."""
        slicing = node.row.get("slicing", {})
        of_extensions = node.name in EXTENSIONS and node.slice is None  # re-slices have one URL
        discriminators = slicing.get("discriminator") or ([URL_DISCRIMINATOR] if of_extensions else [])
        made = [self._slice_or_unclear(one, discriminators, elements, node) for one in node.slices.values()]
        unclear = tuple(one for one in made if isinstance(one, Unclear))
        slices = tuple(one for one in made if isinstance(one, Slice) and one.name != DEFAULT)
        default = next((one for one in made if isinstance(one, Slice) and one.name == DEFAULT), None)
        rules, ordered = slicing.get("rules", "open"), bool(slicing.get("ordered"))
        if unclear:
            rules, default = "open", None  # what is in no slice may be in an unclear one
        return Slicing(node.row["path"], tuple(elements), slices, rules, ordered, self._source(node), default, unclear)

    def _slice_or_unclear(
        self, one: ElementNode, discriminators: list[Definition], elements: list[Element], sliced: ElementNode
    ) -> Slice | Unclear:
        try:
            return self._slice(one, discriminators, elements)
        except Unsliceable as error:
            reason = phrase(
                "The slices of {path} in {url} cannot be told apart: {error}.", path=one.row["path"], url=self.url, error=error.args[0]
            )
            return Unclear(str(one.slice), int(one.row["min"]), reason, self._source(sliced))

    def _slice(self, node: ElementNode, discriminators: list[Definition], elements: list[Element]) -> Slice:
        tests = () if node.slice == DEFAULT else tuple(self._tests(node, discriminators))
        rules = {element.type: self._slice_member(node, element) for element in elements}
        maximum = None if node.row["max"] == "*" else int(node.row["max"])
        reslicing = self._slicing(node, elements) if node.slices else None
        return Slice(str(node.slice), tests, int(node.row["min"]), maximum, self._source(node), rules, reslicing)

    def _tests(self, node: ElementNode, discriminators: list[Definition]) -> list[Test]:
        """The tests of the discriminators that say something of this slice; Unsliceable where none does."""
        tests, silent = [], [Unsliceable(phrase("the slicing has no discriminator"))]
        for one in discriminators:
            try:
                tests.append(compile_discriminator(str(one.get("type")), str(one.get("path")), node, self))
            except Unsliceable as error:
                silent.append(error)
        if not tests:
            raise silent[-1]
        return tests

    def _slice_member(self, node: ElementNode, element: Element) -> Member:
        step = step_of(element.name, element.choice, element.type)
        own = self._own(node, element)
        return Member(step, element.type, own, self._shared(node, element) or tuple)

    def _type_slices(self, child: ElementNode, element: Element) -> Iterator[ElementNode]:
        """The slices of a choice that are for this type: `value[x]:valueQuantity`."""
        yield from (one for one in _type_slices_of(child) if element.type in one.type_codes)

    def _source(self, node: ElementNode) -> str:
        return f"{self.url}#{node.id}"


def _of_every(type_name: str, profiles: Profiles) -> tuple[Assertion, ...]:
    """What holds for every value of a type and no StructureDefinition can say."""
    if type_name == "Extension":
        return (ExtensionUse(profiles.extension, profiles.schema),)
    if type_name == "Coding":
        return (KnownCode(profiles.terminology),)
    return (KnownUnit(profiles.terminology),) if type_name == "Quantity" else ()


def declared_type(node: ElementNode, schema: Schema) -> str:
    """The FHIR type of an element: its path for a backbone."""
    path = str(node.row["path"])
    return path if path in schema else node.type_codes[0]


def _is_sliced_by_type(node: ElementNode) -> bool:
    """`value[x]` sliced by its type alone, said or not."""
    discriminators = node.row.get("slicing", {}).get("discriminator", ())
    return node.name.endswith("[x]") and all((one.get("type"), one.get("path")) == ("type", "$this") for one in discriminators)


def _type_slices_of(node: ElementNode) -> list[ElementNode]:
    return list(node.slices.values()) if node.slices and _is_sliced_by_type(node) else []
