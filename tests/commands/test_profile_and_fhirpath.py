"""`passerelle profile show` and `passerelle fhirpath`, as those who write guides and expressions use them."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from fhir_server.cli import main

PATIENT = {"resourceType": "Patient", "name": [{"given": ["Jeanne", "Marie"]}], "birthDate": "1950-07-14"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Status, standard output, standard error."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    told = capsys.readouterr()
    return int(end.value.code or 0), told.out, told.err


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_DATA", str(tmp_path / "data"))


@pytest.fixture
def patient(tmp_path: Path) -> str:
    (tmp_path / "patient.json").write_text(json.dumps(PATIENT))
    return str(tmp_path / "patient.json")


def test_the_table_has_flags_cardinality_type_binding_and_rules(capsys):
    status, out, _ = run(capsys, "profile", "show", "http://hl7.org/fhir/StructureDefinition/Patient")
    rows = [line.split() for line in out.splitlines()]
    assert status == 0
    assert ["gender", "Σ", "0..1", "code", "male"] in [row[:5] for row in rows]
    assert ["active", "?!", "Σ", "0..1", "boolean"] in [row[:5] for row in rows]
    assert "binding: http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1 (required)" in out
    assert "Reference(Organization | Practitioner | PractitionerRole)" in out
    assert "pat-1 (error): " in out


def test_a_differential_shows_only_what_the_profile_says_with_what_it_inherits(capsys):
    _, whole, _ = run(capsys, "profile", "show", "bmi")
    _, own, _ = run(capsys, "profile", "show", "bmi", "--differential")
    assert len(own.splitlines()) < len(whole.splitlines())
    assert "code.coding:BMICode" in own.replace("  ", "") or "BMICode" in own


def test_a_profile_that_is_not_there_gives_status_2_and_those_near_it(capsys):
    status, _, err = run(capsys, "profile", "show", "http://hl7.org/fhir/StructureDefinition/Patiet")
    assert status == 2
    assert "StructureDefinition/Patient" in err


@pytest.mark.parametrize(
    ("expression", "lines"),
    [
        ("Patient.name.given", ['Patient.name[0].given[0] (string): "Jeanne"', 'Patient.name[0].given[1] (string): "Marie"']),
        ("name.given.count() + 1", ["System.Integer: 3"]),
        ("@2024-02-29 - 1 year", ['System.Date: "2023-02-28"']),
        ("deceased", ["(empty)"]),
        ("3.50 'mg'", ['System.Quantity: {"value":3.50,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}']),
    ],
)
def test_values_are_shown_with_their_type_and_place(capsys, patient, expression, lines):
    assert run(capsys, "fhirpath", expression, patient)[:2] == (0, "\n".join(lines) + "\n")


def test_an_error_has_a_mark_below_its_column_and_status_2(capsys, patient):
    status, _, err = run(capsys, "fhirpath", "name.wher(true)", patient)
    expression, mark = err.splitlines()
    assert (status, expression) == (2, "name.wher(true)")
    assert mark.startswith("     ^ ")


def test_a_name_that_the_type_does_not_have_is_a_warning(capsys, patient):
    status, out, err = run(capsys, "fhirpath", "Patient.nam", patient)
    assert (status, out) == (0, "(empty)\n")
    assert "^ " in err


def test_with_a_context_each_of_its_items_is_evaluated(capsys, patient):
    _, out, _ = run(capsys, "fhirpath", "length()", patient, "--context", "name.given")
    assert out.splitlines() == [
        "Patient.name[0].given[0]:", "System.Integer: 6", "Patient.name[0].given[1]:", "System.Integer: 5",
    ]  # fmt: skip


@pytest.mark.parametrize("ships_snapshot", [False, True])
def test_what_is_wrong_with_the_profile_stands_above_its_table(capsys, tmp_path, ships_snapshot):
    wrong = {
        "resourceType": "StructureDefinition", "id": "p", "url": "http://example.org/StructureDefinition/p", "name": "P", "status": "draft",
        "kind": "resource", "abstract": False, "type": "Patient", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 2, "max": "1"}]},
    }  # fmt: skip
    if ships_snapshot:
        wrong["snapshot"] = {"element": [{"id": "Patient", "path": "Patient", "min": 0, "max": "*"}]}
    manifest = {"name": "example.wrong", "version": "1.0.0", "dependencies": {}}
    archive = tmp_path / "wrong.tgz"
    with tarfile.open(archive, "w:gz") as opened:
        for name, content in (("package.json", manifest), ("StructureDefinition-p.json", wrong)):
            member = tarfile.TarInfo(f"package/{name}")
            data = json.dumps(content).encode()
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    status, out, _ = run(capsys, "profile", "show", wrong["url"], "--package", str(archive))
    assert status == 0
    assert "! Patient.name: min is 2, max is 1" in out
