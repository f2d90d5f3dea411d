"""Graded: warnings in what is received, errors in what is created here; official samples that are known to be wrong."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.demo import demonstration
from fhir_server.identifiers import CREATED, RECEIVED, Grades, require_sound, resource_issues
from fhir_server.model.issue import Category, FhirError

OID = "urn:oid:1.2.250.1."
KNOWN_WRONG = {
    "cercle de soins and cahier de liaison, INS": (OID + "213.1.4.8", "123456789012244", ["identifier-key", "identifier-part"]),
    "LDL-SES, LDL-EES and IPS, professional": (OID + "71.4.2.1", "801234567896", ["identifier-key"]),
    "LDL-SES, another professional": (OID + "71.4.2.1", "801984758437", ["identifier-key"]),
    "LDL-SES, structure": (OID + "71.4.2.2", "1120456789", ["identifier-key"]),
    "LDL-SES, FINESS": ("https://finess.esante.gouv.fr", "120456789", ["identifier-key"]),
    "PPS-PAERPA, professional": (OID + "71.4.2.1", "124789224582101", ["identifier-form"]),
    "a third party's A31, INS": (OID + "213.1.4.8", "170017510112313", ["identifier-key"]),
}
KNOWN_RIGHT = [(OID + "213.1.4.10", "279035121518989"), (OID + "71.4.2.1", "801234567897"), (OID + "213.1.4.8", "277076322082910")]


def patient(system: str, value: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": "urn:oid:1.2.3", "value": "1"}, {"system": system, "value": value}]}


@pytest.mark.parametrize(("system", "value", "expected"), KNOWN_WRONG.values(), ids=KNOWN_WRONG)
def test_official_samples_known_to_be_wrong_are_read_with_a_warning_and_never_sent(system: str, value: str, expected: list[str]) -> None:
    received = resource_issues(patient(system, value), RECEIVED)
    assert [(one.severity, one.message_id, one.expression) for one in received] == [
        ("warning", id_, "Patient.identifier[1]") for id_ in expected
    ]
    with pytest.raises(FhirError) as refused:
        require_sound(patient(system, value))
    assert refused.value.category is Category.INVALID
    assert [(one.severity, one.message_id) for one in refused.value.issues] == [("error", id_) for id_ in expected]


@pytest.mark.parametrize(("system", "value"), KNOWN_RIGHT)
def test_official_samples_that_are_right_may_be_sent(system: str, value: str) -> None:
    assert resource_issues(patient(system, value), CREATED) == []
    require_sound(patient(system, value))


def test_each_kind_may_have_a_grade_of_its_own() -> None:
    wrong = patient(OID + "71.4.2.2", "1120456789")
    assert resource_issues(wrong, Grades("error", {"idnat-struct": "off"})) == []
    assert [one.severity for one in resource_issues(wrong, Grades("off", {"idnat-struct": "error"}))] == ["error"]
    require_sound(wrong, Grades("error", {"idnat-struct": "warning"}))


def test_identifiers_are_found_wherever_they_stand() -> None:
    reference = {"identifier": {"system": "https://rpps.esante.gouv.fr", "value": "1"}}
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "Task", "owner": reference, "contained": [patient(OID + "213.1.4.8", "1")]}}],
    }
    places = [one.expression for one in resource_issues(bundle, RECEIVED)]
    assert places == ["Bundle.entry[0].resource.owner.identifier", "Bundle.entry[0].resource.contained[0].identifier[1]"]


@pytest.mark.parametrize("value", [None, 1, {"a": 1}, ["1"]])
def test_what_is_no_text_is_left_to_the_structure_check(value: Any) -> None:
    assert resource_issues(patient("https://rpps.esante.gouv.fr", value), CREATED) == []


def test_our_own_demonstration_keeps_to_the_rules() -> None:
    require_sound(demonstration())
