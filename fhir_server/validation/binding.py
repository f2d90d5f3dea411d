"""A coded element against the value set that it is bound to (https://hl7.org/fhir/R4/terminologies.html#strength)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fhir_server.model.issue import Issue, Severity
from fhir_server.model.phrase import phrase
from fhir_server.terminology.answer import YES, Answer, any_of, no
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.at_a_glance import Accepts
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Assertion, Subject

MAX_VALUE_SET = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
ADDITIONAL = frozenset((
    "http://hl7.org/fhir/tools/StructureDefinition/additional-binding",
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.binding.additional",
))  # fmt: skip

Strength = Literal["required", "extensible", "preferred"]
WEAKENED = frozenset(("http://hl7.org/fhir/ValueSet/ucum-vitals-common|4.0.1",))
"""Bindings that 4.0.1 calls required and the reference validator nonetheless reports as extensible."""

_SEVERITY: dict[Strength, Severity] = {"required": "error", "extensible": "warning", "preferred": "information"}
_WEAKER: dict[str, Strength] = {"extensible": "extensible", "preferred": "preferred"}
_PURPOSE: dict[str, Strength] = {"maximum": "required", "required": "required", "extensible": "extensible", "preferred": "preferred"}


@dataclass(frozen=True, slots=True)
class Binding:
    """A binding: a code outside it is an error, a warning or an information by its strength. What cannot be checked is a warning.

    On a Quantity it is about the unit's code, if there is one: whether there must be one is for invariants to say.
    """

    value_set: str
    source: str
    terminology: Terminology
    strength: Strength = "required"

    def check(self, subject: Subject) -> Iterable[Issue]:
        answer = self.answer(subject)
        if answer.verdict == "yes":
            return ()
        if answer.verdict == "unknown":
            unchecked = self._issue("warning", "not-supported", answer.reason, subject, "binding-unchecked")
            return () if self.strength == "preferred" else (unchecked,)
        sentence = (
            answer.reason if self.strength == "required" else phrase("{reason} {advice}", reason=answer.reason, advice=self._advice())
        )
        return (self._issue(_SEVERITY[self.strength], "code-invalid", sentence, subject, f"binding-{self.strength}"),)

    def accepts_text(self, kind: str) -> Accepts:  # noqa: ARG002
        validate, value_set = self.terminology.validate_code, self.value_set
        return lambda text: validate(value_set, None, text).verdict == "yes"

    def describe(self) -> str:
        return f"is coded with {self.value_set}{'' if self.strength == 'required' else f' ({self.strength})'}"

    def answer(self, subject: Subject) -> Answer:
        """Is the subject's code, or one of its codings, in the value set?"""
        value = subject.value
        if value is None:
            return self._without_value(subject)
        if type(value) is str:
            return self.terminology.validate_code(self.value_set, None, value)
        if type(value) is not dict:
            return YES  # of a choice between a code and something else, the binding is about the code
        if subject.type == "CodeableConcept":
            return self._of_codings(value)
        if subject.type != "Coding" and "code" not in value:
            return YES
        return self._of_coding(value)

    def _without_value(self, subject: Subject) -> Answer:
        """An extension says why a code is absent; where a code is required it cannot take the code's place."""
        if self.strength == "required" and subject.type == "code":
            return no(
                phrase("A code from the value set {value_set} is required here; extensions cannot replace it.", value_set=self.value_set)
            )
        return YES

    def _of_codings(self, concept: dict[str, Any]) -> Answer:
        codings = [coding for coding in concept.get("coding", ()) if type(coding) is dict and "code" in coding]
        answers = [self._of_coding(coding) for coding in codings]
        reason = answers[0].reason if answers else self._no_code()
        return any_of(answers, no(reason))

    def _of_coding(self, coding: dict[str, Any]) -> Answer:
        if "code" not in coding:
            return no(self._no_code())
        if "system" not in coding:
            return no(
                phrase(
                    "The code '{code}' has no system, so it cannot be one of the value set {value_set}. Add the system.",
                    code=coding["code"], value_set=self.value_set,
                )
            )  # fmt: skip
        return self.terminology.validate_code(self.value_set, str(coding["system"]), str(coding["code"]))

    def _no_code(self) -> str:
        if self.strength == "required":
            return phrase("A code from the value set {value_set} is required; found none. Add a coding.", value_set=self.value_set)
        return phrase("There is no code from the value set {value_set}.", value_set=self.value_set)

    def _advice(self) -> str:
        if self.strength == "extensible":
            return phrase("Use one of its codes unless none of them fits.")
        return phrase("Its codes are preferred.")

    def _issue(self, severity: Severity, code: str, sentence: str, subject: Subject, message_id: str) -> Issue:
        return Issue(severity, code, sentence, expression(subject.at), message_id=message_id, source=self.source)


def bindings(row: dict[str, Any], base: dict[str, Any], source: str, terminology: Terminology) -> Iterator[Assertion]:
    """The bindings of a snapshot's row that its base does not have; an element's strongest one comes first."""
    known = set(_bound(base.get("binding", {})))
    told: set[str] = set()
    for value_set, strength in _bound(row.get("binding", {})):
        if (value_set, strength) not in known and value_set not in told:
            told.add(value_set)
            yield Binding(value_set, source, terminology, strength)


def _bound(binding: dict[str, Any]) -> Iterator[tuple[str, Strength]]:
    """(value set, strength); the maximum value set and additional bindings as bindings of their own."""
    strength, value_set = binding.get("strength"), binding.get("valueSet")
    strength = "extensible" if value_set in WEAKENED else strength
    extensions = [one for one in binding.get("extension", ()) if isinstance(one, dict)]
    if value_set and strength == "required":
        yield str(value_set), "required"
    for one in extensions:
        if one.get("url") == MAX_VALUE_SET and "valueCanonical" in one:
            yield str(one["valueCanonical"]), "required"
    for one in extensions:
        if one.get("url") in ADDITIONAL:
            yield from _additional(one)
    if value_set and (weaker := _WEAKER.get(str(strength))):
        yield str(value_set), weaker


def _additional(extension: dict[str, Any]) -> Iterator[tuple[str, Strength]]:
    parts = {one.get("url"): one for one in extension.get("extension", ()) if isinstance(one, dict)}
    strength = _PURPOSE.get(str(parts.get("purpose", {}).get("valueCode")))
    value_set = parts.get("valueSet", {}).get("valueCanonical")
    if strength and value_set and "usage" not in parts:
        yield str(value_set), strength
