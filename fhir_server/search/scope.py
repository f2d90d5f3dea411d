"""What reading a query needs from the server: its definitions, its zone, its own URL and the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from fhir_server.definitions.definitions import Definitions, ParametersByCode
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.phrase import Phrase, phrase

MAX_VALUES = 1000
MAX_COMPARISONS = 100
"""Values of one criterion that are compared one by one with each index row: texts, dates, numbers and quantities."""

MAX_EXPANDED = 10_000
"""Codes that the value sets and subsumptions of a query stand for."""

MAX_CLAUSES = 50
MAX_INCLUDES = 20
MAX_CHAIN = 30
"""References that a chain may follow; what it may cost is counted besides."""

MAX_STEPS = 5000
"""Criteria that are tried: a chain tries the rest of itself on each type that it may lead to."""


@dataclass(slots=True)
class Scope:
    """`zone` counts for dates without an offset; `now` is in microseconds since 1970-01-01 UTC; `values` counts against
    MAX_VALUES, `expanded` against MAX_EXPANDED."""

    definitions: Definitions
    zone: tzinfo
    base: str | None
    now: int
    values: int = field(default=0)
    expanded: int = field(default=0)
    steps: int = field(default=0)
    used: set[tuple[str, str]] = field(default_factory=set)
    """The index that the query needs: resource type and parameter."""

    def parameters(self, resource_type: str) -> ParametersByCode:
        return self.definitions.search_parameters(resource_type)

    def step(self, depth: int) -> None:
        """FhirError where chains are too long, or lead to too many types."""
        self.steps += 1
        if depth > MAX_CHAIN or self.steps > MAX_STEPS:
            mend = "name the types of its references, for example subject:Patient.name"
            raise too_costly(f"A chain of the query follows more than {MAX_CHAIN} references, or leads to too many types; {mend}.")

    def spend(self, values: int) -> None:
        """FhirError where the query asks for more values than is allowed."""
        self.values += values
        if self.values > MAX_VALUES:
            counted = "chains count once for each type they may lead to"
            raise too_costly(f"The query has more than {MAX_VALUES} values ({counted}); ask in several queries.")


class NotUnderstood(Exception):
    """A parameter that this server does not know or support; the query can go on without it, and must say so.

    `refused`: it cannot, as R4 wants a request refused whose modifier is not supported (https://hl7.org/fhir/R4/search.html#modifiers).
    """

    def __init__(self, code: str, sentence: str, *, refused: bool = False):
        super().__init__(sentence)
        self.issue = Issue("error" if refused else "warning", code, sentence)


LEFT_OUT = phrase(" It was left out.")
"""What follows the sentence about something that was not understood."""


def refusal(issue: Issue) -> Issue:
    """What was not understood as the reason of a refusal: nothing was left out then."""
    sentence = issue.diagnostics
    if isinstance(sentence, Phrase):
        sentence = sentence.values["first"] if sentence.values.get("then") == LEFT_OUT else sentence
    else:
        sentence = re.sub("; it was left out.$", ".", sentence.removesuffix(LEFT_OUT))
    return replace(issue, severity="error", diagnostics=sentence)


def too_costly(sentence: str) -> FhirError:
    return fault(Category.TOO_LARGE, "too-costly", sentence)


def malformed(name: str, value: str, mend: str) -> FhirError:
    """The parameter is known, its value cannot be read; `mend` says what to write."""
    problem = f"The search parameter {name[:100]} has the value {value[:100]!r}, which cannot be read"
    return fault(Category.MALFORMED, "value", f"{problem}: {mend.rstrip('.')}.")
