"""What comes with the focus of a notification: an `include` of a notification shape, written as that of a search
(https://hl7.org/fhir/R5/subscriptiontopic-definitions.html#SubscriptionTopic.notificationShape.include).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fhir_server.fhirpath import Expression
from fhir_server.model.json_format import Resource


@dataclass(frozen=True, slots=True)
class Inclusion:
    """`Task:focus`: the references that this search parameter finds; `Task:focus:CarePlan`: those to this type only."""

    text: str
    resource: str
    expression: Expression
    target: str | None = None

    def references(self, focus: Resource) -> Iterator[str]:
        """As the focus has them (`Patient/1`, an absolute URL, with `/_history/2` where it names a version); none to what it contains."""
        if focus.get("resourceType") != self.resource:
            return
        for value, _ in self.expression.values(focus):
            reference = str(value.get("reference") or "#") if isinstance(value, dict) else "#"
            if not reference.startswith("#") and self.target in (None, type_of(reference)):
                yield reference


def type_of(reference: str) -> str | None:
    """`Patient` of `Patient/1`, `https://.../Patient/1` and `Patient/1/_history/2`; None where no type is named."""
    parts = reference.partition("/_history/")[0].split("/")
    return parts[-2] if len(parts) > 1 and parts[-2].isalpha() else None
