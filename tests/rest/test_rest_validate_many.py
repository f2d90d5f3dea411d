"""$validate on many resources at once, its modes, its languages; and validation on write."""

from __future__ import annotations

import json

import pytest

from fhir_server.interactions import Interactions, WriteValidation
from fhir_server.rest.application import fhir_application
from fhir_server.store.sqlite.store import SqliteStore

PATIENT = {"resourceType": "Patient", "active": True}
WRONG = {"resourceType": "Patient", "gender": "femme"}
PLAN = {"resourceType": "CarePlan"}
PROFILE = "http://example.org/StructureDefinition/strict"


def severities(outcome):
    return {issue["severity"] for issue in outcome["issue"]}


def test_each_line_of_ndjson_is_answered_by_a_line(client):
    body = b'{"resourceType":"Patient","active":true}\n\n{"resourceType":"Patient",\n   {"resourceType":"Patient","gender":"femme"}'
    answer = client.post("/$validate", body, content_type="application/fhir+ndjson")
    first, second, third = map(json.loads, answer.content.splitlines())
    assert not severities(first) & {"error", "fatal"}
    assert severities(second) & {"error", "fatal"}
    extensions = [extension for issue in third["issue"] for extension in issue["extension"]]
    assert {extension["valueInteger"] for extension in extensions if extension["url"].endswith("issue-line")} == {4}


def test_each_entry_of_a_bundle_is_answered_by_an_entry(client):
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}, {"resource": WRONG}, {"fullUrl": "urn:x:y"}]}
    answer = client.post("/$validate", bundle).json()
    outcomes = [entry["response"]["outcome"] for entry in answer["entry"]]
    assert answer["type"] == "batch-response"
    assert ["error" in severities(outcome) for outcome in outcomes] == [False, True, False]


def test_a_resource_of_any_type_is_checked_without_a_type_in_the_address(client):
    assert "error" in severities(client.post("/$validate", WRONG).json())
    assert "error" not in severities(client.post("/$validate", PATIENT).json())


def test_findings_are_told_in_the_language_of_the_reader(client):
    answer = client.post("/Patient/$validate", {"resourceType": "Patient", "colour": "red"}, accept_language="fr, en;q=0.5")
    assert answer.json()["language"] == "fr"
    assert "n’a pas d’élément" in answer.text


def test_an_update_needs_an_id_and_a_deletion_an_instance(client):
    assert "error" in severities(client.post("/Patient/$validate?mode=update", PATIENT).json())
    deletion = {"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "delete"}]}
    assert "error" in severities(client.post("/Patient/$validate", deletion).json())
    assert "error" not in severities(client.post("/Patient/p1/$validate", deletion).json())


@pytest.fixture
def serve_validating(definitions, searching, validator, tmp_path, loop):
    """A client of a server that validates writes: `serve_validating("warn", {"CarePlan": "refuse"})`."""
    from tests.rest.conftest import Client

    store = SqliteStore(tmp_path / "validating.db")

    def started(default, rules=None):
        interactions = Interactions(store, definitions, searching, validation=WriteValidation(validator, default, rules))
        return Client(fhir_application(interactions, validator), loop)

    yield started
    loop.run_until_complete(store.close())


def test_off_stores_what_is_wrong_but_readable(serve_validating):
    assert serve_validating("off").post("/Patient", WRONG).status_code == 201


def test_refuse_stores_nothing_and_says_why(serve_validating):
    client = serve_validating("refuse")
    answer = client.post("/Patient", WRONG)
    assert answer.status_code == 422
    assert "Patient.gender" in answer.text
    assert client.put("/Patient/a", WRONG | {"id": "a"}).status_code == 422
    assert client.get("/_history").json()["total"] == 0
    assert client.post("/Patient", PATIENT).status_code == 201


def test_warn_stores_and_tells_who_wants_an_outcome(serve_validating):
    client = serve_validating("warn")
    told = client.post("/Patient", WRONG, prefer="return=OperationOutcome")
    assert told.status_code == 201
    assert "error" in severities(told.json())
    assert client.post("/Patient", WRONG).json()["resourceType"] == "Patient"


def test_a_claimed_profile_comes_before_the_type_and_the_type_before_the_default(serve_validating):
    client = serve_validating("off", {"Patient": "refuse", PROFILE: "warn"})
    claiming = WRONG | {"meta": {"profile": [f"{PROFILE}|1.0"]}}
    assert client.post("/Patient", WRONG).status_code == 422
    assert client.post("/Patient", claiming).status_code == 201
    assert client.post("/CarePlan", PLAN).status_code == 201


def bundle(kind, *resources):
    entries = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def test_a_transaction_with_a_refused_entry_stores_nothing_and_names_the_entry(serve_validating):
    client = serve_validating("refuse")
    answer = client.post("/", bundle("transaction", PATIENT, WRONG))
    assert answer.status_code == 422
    assert "Bundle.entry[1].resource.gender" in answer.text
    assert client.get("/_history").json()["total"] == 0


def test_a_batch_refuses_only_the_wrong_entry(serve_validating):
    answer = serve_validating("refuse").post("/", bundle("batch", PATIENT, WRONG)).json()
    assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["201", "422"]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_warnings_stand_in_the_entry_of_the_answer(serve_validating, kind):
    (entry,) = serve_validating("warn").post("/", bundle(kind, WRONG)).json()["entry"]
    assert entry["response"]["status"].startswith("201")
    assert "error" in severities(entry["response"]["outcome"])
