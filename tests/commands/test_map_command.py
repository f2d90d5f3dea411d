"""`passerelle map`: maps checked, messages tried, without a server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fhir_server.commands.map import command

DISCHARGE = Path(__file__).parents[1] / "hl7v2" / "messages" / "a03_sortie_domicile.er7"
SITE = 'site: chu\ntitle: A hospital of its own\nof: hl7v2\nsenders: ["A|B"]\n'


def passerelle(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


@pytest.fixture
def discharge(tmp_path: Path) -> Path:
    return Path(shutil.copy(DISCHARGE, tmp_path / "discharge.er7"))


def test_check_names_every_map_and_site(tmp_path: Path) -> None:
    (tmp_path / "chu.yaml").write_text(SITE)
    done = passerelle("check", "--sites", str(tmp_path))
    assert done.exit_code == 0
    assert "adt_a03  Discharge" in done.output
    assert "A|B  has a site" in done.output
    assert "adt_a28 (sent)  A person" in done.output


def test_check_tells_a_mistake_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "chu.yaml").write_text(SITE + "colour: blue\n")
    done = passerelle("check", "--sites", str(tmp_path))
    assert (done.exit_code, "chu.yaml:5" in done.output) == (1, True)


def test_the_sites_of_the_setting_are_meant_where_none_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, discharge: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "chu.yaml").write_text(SITE + "colour: blue\n")
    monkeypatch.setenv("PASSERELLE_SITES", str(tmp_path / "sites"))
    assert "chu.yaml:5: 'colour'" in passerelle("check").output
    assert "chu.yaml:5: 'colour'" in str(passerelle("explain", str(discharge)).exception)


def test_check_tells_an_element_that_fhir_does_not_have(tmp_path: Path) -> None:
    (tmp_path / "chu.yaml").write_text(SITE + "resources:\n  encounter:\n    set:\n      statsu: =planned\n")
    done = passerelle("check", "--sites", str(tmp_path))
    assert done.exit_code == 1
    assert done.output == "chu.yaml:8: Encounter.statsu: R4 has no such element. Did you mean 'status'?\n"


def test_check_tells_a_code_that_does_not_belong_there_and_shows_our_own_warnings_on_demand(tmp_path: Path) -> None:
    (tmp_path / "chu.yaml").write_text(SITE + "resources:\n  patient:\n    set:\n      gender: =femme\n")
    done = passerelle("check", "--sites", str(tmp_path))
    assert done.exit_code == 1
    assert "chu.yaml:8: error: Patient.gender: The code 'femme' is not in the value set" in done.output
    assert done.output.endswith("about the maps that come with the program; --all shows them\n")


def test_explain_says_which_line_filled_what_and_what_nobody_read(discharge: Path) -> None:
    done = passerelle("explain", str(discharge))
    assert done.exit_code == 0
    assert "adt_a03: Discharge" in done.output
    filled, rest = done.output.split("Sent, and read by the program")
    program, unread = rest.split("Sent, and read by no line")
    assert "Encounter.subject" in filled
    assert "Consent" not in filled
    assert "Patient.birthDate = 1940-05-17  <- PID-7 | date" in filled
    assert {"MSH-3.1", "MSH-5.1", "MSH-9.1", "MSH-12.1"} <= set(program.split())
    assert {one for one in unread.split() if one.startswith("MSH")} == {"MSH-9.3", "MSH-21.1", "MSH-21.2"}
    assert "PID-7" not in unread


def test_explain_says_what_the_movement_makes_of_the_stay(discharge: Path) -> None:
    computed = passerelle("explain", str(discharge)).output.split("Computed of this movement")[1].split("Resources")[0]
    assert "Encounter.status = finished\n" in computed
    assert 'Encounter.period = {"start":"2026-03-02T09:30:00+01:00","end":"2026-03-08T14:30:00+01:00"}\n' in computed
    assert "Encounter.hospitalization.dischargeDisposition = " in computed


def test_what_disappears_was_filled_by_no_line(discharge: Path) -> None:
    discharge.write_bytes(discharge.read_bytes().split(b"\rZFD")[0] + b"\r")
    assert "methodCollection" not in passerelle("explain", str(discharge)).output


def test_a_message_is_compared_with_what_it_is_to_become(discharge: Path) -> None:
    assert passerelle("test", "--renew", str(discharge)).exit_code == 0
    assert passerelle("test", str(discharge)).output.endswith("as expected\n")
    assert "Encounter.status = finished" in json.loads(discharge.with_suffix(".json").read_text())["computed"]
    discharge.write_bytes(discharge.read_bytes().replace(b"|19400517|", b"|19400518|"))
    done = passerelle("test", str(discharge))
    assert done.exit_code == 1
    assert '-    "birthDate": "1940-05-17"' in done.output
    assert '+    "birthDate": "1940-05-18"' in done.output


def test_compose_prints_what_would_be_sent(tmp_path: Path) -> None:
    number, name = {"system": "urn:oid:1.2.3", "value": "7"}, {"family": "TEST", "use": "official"}
    patient = {"resourceType": "Patient", "identifier": [number], "name": [name]}
    (tmp_path / "bundle.json").write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]}))
    done = passerelle("compose", "adt_a31", str(tmp_path / "bundle.json"))
    assert "PID|||7^^^&1.2.3&ISO^PI||TEST^^^^^^L" in done.output


def test_document_prints_the_page() -> None:
    assert passerelle("document").output.startswith("# HL7 v2 messages, field by field")


@pytest.mark.parametrize("arguments", [("explain", "nowhere.er7"), ("check", "--sites", "nowhere"), ("test", "nowhere.er7")])
def test_what_is_not_there_is_named(arguments: tuple[str, ...]) -> None:
    done = passerelle(*arguments)
    assert "nowhere" in str(done.exception)
