"""A constraint of a StructureDefinition, as a FHIRPath expression that must be true (https://hl7.org/fhir/R4/conformance-rules.html#constraints)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fhir_server.fhirpath import Expression, FhirPathError, Node, compile_expression
from fhir_server.model.issue import Issue, Severity
from fhir_server.model.phrase import phrase
from fhir_server.model.schema import Schema
from fhir_server.validation.location import expression
from fhir_server.validation.rule import Subject

_CONTAINED = "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))"
_NAME = "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')"
_PROBABILITY = "probability is decimal implies (probability as decimal) <= 100"
ERRATA = {
    _PROBABILITY: f"probability.exists() implies ({_PROBABILITY})",
    _CONTAINED: f"reference.exists() implies ({_CONTAINED} or (reference = '#' and %rootResource != %resource))",
    _NAME: f"name.exists() implies {_NAME}",
}
"""Rules of 4.0.1 that forgot the case in which there is nothing to check: its own examples would break them."""


def _refers_outside(reference: dict[str, Any]) -> bool:
    text = reference.get("reference")
    return text is None or (isinstance(text, str) and not text.startswith("#"))


SURELY_MET: dict[str, Callable[[dict[str, Any]], bool]] = {_CONTAINED: _refers_outside}
"""Rules that nearly every element meets at a glance; all others run their expression."""


@dataclass(slots=True)
class Invariant:
    """One constraint. A rule that cannot be run is a warning that names it, never silence.

    `best_practice` ones can be switched off, and are not asked of contained resources.
    """

    key: str
    severity: Severity
    human: str
    expression: str
    source: str
    schema: Schema
    best_practice: bool = False
    _compiled: Expression | None = None

    def check(self, subject: Subject) -> Iterable[Issue]:
        context = subject.context
        if self.best_practice and context.root_resource is not context.resource:
            return ()  # a contained resource is told by its container's narrative
        quick = SURELY_MET.get(self.expression)
        if quick is not None and type(subject.value) is dict and quick(subject.value):
            return ()
        try:
            compiled = self._compiled or self._compile()
            holds = self._holds(compiled.evaluate(Node(subject.value, subject.type, subject.sibling), context))
        except (FhirPathError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError) as error:
            sentence = phrase("The rule {key} could not be run here: {error}", key=self.key, error=str(error))
            return (self._finding("warning", "not-supported", sentence, subject, "invariant-unchecked"),)
        if holds:
            return ()
        return (self._finding(self.severity, "invariant", f"{self.human.rstrip('.')}. ({self.key})", subject, f"invariant-{self.key}"),)

    def describe(self) -> str:
        return f"{self.key}: {self.human}"

    def _holds(self, found: list[Node]) -> bool:
        """Nothing counts as false, any other single item as true: so does the reference validator."""
        if len(found) > 1:
            raise FhirPathError(f"An invariant is true or false; this one gives {len(found)} items.")
        return bool(found) and found[0].value is not False

    def _compile(self) -> Expression:
        self._compiled = compile_expression(ERRATA.get(self.expression, self.expression), self.schema)
        return self._compiled

    def _finding(self, severity: Severity, code: str, sentence: str, subject: Subject, message_id: str) -> Issue:
        return Issue(severity, code, sentence, expression(subject.at), message_id=message_id, source=self.source)
