"""Whose a resource is: R4's Patient compartment, and what is about a person beside it."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.access.resource_class import ABOUT_PERSONS, OPEN
from fhir_server.definitions.definitions import Definitions
from fhir_server.search.compartment import core_members
from fhir_server.search.sight.marks import ABOUT, Marks

CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({"resourceType": "Patient"}, {"x"}),
    ({"resourceType": "Patient", "link": [{"other": {"reference": "Patient/q"}}]}, {"x", "q"}),
    ({"resourceType": "Observation", "subject": {"reference": "Patient/p"}}, {"p"}),
    ({"resourceType": "Observation", "subject": {"reference": "http://here/fhir/Patient/p"}}, {"p"}),
    ({"resourceType": "Observation", "subject": {"reference": "http://elsewhere/fhir/Patient/p"}}, set()),
    ({"resourceType": "Observation", "subject": {"reference": "Patient/p/_history/2"}}, {"p"}),
    ({"resourceType": "Observation", "subject": {"reference": "Group/p"}}, set()),
    ({"resourceType": "Observation", "subject": {"identifier": {"value": "1"}}}, set()),
    ({"resourceType": "Observation", "performer": [{"reference": "Patient/q"}, {"reference": "Practitioner/d"}]}, {"q"}),
    ({"resourceType": "Appointment", "participant": [{"actor": {"reference": f"Patient/{one}"}} for one in "pq"]}, {"p", "q"}),
    ({"resourceType": "Task", "for": {"reference": "Patient/p"}}, {"~p"}),
    ({"resourceType": "Binary", "securityContext": {"reference": "Patient/p"}}, {"~p"}),
    ({"resourceType": "Practitioner", "meta": {"security": [{"code": "MASQUE_PS"}]}}, {"!professional"}),
    ({"resourceType": "DocumentReference", "securityLabel": [{"coding": [{"code": "INVISIBLE_PATIENT"}]}]}, {"!patient"}),
    ({"resourceType": "Composition", "confidentiality": "V", "subject": {"reference": "Patient/p"}}, {"p", "!professional"}),
    ({"resourceType": "Basic", "meta": {"tag": [{"system": "https://passerelle.care/tenant", "code": "a"}]}}, {"@a"}),
]


@pytest.mark.parametrize(("resource", "marks"), CASES, ids=lambda one: one["resourceType"] if isinstance(one, dict) else "")
def test_whose_a_resource_is(definitions: Definitions, resource: dict[str, Any], marks: set[str]) -> None:
    assert set(Marks(definitions, "http://here/fhir").of(resource, "x")) == marks


def test_every_type_is_of_the_compartment_about_persons_open_or_closed(definitions: Definitions) -> None:
    marks, compartment = Marks(definitions), core_members("Patient", definitions)
    about = {name for name in definitions.schema.resource_types if any(sign == ABOUT for sign, _ in marks._compiled(name))}
    assert about == ABOUT_PERSONS
    assert not OPEN & (about | compartment.keys())
