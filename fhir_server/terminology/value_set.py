"""A ValueSet resource as something that answers (https://hl7.org/fhir/R4/valueset.html#compositions).

A set is the union of its includes less its excludes; within one include, system, concepts or filters, and value sets all must hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol

from fhir_server.model.phrase import alternatives, phrase
from fhir_server.terminology.answer import YES, Answer, all_of, any_of, missing, negated, no, unknown
from fhir_server.terminology.code_system import CodeSystem, Concept
from fhir_server.terminology.filter import Test, UnknownFilter, compile_filter
from fhir_server.terminology.grammar import GRAMMARS

Code = tuple[str, str]
"""(system, code)"""

SUPPLEMENT = "http://hl7.org/fhir/StructureDefinition/valueset-supplement"

MAX_LISTED = 20_000
"""A larger set is asked code by code instead of being listed."""


MAX_EXPANDED = 1_000_000
"""Codes; sets of sets may have the same ones over and over."""


class Sources(Protocol):
    """Where a value set finds what it is made of; `None` where no package in use has it."""

    def code_system(self, url: str, version: str | None) -> CodeSystem | None: ...

    def value_set(self, canonical: str) -> ValueSet | None: ...

    def validate_code(self, value_set: str, system: str | None, code: str) -> Answer: ...

    def validate_in_system(self, system: str, code: str) -> Answer: ...

    def has_supplement(self, canonical: str) -> bool: ...


class NotListable(Exception):
    """The codes of the set cannot be listed here; the message says why."""


class ValueSet:
    """A compiled value set."""

    def __init__(self, resource: dict[str, Any], sources: Sources):
        self.url = str(resource.get("url"))
        self.name = str(resource.get("name") or self.url.rpartition("/")[2])
        compose = resource.get("compose") or {}
        self._sources = sources
        self._supplements = [str(one["valueCanonical"]) for one in resource.get("extension", ()) if _names_supplement(one)]
        self.made_of = frozenset((*_sources_of(compose), *self._supplements))
        """The canonical URLs of the code systems, value sets and supplements that it is made of."""
        self._includes = [Include(one, sources) for one in compose.get("include", ())]
        self._excludes = [Include(one, sources) for one in compose.get("exclude", ())]
        if not self._includes and "expansion" in resource:
            self._includes = [_Expansion(resource["expansion"])]

    def answer(self, system: str | None, code: str) -> Answer:
        """Is the code in the set? Without a system, any system of the set will do (elements of type code)."""
        if absent := self._absent_supplement:
            return missing(code, phrase("supplement {canonical}", canonical=absent))
        if self.listed is not None and ((system, code) in self.listed if system else code in self.codes):
            return YES
        included = any_of((one.answer(system, code) for one in self._includes), no(""))
        excluded = any_of((one.answer(system, code) for one in self._excludes), no(""))
        if included.is_no:
            return no(self._absent(system, code))
        return all_of((included, negated(excluded, phrase("The value set {url} excludes the code '{code}'.", url=self.url, code=code))))

    def _absent(self, system: str | None, code: str) -> str:
        sentence = phrase(
            "The code '{code}'{of_system} is not in the value set {name} ({url})",
            code=code,
            of_system=phrase(" of {system}", system=system) if system else "",
            name=self.name,
            url=self.url,
        )
        if system and code in self.codes:
            others = alternatives(sorted(one for one, known in self.listed or () if known == code))
            return phrase("{sentence}, which has it from the code system {others}.", sentence=sentence, others=others)
        if self.listed is None and len(self._includes) == 1:
            return phrase("{sentence}. {reason}", sentence=sentence, reason=self._includes[0].answer(system, code).reason)
        if not 0 < len(self.codes) <= 20:
            return sentence + "."
        return phrase("{sentence}: one of {codes}.", sentence=sentence, codes=", ".join(sorted(self.codes)))

    @cached_property
    def _absent_supplement(self) -> str | None:
        """A supplement that the set must not be used without (valueset-supplement), and that is not here."""
        return next((one for one in self._supplements if not self._sources.has_supplement(one)), None)

    @cached_property
    def listed(self) -> frozenset[Code] | None:
        """All codes, where they can be listed and are not too many."""
        return None if self.ordered is None else frozenset(self.ordered)

    @cached_property
    def ordered(self) -> tuple[Code, ...] | None:
        """The same, once each and in the order of the definition."""
        try:
            return tuple(dict.fromkeys(self._some(MAX_LISTED)))
        except NotListable:
            return None

    @cached_property
    def codes(self) -> frozenset[str]:
        """The listed codes without their systems."""
        return frozenset(code for _, code in self.listed or ())

    def expand(self) -> list[Code]:
        """The codes in the order of the definition; NotListable where a part of them is not here."""
        if absent := self._absent_supplement:
            raise NotListable(f"the supplement {absent} is in no package in use")
        return list(dict.fromkeys(self._some(MAX_EXPANDED)))

    def each(self) -> Iterable[Code]:
        """The same one after the other, perhaps more than once; a large set is not put together first."""
        return self._all() if self.ordered is None else self.ordered

    def first(self, limit: int) -> list[Code]:
        """The first codes in the order of the definition, no more than `limit`; NotListable where a part of them is not here."""
        found: dict[Code, None] = {}
        for code in self._all():
            found[code] = None
            if len(found) >= limit:
                break
        return list(found)

    def _some(self, limit: int) -> Iterator[Code]:
        for count, code in enumerate(self._all()):
            if count >= limit:
                raise NotListable(f"the set has more than {limit} codes")
            yield code

    def _all(self) -> Iterator[Code]:
        for include in self._includes:
            for system, code in include.codes():
                excluded = any_of((one.answer(system, code) for one in self._excludes), no(""))
                if excluded.verdict == "unknown":
                    raise NotListable(excluded.reason)
                if excluded.is_no:
                    yield system, code


class Include:
    """One include or exclude."""

    def __init__(self, source: dict[str, Any], sources: Sources):
        self.system: str | None = source.get("system")
        self.version: str | None = source.get("version")
        self._sources = sources
        self._nested: Sequence[str] = source.get("valueSet", ())
        self._filters: Sequence[dict[str, Any]] = source.get("filter", ())
        self._concepts = dict.fromkeys(str(one.get("code")) for one in source.get("concept", ()))

    def answer(self, system: str | None, code: str) -> Answer:
        """Is the code in this part?"""
        if self.system and system and system != self.system:
            return no(phrase("The code system is {system}, not {system2}.", system=system, system2=self.system))
        own = [self._in_system(code)] if self.system else []
        return all_of((*own, *(self._in_nested(canonical, system or self.system, code) for canonical in self._nested)))

    def _in_nested(self, canonical: str, system: str | None, code: str) -> Answer:
        """By way of the answers that are remembered: sets of sets may come to the same one on many ways."""
        return self._sources.validate_code(canonical, system, code)

    def _in_system(self, code: str) -> Answer:
        if self._concepts:
            return YES if code in self._concepts else self._in_concepts_of_any_case(code)
        table = self._table
        if table is None:
            return self._without_table(code)
        concept = table.find(code)
        return table.answer(code) if concept is None else self._passes(concept)

    def _in_concepts_of_any_case(self, code: str) -> Answer:
        concept = self._table.find(code) if self._table else None
        return YES if concept and concept.code in self._concepts else no(phrase("'{code}' is not among the codes listed.", code=code))

    def _without_table(self, code: str) -> Answer:
        grammar = GRAMMARS.get(str(self.system))
        if grammar and self._filters:
            return grammar.filtered(code, self._filters)
        return self._sources.validate_in_system(f"{self.system}|{self.version}" if self.version else str(self.system), code)

    @cached_property
    def _table(self) -> CodeSystem | None:
        return self._sources.code_system(str(self.system), self.version)

    @cached_property
    def _tests(self) -> list[Test]:
        assert self._table is not None
        return [compile_filter(one, self._table) for one in self._filters]

    def _passes(self, concept: Concept) -> Answer:
        try:
            passes = all(test(concept) for test in self._tests)
        except UnknownFilter as error:
            return unknown(phrase("'{code}' cannot be checked: {error}.", code=concept.code, error=error.args[0]))
        return YES if passes else no(phrase("'{code}' does not pass the filters on {system}.", code=concept.code, system=self.system))

    def codes(self) -> Iterator[Code]:
        """The codes of this part in order; NotListable where they are not here."""
        if self.system is None:
            yield from self._nested_codes()
            return
        for code in self._own_codes():
            nested = all_of(self._in_nested(canonical, self.system, code) for canonical in self._nested)
            if nested.verdict == "unknown":
                raise NotListable(nested.reason)
            if nested.is_yes:
                yield self.system, code

    def _nested_codes(self) -> Iterator[Code]:
        for canonical in self._nested[:1]:
            nested = self._sources.value_set(canonical)
            if nested is None:
                raise NotListable(f"the value set {canonical} is in no package in use")
            for system, code in nested.each():
                others = all_of(self._in_nested(other, system, code) for other in self._nested[1:])
                if others.verdict == "unknown":
                    raise NotListable(others.reason)
                if others.is_yes:
                    yield system, code

    def _own_codes(self) -> Iterator[str]:
        if self._concepts:
            yield from self._concepts
            return
        table = self._table
        if table is None or not table.is_complete:
            raise NotListable(f"the code system {self.system} is not wholly in the packages in use")
        for concept in table:
            answer = self._passes(concept)
            if answer.verdict == "unknown":
                raise NotListable(answer.reason)
            if answer.is_yes:
                yield concept.code


class _Expansion(Include):
    """The codes of a ValueSet that has an expansion and no definition."""

    def __init__(self, expansion: dict[str, Any]):
        self._listed = dict.fromkeys(_contained(expansion))
        self._codes = frozenset(code for _, code in self._listed)
        self._whole = int(expansion.get("total") or len(self._listed)) <= len(self._listed)

    def answer(self, system: str | None, code: str) -> Answer:
        if (system, code) in self._listed if system else code in self._codes:
            return YES
        if self._whole:
            return no(phrase("'{code}' is not in the expansion.", code=code))
        return unknown(phrase("'{code}' cannot be checked: the expansion is not whole.", code=code))

    def codes(self) -> Iterator[Code]:
        if not self._whole:
            raise NotListable("the expansion is not whole")
        return iter(self._listed)


def _contained(node: dict[str, Any]) -> Iterator[Code]:
    for one in node.get("contains", ()):
        if "code" in one and not one.get("abstract"):
            yield str(one.get("system")), str(one["code"])
        yield from _contained(one)


def _names_supplement(extension: dict[str, Any]) -> bool:
    return extension.get("url") == SUPPLEMENT and "valueCanonical" in extension


def _sources_of(compose: dict[str, Any]) -> Iterator[str]:
    for part in (*compose.get("include", ()), *compose.get("exclude", ())):
        if "system" in part:
            yield str(part["system"])
        yield from map(str, part.get("valueSet", ()))
