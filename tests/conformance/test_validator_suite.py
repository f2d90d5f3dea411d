"""The official validator suite, in this process: the same verdicts as the reference validator's, save a few.

benchmarks and CI measure the same over HTTP; here each miss can be stepped through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.stored import StoredConformance
from fhir_server.model.issue import FhirError, Issue
from fhir_server.model.json_format import Resource, decode_resource, encode_json
from fhir_server.model.position import with_places
from fhir_server.model.xml_faults import decode_faulty_xml
from fhir_server.model.xml_format import decode_xml
from fhir_server.validation.validator import Validator

FLOORS = {"A": (0.99, 0.9), "B": (0.96, 0.94)}
"""Tier -> least agreement on valid/invalid, least recall of the reference's error expressions."""

MAX_FALSE_ALARMS = 0
SPECIAL = {"bundle-param", "validateContains"}


class Run(NamedTuple):
    tier: str
    wanted: list[str]
    found: list[str]
    issues: list[Issue]

    @property
    def agrees(self) -> bool:
        return bool(self.wanted) == bool(self.found)


@pytest.fixture(scope="module")
def runs(definitions: Definitions, test_data: Path) -> list[Run]:
    folder = test_data / "validator"
    cases = map(json.loads, (folder / "cases.jsonl").read_text().splitlines())
    return [run for case in cases for run in _runs(case, folder / "files", definitions)]


def _runs(case: dict[str, Any], files: Path, core: Definitions) -> Iterator[Run]:
    settings = case["settings"] or {}
    if SPECIAL & set(settings) or case["file"].endswith(".ndjson") or case["packages_local"]:
        return
    if case["expected"]:
        yield _run(case, case["supporting"], None, case["expected"], files, core)
    profile = case["profile"]
    if profile and profile["expected"] and settings.get("validateReference") != "CHECK_VALID":
        beside = [*case["supporting"], *profile["supporting"], profile["source"]]
        yield _run(case, beside, profile["source"], profile["expected"], files, core)


def _run(case: dict[str, Any], beside: list[str], profile: str | None, expected: dict[str, Any], files: Path, core: Definitions) -> Run:
    validator = Validator(_with(core, [_read(files / name, core) for name in beside]))
    url = str(_read(files / profile, core)["url"]) if profile else None
    issues = _validated(files / case["file"], url, validator, core)
    found = [_place(issue.expression) for issue in issues if issue.is_error]
    wanted = [_place((one["expression"] or [""])[0]) for one in expected["issues"] if one["severity"] in ("error", "fatal")]
    return Run(case["tier"], wanted, found, issues)


def _with(core: Definitions, resources: list[Resource]) -> Definitions:
    stored = StoredConformance()
    for number, resource in enumerate(resources, 1):
        stored.put(resource["resourceType"], str(number), number, encode_json(resource))
    made = Definitions(core.packages, stored)
    made.schema = core.schema  # the same types, read once
    return made


def _validated(path: Path, profile: str | None, validator: Validator, core: Definitions) -> list[Issue]:
    try:
        resource, faults = decode_faulty_xml(path.read_bytes(), core.schema) if path.suffix == ".xml" else (_read(path, core), [])
        return [*faults, *with_places(validator.validate(resource, profile), path.read_bytes(), path.suffix == ".xml")]
    except FhirError as error:
        return list(error.issues)


def _read(path: Path, core: Definitions) -> Resource:
    content = path.read_bytes()
    return decode_xml(content, core.schema) if path.suffix == ".xml" else decode_resource(content)


def _place(expression: str | None) -> str:
    """The reference writes /*Patient/1*/ into paths through Bundles; nobody else does."""
    return re.sub(r"/\*.*?\*/", "", expression or "")


@pytest.mark.conformance
@pytest.mark.parametrize("tier", FLOORS)
def test_verdicts_are_those_of_the_reference_validator(runs: list[Run], tier: str) -> None:
    ours = [run for run in runs if run.tier == tier]
    agreement, recall = FLOORS[tier]
    assert sum(run.agrees for run in ours) >= agreement * len(ours)
    told = sum(place in run.found for run in ours for place in run.wanted)
    assert told >= recall * sum(len(run.wanted) for run in ours)


@pytest.mark.conformance
def test_hardly_a_valid_resource_is_called_invalid(runs: list[Run]) -> None:
    assert sum(bool(run.found) and not run.wanted for run in runs) <= MAX_FALSE_ALARMS


@pytest.mark.conformance
def test_every_issue_has_a_message_id(runs: list[Run]) -> None:
    issues = [issue for run in runs for issue in run.issues]
    assert len({issue.message_id for issue in issues}) > 50
    assert {issue.diagnostics for issue in issues if not issue.message_id} == set()
