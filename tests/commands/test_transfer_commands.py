"""import, export, backup, restore and demo, run as a user runs them."""

from __future__ import annotations

import bz2
import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fhir_server.cli import main
from fhir_server.demo.stories import story_names

Command = Callable[..., int]


@pytest.fixture
def passerelle(tmp_path: Path) -> Command:
    """`passerelle("import", "file.json")` runs a command on this test's data folder; its exit status."""

    def run(*arguments: str, data: str = "data") -> int:
        try:
            main([*arguments, "--data", str(tmp_path / data)])
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def patient(id_: str, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": id_, **elements}


def stored(folder: Path) -> set[str]:
    """`Patient/a` and so on, of what a database holds now."""
    with sqlite3.connect(folder / "passerelle.db") as connection:
        rows = connection.execute("SELECT type, id FROM resource WHERE deleted = 0").fetchall()
    connection.close()
    return {f"{type_name}/{id_}" for type_name, id_ in rows}


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("p.json", lambda path, text: path.write_bytes(text)),
        ("p.json.gz", lambda path, text: path.write_bytes(gzip.compress(text))),
        ("p.json.bz2", lambda path, text: path.write_bytes(bz2.compress(text))),
    ],
)
def test_a_resource_comes_in_plain_and_packed(tmp_path: Path, passerelle: Command, name: str, write: Callable[[Path, bytes], Any]) -> None:
    write(tmp_path / name, json.dumps(patient("a")).encode())
    assert passerelle("import", str(tmp_path / name)) == 0
    assert stored(tmp_path / "data") == {"Patient/a"}


def test_every_kind_of_file_of_a_folder_comes_in(tmp_path: Path, passerelle: Command) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "lines.ndjson").write_text("\n".join(json.dumps(patient(f"n{number}")) for number in range(1201)) + "\n\n")
    (folder / "one.xml").write_text('<Patient xmlns="http://hl7.org/fhir"><id value="x"/></Patient>')
    collection = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient("c")}]}
    (folder / "collection.json").write_text(json.dumps(collection))
    (folder / "notes.txt").write_text("not for us")
    assert passerelle("import", str(folder)) == 0
    assert stored(tmp_path / "data") == {f"Patient/n{number}" for number in range(1201)} | {"Patient/x", "Patient/c"}


def test_a_bundle_that_refers_to_a_later_file_waits_for_it(tmp_path: Path, passerelle: Command) -> None:
    plan = {"resourceType": "CarePlan", "status": "draft", "intent": "plan", "subject": {"reference": "Patient?identifier=urn:x|1"}}
    entry = {"resource": plan, "request": {"method": "POST", "url": "CarePlan"}}
    early = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    (tmp_path / "1.json").write_text(json.dumps(early))
    (tmp_path / "2.json").write_text(json.dumps(patient("a", identifier=[{"system": "urn:x", "value": "1"}])))
    assert passerelle("import", str(tmp_path / "1.json"), str(tmp_path / "2.json")) == 0
    assert len(stored(tmp_path / "data")) == 2


def test_what_is_refused_is_told_by_name_and_the_rest_comes_in(
    tmp_path: Path, passerelle: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(patient("b", birthDate="31/12/1950")))
    (tmp_path / "broken.json").write_text('{"resourceType": "Patient"')
    (tmp_path / "good.json").write_text(json.dumps(patient("a")))
    assert passerelle("import", *(str(tmp_path / name) for name in ("bad.json", "broken.json", "good.json", "absent.json"))) == 1
    told = capsys.readouterr().err
    assert "31/12/1950" in told
    assert "broken.json" in told
    assert "absent.json" in told
    assert stored(tmp_path / "data") == {"Patient/a"}


