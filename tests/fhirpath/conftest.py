"""A small patient and a small observation to try expressions on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import Context, compile_expression
from fhir_server.fhirpath.conversion import to_string
from fhir_server.fhirpath.values import system_value
from fhir_server.model.json_format import Resource

WHY = {"url": "http://example.org/why", "valueCode": "unknown"}
Evaluate = Callable[..., list[Any]]


@pytest.fixture
def patient() -> Resource:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "active": True,
        "name": [
            {"use": "official", "family": "Durand", "given": ["Marie", "Jeanne"]},
            {"use": "usual", "given": ["Mimi", None], "_given": [None, {"extension": [WHY]}]},
        ],
        "telecom": [{"system": "phone", "value": "0102030405"}, {"system": "email", "value": "m@example.org"}],
        "birthDate": "1948-03-21",
        "_birthDate": {"extension": [{"url": "http://example.org/time", "valueDateTime": "1948-03-21T04:05:00+01:00"}]},
        "deceasedBoolean": False,
        "generalPractitioner": [
            {"reference": "Practitioner/9"},
            {"reference": "#org"},
            {"type": "Organization", "identifier": {"value": "1"}},
        ],
        "contained": [{"resourceType": "Organization", "id": "org", "name": "Cabinet"}],
    }


@pytest.fixture
def observation() -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-05",
        "valueQuantity": {"value": Decimal("72.50"), "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
        "component": [{"code": {"text": "a"}, "valueQuantity": {"value": 1, "unit": "g"}}, {"code": {"text": "b"}, "valueString": "x"}],
    }


@pytest.fixture
def evaluate(definitions: Definitions) -> Evaluate:
    """Plain values of an expression's result: temporals and quantities as their text, elements as they are."""

    def run(source: str, resource: Resource | None = None, context: Context | None = None) -> list[Any]:
        nodes = compile_expression(source, definitions.schema).evaluate(resource or {"resourceType": "Basic"}, context)
        return [_plain(system_value(node)) for node in nodes]

    return run


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | Decimal | str | dict | None) else to_string(value)
