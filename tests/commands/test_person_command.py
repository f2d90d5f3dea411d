"""`passerelle person` as an operator uses it for a person who asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhir_server.cli import main

PATIENT = {"resourceType": "Patient", "id": "a", "name": [{"family": "Zyxsecretzyx"}], "deceasedDateTime": "2001-02-03"}
OBSERVATION = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"}, "subject": {"reference": "Patient/a"}}


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main([*map(str, arguments)])
    return int(end.value.code or 0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "all.ndjson").write_text("\n".join(json.dumps(one) for one in (PATIENT, OBSERVATION)))
    assert run("import", tmp_path / "all.ndjson", "--data", tmp_path / "data") == 0
    return tmp_path / "data"


def test_a_record_is_handed_over_then_erased(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("person", "export", "a", tmp_path / "out", "--data", data) == 0
    assert json.loads((tmp_path / "out" / "current" / "Patient.ndjson").read_text())["name"] == PATIENT["name"]
    assert run("person", "erase", "a", "--dry-run", "--data", data) == 0
    shown = capsys.readouterr().out
    assert "Observation  1" in shown
    assert "Nothing was changed." in shown
    assert run("person", "erase", "a", "--order-by", "DPO", "--reason", "asked", "--vacuum", "--data", data) == 0
    assert "Backups made before still hold it" in capsys.readouterr().out
    assert b"Zyxsecretzyx" not in (data / "passerelle.db").read_bytes()
    assert run("person", "export", "a", tmp_path / "again", "--data", data) == 2
    assert run("audit", "verify", "--data", data) == 0
    assert run("db", "check", "--data", data) == 0


def test_an_erasure_names_who_ordered_it_and_why(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("person", "erase", "a", "--data", data) == 2
    assert "--order-by" in capsys.readouterr().err


def test_retention_says_what_it_would_erase_and_erases_when_told_to(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("person", "retention", "--data", data) == 2
    (data / "passerelle.toml").write_text('[retention]\n"Patient.deceased" = "10y"\n')
    assert run("person", "retention", "--data", data) == 0
    assert "Patient.deceased=10y: 1 persons, 0 resources\nNothing was changed" in capsys.readouterr().out
    assert run("person", "retention", "--apply", "--data", data) == 0
    assert run("person", "retention", "--data", data) == 0
    assert "Patient.deceased=10y: 0 persons" in capsys.readouterr().out


def merged(folder: Path) -> Path:
    """A server's data with two records of one person, the second given up for the first."""
    link = {"other": {"reference": "Patient/gone"}, "type": "replaces"}
    there = {"resourceType": "Patient", "id": "there", "active": True, "link": [link]}
    gone = {
        "resourceType": "Patient",
        "id": "gone",
        "active": False,
        "link": [{"other": {"reference": "Patient/there"}, "type": "replaced-by"}],
    }
    (folder / "all.ndjson").write_text("\n".join(json.dumps(one) for one in (there, gone)))
    assert run("import", folder / "all.ndjson", "--data", folder / "data") == 0
    return folder / "data"


def record(data: Path, id_: str, folder: Path) -> dict[str, object]:
    assert run("person", "export", id_, folder, "--data", data) == 0
    records = [json.loads(line) for line in (folder / "current" / "Patient.ndjson").read_text().splitlines()]
    return next(one for one in records if one["id"] == id_)


def test_a_merge_is_undone_and_both_records_stand_by_themselves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = merged(tmp_path)
    assert run("person", "unmerge", "gone", "--data", data) == 0
    assert "Patient/gone and Patient/there are two records again." in capsys.readouterr().out
    for id_ in ("gone", "there"):
        after = record(data, id_, tmp_path / id_)
        assert (after["active"], "link" in after) == (True, False)


@pytest.mark.parametrize("id_", ["there", "nobody"])
def test_what_was_not_merged_is_not_undone(id_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = merged(tmp_path)
    assert run("person", "unmerge", id_, "--data", data) == 2
    assert f"Patient/{id_} is no record that was merged into another" in capsys.readouterr().err
    assert record(data, "gone", tmp_path / "out")["active"] is False
