"""A constraint of a StructureDefinition, as a FHIRPath expression that must be true (https://hl7.org/fhir/R4/conformance-rules.html#constraints)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fhir_server.fhirpath import FhirPathError, Node, compile_expression
from fhir_server.model.issue import Issue, Severity
from fhir_server.model.schema import Schema
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Subject


@dataclass(frozen=True, slots=True)
class Invariant:
    """One constraint. A rule that cannot be run is a warning that names it, never silence."""

    key: str
    severity: Severity
    human: str
    expression: str
    source: str
    schema: Schema
    best_practice: bool = False

    def check(self, subject: Subject) -> Iterable[Issue]:
        if self.best_practice and subject.context.root_resource is not subject.context.resource:
            return  # a contained resource is told by its container's narrative
        try:
            node = Node(subject.value, subject.type, subject.sibling)
            holds = compile_expression(self.expression, self.schema).test(node, subject.context)
        except (FhirPathError, ValueError, TypeError, ArithmeticError) as error:
            sentence = f"The rule {self.key} could not be run here: {error}"
            yield self._finding("warning", "not-supported", sentence, subject, "invariant-unchecked")
            return
        if not holds:
            yield self._finding(self.severity, "invariant", f"{self.human.rstrip('.')}. ({self.key})", subject, f"invariant-{self.key}")

    def describe(self) -> str:
        return f"{self.key}: {self.human}"

    def _finding(self, severity: Severity, code: str, sentence: str, subject: Subject, message_id: str) -> Issue:
        return Issue(severity, code, sentence, expression(subject.at), message_id=message_id, source=self.source)
