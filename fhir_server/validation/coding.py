"""A code and its code system, whatever it is bound to: known, of that version, in use, rightly displayed
(https://hl7.org/fhir/R4/datatypes.html#Coding).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fhir_server.model.issue import Issue, Severity
from fhir_server.model.phrase import phrase
from fhir_server.terminology.code_system import Concept
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Subject

SOURCE = "http://hl7.org/fhir/StructureDefinition/Coding"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class KnownCode:
    """Stands on the type Coding."""

    terminology: Terminology

    def check(self, subject: Subject) -> Iterable[Issue]:
        coding = subject.value
        system, code = coding.get("system"), coding.get("code")
        if not isinstance(code, str):
            return
        if not isinstance(system, str):
            sentence = phrase("The code '{code}' has no system, so nobody can tell what it means. Add the system.", code=code)
            yield _issue(subject, "warning", "invalid", sentence, "coding-system-missing")
            return
        version = coding.get("version")
        canonical = f"{system}|{version}" if isinstance(version, str) else system
        if self.terminology.is_supplement(system):
            sentence = phrase(
                "{system} is a supplement: its codes are those of the code system that it adds to. Name that one.", system=system
            )
            yield _issue(subject, "error", "invalid", sentence, "coding-supplement", "system")
            return
        yield from self._in_system(subject, canonical, code)

    def describe(self) -> str:
        return "is a code of its system"

    def _in_system(self, subject: Subject, canonical: str, code: str) -> Iterator[Issue]:
        answer = self.terminology.validate_in_system(canonical, code)
        if answer.is_no:
            yield _issue(subject, "error", "code-invalid", answer.reason, "code-unknown", "code")
        elif answer.verdict == "unknown" and not self.terminology.is_registry(canonical.partition("|")[0]):
            yield _issue(subject, "warning", "not-found", answer.reason, "code-system-unknown", "system")
        concept = self.terminology.concept(canonical, code) if answer.is_yes else None
        if concept is not None:
            yield from self._use(subject, concept)

    def _use(self, subject: Subject, concept: Concept) -> Iterator[Issue]:
        shown = subject.value.get("display")
        if isinstance(shown, str) and not concept.is_shown_as(shown):
            sentence = phrase("The display of '{code}' is '{right}', not '{found}'.", code=concept.code, right=concept.display, found=shown)
            yield _issue(subject, "warning", "invalid", sentence, "coding-display", "display")
        if concept.is_inactive:
            sentence = phrase("The code '{code}' is no longer in use; see whether another one fits.", code=concept.code)
            yield _issue(subject, "warning", "business-rule", sentence, "code-inactive")


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """Stands on the type Quantity: a code of UCUM must be one."""

    terminology: Terminology

    def check(self, subject: Subject) -> Iterable[Issue]:
        quantity: dict[str, Any] = subject.value
        code = quantity.get("code")
        if quantity.get("system") != UCUM or not isinstance(code, str):
            return
        answer = self.terminology.validate_in_system(UCUM, code)
        if answer.is_no:
            yield _issue(subject, "error", "code-invalid", answer.reason, "code-unknown", "code")

    def describe(self) -> str:
        return "has a unit of UCUM, if its system says so"


def _issue(subject: Subject, severity: Severity, code: str, sentence: str, message_id: str, child: str | None = None) -> Issue:
    at = (subject.at, child, None) if child else subject.at
    return Issue(severity, code, sentence, expression(at), message_id=message_id, source=SOURCE)
