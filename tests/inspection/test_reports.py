"""Verdicts as CI servers read them: JUnit, SARIF, annotations, OperationOutcomes; and where documents come from."""

from __future__ import annotations

import io
import json
import re
import tarfile
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fhir_server.definitions.definitions import load_definitions
from fhir_server.inspection import inspection
from fhir_server.inspection.github import workflow_commands
from fhir_server.inspection.inspection import Verdict, verdicts
from fhir_server.inspection.junit import junit_xml
from fhir_server.inspection.outcome import outcome_json
from fhir_server.inspection.sarif import sarif_json
from fhir_server.inspection.source import documents, expanded
from fhir_server.inspection.summary import summary
from fhir_server.model.issue import Issue
from fhir_server.validation.document import Document, DocumentCheck

ERROR = Issue("error", "value", "50 % too much: a, b\nand\x00 <c>", "Patient.name[0]", 3, 5, "fixed", "http://example.org/p#x")
WARNING = Issue("warning", "invariant", "Hm.", "Patient", message_id="invariant-x")
GOOD, WRONG = Verdict("a/good.json", 1, ()), Verdict("a/wrong one.json", 1, (ERROR, WARNING))


def test_junit_has_a_case_for_each_document_and_a_failure_for_each_invalid_one():
    suites = ElementTree.fromstring(junit_xml([GOOD, WRONG], 1.5))
    assert (suites.get("tests"), suites.get("failures"), suites.get("time")) == ("2", "1", "1.500")
    good, wrong = suites.iter("testcase")
    assert [good.get("name"), wrong.get("name")] == ["a/good.json", "a/wrong one.json"]
    assert good.find("failure") is None
    assert "Patient.name[0]" in (wrong.find("failure").text or "")  # type: ignore[union-attr]
    assert "Hm." in (wrong.find("system-out").text or "")  # type: ignore[union-attr]


def test_sarif_has_a_rule_for_each_message_id_and_a_place_for_each_result():
    (run,) = json.loads(sarif_json([GOOD, WRONG], "1.2.3"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    error, warning = run["results"]
    assert (error["level"], warning["level"], rules[error["ruleIndex"]]) == ("error", "warning", "fixed")
    physical = error["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": "a/wrong%20one.json"}, "region": {"startLine": 3, "startColumn": 5}}
    assert "region" not in warning["locations"][0]["physicalLocation"]


SARIF_LEVELS, SARIF_COLUMNS = {"none", "note", "warning", "error"}, {"utf16CodeUnits", "unicodeCodePoints"}
"""https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, 3.27.10 and 3.14.17"""


def test_sarif_has_what_its_specification_requires():
    fatal = Issue("fatal", "structure", "Cut\nshort", line=1, message_id="json-syntax")
    note = Issue("information", "informational", "é", "Patient", 2, 1)
    log = json.loads(sarif_json([GOOD, WRONG, Verdict("ü/50%.json", 1, (fatal, note))], "1.2.3"))
    assert set(log) == {"$schema", "version", "runs"}  # 3.13
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]  # 3.18.2, 3.19.8
    assert driver["name"]
    assert [set(rule) for rule in driver["rules"]] == [{"id"}] * 4  # 3.49.3
    assert len({rule["id"] for rule in driver["rules"]}) == 4
    assert run["columnKind"] in SARIF_COLUMNS
    for result in run["results"]:
        assert isinstance(result["message"]["text"], str)  # 3.27.11
        assert result["level"] in SARIF_LEVELS
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.6
        assert all(isinstance(value, str) for value in result.get("properties", {}).values())
        (location,) = result["locations"]
        check_location(location)


