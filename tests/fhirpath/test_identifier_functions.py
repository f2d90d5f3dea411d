"""Our own functions: checkIdentifier() and explainIdentifier() (docs/validation.md)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.fhirpath import FhirPathError
from tests.fhirpath.conftest import Evaluate

RPPS = {"system": "https://rpps.esante.gouv.fr", "value": "10002422979"}
WRONG = {"system": "https://rpps.esante.gouv.fr", "value": "10002422978"}
OTHER = {"system": "urn:oid:1.2.3", "value": "10002422979"}
DOCTOR = {"resourceType": "Practitioner", "identifier": [RPPS, WRONG, OTHER]}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("identifier.first().checkIdentifier()", [True]),
        ("identifier[1].checkIdentifier()", [False]),
        ("identifier[2].checkIdentifier()", []),
        ("identifier[2].checkIdentifier('rpps')", [True]),
        ("identifier[1].value.checkIdentifier('rpps')", [False]),
        ("identifier[1].value.checkIdentifier()", []),
        ("identifier[5].checkIdentifier()", []),
        ("identifier.where(checkIdentifier() = false).value", ["10002422978"]),
        ("identifier[0].explainIdentifier()", ["RPPS of a professional: number 1000242297, key 9."]),
        ("identifier[0].explainIdentifier('fr')", ["RPPS d’un professionnel\u00a0: numéro 1000242297, clé 9."]),
        ("identifier[2].explainIdentifier()", []),
    ],
)
def test_they_give(evaluate: Evaluate, expression: str, expected: list[Any]) -> None:
    assert evaluate(expression, DOCTOR) == expected


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("identifier.checkIdentifier()", "One item"),
        ("identifier[0].checkIdentifier('rps')", "ins-nir"),
        ("identifier[0].explainIdentifier('de')", "en, fr"),
    ],
)
def test_what_cannot_be_done_is_said(evaluate: Evaluate, expression: str, words: str) -> None:
    with pytest.raises(FhirPathError, match=words):
        evaluate(expression, DOCTOR)
