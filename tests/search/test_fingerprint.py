"""Fingerprints change with what changes the rows, and the numbers in READING are raised when a release makes other rows."""

from __future__ import annotations

import hashlib
from typing import Any
from zoneinfo import ZoneInfo

from fhir_server.definitions.definitions import Definitions
from fhir_server.search.extract import IndexExtractor
from fhir_server.search.fingerprint import ACCESS, READING, fingerprints
from fhir_server.search.rows import IndexRows

RESOURCES: list[dict[str, Any]] = [
    {
        "resourceType": "Patient", "id": "p", "active": True, "birthDate": "1950-03", "gender": "female", "address": [{"city": "Évry"}],
        "name": [{"family": "Le Goff", "given": ["Zoé"]}], "identifier": [{"system": "urn:oid:1.2", "value": "7"}],
        "generalPractitioner": [{"reference": "Practitioner/1"}], "text": {"status": "generated", "div": "<div>Zoé</div>"},
    },
    {
        "resourceType": "Observation", "id": "o", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "effectivePeriod": {"start": "2026-01-02T03:04:05", "end": "2026-01-03"}, "subject": {"reference": "Patient/p"},
        "valueQuantity": {"value": 70.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    },
    {"resourceType": "Location", "id": "l", "position": {"latitude": 48.85, "longitude": 2.35}},
    {"resourceType": "RiskAssessment", "id": "r", "status": "final", "subject": {"reference": "Patient/p"},
     "prediction": [{"probabilityDecimal": 0.25}]},
    {"resourceType": "ValueSet", "id": "v", "url": "http://passerelle.care/test/values", "version": "2", "status": "active"},
]  # fmt: skip
EXPECTED = (
    "1a495f0d67b3510b "
    "[('access', 2), ('composite', 1), ('date', 1), ('number', 1), ('phonetic', 1), ('quantity', 1), ('reference', 1), "
    "('special', 1), ('string', 2), ('text', 1), ('token', 1), ('uri', 1)]"
)


def digest(definitions: Definitions) -> str:
    extractor = IndexExtractor(definitions, ZoneInfo("Europe/Paris"))
    rows = [extractor.extract(resource) for resource in RESOURCES]
    return hashlib.sha256(repr([[sorted(getattr(one, table)) for table in IndexRows.__slots__] for one in rows]).encode()).hexdigest()[:16]


def test_rows_are_those_of_the_numbers_in_reading(definitions: Definitions) -> None:
    """Where this fails, rows have changed: raise the number of their type in READING, then record the new pair here."""
    assert f"{digest(definitions)} {sorted(READING.items())}" == EXPECTED


def test_another_zone_changes_dates_only_and_another_base_references_only_besides_access(definitions: Definitions) -> None:
    here = fingerprints(definitions, "Patient", "Europe/Paris", None)
    zone = fingerprints(definitions, "Patient", "Indian/Reunion", None)
    base = fingerprints(definitions, "Patient", "Europe/Paris", "https://fhir.example.org/fhir")
    types = {code: one.type for code, one in definitions.search_parameters("Patient").items()} | {ACCESS: "access"}
    assert {types[code] for code in here if here[code] != zone[code]} == {"date", "access"}
    assert {types[code] for code in here if here[code] != base[code]} == {"reference", "access"}
