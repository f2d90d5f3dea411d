"""Profiles that a profile asks of an element's value: those of its type, and those that it imposes
(https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.type.profile).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Rule, Subject, findings


@dataclass(frozen=True, slots=True)
class Choice:
    """One profile: the type that it is about, and its rules, compiled when first needed."""

    canonical: str
    type: str
    rules: Callable[[], tuple[Rule, ...]]


@dataclass(frozen=True, slots=True)
class OneOfProfiles:
    """The value must meet at least one of several profiles; where it meets none, the findings of the nearest are told too."""

    choices: tuple[Choice, ...]
    schema: Schema
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        attempts = []
        for one in self.choices:
            if self.schema.is_subtype(subject.type, one.type):
                found = findings(one.rules(), subject)
                if not any(issue.is_error for issue in found):
                    return found
                attempts.append(found)
        return self._none(subject, attempts)

    def _none(self, subject: Subject, attempts: list[list[Issue]]) -> list[Issue]:
        names = ", ".join(one.canonical for one in self.choices)
        sentence = phrase("This meets none of the profiles {profiles}.", profiles=names)
        error = Issue("error", "structure", sentence, expression(subject.at), message_id="profile-none-of", source=self.source)
        nearest = min(attempts, key=lambda found: sum(issue.is_error for issue in found), default=[])
        return [error, *nearest]

    def describe(self) -> str:
        return f"meets {' or '.join(one.canonical for one in self.choices)}"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """The resource must be of one of these types."""

    allowed: tuple[str, ...]
    schema: Schema
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if not any(self.schema.is_subtype(subject.type, one) for one in self.allowed):
            sentence = phrase("Found a {found}; the profile allows {allowed} here.", found=subject.type, allowed=", ".join(self.allowed))
            yield Issue("error", "structure", sentence, expression(subject.at), message_id="resource-type-allowed", source=self.source)

    def describe(self) -> str:
        return f"is one of {', '.join(self.allowed)}"
