"""`passerelle validate` as an integrator runs it: where, what, how to mend it; a status for scripts."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from fhir_server.cli import main
from tests.cold_start import cold_start

HEAVY = {
    "anyio", "asyncpg", "cryptography", "fastapi", "graphql", "jinja2", "jsonschema", "lxml", "regex", "ruamel", "starlette", "structlog",
    "uvicorn",
}  # fmt: skip
ROOMS = {
    "cli", "commands", "definitions", "definitions_in_use", "fhirpath", "garbage", "identifiers", "inspection", "model", "questionnaires",
    "security", "settings", "terminology", "validation",
}  # fmt: skip
"""What of Passerelle is there to give a verdict."""

WRONG = """{
  "resourceType": "Patient",
  "gender": "femme",
  "birthDate": "31/12/1950",
  "contact": [{"gender": "male"}]
}"""


def validate(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main(["validate", *map(str, arguments)])
    return int(end.value.code or 0)


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_DATA", str(tmp_path / "data"))


def test_a_valid_resource_has_status_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    narrative = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Jeanne</div>'}
    (tmp_path / "good.json").write_text(json.dumps({"resourceType": "Patient", "text": narrative, "gender": "female"}))
    assert validate(tmp_path / "good.json") == 0
    assert capsys.readouterr().out == "No issue found.\n"


def test_each_finding_is_a_line_with_file_line_column_expression_and_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.json").write_text(WRONG)
    assert validate(tmp_path / "wrong.json") == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{tmp_path / 'wrong.json'}:4:3: error: Patient.birthDate: ") and "YYYY-MM-DD" in line for line in lines)
    assert any(line.startswith(f"{tmp_path / 'wrong.json'}:3:3: error: Patient.gender: ") for line in lines)
    assert any("pat-1" in line for line in lines)
    assert lines[-1].startswith("3 errors")


def test_a_finding_in_xml_has_its_place_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.xml").write_text('<Patient xmlns="http://hl7.org/fhir">\n  <gender value="femme"/>\n</Patient>')
    assert validate(tmp_path / "wrong.xml") == 1
    assert "wrong.xml:2:3: error: Patient.gender" in capsys.readouterr().out


def test_a_line_of_ndjson_is_named_by_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "many.ndjson").write_text('{"resourceType":"Patient"}\n{"resourceType":"Patient","gender":"femme"}\n')
    assert validate(tmp_path / "many.ndjson") == 1
    assert "many.ndjson:2:" in capsys.readouterr().out


def test_json_output_is_one_operation_outcome(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.json").write_text(WRONG)
    assert validate(tmp_path / "wrong.json", "--format", "json") == 1
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["resourceType"] == "OperationOutcome"
    found = {expression for issue in outcome["issue"] for expression in issue.get("expression", ())}
    assert {"Patient.gender", "Patient.birthDate"} <= found


UNREADABLE = ('{"resourceType": "Patient", ', "[" * 10_000, '<!DOCTYPE x []><Patient xmlns="http://hl7.org/fhir"/>', "")


@pytest.mark.parametrize("text", UNREADABLE, ids=["cut off", "deep", "DOCTYPE", "empty"])
def test_a_text_that_cannot_be_read_is_a_finding(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = "text.xml" if text.startswith("<") else "text.json"
    (tmp_path / name).write_text(text)
    assert validate(tmp_path / name) == 1
    assert "fatal" in capsys.readouterr().out


def test_no_resource_is_valid_against_a_profile_that_is_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.json").write_text('{"resourceType": "Patient"}')
    assert validate(tmp_path / "p.json", "--profile", "http://example.org/StructureDefinition/none") == 1
    assert "passerelle packages add" in capsys.readouterr().out


def test_a_property_that_occurs_twice_is_a_finding_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "twice.json").write_text('{"resourceType": "Patient",\n "gender": "male",\n "gender": "female"}')
    assert validate(tmp_path / "twice.json") == 1
    assert "twice.json:3:2: error: Patient.gender: The property 'gender' stands twice" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("absent.json",), ("p.json", "--package", "absent.tgz"), ("p.json", "--package", "p.json")])
def test_what_cannot_be_run_has_status_two(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "p.json").write_text('{"resourceType": "Patient"}')
    assert validate(*(tmp_path / one if not one.startswith("-") else one for one in arguments)) == 2


@pytest.mark.parametrize("form", ["json", "junit", "sarif", "github"])
def test_every_form_of_report_has_the_same_status(tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.json").write_text(WRONG)
    assert validate(tmp_path / "wrong.json", "--format", form) == 1
    assert "Patient.birthDate" in capsys.readouterr().out


def test_findings_are_told_in_french(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.json").write_text('{"resourceType": "Patient", "colour": "red"}')
    assert validate(tmp_path / "wrong.json", "--lang", "fr") == 1
    assert "Patient n’a pas d’élément" in capsys.readouterr().out


def test_what_is_less_severe_can_be_left_out_and_can_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = "http://example.org/StructureDefinition/none"
    (tmp_path / "p.json").write_text(f'{{"resourceType": "Patient", "meta": {{"profile": ["{unknown}"]}}}}')
    assert validate(tmp_path / "p.json", "--min-severity", "error") == 0
    assert capsys.readouterr().out == "No issue found.\n"
    assert validate(tmp_path / "p.json", "--fail-on", "warning", "--quiet") == 1
    assert capsys.readouterr().out == ""


def test_an_example_is_right_that_breaks_the_rule_it_names_and_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tag = {"system": "https://passerelle.care/fhir/CodeSystem/broken-rule", "code": "Patient#pat-1"}
    example = {"resourceType": "Patient", "meta": {"tag": [tag]}, "contact": [{"gender": "male"}]}
    (tmp_path / "example.json").write_text(json.dumps(example))
    assert validate(tmp_path / "example.json") == 1
    assert validate(tmp_path / "example.json", "--examples") == 0
    (tmp_path / "example.json").write_text(json.dumps(example | {"gender": "femme"}))
    assert validate(tmp_path / "example.json", "--examples") == 1
    capsys.readouterr()
    (tmp_path / "example.json").write_text(json.dumps(example | {"contact": []}))
    assert validate(tmp_path / "example.json", "--examples") == 1
    assert "says that it breaks Patient#pat-1, and it does not" in capsys.readouterr().out


@pytest.mark.parametrize("meta", ['"x"', "[]", '{"tag": "x"}', '{"tag": ["x", {"system": 7}]}'])
def test_an_example_whose_tags_cannot_be_read_is_told_of_as_any_other(tmp_path: Path, meta: str) -> None:
    (tmp_path / "example.json").write_text(f'{{"resourceType": "Patient", "meta": {meta}}}')
    assert validate(tmp_path / "example.json", "--examples") == 1


def test_standard_input_is_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'<Patient xmlns="http://hl7.org/fhir"><colour value="1"/></Patient>')))
    assert validate("-") == 1
    assert "stdin:1:" in capsys.readouterr().out


def test_the_first_verdict_from_a_cold_start_loads_nothing_of_the_server_and_does_little(tmp_path: Path) -> None:
    """Half as many calls again as when this was written; what they take in seconds, benchmarks/cold_start.py tells."""
    (tmp_path / "patient.json").write_text('{"resourceType": "Patient", "gender": "female", "birthDate": "1950-07-14"}')
    start = cold_start("validate", str(tmp_path / "patient.json"))
    assert not HEAVY & start.modules
    assert {name.split(".")[1] for name in start.modules if name.startswith("fhir_server.")} <= ROOMS
    assert not any(name.startswith("adapters") for name in start.modules)
    assert start.calls < 1_000_000


def test_how_bad_a_faulty_national_identifier_is_comes_from_the_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = {"system": "https://rpps.esante.gouv.fr", "value": "10002422978"}
    (tmp_path / "doctor.json").write_text(json.dumps({"resourceType": "Practitioner", "identifier": [identifier]}))
    assert validate(tmp_path / "doctor.json") == 0
    assert "warning: Practitioner.identifier[0]: The last digit should be 9" in capsys.readouterr().out
    monkeypatch.setenv("PASSERELLE_IDENTIFIER_CHECKS_OF", "rpps=error")
    assert validate(tmp_path / "doctor.json") == 1
    assert "error: Practitioner.identifier[0]: The last digit should be 9" in capsys.readouterr().out