def check_location(location: dict[str, Any]) -> None:
    physical = location["physicalLocation"]  # 3.29: an artifactLocation is required
    assert re.fullmatch(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+", physical["artifactLocation"]["uri"])  # RFC 3986
    region = physical.get("region", {"startLine": 1})  # 3.30.5: it counts from 1
    assert all(isinstance(value, int) and value >= 1 for value in region.values())
    assert set(region) <= {"startLine", "startColumn"}
    assert all(isinstance(one["fullyQualifiedName"], str) for one in location.get("logicalLocations", ()))


def test_junit_has_the_shape_that_ci_servers_read():
    """As the schema of Jenkins has it: counts are whole numbers, a failure has a message and a type, nothing stands beside."""
    root = ElementTree.fromstring(junit_xml([GOOD, WRONG], 0.1234))
    assert root.tag == "testsuites"
    (suite,) = root
    for element in (root, suite):
        assert [element.get(name) for name in ("tests", "failures", "errors", "time")] == ["2", "1", "0", "0.123"]
    assert [case.tag for case in suite] == ["testcase"] * 2
    for case in suite:
        assert case.get("name")
        assert case.get("classname")
        assert {child.tag for child in case} <= {"failure", "system-out"}
    (failure,) = suite.iter("failure")
    assert failure.get("type")
    assert "<c>" in str(failure.get("message"))


def test_an_annotation_keeps_its_marks_apart_from_those_of_the_command():
    odd = Issue("information", "value", "100 %\r\n::error::no", "a:b", 1, 2, "x,y:z%")
    (line,) = workflow_commands(Verdict("a,b:c%d.json", 1, (odd,)))
    assert line == "::notice file=a%2Cb%3Ac%25d.json,line=1,col=2,title=x%2Cy%3Az%25::a:b: 100 %25%0D%0A::error::no"


def test_an_annotation_is_one_line_whatever_the_sentence():
    error, warning = workflow_commands(WRONG)
    assert error.startswith("::error file=a/wrong one.json,line=3,col=5,title=fixed::Patient.name[0]: 50 %25 too much: a, b%0Aand")
    assert warning == "::warning file=a/wrong one.json,title=invariant-x::Patient: Hm."


def test_several_documents_are_a_bundle_of_outcomes_that_name_their_files():
    bundle = json.loads(outcome_json([GOOD, WRONG]))
    outcomes = [entry["resource"] for entry in bundle["entry"]]
    assert [outcome["extension"][0]["valueString"] for outcome in outcomes] == ["a/good.json", "a/wrong one.json"]
    assert [len(outcome["issue"]) for outcome in outcomes] == [1, 2]


def test_the_summary_counts_documents_once_and_puts_the_worst_rule_first():
    told = summary([GOOD, WRONG, Verdict("a/wrong one.json", 1, (WARNING, WARNING))])
    assert (told.documents, told.resources, told.valid, told.invalid) == (2, 3, 1, 1)
    assert [(one.message_id, one.times, one.documents) for one in told.broken] == [("fixed", 1, 1), ("invariant-x", 3, 1)]


def test_the_examples_of_a_package_are_its_example_folder(tmp_path: Path):
    archive = package(tmp_path / "guide.tgz", {"example/Patient-a.json": "{}", "StructureDefinition-b.json": "{}", "package.json": "{}"})
    assert [one.name for one in documents([archive])] == [f"{archive}/example/Patient-a.json"]


def test_of_a_package_without_examples_every_resource_is_one(tmp_path: Path):
    archive = package(tmp_path / "examples.tgz", {"Patient-a.json": "{}", "package.json": "{}", ".index.json": "{}", "other/x.json": "{}"})
    assert [one.name for one in documents([archive])] == [f"{archive}/Patient-a.json"]


def test_a_folder_stands_for_the_resources_below_it(tmp_path: Path):
    for name in ("b/2.xml", "a.json", "b/1.ndjson", "c.txt", "package.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert [path.relative_to(tmp_path).as_posix() for path in expanded([tmp_path])] == ["a.json", "b/1.ndjson", "b/2.xml"]


def test_ndjson_is_cut_at_line_ends_and_keeps_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fhir_server.inspection.source.NDJSON_BYTES", 20)
    lines = [json.dumps({"n": number}) for number in range(30)]
    (tmp_path / "many.ndjson").write_text("\n".join(lines))
    found = list(documents([tmp_path / "many.ndjson"]))
    assert len(found) > 5
    assert [line for one in found for line in one.content.decode().splitlines()] == lines
    assert all(one.content.splitlines()[0].decode() == lines[one.first_line - 1] for one in found)


def check_of_core() -> DocumentCheck:
    return DocumentCheck(load_definitions())


def test_several_processes_find_what_one_finds_in_the_same_order(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inspection, "ALONE_BYTES", 10)
    monkeypatch.setattr(inspection, "PARCEL_BYTES", 10)
    texts = [b'{"resourceType": "Patient", "gender": "x"}', b"{", b'{"resourceType": "Basic"}'] * 3
    many = [Document(f"{number}.json", text) for number, text in enumerate(texts)]
    check = check_of_core()
    alone = list(verdicts(many, check, check_of_core, 1))
    assert list(verdicts(many, check, partial(check_of_core), 2)) == alone
    assert [verdict.name for verdict in alone] == [document.name for document in many]


def package(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return path
