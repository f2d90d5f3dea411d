"""$export (https://hl7.org/fhir/uv/bulkdata/STU2/export.html)."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from fhir_server.operations import export as export_module
from tests.rest.asynchronous import exported, manifest
from tests.rest.conftest import Client


def observation(id_: str, patient: str, status: str = "final") -> dict[str, Any]:
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": "Observation", "id": id_, "status": status, "code": {"text": "x"}, "subject": subject}


def group(id_: str, *references: str, **more: Any) -> dict[str, Any]:
    members = [{"entity": {"reference": reference}, **more} for reference in references]
    return {"resourceType": "Group", "id": id_, "type": "person", "actual": True, "member": members}


PRELIMINARY = "/$export?_type=Observation&_typeFilter=Observation%3Fstatus%3Dpreliminary"
OF_ALL = {"Patient": ["a", "b"], "Organization": ["o"], "Group": ["g", "gone", "h"], "Observation": ["none", "note", "oa", "ob"]}
RESOURCES = [
    {"resourceType": "Patient", "id": "a", "active": True},
    {"resourceType": "Patient", "id": "b", "link": [{"other": {"reference": "Patient/a"}, "type": "seealso"}]},
    {"resourceType": "Organization", "id": "o", "name": "Clinic"},
    group("g", "Patient/a"),
    group("h", "Group/g"),
    group("gone", "Patient/b", inactive=True),
    observation("oa", "a"),
    observation("ob", "b", "preliminary"),
    {"resourceType": "Observation", "id": "none", "status": "final", "code": {"text": "of nobody"}},
    {"resourceType": "Observation", "id": "note", "status": "final", "code": {"text": "see Patient/a"}},
]


@pytest.fixture
def filled(client: Client) -> Client:
    for resource in RESOURCES:
        assert client.put(f"/{resource['resourceType']}/{resource['id']}", resource).status_code == 201
    return client


def ids(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    return {name: sorted(one["id"] for one in resources) for name, resources in found.items()}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/$export", OF_ALL),
        ("/$export?_type=Patient,Organization", {"Patient": ["a", "b"], "Organization": ["o"]}),
        (PRELIMINARY, {"Observation": ["ob"]}),
        (PRELIMINARY + ",Observation%3F_id%3Doa,none", {"Observation": ["none", "oa", "ob"]}),
        ("/Patient/$export", {"Patient": ["a", "b"], "Observation": ["oa", "ob"], "Group": ["g", "gone"]}),
        ("/Patient/$export?patient=Patient/b&_type=Patient,Observation", {"Patient": ["b"], "Observation": ["ob"]}),
        ("/Group/g/$export?_type=Patient,Observation", {"Patient": ["a"], "Observation": ["oa"]}),
        ("/Group/h/$export?_type=Patient", {"Patient": ["a"]}),
        ("/$export?_type=Medication", {}),
    ],
)
def test_it_holds_what_was_asked_for(filled, path, expected):
    assert ids(exported(filled, filled.get(path, prefer="respond-async"))) == expected


def test_parameters_can_be_posted(filled):
    asked = [{"name": "_type", "valueString": "Patient"}, {"name": "patient", "valueReference": {"reference": "Patient/a"}}]
    answer = filled.post("/Patient/$export", {"resourceType": "Parameters", "parameter": asked}, prefer="respond-async")
    assert ids(exported(filled, answer)) == {"Patient": ["a"]}


def test_each_resource_is_as_it_is_read(filled):
    (found,) = exported(filled, filled.get("/$export?_type=Organization"))["Organization"]
    assert found == filled.get("/Organization/o").json()


def test_the_next_export_begins_where_this_one_ended(filled):
    moment = manifest(filled, filled.get("/$export"))["transactionTime"]
    assert exported(filled, filled.get(f"/$export?_since={moment}")) == {}
    filled.put("/Patient/a", {"resourceType": "Patient", "id": "a", "active": False})
    filled.delete("/Observation/ob")
    filled.delete("/Organization/o")
    answer = manifest(filled, filled.get(f"/$export?_since={moment}"))
    assert [(file["type"], file["count"]) for file in answer["output"]] == [("Patient", 1)]
    (file,) = answer["deleted"]
    bundle = filled.get(file["url"]).json()
    assert sorted(entry["request"]["url"] for entry in bundle["entry"]) == ["Observation/ob", "Organization/o"]
    of_patients = manifest(filled, filled.get(f"/Patient/$export?_since={moment}"))
    bundle = filled.get(of_patients["deleted"][0]["url"]).json()
    assert [entry["request"] for entry in bundle["entry"]] == [{"method": "DELETE", "url": "Observation/ob"}]


def test_until_shows_an_earlier_state(filled):
    moment = manifest(filled, filled.get("/$export"))["transactionTime"]
    filled.put("/Patient/a", {"resourceType": "Patient", "id": "a", "active": False})
    filled.put("/Patient/c", {"resourceType": "Patient", "id": "c"})
    found = exported(filled, filled.get(f"/$export?_type=Patient&_until={moment}"))
    assert ids(found) == {"Patient": ["a", "b"]}
    assert next(one for one in found["Patient"] if one["id"] == "a")["active"] is True


def test_all_files_show_one_moment_whatever_is_written_meanwhile(filled, interactions, monkeypatch):
    """Between the pages of the export everything is changed; it shows none of that."""
    monkeypatch.setattr(export_module, "PAGE", 1)
    true_as_of = interactions.store.as_of
    written = iter(range(1000))

    async def disturbed(*place: Any, **more: Any) -> Any:
        number = next(written)
        await interactions.update("Patient", "b", {"resourceType": "Patient", "id": "b", "name": [{"text": str(number)}]})
        await interactions.update("Patient", f"new{number}", {"resourceType": "Patient", "id": f"new{number}"})
        return await true_as_of(*place, **more)

    monkeypatch.setattr(interactions.store, "as_of", disturbed, raising=False)
    found = exported(filled, filled.get("/$export?_type=Patient,Observation"))
    assert ids(found) == {"Patient": ["a", "b"], "Observation": ["none", "note", "oa", "ob"]}
    assert "name" not in next(one for one in found["Patient"] if one["id"] == "b")


def test_many_resources_of_a_type_go_into_several_files(filled, monkeypatch):
    monkeypatch.setattr(export_module, "FILE_RESOURCES", 3)
    files = manifest(filled, filled.get("/$export?_type=Observation"))["output"]
    assert [(file["type"], file["count"]) for file in files] == [("Observation", 3), ("Observation", 1)]


@pytest.mark.parametrize("coding", ["gzip", "identity", "br"])
def test_a_file_comes_packed_where_that_is_taken(filled, coding):
    (file,) = manifest(filled, filled.get("/$export?_type=Organization"))["output"]
    answer = filled.get(file["url"], accept_encoding=coding)
    assert answer.headers.get("content-encoding") == ("gzip" if coding == "gzip" else None)
    assert answer.json()["id"] == "o"


def test_a_packed_file_is_one_gzip(filled, loop):
    (file,) = manifest(filled, filled.get("/$export?_type=Patient"))["output"]

    async def raw() -> bytes:
        async with filled._client.stream("GET", file["url"], headers={"accept-encoding": "gzip"}) as answer:
            return b"".join([piece async for piece in answer.aiter_raw()])

    assert len(gzip.decompress(loop.run_until_complete(raw())).splitlines()) == 2


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/$export?_outputFormat=text/csv", "application/fhir+ndjson"),
        ("/$export?_type=Pateint", "Pateint"),
        ("/$export?_since=yesterday", "_since"),
        ("/$export?_elements=id", "_elements"),
        ("/$export?_typeFilter=Observation", "_typeFilter"),
        ("/$export?_typeFilter=Observation%3Fnonsense%3D1", "nonsense"),
        ("/$export?_typeFilter=Observation%3F_include%3DObservation:subject", "_include"),
        ("/$export?patient=Patient/a", "patient"),
        ("/Patient/$export?_type=Organization", "Organization"),
        ("/Patient/$export?patient=Device/1", "Device/1"),
        ("/Group/$export", "Which group"),
    ],
)
def test_what_cannot_be_had_is_refused_at_once(filled, issue_of, path, words):
    answer = filled.get(path)
    assert answer.status_code == 400
    assert words in issue_of(answer)["diagnostics"]


@pytest.mark.parametrize(
    ("path", "status"), [("/Group/none/$export", 404), ("/Group/gone/$export", 404), ("/Group/g/$export?patient=Patient/b", 422)]
)
def test_a_group_exports_only_its_members(filled, path, status):
    assert filled.get(path).status_code == status


def test_who_is_lenient_is_told_in_the_errors(filled):
    told = manifest(filled, filled.get("/$export?_type=Patient&_elements=id", prefer="respond-async, handling=lenient"))
    assert "_elements" in filled.get(told["error"][0]["url"]).json()["issue"][0]["diagnostics"]
    assert told["output"][0]["count"] == 2
    assert told["requiresAccessToken"] is False


def test_the_capability_statement_declares_it(client):
    rest = client.get("/metadata").json()["rest"][0]
    assert "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export" in [one["definition"] for one in rest["operation"]]
    operations = {one["type"]: [each["name"] for each in one.get("operation", ())] for one in rest["resource"]}
    assert "export" in operations["Patient"]
    assert "export" in operations["Group"]
