"""Sections of a narrative in several languages, and what a profile asks of them
(https://hl7.org/fhir/extensions/StructureDefinition-narrative-language-control.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.validation.assertions import issue
from fhir_server.validation.narrative import anchors
from fhir_server.validation.rule import Subject

CONTROL = "http://hl7.org/fhir/StructureDefinition/narrative-language-control"


@dataclass(frozen=True, slots=True)
class NarrativeLanguage:
    """`control` is _no (no sections), _yes (some), _resource (one in the resource's language) or the code of a language."""

    control: str
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        div = subject.value.get("div") if isinstance(subject.value, dict) else None
        found = anchors(div) if isinstance(div, str) else None
        if found is None:
            return
        sentence = self._fault(found.sections, (subject.context.resource or {}).get("language"))
        if sentence:
            yield issue(subject, "business-rule", sentence, "narrative-sections", self.source)

    def describe(self) -> str:
        return f"has language sections as {self.control} says"

    def _fault(self, sections: list[str], language: Any) -> str | None:
        said = ", ".join(sections) or phrase("none")
        if self.control == "_no":
            return phrase("The profile allows no language sections; found {said}.", said=said) if sections else None
        if self.control == "_yes":
            return None if sections else phrase("The profile asks for language sections; put each language into a div with its lang.")
        wanted = language if self.control == "_resource" else self.control
        if not isinstance(wanted, str) or wanted in sections:
            return None
        return phrase("The profile asks for a section in the language {wanted}; found {said}.", wanted=wanted, said=said)


def narrative_language(row: Mapping[str, Any], source: str) -> Iterator[NarrativeLanguage]:
    """The assertion that an ElementDefinition's extension asks for."""
    for one in row.get("extension", ()):
        if one.get("url") == CONTROL and isinstance(one.get("valueCode"), str):
            yield NarrativeLanguage(one["valueCode"], source)
