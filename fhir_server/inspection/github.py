"""Findings as annotations on the lines of a pull request
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message).
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.inspection.inspection import Verdict
from fhir_server.model.issue import Issue

LEVELS = {"fatal": "error", "error": "error", "warning": "warning", "information": "notice"}


def workflow_commands(verdict: Verdict) -> Iterator[str]:
    """One workflow command for each finding of a document."""
    for issue in verdict.issues:
        yield f"::{LEVELS[issue.severity]} {_properties(verdict.name, issue)}::{_data(_message(issue))}"


def _properties(name: str, issue: Issue) -> str:
    given = {"file": name, "line": issue.line, "col": issue.column, "title": issue.message_id}
    return ",".join(f"{key}={_property(str(value))}" for key, value in given.items() if value is not None)


def _message(issue: Issue) -> str:
    return f"{issue.expression}: {issue.diagnostics}" if issue.expression else issue.diagnostics


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
