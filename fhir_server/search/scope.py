"""What reading a query needs from the server: its definitions, its zone, its own URL and the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from fhir_server.definitions.definitions import Definitions, ParametersByCode
from fhir_server.model.issue import Category, FhirError, Issue, fault

MAX_VALUES = 1000
MAX_COMPARISONS = 100
"""Values of one criterion that are compared one by one with each index row: texts, dates, numbers and quantities."""

MAX_CLAUSES = 50
MAX_INCLUDES = 20
MAX_CHAIN = 3
"""References a chain may follow."""


@dataclass(slots=True)
class Scope:
    """`zone` counts for dates without an offset; `now` is in microseconds since 1970-01-01 UTC; `values` counts against MAX_VALUES."""

    definitions: Definitions
    zone: tzinfo
    base: str | None
    now: int
    values: int = field(default=0)

    def parameters(self, resource_type: str) -> ParametersByCode:
        return self.definitions.search_parameters(resource_type)

    def spend(self, values: int) -> None:
        """FhirError where the query asks for more values than is allowed."""
        self.values += values
        if self.values > MAX_VALUES:
            counted = "chains count once for each type they may lead to"
            raise too_costly(f"The query has more than {MAX_VALUES} values ({counted}); ask in several queries.")


class NotUnderstood(Exception):
    """A parameter that this server does not know or support; the query can go on without it, and must say so."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.issue = Issue("warning", code, sentence)


def too_costly(sentence: str) -> FhirError:
    return fault(Category.TOO_LARGE, "too-costly", sentence)


def malformed(name: str, value: str, mend: str) -> FhirError:
    """The parameter is known, its value cannot be read; `mend` says what to write."""
    problem = f"The search parameter {name[:100]} has the value {value[:100]!r}, which cannot be read"
    return fault(Category.MALFORMED, "value", f"{problem}: {mend.rstrip('.')}.")