def test_a_url_of_a_host_that_is_not_allowed_is_not_asked(passerelle: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert passerelle("import", "https://example.org/bundle.json") == 1
    assert "allowed_hosts" in capsys.readouterr().err


def test_what_is_exported_can_be_imported_again(tmp_path: Path, passerelle: Command) -> None:
    passerelle("demo", "load")
    assert passerelle("export", str(tmp_path / "out")) == 0
    assert passerelle("import", str(tmp_path / "out"), data="second") == 0
    assert stored(tmp_path / "second") == stored(tmp_path / "data")


def test_export_writes_one_type_where_one_is_asked(tmp_path: Path, passerelle: Command) -> None:
    passerelle("demo", "load")
    assert passerelle("export", str(tmp_path / "out"), "--type", "CareTeam") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["CareTeam.ndjson"]


def test_loading_the_demonstration_twice_changes_nothing(tmp_path: Path, passerelle: Command) -> None:
    passerelle("demo", "load")
    passerelle("demo", "load")
    with sqlite3.connect(tmp_path / "data" / "passerelle.db") as connection:
        (versions,) = connection.execute("SELECT count(*) FROM version").fetchone()
    connection.close()
    assert versions == len(stored(tmp_path / "data"))


def test_a_story_of_the_guide_is_loaded_and_says_whom_it_is_about(
    tmp_path: Path, passerelle: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert passerelle("demo", "load", "--story", "palliative-care-at-home") == 0
    assert "CarePlan?patient.identifier=152032546201371&" in capsys.readouterr().out
    assert {"Patient/palliative-patient", "CarePlan/palliative-plan"} < stored(tmp_path / "data")


def test_a_story_that_is_not_there_names_those_that_are(passerelle: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert passerelle("demo", "load", "--story", "happy-end") == 2
    told = capsys.readouterr().err
    assert all(name in told for name in story_names())


def test_the_drill_backup_change_restore_gives_back_what_was(tmp_path: Path, passerelle: Command) -> None:
    passerelle("demo", "load")
    before = stored(tmp_path / "data")
    assert passerelle("backup", str(tmp_path / "copy.db")) == 0
    (tmp_path / "later.json").write_text(json.dumps(patient("later")))
    passerelle("import", str(tmp_path / "later.json"))
    assert passerelle("restore", str(tmp_path / "copy.db")) == 0
    assert stored(tmp_path / "data") == before
    assert (tmp_path / "data" / "passerelle.db.before-restore").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("backup", "{tmp}/exists.db"), "exists already"),
        (("backup", "{tmp}/new.db"), "There is no database"),
        (("restore", "{tmp}/absent.db"), "There is no file"),
        (("restore", "{tmp}/exists.db"), "not a backup"),
    ],
)
def test_backup_and_restore_say_why_they_cannot(
    tmp_path: Path, passerelle: Command, capsys: pytest.CaptureFixture[str], arguments: tuple[str, str], sentence: str
) -> None:
    (tmp_path / "exists.db").write_text("something else entirely, long enough to be looked at " * 50)
    assert passerelle(*(argument.format(tmp=tmp_path) for argument in arguments)) == 2
    assert sentence in capsys.readouterr().err


def test_files_that_are_loaded_side_by_side_are_all_counted(
    tmp_path: Path, passerelle: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(20):
        (tmp_path / f"{number}.json").write_text(json.dumps(patient(f"p{number}")))
    assert passerelle("import", str(tmp_path)) == 0
    assert "20 resources of 20 files" in capsys.readouterr().out


def test_a_wrong_line_of_ndjson_is_named_and_the_others_come_in(
    tmp_path: Path, passerelle: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.dumps(patient("a")), "", "not json", json.dumps(patient("b", colour="red")), json.dumps(patient("c"))]
    (tmp_path / "many.ndjson").write_text("\n".join(["", *lines]))
    assert passerelle("import", str(tmp_path / "many.ndjson")) == 1
    told = capsys.readouterr().err
    assert "many.ndjson:4: The text is not well-formed JSON" in told
    assert "many.ndjson:5: Patient has no element 'colour'" in told
    assert stored(tmp_path / "data") == {"Patient/a", "Patient/c"}
