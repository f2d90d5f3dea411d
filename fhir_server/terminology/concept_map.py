"""ConceptMaps as tables: what a code of one system is in another (https://hl7.org/fhir/R4/conceptmap.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Part = Mapping[str, Any]
Code = tuple[str, str]
"""(system, code)"""

REVERSED = {"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}
NO_MATCH = frozenset(("unmatched", "disjoint"))
"""Equivalences that say that there is no translation."""

MAX_CHAIN = 5
"""ConceptMaps that `unmapped.url` may lead through."""


@dataclass(frozen=True, slots=True)
class Match:
    """One translation: `map` is the ConceptMap it comes from, `products` what else must be said besides (element, system, code)."""

    equivalence: str
    system: str | None
    code: str | None
    display: str | None
    map: str
    products: tuple[tuple[str, Code], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is translated; `target_system` None means any; `context` are the values of other elements by their URI (`dependsOn`)."""

    system: str
    code: str
    target_system: str | None = None
    context: Mapping[str, Code] = field(default_factory=dict)


class ConceptMap:
    """One map; `source` and `target` are the value sets it goes between, where it names them."""

    def __init__(self, resource: Part):
        self.url = str(resource.get("url") or resource.get("id") or "")
        self.source, self.target = _value_set(resource, "source"), _value_set(resource, "target")
        self._groups: list[Part] = list(resource.get("group", ()))

    @property
    def sources(self) -> frozenset[str]:
        """The code systems it translates from."""
        return frozenset(str(group["source"]) for group in self._groups if "source" in group)

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(str(group["target"]) for group in self._groups if "target" in group)

    def translate(self, question: Question) -> Iterator[Match]:
        """Every match, those that say that there is none included."""
        for group in self._groups:
            if group.get("source") == question.system and question.target_system in (None, group.get("target")):
                found = list(self._in_group(group, question))
                yield from found or self._unmapped(group, question)

    def _in_group(self, group: Part, question: Question) -> Iterator[Match]:
        for element in group.get("element", ()):
            if element.get("code") == question.code:
                for target in element.get("target", ()):
                    if _holds(target.get("dependsOn", ()), question.context):
                        yield self._match(group.get("target"), target)

    def _match(self, system: str | None, target: Part) -> Match:
        products = tuple(
            (str(one.get("property")), (str(one.get("system", "")), str(one.get("value")))) for one in target.get("product", ())
        )
        return Match(str(target.get("equivalence")), system, target.get("code"), target.get("display"), self.url, products)

    def _unmapped(self, group: Part, question: Question) -> Iterator[Match]:
        unmapped = group.get("unmapped", {})
        if unmapped.get("mode") == "provided":
            yield Match("equal", group.get("target"), question.code, None, self.url)
        elif unmapped.get("mode") == "fixed":
            yield Match("inexact", group.get("target"), unmapped.get("code"), unmapped.get("display"), self.url)

    def elsewhere(self, question: Question) -> Iterator[str]:
        """The maps that are to be asked where this one has nothing (`unmapped.mode` other-map)."""
        for group in self._groups:
            unmapped = group.get("unmapped", {})
            mine = group.get("source") == question.system and not any(self._in_group(group, question))
            if mine and unmapped.get("mode") == "other-map" and unmapped.get("url"):
                yield str(unmapped["url"])

    def translate_back(self, question: Question) -> Iterator[Match]:
        """What might be translated to this code; `question.system` is the target's."""
        for group in self._groups:
            if group.get("target") == question.system and question.target_system in (None, group.get("source")):
                yield from self._back_in_group(group, question.code)

    def _back_in_group(self, group: Part, code: str) -> Iterator[Match]:
        for element in group.get("element", ()):
            for target in element.get("target", ()):
                if target.get("code") == code:
                    said = str(target.get("equivalence"))
                    yield Match(REVERSED.get(said, said), group.get("source"), element.get("code"), element.get("display"), self.url)


def _value_set(resource: Part, name: str) -> str | None:
    found = resource.get(f"{name}Uri") or resource.get(f"{name}Canonical")
    return str(found).partition("|")[0] if found else None


def _holds(conditions: Iterable[Part], context: Mapping[str, Code]) -> bool:
    """Every element that the match depends on has the value it wants."""
    for one in conditions:
        system, code = context.get(str(one.get("property")), ("", ""))
        if code != one.get("value") or (one.get("system") and system != one["system"]):
            return False
    return True
