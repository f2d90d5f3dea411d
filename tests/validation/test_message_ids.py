"""Every finding of the validator has an id that is stable across releases and languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.validation.validator import Validator

FOLDER = Path(__file__).parents[2] / "fhir_server" / "validation"


def findings() -> Iterator[tuple[str, ast.Call]]:
    """Every `Issue(...)` that the validator's code makes, with its file and line."""
    for file in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Issue":
                yield f"{file.name}:{node.lineno}", node


def test_every_finding_in_the_code_is_given_an_id() -> None:
    made = list(findings())
    assert len(made) > 10
    assert [place for place, call in made if "message_id" not in {one.arg for one in call.keywords} and len(call.args) < 7] == []


FAULTS = [
    {"resourceType": "Nothing"},
    {"resourceType": "Patient", "colour": "red", "gender": "homme", "birthDate": "1950-02-30", "name": {}, "contact": [{}]},
    {"resourceType": "Patient", "meta": {"profile": ["http://example.org/none"]}, "link": [{"other": {"reference": "Group/1"}}]},
    {
        "resourceType": "Observation",
        "status": "final",
        "text": {"status": "generated", "div": "<p/>"},
        "contained": [{"resourceType": "X"}],
    },
    {"resourceType": "Bundle", "type": "document", "total": 1, "entry": [{"fullUrl": "x"}, {"resource": {"resourceType": "Patient"}}]},
    {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "http://example.org/none", "item": [{}]},
    {"resourceType": "ValueSet", "status": "active", "compose": {"include": [{"system": "#a", "concept": [{}]}]}},
    {"resourceType": "StructureDefinition", "url": "http://example.org/s", "type": "Patient", "kind": "resource", "differential": {}},
]


@pytest.mark.parametrize("resource", FAULTS, ids=lambda one: str(one["resourceType"]))
def test_every_finding_about_a_resource_has_an_id(definitions: Definitions, resource: dict[str, object]) -> None:
    issues = Validator(definitions).validate(resource, "http://example.org/also-none")
    assert issues
    assert [issue.diagnostics for issue in issues if not issue.message_id] == []
