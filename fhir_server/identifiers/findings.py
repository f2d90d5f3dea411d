"""The faults of Identifiers as issues, and the gate for what is created here.

require_sound(resource)  # before a document, message or resource of ours leaves
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_server.identifiers.grades import CREATED, Grades
from fhir_server.identifiers.kinds import kind_of
from fhir_server.model.issue import Category, FhirError, Issue


def identifier_issues(identifier: Mapping[str, Any], grades: Grades, expression: str | None = None) -> Iterator[Issue]:
    """What is wrong with one Identifier; nothing for a kind that is not known here, or that is off."""
    kind, value = kind_of(identifier), identifier.get("value")
    grade = grades.grade(kind) if kind else "off"
    if kind is None or grade == "off" or not isinstance(value, str):
        return
    for fault in kind.check(value):
        yield Issue(grade, "value", fault.sentence, expression, message_id=fault.message_id, source=kind.source)


def resource_issues(resource: Mapping[str, Any], grades: Grades) -> list[Issue]:
    """The same for all Identifiers of a resource, or of a Bundle of them."""
    return [
        issue for place, one in _identifiers(resource, str(resource.get("resourceType"))) for issue in identifier_issues(one, grades, place)
    ]


def require_sound(resource: Mapping[str, Any], grades: Grades = CREATED) -> None:
    """FhirError INVALID with all findings where one of them is an error: for what we create, before it leaves."""
    found = resource_issues(resource, grades)
    if any(issue.is_error for issue in found):
        raise FhirError(Category.INVALID, found)


def _identifiers(value: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object with a system, or a type, and a text as value; a Quantity has a number, a Coding none."""
    if isinstance(value, dict):
        if isinstance(value.get("value"), str):
            yield place, value
        for name, one in value.items():
            yield from _identifiers(one, f"{place}.{name}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _identifiers(one, f"{place}[{index}]")
