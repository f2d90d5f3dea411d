"""$assemble and $questionnaire-package over HTTP (https://hl7.org/fhir/uv/sdc/STU4/modular.html)."""

from __future__ import annotations

import pytest

from fhir_server.definitions.stored import StoredConformance
from fhir_server.interactions import ConformanceFeed
from tests.questionnaires.forms import SDC, form, question

GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"
MODULE = {**form(question("1", "choice", answerValueSet=GENDER)), "url": "https://example.org/m", "version": "1.0", "id": "m"}
SUB = {"url": SDC + "subQuestionnaire", "valueCanonical": "https://example.org/m|1.0"}
ROOT = {**form(question("in", "display", text="not there", extension=[SUB])), "id": "q"}


@pytest.fixture(autouse=True)
def _own_definitions(definitions, interactions, monkeypatch):
    """What a test stores counts for that test only, as on a server whose interactions feed its definitions."""
    fresh = StoredConformance()
    fresh.generation = definitions.stored.generation + 1000
    monkeypatch.setattr(definitions, "stored", fresh)
    monkeypatch.setattr(interactions, "_conformance", ConformanceFeed(definitions))


@pytest.fixture
def server(client):
    for one in (MODULE, ROOT):
        assert client.put(f"/Questionnaire/{one['id']}", one).status_code == 201
    return client


def part(answer, name):
    assert answer.status_code == 200, answer.text
    return next((one["resource"] for one in answer.json().get("parameter", ()) if one["name"] == name), None)


def parameters(**value):
    return {"resourceType": "Parameters", "parameter": [{"name": "questionnaire", **value}]}


def ways(server, operation):
    """Each way to name the form."""
    yield server.get(f"/Questionnaire/q/${operation}")
    yield server.request("POST", f"/Questionnaire/q/${operation}")
    yield server.get(f"/Questionnaire/${operation}?questionnaire=https://example.org/q")
    yield server.post(f"/Questionnaire/${operation}", parameters(resource=ROOT))
    yield server.post(f"/Questionnaire/${operation}", parameters(valueUri="https://example.org/q"))
    yield server.post(f"/Questionnaire/${operation}", parameters(valueReference={"reference": "Questionnaire/q"}))
    yield server.post(f"/Questionnaire/${operation}", ROOT)


def test_a_form_is_assembled_however_it_is_named(server):
    for answer in ways(server, "assemble"):
        made = part(answer, "return")
        assert [one["linkId"] for one in made["item"]] == ["1"]
        assert made["extension"] == [{"url": SDC + "assembledFrom", "valueCanonical": "https://example.org/m|1.0"}]
    assert server.get("/Questionnaire/q").json()["item"][0]["linkId"] == "in"


def test_what_cannot_be_assembled_is_refused_with_all_that_is_wrong(server):
    server.put(
        "/Questionnaire/m", {**MODULE, "item": [question("in", "display", extension=[{**SUB, "valueCanonical": "https://example.org/q"}])]}
    )
    answer = server.get("/Questionnaire/q/$assemble")
    assert answer.status_code == 422
    assert "would contain itself: https://example.org/q > https://example.org/m > https://example.org/q" in answer.text


def test_a_package_has_the_form_its_modules_and_their_codes(server):
    for answer in ways(server, "questionnaire-package"):
        bundle = part(answer, "PackageBundle")
        types = [one["resource"]["resourceType"] for one in bundle["entry"]]
        assert (bundle["type"], types) == ("collection", ["Questionnaire", "Questionnaire", "ValueSet", "CodeSystem"])
        assert part(answer, "Outcome") is None


def test_several_forms_are_several_packages(server):
    answer = server.get("/Questionnaire/$questionnaire-package?questionnaire=https://example.org/q&questionnaire=https://example.org/m")
    assert [one["name"] for one in answer.json()["parameter"]] == ["PackageBundle", "PackageBundle"]


def test_a_package_tells_what_is_missing(server):
    server.delete("/Questionnaire/m")
    assert "https://example.org/m" in part(server.get("/Questionnaire/q/$questionnaire-package"), "Outcome")["issue"][0]["diagnostics"]


@pytest.mark.parametrize("operation", ["assemble", "questionnaire-package"])
def test_a_form_that_is_not_here_is_not_found_and_one_that_is_not_named_asked_for(client, operation):
    assert client.get(f"/Questionnaire/none/${operation}").status_code == 404
    assert client.get(f"/Questionnaire/${operation}?questionnaire=https://example.org/none").status_code == 404
    assert client.get(f"/Questionnaire/${operation}").status_code == 400
