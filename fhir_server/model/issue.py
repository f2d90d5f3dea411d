"""Errors as values with an address (https://hl7.org/fhir/R4/operationoutcome.html).

An `Issue` says what is wrong, where, and how to mend it. A `FhirError` carries one or more issues and a `Category`;
only `fhir_server.rest` turns a category into an HTTP status.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

Severity = Literal["fatal", "error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: `code` is from https://hl7.org/fhir/R4/valueset-issue-type.html, `expression` a FHIRPath location.

    `line` and `column` count from 1 in the source text; `message_id` is stable across releases and languages;
    `source` is the canonical URL (with `#element id` or `#constraint key`) of the rule that asked.
    """

    severity: Severity
    code: str
    diagnostics: str
    expression: str | None = None
    line: int | None = None
    column: int | None = None
    message_id: str | None = None
    source: str | None = None

    @property
    def is_error(self) -> bool:
        return self.severity in ("fatal", "error")


class Category(Enum):
    """Why a request was refused, in the terms of https://hl7.org/fhir/R4/http.html, without HTTP."""

    MALFORMED = "malformed"  # cannot be read as a resource or query
    INVALID = "invalid"  # readable, against a rule
    NOT_FOUND = "not-found"
    GONE = "gone"
    CONFLICT = "conflict"  # another write came first, or a reference would break
    PRECONDITION = "precondition"  # If-Match, or several matches for a condition
    TOO_LARGE = "too-large"
    NOT_SUPPORTED = "not-supported"
    MEDIA_TYPE = "media-type"
    NOT_ACCEPTABLE = "not-acceptable"
    METHOD = "method"
    UNAUTHENTICATED = "unauthenticated"  # nobody knows who asks
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    STORAGE = "storage"  # the disk is full or failing: nothing was stored
    INTERNAL = "internal"


class FhirError(Exception):
    """A refused request: a category and its issues. The text of the exception is the first issue's sentence."""

    def __init__(self, category: Category, issues: Iterable[Issue]):
        self.category = category
        self.issues = tuple(issues)
        super().__init__(self.issues[0].diagnostics if self.issues else category.value)


def fault(category: Category, code: str, diagnostics: str, expression: str | None = None) -> FhirError:
    """A FhirError with one issue of severity error."""
    return FhirError(category, (Issue("error", code, diagnostics, expression),))


LINE_URL = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
COLUMN_URL = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col"
SOURCE_URL = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-source"
MESSAGE_ID_URL = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id"


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The issues as an OperationOutcome; without any, one that says all is well."""
    listed = [_issue_element(issue) for issue in issues]
    return {"resourceType": "OperationOutcome", "issue": listed or [ALL_OK]}


ALL_OK = {"severity": "information", "code": "informational", "diagnostics": "No issue found."}


def _issue_element(issue: Issue) -> dict[str, Any]:
    element: dict[str, Any] = {}
    if extensions := list(_extensions(issue)):
        element["extension"] = extensions
    element |= {"severity": issue.severity, "code": issue.code}
    if issue.diagnostics:
        element["diagnostics"] = str(issue.diagnostics)  # a Phrase becomes plain text, which encoders know
    if issue.expression:
        element["expression"] = [issue.expression]
    return element


def _extensions(issue: Issue) -> Iterable[dict[str, Any]]:
    if issue.line is not None:
        yield {"url": LINE_URL, "valueInteger": issue.line}
    if issue.column is not None:
        yield {"url": COLUMN_URL, "valueInteger": issue.column}
    if issue.source:
        yield {"url": SOURCE_URL, "valueString": issue.source}
    if issue.message_id:
        yield {"url": MESSAGE_ID_URL, "valueString": issue.message_id}
