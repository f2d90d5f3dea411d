"""Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), for code scanning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from fhir_server.inspection.inspection import Verdict
from fhir_server.model.issue import Issue

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"fatal": "error", "error": "error", "warning": "warning", "information": "note"}


def sarif_json(verdicts: Sequence[Verdict], version: str) -> str:
    """The JSON text: one run of this version of Passerelle, a rule for each message id."""
    found = [(verdict.name, issue) for verdict in verdicts for issue in verdict.issues]
    rules = sorted({_rule(issue) for _, issue in found})
    numbers = {rule: number for number, rule in enumerate(rules)}
    driver = {"name": "passerelle", "semanticVersion": version, "rules": [{"id": rule} for rule in rules]}
    results = [_result(name, issue, numbers) for name, issue in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(issue: Issue) -> str:
    return issue.message_id or issue.code


def _result(name: str, issue: Issue, numbers: dict[str, int]) -> dict[str, Any]:
    rule = _rule(issue)
    told = {"ruleId": rule, "ruleIndex": numbers[rule], "level": LEVELS[issue.severity], "message": {"text": issue.diagnostics}}
    asked = {"properties": {"source": issue.source}} if issue.source else {}
    return {**told, "locations": [_location(name, issue)], **asked}


def _location(name: str, issue: Issue) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(PurePath(name).as_posix())}}
    if issue.line is not None:
        physical["region"] = {"startLine": issue.line} | ({"startColumn": issue.column} if issue.column is not None else {})
    logical = {"logicalLocations": [{"fullyQualifiedName": issue.expression}]} if issue.expression else {}
    return {"physicalLocation": physical, **logical}
