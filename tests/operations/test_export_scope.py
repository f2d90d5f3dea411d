"""What belongs to a patient (https://hl7.org/fhir/R4/compartmentdefinition-patient.html), judged on the resource itself."""

from __future__ import annotations

import json

import pytest

from fhir_server.operations.export_scope import PatientScope

BASE = "https://fhir.example.org/fhir"
A = {"reference": "Patient/a"}


@pytest.mark.parametrize(
    ("resource", "belongs"),
    [
        ({"resourceType": "Observation", "subject": A}, True),
        ({"resourceType": "Observation", "performer": [{"reference": "Device/d"}, A]}, True),
        ({"resourceType": "Observation", "subject": {"reference": f"{BASE}/Patient/a"}}, True),
        ({"resourceType": "Observation", "subject": {"reference": "Patient/a/_history/2"}}, True),
        ({"resourceType": "Observation", "subject": {"reference": "https://elsewhere.example/fhir/Patient/a"}}, False),
        ({"resourceType": "Observation", "subject": {"reference": "Patient/b"}}, False),
        ({"resourceType": "Observation", "subject": {"reference": "Patient/ab"}}, False),
        ({"resourceType": "Observation", "note": [{"text": "Patient/a"}]}, False),
        ({"resourceType": "Observation", "subject": {"identifier": {"value": "Patient/a"}}}, False),
        ({"resourceType": "Appointment", "participant": [{"actor": A}]}, True),
        ({"resourceType": "AuditEvent", "entity": [{"what": A}]}, True),
        ({"resourceType": "Provenance", "target": [A]}, True),
        ({"resourceType": "Organization", "partOf": A}, False),
        ({"resourceType": "Patient", "id": "a"}, True),
        ({"resourceType": "Patient", "id": "b", "link": [{"other": A}]}, False),
    ],
)
def test_a_resource_belongs_by_the_elements_of_the_compartment(definitions, resource, belongs):
    scope = PatientScope(definitions, frozenset({"a"}), BASE)
    assert scope.holds(resource["resourceType"], resource.get("id", "x"), json.dumps(resource).encode()) is belongs


def test_without_names_every_patient_counts(definitions):
    scope = PatientScope(definitions, None)
    assert scope.holds("Observation", "x", b'{"resourceType":"Observation","subject":{"reference":"Patient/whoever"}}')
    assert not scope.holds("Observation", "x", b'{"resourceType":"Observation","subject":{"reference":"Group/1"}}')
    assert {"Patient", "Observation", "CarePlan"} <= scope.types
    assert "Organization" not in scope.types
