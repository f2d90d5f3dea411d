"""With which statuses of an identity the matricule INS travels: the two value sets are the table, the rules keep to it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from fhir_server.definitions.definitions import guide_folder, load_definitions
from fhir_server.validation.validator import Validator
from tests.profiles.test_examples import EXAMPLES

GOOD = EXAMPLES / "passerelle-patient-ins" / "good" / "qualified-identity.json"
MATRICULE_OF_ANOTHER, MATRICULE_MISSING = "pas-patient-ins-2", "pas-patient-ins-1"


def table(name: str) -> list[tuple[str, str]]:
    compose = json.loads((guide_folder() / f"ValueSet-{name}.json").read_bytes())["compose"]
    return [(part["system"], one["code"]) for part in compose["include"] for one in part["concept"]]


@cache
def validator() -> Validator:
    return Validator(load_definitions())


def person(system: str, code: str, with_matricule: bool) -> dict[str, Any]:
    resource: dict[str, Any] = json.loads(GOOD.read_bytes())
    resource["extension"][0]["extension"][0]["valueCoding"] = {"system": system, "code": code}
    if not with_matricule:
        resource["identifier"] = [{"system": "https://chu-besancon.example.org/ipp", "value": "0004512873"}]
    return resource


def rules(resource: dict[str, Any]) -> list[str]:
    return [str(one.source).rpartition("#")[2] for one in validator().validate(resource) if one.is_error]


@pytest.mark.parametrize(("system", "code"), table("identity-statuses"))
def test_the_matricule_travels_with_a_qualified_identity_and_no_other(system: str, code: str) -> None:
    qualified = (system, code) in table("qualified-identity-statuses")
    assert rules(person(system, code, True)) == ([] if qualified else [MATRICULE_OF_ANOTHER])
    assert rules(person(system, code, False)) == ([MATRICULE_MISSING] if qualified else [])
