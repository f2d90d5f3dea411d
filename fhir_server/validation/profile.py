"""StructureDefinition snapshots -> rules, each compiled once (https://hl7.org/fhir/R4/profiling.html).

A base type and a profile compile alike. What a profile repeats of its base type is left out, since every resource is checked against its
base type as well; so are the constraints of an element's data type, which that type's own rule has. What is left is small, so that a
profile costs what it adds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.dependencies import Dependencies, url_of
from fhir_server.definitions.snapshot import generate_snapshot
from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.assertions import Unchecked
from fhir_server.validation.element_node import ElementNode, element_tree
from fhir_server.validation.extension import ExtensionDefinition
from fhir_server.validation.profile_compiler import BASE, ProfileCompiler, declared_type
from fhir_server.validation.rule import NestedCheck, Rule

IMPOSE_PROFILE = BASE + "structuredefinition-imposeProfile"

Definition = dict[str, Any]


class Unusable(Exception):
    """The profile cannot be used; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A compiled StructureDefinition: the type it is about, the rule of its root, the profiles that it imposes beside itself, and
    what is wrong with it, though it could be used.
    """

    url: str
    type: str
    rule: Rule
    imposed: tuple[str, ...] = ()
    problems: tuple[Issue, ...] = ()


class Profiles:
    """Profiles by canonical URL, compiled when first asked for; safe to share between threads.

    Constraints that are only best practice are left out where `best_practice` is False.
    `nested` checks a resource inside another one; the validator sets it.
    """

    def __init__(self, definitions: Definitions, terminology: Terminology, *, best_practice: bool = True):
        self.definitions, self.terminology, self.schema = definitions, terminology, definitions.schema
        self.best_practice = best_practice
        self.nested: NestedCheck = lambda _resource, _at, _parent: ()
        self._compiled: dict[str, Profile] = {}
        self._base: dict[str, Rule] = {}
        self._trees: dict[str, ElementNode | None] = {}
        self._extensions: dict[str, ExtensionDefinition | None] = {}
        self._problems: dict[str, tuple[Issue, ...]] = {}
        self._dependencies = Dependencies()
        self._generation = definitions.generation
        self._lock = threading.RLock()

    def profile(self, canonical: str) -> Profile:
        """Unusable where it is unknown or cannot be compiled."""
        with self._lock:
            self._drop_what_changed()
            self._dependencies.needs(canonical)
            if canonical not in self._compiled:
                with self._dependencies.making(canonical):
                    self._compiled[canonical] = self._compile(canonical)
            return self._compiled[canonical]

    def of_type(self, type_name: str) -> Rule:
        """The rule of a base type, backbone types excluded."""
        rule = self._base.get(type_name)
        if rule is None:
            rule = self._base[type_name] = self.profile(BASE + type_name).rule
        return rule

    def tree(self, canonical: str) -> ElementNode | None:
        """The element tree of a profile; None where it is unknown or unusable."""
        with self._lock:
            self._drop_what_changed()
            self._dependencies.needs(canonical)
            if canonical not in self._trees:
                with self._dependencies.making(canonical):
                    self._trees[canonical] = self._tree(canonical)
            return self._trees[canonical]

    def extension(self, url: str) -> ExtensionDefinition | None:
        """What there is to know of an extension; None where no package in use has it."""
        with self._lock:
            self._drop_what_changed()
            self._dependencies.needs(url)
            if url not in self._extensions:
                with self._dependencies.making(url):
                    self._extensions[url] = self._extension(url)
            return self._extensions[url]

    def imposed(self, canonical: str) -> tuple[str, ...]:
        """The profiles that a profile imposes beside itself; () where it cannot be used."""
        try:
            return self.profile(canonical).imposed
        except Unusable:
            return ()

    def rules(self, canonical: str, source: str) -> Callable[[], tuple[Rule, ...]]:
        """The rules of a profile that another one asks for, compiled when called; one that says so where it cannot be used."""
        self._dependencies.needs(canonical)

        def compiled() -> tuple[Rule, ...]:
            try:
                return (self.profile(canonical).rule,)
            except Unusable as error:
                return (Rule((Unchecked("warning", "profile-unknown", error.args[0], source),)),)

        return compiled

    def type_of(self, canonical: str) -> str | None:
        """The type that a profile or base type is about."""
        canonical, _, element = canonical.partition("#")
        name = canonical.removeprefix(BASE)
        if name in self.schema:
            return name
        if element:
            node = self.tree(f"{canonical}#{element}")
            return declared_type(node, self.schema) if node else None
        resource = self.resolve(canonical)
        return str(resource["type"]) if resource and "type" in resource else None

    def resolve(self, canonical: str) -> Definition | None:
        """A definition out of those in use; what is being compiled depends on it."""
        self._dependencies.needs(canonical)
        return self.definitions.resolve(canonical)

    def _drop_what_changed(self) -> None:
        """What depends on a changed definition goes. What is being compiled comes to its end first, and is then out of date."""
        if self._generation == self.definitions.generation or self._dependencies.is_making:
            return
        former, self._generation = self._generation, self.definitions.generation
        changed = self.definitions.changed_since(former)
        if changed is None:
            self._compiled, self._trees, self._extensions, self._problems = {}, {}, {}, {}
            self._dependencies = Dependencies()
        elif dropped := self._dependencies.drop(changed):
            for kept in (self._compiled, self._trees, self._extensions, self._problems):
                _forget(kept, dropped)

    def _definition(self, canonical: str) -> Definition:
        resource = self.resolve(canonical)
        if resource is None or resource.get("resourceType") != "StructureDefinition":
            raise Unusable(
                phrase(
                    "The profile {canonical} is in no package in use; add its package: passerelle packages add NAME@VERSION",
                    canonical=canonical,
                )
            )
        return resource if "snapshot" in resource else self._with_snapshot(resource)

    def _compile(self, canonical: str) -> Profile:
        canonical, _, element = canonical.partition("#")
        resource = self._definition(canonical)
        try:
            compiler = ProfileCompiler(resource, self)
            if element:
                return Profile(f"{resource['url']}#{element}", *compiler.part(element))
            rule = compiler.root()
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise Unusable(
                phrase(
                    "The snapshot of {canonical} cannot be read ({error}); its package is faulty.", canonical=canonical, error=repr(error)
                )
            ) from None
        problems = self._problems.get(resource["url"], ())
        return Profile(resource["url"], resource["type"], rule, tuple(_imposed(resource)), problems)

    def _with_snapshot(self, resource: Definition) -> Definition:
        made = generate_snapshot(resource, self.resolve)
        if made.fatal:
            raise Unusable(
                phrase("The profile {url} cannot be used: {diagnostics}", url=resource.get("url"), diagnostics=made.fatal.diagnostics)
            )
        self._problems[str(resource.get("url"))] = made.issues
        return {**resource, "snapshot": {"element": made.elements}}

    def _tree(self, canonical: str) -> ElementNode | None:
        url, _, element = canonical.partition("#")
        try:
            root = element_tree(self._definition(url)["snapshot"]["element"])
            return root.find(element) if element else root
        except (Unusable, KeyError, TypeError, ValueError):
            return None

    def _extension(self, url: str) -> ExtensionDefinition | None:
        resource = self.resolve(url)
        if resource is None or resource.get("resourceType") != "StructureDefinition" or resource.get("type") != "Extension":
            return None
        return ExtensionDefinition.of(resource, self.rules(url, url))


def _forget(kept: dict[str, Any], dropped: set[str]) -> None:
    for canonical in [one for one in kept if url_of(one) in dropped]:
        del kept[canonical]


def _imposed(resource: Definition) -> Iterator[str]:
    for extension in resource.get("extension", ()):
        if extension.get("url") == IMPOSE_PROFILE and "valueCanonical" in extension:
            yield str(extension["valueCanonical"])
