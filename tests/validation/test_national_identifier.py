"""National identifiers as rules of the validator: warnings unless the settings say otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.identifiers.grades import Grades
from fhir_server.model.phrase import translated
from fhir_server.validation.validator import Validator

RPPS = "https://rpps.esante.gouv.fr"
TYPED = {"type": {"coding": [{"system": "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203", "code": "RPPS"}]}}


@pytest.fixture(scope="module")
def validator(definitions: Definitions) -> Validator:
    return Validator(definitions)


def of_identifiers(validator: Validator, resource: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    found = validator.validate(resource)
    return [(one.severity, one.message_id, one.expression) for one in found if str(one.message_id).startswith("identifier-")]


def practitioner(value: str) -> dict[str, Any]:
    return {"resourceType": "Practitioner", "identifier": [{"system": RPPS, "value": value}]}


def test_a_wrong_key_is_a_warning_with_place_and_source(validator: Validator) -> None:
    assert of_identifiers(validator, practitioner("10002422978")) == [("warning", "identifier-key", "Practitioner.identifier[0]")]
    (issue,) = [one for one in validator.validate(practitioner("10002422978")) if one.message_id == "identifier-key"]
    assert issue.source == "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-practitioner"
    assert translated([issue], "fr")[0].diagnostics.startswith("Le dernier chiffre devrait être 9 et non 8")


def test_a_sound_one_and_one_of_another_system_have_none(validator: Validator) -> None:
    assert of_identifiers(validator, practitioner("10002422979")) == []
    assert of_identifiers(validator, {"resourceType": "Patient", "identifier": [{"system": "urn:oid:1.2.3", "value": "x"}]}) == []


def test_an_identifier_in_a_reference_or_a_bundle_is_checked_too(validator: Validator) -> None:
    task = {"resourceType": "Task", "status": "draft", "intent": "order", "owner": {"identifier": {"system": RPPS, "value": "1"}}}
    entry = {"fullUrl": "urn:uuid:0b0b6c0e-6c1b-4e0e-9b5f-7a1f6f1f0c11", "resource": task}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [entry]}
    assert of_identifiers(validator, bundle) == [("warning", "identifier-form", "Bundle.entry[0].resource.owner.identifier")]


def test_the_number_of_a_situation_of_practice_is_no_rpps_unless_it_says_so(validator: Validator) -> None:
    number = {"system": RPPS, "value": "1011848351"}
    assert of_identifiers(validator, {"resourceType": "PractitionerRole", "identifier": [number]}) == []
    typed = {"resourceType": "PractitionerRole", "identifier": [{**number, **TYPED}]}
    assert of_identifiers(validator, typed) == [("warning", "identifier-form", "PractitionerRole.identifier[0]")]


@pytest.mark.parametrize(
    ("grades", "severities"),
    [
        (Grades("off"), []),
        (Grades("error"), ["error"]),
        (Grades("off", {"rpps": "error"}), ["error"]),
        (Grades("error", {"rpps": "off"}), []),
    ],
)
def test_the_grade_is_that_of_the_settings(definitions: Definitions, grades: Grades, severities: list[str]) -> None:
    found = of_identifiers(Validator(definitions, identifiers=grades), practitioner("1"))
    assert [severity for severity, _, _ in found] == severities
