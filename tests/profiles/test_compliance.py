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
FRENCH = "ans.fhir.fr."
PACKAGES = ("hl7.fhir.fr.core-2.1.0", *(FRENCH + name for name in ("annuaire-1.1.0", "cds-2.0.1", "cdl-3.0.0", "pdsm-3.1.1")))


def claiming() -> list[Path]:
    """The profiles of the guide that name a profile of France."""
    return [path for path in sorted(guide_folder().glob("StructureDefinition-*.json")) if any(_french(path))]


def _french(path: Path) -> list[str]:
    named = (one.get("valueCanonical", "") for one in json.loads(path.read_bytes()).get("extension", []) if one["url"] == COMPLIES)
    return [url for url in named if url.startswith(("https://hl7.fr/", "https://interop.esante.gouv.fr/"))]


@pytest.fixture(scope="module")
def validator(test_data: Path) -> Validator:
    return Validator(load_definitions(archives=[test_data / "fhir-packages" / f"{name}.tgz" for name in PACKAGES]))


@pytest.mark.parametrize("path", claiming(), ids=lambda path: path.stem.removeprefix("StructureDefinition-passerelle-"))
def test_a_claim_to_comply_is_true(validator: Validator, path: Path) -> None:
    issues = validator.validate(decode_json(path.read_bytes()))
    assert [one.diagnostics for one in issues if one.is_error or one.message_id == "structure-other-unknown"] == []
