"""A coded element against the value set that it is bound to (https://hl7.org/fhir/R4/terminologies.html#strength)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.terminology.answer import YES, Answer, any_of, no
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.assertions import issue
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Subject


@dataclass(frozen=True, slots=True)
class Binding:
    """A required binding (or the maximum value set of a weaker one). What cannot be checked is a warning.

    On a Quantity it is about the unit's code, if there is one: whether there must be one is for invariants to say.
    """

    value_set: str
    source: str
    terminology: Terminology

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.value is None:
            return
        answer = self._answer(subject.value, subject.type)
        if answer.is_no:
            yield issue(subject, "code-invalid", answer.reason, "binding-required", self.source)
        elif answer.verdict == "unknown":
            place = expression(subject.at)
            yield Issue("warning", "not-supported", answer.reason, place, message_id="binding-unchecked", source=self.source)

    def describe(self) -> str:
        return f"is coded with {self.value_set}"

    def _answer(self, value: Any, type_name: str) -> Answer:
        if not isinstance(value, dict):
            return self.terminology.validate_code(self.value_set, None, str(value))
        if type_name == "CodeableConcept":
            return self._of_codings(value)
        if type_name != "Coding" and "code" not in value:
            return YES
        return self._of_coding(value)

    def _of_codings(self, concept: dict[str, Any]) -> Answer:
        codings = [coding for coding in concept.get("coding", ()) if "code" in coding]
        answers = [self._of_coding(coding) for coding in codings]
        reason = answers[0].reason if answers else f"A code from the value set {self.value_set} is required; found none. Add a coding."
        return any_of(answers, no(reason))

    def _of_coding(self, coding: dict[str, Any]) -> Answer:
        if "code" not in coding:
            return no(f"A code from the value set {self.value_set} is required; found none. Add system and code.")
        if "system" not in coding:
            return no(f"The code '{coding['code']}' has no system, so it cannot be one of the value set {self.value_set}. Add the system.")
        return self.terminology.validate_code(self.value_set, str(coding["system"]), str(coding["code"]))
