"""What an answer counts in a score (http://hl7.org/fhir/StructureDefinition/itemWeight, formerly ordinalValue): said in the answer
itself, at the option that the question offers, in its value set, or as the property `itemWeight` of the code system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from fhir_server.fhirpath import Node
from fhir_server.fhirpath.scores import written_weight
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.answer_value import same_value
from fhir_server.questionnaires.item import Item, below, complex_extensions, extension

Weight = int | Decimal
Coding = dict[str, Any]
EXPANSION_PROPERTY = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property"
ConceptWeight = Callable[[str | None, Coding], Weight | None]
"""The weight of a coding, asked with the question's value set."""


class Weights:
    """The weights of the answers to one form."""

    def __init__(self, questionnaire: Resource, concept_weight: ConceptWeight | None = None):
        self._questionnaire, self._concept_weight = questionnaire, concept_weight
        self._questions: dict[str, Item] | None = None

    def of_node(self, node: Node) -> Weight | None:
        """Of a value in a response, by the question that it answers."""
        item = node.parent.parent if node.parent else None
        link_id = item.value.get("linkId") if item and isinstance(item.value, dict) else None
        question = self._by_link_id.get(str(link_id))
        return self.of(node.value, node.type, question) if question else None

    @property
    def _by_link_id(self) -> dict[str, Item]:
        if self._questions is None:
            self._questions = {str(item.get("linkId")): item for item in below(self._questionnaire)}
        return self._questions

    def of(self, value: Any, type_name: str | None, question: Item) -> Weight | None:
        """Of an answer's value; None where it has no weight."""
        if (own := written_weight(value)) is not None:
            return own
        for found in self._offered(value, type_name, question):
            return found
        return self._of_concept(value, question) if isinstance(value, dict) and "code" in value else None

    def _offered(self, value: Any, type_name: str | None, question: Item) -> Iterator[Weight]:
        """At the option, or at the concept that a contained value set lists."""
        name = "value" + type_name[0].upper() + type_name[1:] if type_name else ""
        for option in objects(question.get("answerOption")):
            if name in option and same_value(type_name, option[name], value):
                said = (written_weight(holder) for holder in (option, option[name], option.get("_" + name)))
                yield from (one for one in said if one is not None)

    def _of_concept(self, coding: Coding, question: Item) -> Weight | None:
        canonical = question.get("answerValueSet")
        contained = _contained(self._questionnaire, canonical) if isinstance(canonical, str) else None
        wanted = (coding.get("system"), coding.get("code"))
        listed = (_listed_weight(one) for system, one in _concepts(contained or {}) if (system, one.get("code")) == wanted)
        found = next((one for one in listed if one is not None), None)
        if found is not None:
            return found
        return self._concept_weight(canonical, coding) if self._concept_weight else None


def _listed_weight(concept: Item) -> Weight | None:
    """In an extension of the concept, or in the property that an expansion brings along as R5 has it."""
    if (own := written_weight(concept)) is not None:
        return own
    properties = [one for one in complex_extensions(concept, EXPANSION_PROPERTY) if extension(one, "code") == "itemWeight"]
    return next((value for one in properties if isinstance(value := extension(one, "value"), int | Decimal)), None)


def _contained(questionnaire: Resource, canonical: str) -> Resource | None:
    return next((one for one in objects(questionnaire.get("contained")) if f"#{one.get('id')}" == canonical), None)


def _concepts(value_set: Resource) -> Iterator[tuple[Any, Item]]:
    """(system, concept) of what a value set lists, in its expansion or its definition."""
    for one in objects((value_set.get("expansion") or {}).get("contains")):
        yield one.get("system"), one
    for include in objects((value_set.get("compose") or {}).get("include")):
        yield from ((include.get("system"), one) for one in objects(include.get("concept")))
