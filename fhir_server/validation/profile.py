"""StructureDefinition snapshots -> rules, each compiled once (https://hl7.org/fhir/R4/profiling.html).

A base type and a profile compile alike. What a profile repeats of its base type is left out, since every resource is checked against its
base type as well; so are the constraints of an element's data type, which that type's own rule has.
Slices (elements with ":" in their ids) are not compiled yet; `Profile.has_slices` says that there are some.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Severity
from fhir_server.model.schema import Element, Schema
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.assertions import Cardinality, Fixed, MaxLength, NotThisType, Pattern, ReferenceTarget, Unchecked
from fhir_server.validation.binding import Binding
from fhir_server.validation.invariant import Invariant
from fhir_server.validation.location import step_of
from fhir_server.validation.rule import Assertion, Member, Rule

BASE = "http://hl7.org/fhir/StructureDefinition/"
BEST_PRACTICE = BASE + "elementdefinition-bestpractice"
MAX_VALUE_SET = BASE + "elementdefinition-maxValueSet"

Definition = dict[str, Any]


class Unusable(Exception):
    """The profile cannot be used; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A compiled StructureDefinition: the type it is about and the rule of its root."""

    url: str
    type: str
    rule: Rule
    has_slices: bool


class Profiles:
    """Profiles by canonical URL, compiled when first asked for; safe to share between threads."""

    def __init__(self, definitions: Definitions, terminology: Terminology):
        self.definitions, self.terminology = definitions, terminology
        self._compiled: dict[str, Profile] = {}
        self._lock = threading.RLock()

    def profile(self, canonical: str) -> Profile:
        """Unusable where it is unknown or cannot be compiled."""
        with self._lock:
            if canonical not in self._compiled:
                self._compiled[canonical] = self._compile(canonical)
            return self._compiled[canonical]

    def of_type(self, type_name: str) -> Rule:
        """The rule of a base type, backbone types excluded."""
        return self.profile(BASE + type_name).rule

    def _compile(self, canonical: str) -> Profile:
        resource = self.definitions.resolve(canonical)
        if resource is None or resource.get("resourceType") != "StructureDefinition":
            raise Unusable(f"The profile {canonical} is in no package in use; add its package: passerelle packages add NAME@VERSION")
        if "snapshot" not in resource:
            raise Unusable(f"The profile {canonical} has no snapshot, so it cannot be used; add a package that has it with one.")
        try:
            rule = _Compiler(resource, self).root()
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise Unusable(f"The snapshot of {canonical} cannot be read ({error!r}); its package is faulty.") from None
        sliced = any(":" in row.get("id", "") for row in resource["snapshot"]["element"])
        return Profile(resource["url"], resource["type"], rule, sliced and resource.get("derivation") == "constraint")


class _Compiler:
    """One snapshot while it is compiled."""

    def __init__(self, resource: Definition, profiles: Profiles):
        self.profiles, self.schema, self.url = profiles, profiles.definitions.schema, resource["url"]
        self.type = str(resource["type"])
        self.rows = [row for row in resource["snapshot"]["element"] if ":" not in row.get("id", "")]
        self.by_path = {row["path"]: row for row in self.rows}
        self.base = self._base_rows(resource)
        self._rules: dict[str, Rule] = {}

    def root(self) -> Rule:
        return self._rule(self.rows[0], self.type)

    def _base_rows(self, resource: Definition) -> dict[str, Definition]:
        base = self.profiles.definitions.resolve(BASE + self.type) if resource.get("derivation") == "constraint" else None
        return {row["path"]: row for row in base["snapshot"]["element"]} if base else {}

    def _rule(self, row: Definition, type_name: str) -> Rule:
        key = f"{row['path']}:{type_name}"
        if key not in self._rules:
            rule = self._rules[key] = Rule()
            rule.assertions = (*self._assertions(row), *self._cardinalities(row, type_name))
            rule.members = dict(self._members(row, type_name))
        return self._rules[key]

    def _children(self, row: Definition) -> list[Definition]:
        path = row["path"] + "."
        return [one for one in self.rows if one["path"].startswith(path) and "." not in one["path"][len(path) :]]

    def _members(self, row: Definition, type_name: str) -> Iterator[tuple[str, Member]]:
        for child in self._children(row):
            for element in self._elements(child, type_name):
                yield from self._member(child, element)

    def _elements(self, child: Definition, type_name: str) -> list[Element]:
        """The schema's elements of a row: one, or one for each type of a choice."""
        definition = self.schema.get(type_name)
        name = child["path"].rpartition(".")[2]
        if definition is None:
            return []
        names = definition.choices.get(name.removesuffix("[x]"), ()) if name.endswith("[x]") else (name,)
        return [definition.elements[one] for one in names if one in definition.elements]

    def _member(self, child: Definition, element: Element) -> Iterator[tuple[str, Member]]:
        step = step_of(element.name, element.choice, element.type)
        kind = self.schema[element.type]
        if kind.kind == "resource":
            yield element.name, Member(step, element.type, (), tuple, is_resource=True)
            return
        own = self._own(child, element)
        if not kind.is_primitive:
            yield element.name, Member(step, element.type, own, lambda: self._shared(child, element))
            return
        if own:
            yield element.name, Member(step, element.type, own, tuple)
        if not element.xml_attribute:
            yield "_" + element.name, Member(step, "Element", (), lambda: (self.profiles.of_type("Element"),), sibling_of=element.name)

    def _own(self, child: Definition, element: Element) -> tuple[Rule, ...]:
        allowed = tuple(kind["code"] for kind in child.get("type", ()))
        if element.choice and allowed and element.type not in allowed:
            return (Rule((NotThisType(allowed, self._source(child)),)),)
        if reference := child.get("contentReference"):
            return (self._rule(child, element.type), self._rule(self.by_path[reference.rpartition("#")[2]], element.type))
        rule = self._rule(child, element.type)
        return (rule,) if rule.assertions or rule.members else ()

    def _shared(self, child: Definition, element: Element) -> tuple[Rule, ...]:
        kind = self.schema[element.type]
        if kind.kind == "backbone":
            return ()
        asked = [one for kind in child.get("type", ()) if kind["code"] == element.type for one in kind.get("profile", ())]
        base = self.profiles.of_type(element.type)
        return (base, self._asked(asked, self._source(child))) if asked else (base,)

    def _asked(self, canonicals: list[str], source: str) -> Rule:
        """The rule of the profile that a row's type asks for. A choice between several is decided like slices, later."""
        if len(canonicals) > 1:
            reason = f"Not checked against any of {', '.join(canonicals)}: a choice of profiles is not supported yet."
            return Rule((Unchecked("information", "slicing-unchecked", reason, source),))
        try:
            return self.profiles.profile(canonicals[0]).rule
        except Unusable as error:
            return Rule((Unchecked("warning", "profile-unknown", str(error), source),))

    def _assertions(self, row: Definition) -> Iterator[Assertion]:
        source, base = self._source(row), self.base.get(row["path"], {})
        for key, value in row.items():
            if key.startswith("fixed"):
                yield Fixed(value, source)
            elif key.startswith("pattern"):
                yield Pattern(value, source)
        if "maxLength" in row and row["maxLength"] != base.get("maxLength"):
            yield MaxLength(row["maxLength"], source)
        yield from self._binding(row, base, source)
        yield from self._targets(row, base, source)
        yield from self._invariants(row, base)

    def _binding(self, row: Definition, base: Definition, source: str) -> Iterator[Assertion]:
        value_set = _checked_value_set(row.get("binding", {}))
        if value_set and value_set != _checked_value_set(base.get("binding", {})):
            yield Binding(value_set, source, self.profiles.terminology)

    def _targets(self, row: Definition, base: Definition, source: str) -> Iterator[Assertion]:
        kinds = row.get("type", ())
        if len(kinds) != 1 or kinds[0]["code"] != "Reference" or kinds == base.get("type"):
            return
        types = [self._type_of_profile(one) for one in kinds[0].get("targetProfile", ())]
        known = tuple(dict.fromkeys(one for one in types if one))
        if known and len(known) == len(set(types)) and "Resource" not in known:
            yield ReferenceTarget(known, source)

    def _type_of_profile(self, canonical: str) -> str | None:
        name = canonical.removeprefix(BASE)
        if name in self.schema:
            return name
        resource = self.profiles.definitions.resolve(canonical)
        return str(resource["type"]) if resource and "type" in resource else None

    def _invariants(self, row: Definition, base: Definition) -> Iterator[Assertion]:
        known = {"ele-1"} | {one["key"] for one in base.get("constraint", ())} | self._keys_of_types(row)
        for constraint in row.get("constraint", ()):
            if constraint["key"] not in known and "expression" in constraint:
                yield _invariant(constraint, self.url, self.schema)

    def _keys_of_types(self, row: Definition) -> set[str]:
        if "." not in row["path"]:
            return set()
        types = [kind["code"] for kind in row.get("type", ()) if kind["code"] in self.schema]
        definitions = map(self.profiles.definitions.resolve, (BASE + one for one in types))
        roots = [one["snapshot"]["element"][0] for one in definitions if one]
        return {constraint["key"] for root in roots for constraint in root.get("constraint", ())}

    def _cardinalities(self, row: Definition, type_name: str) -> Iterator[Assertion]:
        for child in self._children(row):
            elements = self._elements(child, type_name)
            if elements and (found := self._cardinality(child, elements)):
                yield found

    def _cardinality(self, child: Definition, elements: list[Element]) -> Cardinality | None:
        minimum, maximum = int(child["min"]), None if child["max"] == "*" else int(child["max"])
        base = self.base.get(child["path"])
        repeated = base is not None and (base["min"], base["max"]) == (child["min"], child["max"])
        if repeated or (minimum == 0 and maximum in (None, elements[0].max)):
            return None
        name = elements[0].choice or elements[0].name
        return Cardinality(name, tuple(one.name for one in elements), minimum, maximum, self._source(child))

    def _source(self, row: Definition) -> str:
        return f"{self.url}#{row.get('id', row['path'])}"


def _checked_value_set(binding: Definition) -> str | None:
    if binding.get("strength") == "required":
        return binding.get("valueSet")
    return next((one.get("valueCanonical") for one in binding.get("extension", ()) if one.get("url") == MAX_VALUE_SET), None)


def _invariant(constraint: Definition, url: str, schema: Schema) -> Invariant:
    severity: Severity = "error" if constraint.get("severity") == "error" else "warning"
    source = f"{constraint.get('source') or url}#{constraint['key']}"
    best_practice = any(one.get("url") == BEST_PRACTICE for one in constraint.get("extension", ()))
    return Invariant(constraint["key"], severity, constraint.get("human", ""), constraint["expression"], source, schema, best_practice)
