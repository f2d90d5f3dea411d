"""Definition-based extraction (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#definition-based-extraction): `definitionExtract` begins a
resource, `item.definition` says which of its elements the answers are, `definitionExtractValue` adds what nobody is asked.

`itemExtractionContext`, the older form, names a type, or finds the resources to be updated; what was extracted then stands in place of
their elements of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from fhir_server.fhirpath import Node
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.conversion import UNIT
from fhir_server.questionnaires.definition_path import definition_path
from fhir_server.questionnaires.definition_profile import ExtractedProfile, Resolve
from fhir_server.questionnaires.definition_target import Spot, Target, Write, origin, spot_for, written_from
from fhir_server.questionnaires.extract_entry import Entry, entry_of
from fhir_server.questionnaires.extraction import Extraction, is_answered
from fhir_server.questionnaires.item import CORE, SDC, Answer, Item, answer_value, complex_extensions, extension
from fhir_server.questionnaires.observation import measured
from fhir_server.questionnaires.pairing import Pair

EXTRACT, VALUE, CONTEXT = SDC + "definitionExtract", SDC + "definitionExtractValue", SDC + "itemExtractionContext"


@dataclass(frozen=True, slots=True)
class Begun:
    """A resource that was begun at an item; `found` are those that it may stand for."""

    target: Target
    profile: ExtractedProfile | None
    parts: Item
    at: Pair
    found: tuple[Resource, ...] = ()


def definition_entries(extraction: Extraction, resolve: Resolve) -> Iterator[Entry]:
    """The entries of all resources that definitions make, in the order of the form. `resolve` gives profiles by canonical URL."""
    walk = _Walk(extraction, resolve)
    walk.visit(extraction.root, ())
    for begun in walk.begun:
        if begun.profile is not None:
            begun.profile.complete(begun.target, extraction.schema)
        resource = _in_place(begun)
        if resource.keys() - {"resourceType", "meta"} and (entry := entry_of(resource, begun.parts, extraction, begun.at, _said(begun))):
            yield entry


def _said(begun: Begun) -> list[Any]:
    """What a resource comes from: the item that it was begun at; of the whole response it is the one of its definition."""
    return [extension(begun.parts, "definition"), None if begun.at.parent is None else begun.at.item]


def _in_place(begun: Begun) -> Resource:
    """What was extracted, over the resource that it updates: the one with its id, or the only one where it has none."""
    made, found = begun.target.resource, begun.found
    same = [one for one in found if one.get("id") == made.get("id")] if "id" in made else found if len(found) == 1 else ()
    return {**deepcopy(same[0]), **made} if same else made


class _Walk:
    """Through the pairs, with the places that are open at each: innermost first."""

    def __init__(self, extraction: Extraction, resolve: Resolve):
        self._extraction, self._resolve = extraction, resolve
        self.begun: list[Begun] = []

    def visit(self, at: Pair, spots: tuple[Spot, ...]) -> None:
        """Write what is said at this item and below it."""
        if at.parent is not None and not is_answered(at):
            return
        own = [*self._begin_by_definition(at), *self._begin_by_context(at)]
        self.begun += own
        spots = (*(origin(begun.target) for begun in own), *spots)
        if written_from(at.question) and at.parent is not None:
            self._visit_question(at, spots)
        else:
            self._visit_group(at, spots)

    def _visit_group(self, at: Pair, spots: tuple[Spot, ...]) -> None:
        path = definition_path(at.question.get("definition")) if at.parent else None
        around = spot_for(path, spots) if path else None
        if path and around and (place := around.below(path.steps[len(around.steps) :])):
            spots = (place, *spots)
        elif at.question.get("repeats"):
            spots = tuple(spot.again() for spot in spots)
        self._write(self._valued(at, spots))
        for child in at.children:
            self.visit(child, spots)

    def _visit_question(self, at: Pair, spots: tuple[Spot, ...]) -> None:
        path = definition_path(at.question.get("definition"))
        spot = spot_for(path, spots) if path else None
        fixed = self._valued(at, spots)
        for answer in at.answers:
            node = self._answered(at.question, answer)
            own = [(spot, Write(path.steps[len(spot.steps) :], node))] if spot and path and node else []
            self._write([*fixed, *own])
            for child in at.below_answer(answer):
                self.visit(child, spots)

    def _answered(self, question: Item, answer: Answer) -> Node | None:
        """The value of an answer; a number with a unit is a Quantity."""
        kind, _, value = answer_value(answer, self._extraction.schema)
        unit = extension(question, UNIT)
        if kind in ("decimal", "integer") and isinstance(unit, dict):
            return Node(measured(value, unit), "Quantity")
        return None if kind is None else Node(value, kind)

    def _write(self, said: list[tuple[Spot, Write]]) -> None:
        spots = {id(spot): spot for spot, _ in said}
        for key, spot in spots.items():
            spot.write([write for one, write in said if id(one) == key])

    def _valued(self, at: Pair, spots: tuple[Spot, ...]) -> list[tuple[Spot, Write]]:
        """What `definitionExtractValue` says at an item."""
        return [one for parts in complex_extensions(at.question, VALUE) for one in self._value(parts, at, spots)]

    def _value(self, parts: Item, at: Pair, spots: tuple[Spot, ...]) -> Iterator[tuple[Spot, Write]]:
        path = definition_path(extension(parts, "definition"))
        spot = spot_for(path, spots) if path else None
        if path is None or spot is None:
            self._extraction.tell(f"The value for {extension(parts, 'definition')} belongs to no resource that is extracted here.", at)
            return
        expression = extension(parts, "expression")
        nodes = self._fixed(parts) if expression is None else self._extraction.evaluate(expression, at)
        yield from ((spot, Write(path.steps[len(spot.steps) :], node, is_fixed=True)) for node in nodes)

    def _fixed(self, parts: Item) -> list[Node]:
        elements = self._extraction.schema["Extension"].elements
        said = [one for one in objects(parts.get("extension")) if one.get("url") == "fixed-value"]
        return [
            Node(value, elements[key].type) for one in said for key, value in one.items() if key.startswith("value") and key in elements
        ]

    def _begin_by_definition(self, at: Pair) -> Iterator[Begun]:
        for parts in complex_extensions(at.question, EXTRACT):
            canonical = str(extension(parts, "definition")).partition("#")[0]
            definition = self._resolve(canonical)
            if definition is None or definition.get("type") not in self._extraction.schema.resource_types:
                self._extraction.tell(f"There is no profile {canonical[:200]} here, so nothing was extracted by it; add its package.", at)
                continue
            profile = ExtractedProfile(definition, self._resolve)
            yield Begun(self._target(profile.type, canonical.partition("|")[0], at, profile), profile, parts, at)

    def _begin_by_context(self, at: Pair) -> Iterator[Begun]:
        context: Any = extension(at.question, CONTEXT)
        if context is None:
            return
        found = tuple(_resources(self._extraction.evaluate(context, at))) if isinstance(context, dict) else ()
        type_name = str(found[0]["resourceType"]) if found else _type_named(context)
        if type_name in self._extraction.schema.resource_types:
            yield Begun(self._target(type_name, None, at, None), None, {}, at, found)
        else:
            self._extraction.tell("The itemExtractionContext names no type of resource; write it as a code, or as a query Type?...", at)

    def _target(self, type_name: str, canonical: str | None, at: Pair, profile: ExtractedProfile | None) -> Target:
        urls = profile.extension_url if profile else lambda _: None
        return Target(type_name, canonical, self._extraction.schema, lambda sentence: self._extraction.tell(sentence, at), urls)


def _resources(nodes: list[Node]) -> Iterator[Resource]:
    """The resources of a result; those of a searchset where it is one."""
    for node in nodes:
        value = node.value if isinstance(node.value, dict) else {}
        if value.get("resourceType") == "Bundle":
            yield from (one["resource"] for one in objects(value.get("entry")) if isinstance(one.get("resource"), dict))
        elif "resourceType" in value:
            yield value


def _type_named(context: Any) -> str:
    """The type of a context that found nothing: the code itself, or what its query asks for."""
    text = str(context.get("expression") if isinstance(context, dict) else context)
    return text.removeprefix(CORE).partition("?")[0].partition("/")[0]
