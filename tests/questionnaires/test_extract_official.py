"""Template-based extraction against the triples of Smart Forms (form, response, expected transaction)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fhir_server.model.json_format import decode_resource
from fhir_server.model.schema import Schema
from tests.questionnaires.extracting import extracted_from

FOLDER = Path("sdc/smart-forms-extracted/sdc-template-extract")
NAMES = (
    "AllergiesAdverseReactions", "Immunisation", "MedicalHistoryCurrentProblems", "MedicalHistoryCurrentProblemsWithPatch",
    "RegularMedications",
)  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def normalised(value: Any) -> Any:
    """Without what differs from run to run: ids that are made, and moments."""
    if isinstance(value, dict):
        return {name: normalised(one) for name, one in value.items() if name != "fullUrl"}
    if isinstance(value, list):
        return [normalised(one) for one in value]
    return "(a moment)" if isinstance(value, str) and MOMENT.fullmatch(value) else value


@pytest.mark.conformance
@pytest.mark.parametrize("name", NAMES)
def test_the_transaction_is_the_expected_one(name: str, test_data: Path, schema: Schema) -> None:
    form, answer, expected = (
        decode_resource((test_data / FOLDER / path).read_bytes())
        for path in (f"q/Q{name}.json", f"qr/QR{name}.json", f"extracted/extracted{name}.json")
    )
    made = extracted_from(form, answer, schema).bundle
    assert made is not None
    assert normalised(made["entry"]) == normalised(expected["entry"])
    assert made["type"] == expected["type"]
