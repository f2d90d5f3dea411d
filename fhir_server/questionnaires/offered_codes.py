"""The codes that a question offers by its value set, with their displays
(https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.answerValueSet).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.item import Item
from fhir_server.questionnaires.weight import Weight
from fhir_server.terminology import Terminology
from fhir_server.terminology.value_set import ValueSet

Coding = dict[str, Any]


class OfferedCodes:
    """The value sets of one form: those it contains, and those that the terminology knows."""

    def __init__(self, questionnaire: Resource, terminology: Terminology):
        self._terminology = terminology
        self._contained = {f"#{one.get('id')}": one for one in objects(questionnaire.get("contained"))}
        self._listed: dict[str, list[Coding]] = {}

    def codings(self, canonical: str) -> list[Coding]:
        """Those of a set; none where it is not known, or too large to be listed."""
        if canonical not in self._listed:
            self._listed[canonical] = list(self._codings(canonical))
        return self._listed[canonical]

    def with_code(self, code: str, question: Item) -> list[Coding]:
        """Those of the question's value set that have this code or, where none has, this display."""
        canonical = question.get("answerValueSet")
        listed = self.codings(canonical) if isinstance(canonical, str) else []
        return [one for one in listed if one["code"] == code] or [one for one in listed if one.get("display") == code]

    def _codings(self, canonical: str) -> Iterator[Coding]:
        contained = self._contained.get(canonical)
        found = ValueSet(contained, self._terminology) if contained else self._terminology.value_set(canonical)
        displays = dict(_displays(contained or {}))
        for system, code in found.ordered or () if found else ():
            display = displays.get((system, code)) or self._display(system, code)
            yield {"system": system, "code": code} | ({"display": display} if display else {})

    def _display(self, system: str, code: str) -> str | None:
        concept = self._terminology.concept(system, code)
        return concept.display if concept else None

    def concept_weight(self, _canonical: str | None, coding: Coding) -> Weight | None:
        """The property `itemWeight` of the code system's concept (https://hl7.org/fhir/R4/codesystem-concept-properties.html)."""
        concept = self._terminology.concept(str(coding.get("system")), str(coding.get("code")))
        return next(iter(concept.values("itemWeight")), None) if concept else None


def _displays(value_set: Resource) -> Iterator[tuple[tuple[str, str], str]]:
    for one in objects((value_set.get("expansion") or {}).get("contains")):
        yield (str(one.get("system")), str(one.get("code"))), str(one.get("display", ""))
    for include in objects((value_set.get("compose") or {}).get("include")):
        for one in objects(include.get("concept")):
            yield (str(include.get("system")), str(one.get("code"))), str(one.get("display", ""))
