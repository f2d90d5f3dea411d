"""A code and its code system, whatever it is bound to: known, of that version, in use, rightly displayed
(https://hl7.org/fhir/R4/datatypes.html#Coding).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from fhir_server.model.issue import Issue, Severity
from fhir_server.model.phrase import phrase
from fhir_server.terminology.code_system import Concept
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.at_a_glance import Condition, Glance
from fhir_server.validation.location import Location, expression
from fhir_server.validation.rule import Subject

SOURCE = "http://hl7.org/fhir/StructureDefinition/Coding"
UCUM = "http://unitsofmeasure.org"


DISPLAY = "coding-display"
MAX_REMEMBERED, MAX_TEXT = 10_000, 200
NOWHERE: Location = (None, "", None)
NOTHING: list[Issue] = []

Key = tuple[Any, ...]


class Remembered:
    """What was found for codings, as long as the definitions are the same ones; long texts are not kept, to bound the memory."""

    def __init__(self) -> None:
        self._found: dict[Key, list[Issue]] = {}
        self._generation = -1

    def find(self, key: Key, generation: int) -> list[Issue] | None:
        if generation != self._generation:
            self._found, self._generation = {}, generation
        try:
            return self._found.get(key)
        except TypeError:  # a list or an object where a text should be
            return None

    def keep(self, key: Key, found: list[Issue], generation: int) -> None:
        if generation != self._generation or any(type(one) not in _PLAIN or len(one or "") > MAX_TEXT for one in key):
            return
        if len(self._found) >= MAX_REMEMBERED:
            self._found.clear()
        self._found[key] = found


_PLAIN = frozenset((str, type(None)))


def _key(coding: dict[str, Any]) -> Key:
    return coding.get("system"), coding.get("code"), coding.get("version"), coding.get("display")


def _placed(found: Issue, at: Location) -> Issue:
    """A finding about a coding, or one of its elements, for the coding at `at`; `dataclasses.replace` takes three times as long."""
    place = f"{expression(at)}{found.expression}"
    return Issue(found.severity, found.code, found.diagnostics, place, message_id=found.message_id, source=found.source)


@dataclass(frozen=True, slots=True)
class KnownCode:
    """Stands on the type Coding. What was found for a coding is remembered, since a resource has the same ones again and again."""

    terminology: Terminology
    known: Remembered = field(default_factory=Remembered, compare=False, repr=False)

    def check(self, subject: Subject) -> Iterable[Issue]:
        coding = subject.value
        key = _key(coding)
        generation = self.terminology.generation
        found = self.known.find(key, generation)
        if found is None:
            found = list(self._issues(Subject(coding, subject.type, NOWHERE, subject.context)))
            self.known.keep(key, found, generation)
        placed = [_placed(one, subject.at) for one in found]
        return [self._in_language(one, subject) for one in placed] if any(one.message_id == DISPLAY for one in found) else placed

    def _in_language(self, issue: Issue, subject: Subject) -> Issue:
        """A wrong display is a warning only, where the resource is in a language that the code system has no display in."""
        said = (subject.context.resource or {}).get("language")
        if issue.message_id != DISPLAY or not isinstance(said, str):
            return issue
        coding = subject.value
        concept = self.terminology.concept(str(coding.get("system")), str(coding.get("code")))
        known = {one.partition("-")[0].lower() for one in concept.languages} if concept else set()
        return issue if said.partition("-")[0].lower() in known | {"en"} else replace(issue, severity="warning")

    def plainly_met(self, glance: Glance) -> Condition:
        """True of a coding that nothing was found for before."""
        known, terminology = self.known, self.terminology

        def is_known(coding: dict[str, Any]) -> bool:
            return known.find(_key(coding), terminology.generation) == NOTHING

        return f"{glance.name(is_known, 'is_known')}(v)"

    def _issues(self, subject: Subject) -> Iterator[Issue]:
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
        elif answer.verdict == "unknown" and self.terminology.is_value_set(canonical):
            sentence = phrase("{system} is a value set; the system of a code is its code system. Name that one.", system=canonical)
            yield _issue(subject, "error", "code-invalid", sentence, "coding-value-set")
        elif answer.verdict == "unknown" and not self.terminology.is_registry(canonical.partition("|")[0]):
            yield _issue(subject, "warning", "not-found", answer.reason, "code-system-unknown", "system")
        concept = self.terminology.concept(canonical, code) if answer.is_yes else None
        if concept is not None:
            yield from self._use(subject, concept)

    def _use(self, subject: Subject, concept: Concept) -> Iterator[Issue]:
        shown = subject.value.get("display")
        if isinstance(shown, str) and not concept.is_shown_as(shown):
            sentence = phrase("The display of '{code}' is '{right}', not '{found}'.", code=concept.code, right=concept.display, found=shown)
            yield _issue(subject, "error", "invalid", sentence, DISPLAY, "display")
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

    def plainly_met(self, glance: Glance) -> Condition:  # noqa: ARG002
        """True of a quantity with another system, or none."""
        return f"v.get('system') != {UCUM!r}"

    def describe(self) -> str:
        return "has a unit of UCUM, if its system says so"


def _issue(subject: Subject, severity: Severity, code: str, sentence: str, message_id: str, child: str | None = None) -> Issue:
    at = (subject.at, child, None) if child else subject.at
    return Issue(severity, code, sentence, expression(at), message_id=message_id, source=SOURCE)
