"""Is a code in a value set? Answered out of the packages in use, without a terminology server
(https://hl7.org/fhir/R4/valueset-operation-validate-code.html).
"""

from __future__ import annotations

import threading
from typing import Any, Protocol

from fhir_server.definitions.dependencies import Dependencies, url_of
from fhir_server.model.phrase import phrase
from fhir_server.terminology.answer import Answer, missing, no, unknown
from fhir_server.terminology.code_system import CodeSystem, Concept
from fhir_server.terminology.countries import COUNTRIES
from fhir_server.terminology.grammar import GRAMMARS, VALUE_SETS
from fhir_server.terminology.value_set import Code, NotListable, ValueSet

MAX_CODE = 1000
"""Characters; nothing longer is looked up."""

MAX_ANSWERS = 20_000
"""Answers kept; the same few codes come again and again."""


class Resolver(Protocol):
    """What terminology needs of `Definitions`."""

    @property
    def generation(self) -> int: ...

    def changed_since(self, generation: int) -> frozenset[str] | None: ...

    def supplements(self, url: str) -> list[dict[str, Any]]: ...

    def resolve(self, canonical: str) -> dict[str, Any] | None: ...


class Terminology:
    """Value sets and code systems, compiled when first asked for and kept; safe to share between threads."""

    def __init__(self, definitions: Resolver):
        self._definitions = definitions
        self._value_sets: dict[str, ValueSet | None] = {}
        self._code_systems: dict[str, CodeSystem | None] = {}
        self._supplements: set[str] = set()
        self._answers: dict[tuple[str, str | None, str], Answer] = {}
        self._dependencies = Dependencies()
        self._generation, self._own_generation = definitions.generation, 0
        self._lock = threading.RLock()

    @property
    def generation(self) -> int:
        """Another number once a definition that was asked for has changed, after which no earlier answer holds."""
        if self._generation != self._definitions.generation:
            with self._lock:
                self._drop_what_changed()
        return self._own_generation

    def validate_code(self, value_set: str, system: str | None, code: str) -> Answer:
        """Is `code` in the value set with this canonical URL (`|version` respected)? `system` None means: whichever the set has."""
        if len(code) > MAX_CODE:
            return no(phrase("A code of {code} characters is in no value set.", code=len(code)))
        if self._generation != self._definitions.generation:
            with self._lock:
                self._drop_what_changed()
        key = (value_set, system, code)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._validate(value_set, system, code)
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            self._answers[key] = answer
        return answer

    def _validate(self, value_set: str, system: str | None, code: str) -> Answer:
        if value_set in VALUE_SETS and system in (None, VALUE_SETS[value_set]):
            return GRAMMARS[VALUE_SETS[value_set]].answer(code)
        found = self.value_set(value_set)
        if found is None:
            return missing(code, phrase("value set {canonical}", canonical=value_set))
        try:
            return found.answer(system, code)
        except RecursionError:
            return unknown(
                phrase("'{code}' cannot be checked: the value set {value_set} is made of itself.", code=code, value_set=value_set)
            )

    def validate_in_system(self, system: str, code: str) -> Answer:
        """Is `code` a code of the code system (`|version` respected)?"""
        url, _, version = system.partition("|")
        table = self.code_system(url, version or None)
        if table is not None:
            return table.answer(code)
        grammar = GRAMMARS.get(url)
        if grammar is None:
            return missing(code, phrase("code system {system}", system=system))
        return COUNTRIES.answer(code, self) if url == COUNTRIES.system else grammar.answer(code)

    def concept(self, system: str, code: str) -> Concept | None:
        """The concept of a code system (`|version` respected); None where either is not here."""
        url, _, version = system.partition("|")
        table = self.code_system(url, version or None)
        return table.find(code) if table else None

    def is_supplement(self, system: str) -> bool:
        """True for the URL of a CodeSystem that only adds to another one."""
        self.code_system(system, None)
        return system in self._supplements

    def has_supplement(self, canonical: str) -> bool:
        """True where a supplement with this canonical URL is in use."""
        resource = self._resource(canonical, "CodeSystem")
        return resource is not None and "supplements" in resource

    def is_value_set(self, canonical: str) -> bool:
        """True for the URL of a ValueSet in use, which some take for that of a code system."""
        return self._resource(canonical, "ValueSet") is not None

    def is_registry(self, system: str) -> bool:
        """True for systems known not to be listed here: what every user of FHIR knows and nobody packages whole (LOINC, SNOMED CT...), and
        a code system that lists none of its codes.
        """
        return system in GRAMMARS or self._lists_nothing(self._resource(system, "CodeSystem") or {})

    @staticmethod
    def _lists_nothing(code_system: dict[str, Any]) -> bool:
        """Of the two ways to say so an empty fragment suits HL7's Java validator too: with not-present it refuses every code."""
        return code_system.get("content") in ("not-present", "fragment") and not code_system.get("concept")

    def expand(self, value_set: str) -> list[Code]:
        """All (system, code) of a value set, in order; NotListable where the set or a part of it is not here."""
        found = self.value_set(value_set)
        if found is None:
            raise NotListable(f"the value set {value_set} is in no package in use")
        try:
            return found.expand()
        except RecursionError:
            raise NotListable(f"the value set {value_set} is made of itself") from None

    def value_set(self, canonical: str) -> ValueSet | None:
        """The compiled value set; None where no package in use has it."""
        with self._lock:
            self._drop_what_changed()
            if canonical not in self._value_sets:
                with self._dependencies.making(canonical):
                    self._value_sets[canonical] = self._value_set(canonical)
            return self._value_sets[canonical]

    def code_system(self, url: str, version: str | None) -> CodeSystem | None:
        """The tables of a code system, in the version asked for; None where no package in use has it with its concepts."""
        canonical = f"{url}|{version}" if version else url
        with self._lock:
            self._drop_what_changed()
            if canonical not in self._code_systems:
                with self._dependencies.making(canonical):
                    self._code_systems[canonical] = self._code_system(canonical, url)
            return self._code_systems[canonical]

    def _value_set(self, canonical: str) -> ValueSet | None:
        resource = self._resource(canonical, "ValueSet")
        made = ValueSet(resource, self) if resource else None
        for one in made.made_of if made else ():
            self._dependencies.needs(one)
        return made

    def _code_system(self, canonical: str, url: str) -> CodeSystem | None:
        resource = self._resource(canonical, "CodeSystem")
        if resource is not None and ("supplements" in resource or resource.get("content") == "supplement"):
            self._supplements.add(url)
        if resource is None or resource.get("content") not in ("complete", "fragment", "example"):
            return None
        supplements = self._definitions.supplements(url)
        for one in supplements:
            self._dependencies.needs(str(one.get("url")))
        return CodeSystem(resource, supplements)

    def _drop_what_changed(self) -> None:
        """What depends on a changed definition goes, and every answer with it; the rest stays."""
        if self._generation == self._definitions.generation:
            return
        former, self._generation = self._generation, self._definitions.generation
        changed = self._definitions.changed_since(former)
        if changed is None:
            self._value_sets, self._code_systems, self._supplements, self._dependencies = {}, {}, set(), Dependencies()
        elif dropped := self._dependencies.drop(changed | self._supplemented(changed)):
            self._value_sets = {key: one for key, one in self._value_sets.items() if url_of(key) not in dropped}
            self._code_systems = {key: one for key, one in self._code_systems.items() if url_of(key) not in dropped}
            self._supplements -= dropped
        else:
            return
        self._answers, self._own_generation = {}, self._own_generation + 1

    def _supplemented(self, changed: frozenset[str]) -> set[str]:
        """The code systems that changed definitions add to."""
        resources = (self._resource(url, "CodeSystem") for url in changed)
        return {url_of(str(one["supplements"])) for one in resources if one and "supplements" in one}

    def _resource(self, canonical: str, type_name: str) -> dict[str, Any] | None:
        resource = self._definitions.resolve(canonical)
        return resource if resource and resource.get("resourceType") == type_name else None
