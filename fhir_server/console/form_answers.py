"""The answers that the questions of a form may have, listed in the reader's language and carried by the form itself.

A value set that a question names (`answerValueSet`) is expanded here, by what this server has; a long one is left for the page to search in
(https://hl7.org/fhir/R4/valueset-operation-expand.html). An option is called as its code system calls it in that
language. Terminology servers that a form names elsewhere are not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.expand import expanded
from fhir_server.terminology import Terminology
from fhir_server.terminology.designation import designations, speaks

MOST = 200
"""Answers of one question that the form carries; of a longer list those that are searched for come from `$expand`."""
ELSEWHERE = frozenset(
    (
        "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-preferredTerminologyServer",
        "http://hl7.org/fhir/StructureDefinition/preferredTerminologyServer",
        "http://hl7.org/fhir/StructureDefinition/terminology-server",
    )
)
Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """Lists value sets out of the packages in use and of what is stored."""

    definitions: Definitions
    terminology: Terminology

    def carried_by(self, questionnaire: Element, language: str) -> Element:
        """A copy of the form in which each question has its answers, as far as this server can list them."""
        contained = [one for one in questionnaire.get("contained", ()) if isinstance(one, dict)]
        sets = {name: self._listed(name, contained, language) for name in sorted({*_value_sets(questionnaire)})}
        ids = {name: f"answers-{number}" for number, (name, found) in enumerate(sets.items()) if found}
        added = [found | {"id": ids[name]} for name, found in sets.items() if found]
        copied: Element = self._with_answers(questionnaire, ids, language)
        return copied | ({"contained": [*contained, *added]} if contained or added else {})

    def _listed(self, name: str, contained: list[Element], language: str) -> Element | None:
        inline = next((one for one in contained if name == f"#{one.get('id')}"), None)
        if name.startswith("#") and (inline is None or "expansion" in inline):
            return None
        named = {"url": [name]} if inline is None else {"valueSet": [inline]}
        arguments = Arguments({**named, "displayLanguage": [language], "count": [str(MOST)]})
        try:
            found = expanded(arguments, self.definitions, self.terminology, datetime.now(UTC))
        except FhirError:
            return None
        return found if found["expansion"]["total"] <= MOST else None

    def _with_answers(self, element: Element, ids: dict[str, str], language: str) -> Element:
        copied = {name: value for name, value in element.items() if name != "extension"}
        kept = [one for one in element.get("extension", ()) if one.get("url") not in ELSEWHERE]
        copied |= {"extension": kept} if kept else {}
        if (name := element.get("answerValueSet")) in ids:
            copied["answerValueSet"] = f"#{ids[str(name)]}"
        if "answerOption" in element:
            copied["answerOption"] = [self._called(one, language) for one in element["answerOption"]]
        if "item" in element:
            copied["item"] = [self._with_answers(one, ids, language) for one in element["item"]]
        return copied

    def _called(self, option: Element, language: str) -> Element:
        """The option, its coding shown as the code system's designation in the language, unless the form itself translates it."""
        coding = option.get("valueCoding", {})
        if "_display" in coding or not coding.get("system") or not coding.get("code"):
            return option
        concept = self.terminology.concept(coding["system"], coding["code"])
        named = designations(concept.source) if concept else iter(())
        shown = next((one["value"] for one in named if speaks(str(one.get("language", "")), language)), None)
        return option | {"valueCoding": coding | {"display": shown}} if shown else option


def _value_sets(item: Element) -> Iterator[str]:
    for one in item.get("item", ()):
        if isinstance(one.get("answerValueSet"), str):
            yield one["answerValueSet"]
        yield from _value_sets(one)
