"""Verdicts in FHIR's own form: one OperationOutcome, or a collection Bundle of one for each document
(with https://hl7.org/fhir/R4/extension-operationoutcome-file.html, as HL7's validator writes it).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from fhir_server.inspection.inspection import Verdict
from fhir_server.model.issue import operation_outcome
from fhir_server.model.json_format import pretty_json

FILE_URL = "http://hl7.org/fhir/StructureDefinition/operationoutcome-file"


def outcome_json(verdicts: Sequence[Verdict], language: str = "en") -> str:
    """The JSON text."""
    outcomes = [_outcome(name, list(same), language) for name, same in groupby(verdicts, lambda verdict: verdict.name)]
    whole = outcomes[0] if len(outcomes) == 1 else _bundle(outcomes)
    return pretty_json(whole).decode()


def _outcome(name: str, verdicts: Sequence[Verdict], language: str) -> dict[str, Any]:
    found = operation_outcome(issue for verdict in verdicts for issue in verdict.issues)
    said = {"language": language} if language != "en" else {}
    return {"resourceType": "OperationOutcome", **said, "extension": [{"url": FILE_URL, "valueString": name}], "issue": found["issue"]}


def _bundle(outcomes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": outcome} for outcome in outcomes]}
