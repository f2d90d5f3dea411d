"""A profile that claims to comply with a national one does, by the national packages themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhir_server.definitions.definitions import guide_folder, load_definitions
from fhir_server.model.json_format import decode_json
from fhir_server.validation.validator import Validator

pytestmark = pytest.mark.conformance
COMPLIES = "http://hl7.org/fhir/StructureDefinition/structuredefinition-compliesWithProfile"
FR_CORE, ANS = "https://hl7.fr/", "https://interop.esante.gouv.fr/"
PACKAGES = [f"ans.fhir.fr.{name}" for name in ("annuaire-1.1.0", "cds-2.0.1", "cdl-3.0.0", "pdsm-3.1.1")]
"""They depend on FR Core 2.1.0."""


def claiming(*owners: str) -> list[Path]:
    """The profiles of the guide that name a profile of these."""
    return [path for path in sorted(guide_folder().glob("StructureDefinition-*.json")) if any(_named(path, owners))]


def _named(path: Path, owners: tuple[str, ...]) -> list[bool]:
    extensions = json.loads(path.read_bytes()).get("extension", [])
    return [str(one.get("valueCanonical")).startswith(owners) for one in extensions if one["url"] == COMPLIES]


def validator(test_data: Path, *packages: str) -> Validator:
    return Validator(load_definitions(archives=[test_data / "fhir-packages" / f"{name}.tgz" for name in packages]))


@pytest.fixture(scope="module")
def with_ans(test_data: Path) -> Validator:
    return validator(test_data, "hl7.fhir.fr.core-2.1.0", *PACKAGES)


@pytest.fixture(scope="module")
def with_fr_core(test_data: Path) -> Validator:
    return validator(test_data, "hl7.fhir.fr.core-2.2.0")


def untrue(validator: Validator, path: Path) -> list[str]:
    issues = validator.validate(decode_json(path.read_bytes()))
    return [one.diagnostics for one in issues if one.is_error or one.message_id == "structure-other-unknown"]


@pytest.mark.parametrize("path", claiming(FR_CORE, ANS), ids=lambda path: path.stem)
def test_a_claim_to_comply_is_true(with_ans: Validator, path: Path) -> None:
    assert untrue(with_ans, path) == []


@pytest.mark.parametrize("path", claiming(FR_CORE), ids=lambda path: path.stem)
def test_it_is_true_of_the_newer_fr_core_too(with_fr_core: Validator, path: Path) -> None:
    assert untrue(with_fr_core, path) == []
