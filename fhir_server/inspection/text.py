"""Findings as lines that editors and CI understand: `bundle.json:12:5: error: Patient.birthDate: ...`"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fhir_server.inspection.inspection import Verdict
from fhir_server.model.issue import Issue
from fhir_server.model.phrase import in_language, phrase


def lines(verdict: Verdict) -> Iterator[str]:
    """One line for each finding of a document."""
    for issue in verdict.issues:
        yield _line(verdict.name, issue)


def _line(name: str, issue: Issue) -> str:
    place = ":".join(str(part) for part in (name, issue.line, issue.column) if part is not None)
    return ": ".join(part for part in (place, issue.severity, issue.expression, issue.diagnostics) if part)


def totals(verdicts: Iterable[Verdict], language: str = "en") -> str:
    """`3 errors, 1 warning`, or that there are none."""
    issues = [issue for verdict in verdicts for issue in verdict.issues]
    if not issues:
        return in_language(phrase("No issue found."), language)
    errors = sum(issue.is_error for issue in issues)
    warnings = sum(issue.severity == "warning" for issue in issues)
    return f"{_errors(errors, language)}, {_warnings(warnings, language)}"


def _errors(count: int, language: str) -> str:
    return in_language(phrase("1 error") if count == 1 else phrase("{count} errors", count=count), language)


def _warnings(count: int, language: str) -> str:
    return in_language(phrase("1 warning") if count == 1 else phrase("{count} warnings", count=count), language)
