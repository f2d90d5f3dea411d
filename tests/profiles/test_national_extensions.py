"""The extensions of FR Core are known without its package; where it is installed, it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, load_definitions
from fhir_server.validation.validator import Validator

FR_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
NAMES = ["fr-core-address-insee-code", "fr-core-contact-point-email-type", "fr-core-estimated-discharge-date",
         "fr-core-identity-reliability", "fr-core-patient-birth-list-given-name"]  # fmt: skip


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions()


@pytest.fixture(scope="module")
def with_fr_core(test_data: Path) -> Definitions:
    return load_definitions(archives=[test_data / "fhir-packages" / "hl7.fhir.fr.core-2.1.0.tgz"])


def person(part: str, **value: Any) -> dict[str, Any]:
    part_of = {"url": FR_CORE + "fr-core-identity-reliability", "extension": [{"url": part, **value}]}
    return {"resourceType": "Patient", "extension": [part_of], "name": [{"family": "Berthier"}]}


@pytest.mark.parametrize(("part", "is_wrong"), [("identityStatus", False), ("identityState", True)])
def test_a_part_that_fr_core_does_not_have_is_an_error(definitions: Definitions, part: str, is_wrong: bool) -> None:
    issues = Validator(definitions).validate(person(part, valueCoding={"code": "PROV"}))
    assert any(one.is_error for one in issues) == is_wrong


@pytest.mark.conformance
@pytest.mark.parametrize("name", NAMES)
def test_the_package_of_fr_core_wins(definitions: Definitions, with_fr_core: Definitions, name: str) -> None:
    transcribed, own = definitions.resolve(FR_CORE + name) or {}, with_fr_core.resolve(FR_CORE + name) or {}
    assert "transcribed" in transcribed["publisher"]
    assert "transcribed" not in str(own.get("publisher"))
    assert own["context"][0]["expression"] == transcribed["context"][0]["expression"]
