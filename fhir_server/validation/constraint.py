"""A constraint of an ElementDefinition as the invariant that is checked (https://hl7.org/fhir/R4/elementdefinition.html#constraints)."""

from __future__ import annotations

from typing import Any

from fhir_server.model.issue import Severity
from fhir_server.model.language import LANGUAGES
from fhir_server.model.schema import Schema
from fhir_server.questionnaires.translation import said
from fhir_server.validation.invariant import BASE, Invariant

BEST_PRACTICE = BASE + "elementdefinition-bestpractice"

Constraint = dict[str, Any]


def invariant_of(constraint: Constraint, url: str, schema: Schema) -> Invariant:
    """Of the profile `url`, where the constraint itself names no source."""
    severity: Severity = "error" if constraint.get("severity") == "error" else "warning"
    source = f"{constraint.get('source') or url}#{constraint['key']}"
    best_practice = any(one.get("url") == BEST_PRACTICE for one in constraint.get("extension", ()))
    human, others = _words(constraint)
    return Invariant(constraint["key"], severity, human, constraint["expression"], source, schema, best_practice, others)


def _words(constraint: Constraint) -> tuple[str, dict[str, str]]:
    """What it asks as it is written, and in the languages that it is translated into; without the full stop."""
    human = str(constraint.get("human", "")).rstrip(".")
    translated = {language: said(constraint, "human", language).rstrip(".") for language in LANGUAGES}
    return human, {language: text for language, text in translated.items() if text != human}
