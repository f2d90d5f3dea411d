"""QuestionnaireResponse/$extract over HTTP (https://hl7.org/fhir/uv/sdc/STU4/OperationDefinition-QuestionnaireResponse-extract.html)."""

from __future__ import annotations

import pytest

from fhir_server.definitions.stored import StoredConformance
from fhir_server.interactions import ConformanceFeed
from fhir_server.model.json_format import decode_resource, encode_json
from tests.questionnaires.forms import CORE, SDC, answered, form, question, response
from tests.questionnaires.test_extract_official import FOLDER, NAMES, normalised

OBSERVED = {"url": SDC + "observationExtract", "valueBoolean": True}
FORM = form(question("pain", "integer", code=[{"system": "http://loinc.org", "code": "72514-3"}], extension=[OBSERVED]))
ANSWER = {**response(answered("pain", {"valueInteger": 3})), "subject": {"reference": "Patient/anne"}}
PATH = "/QuestionnaireResponse/$extract"


@pytest.fixture(autouse=True)
def _own_definitions(definitions, interactions, monkeypatch):
    """What a test stores counts for that test only, as on a server whose interactions feed its definitions."""
    fresh = StoredConformance()
    fresh.generation = definitions.stored.generation + 1000
    monkeypatch.setattr(definitions, "stored", fresh)
    monkeypatch.setattr(interactions, "_conformance", ConformanceFeed(definitions))


def parameters(**named):
    said = [{"name": name.replace("_", "-"), "resource": one} for name, one in named.items()]
    return {"resourceType": "Parameters", "parameter": said}


def part(answer, name):
    assert answer.status_code == 200, answer.text
    return next((one["resource"] for one in answer.json().get("parameter", ()) if one["name"] == name), None)


def test_a_response_that_is_sent_with_its_form_becomes_a_transaction_that_can_be_posted(client):
    answer = client.post(PATH, parameters(questionnaire_response=ANSWER, questionnaire=FORM))
    bundle = part(answer, "return")
    assert (bundle["type"], part(answer, "issues")) == ("transaction", None)
    assert client.get("/Observation?_summary=count").json()["total"] == 0
    client.put("/Patient/anne", {"resourceType": "Patient", "id": "anne"})
    assert client.post("/", bundle).status_code == 200
    (entry,) = client.get("/Observation?code=72514-3&patient=anne").json()["entry"]
    assert entry["resource"]["valueInteger"] == 3


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stored_response_is_extracted_by_its_stored_form_and_pointed_at(client, method):
    client.put("/Questionnaire/q", {**FORM, "id": "q"})
    client.put("/QuestionnaireResponse/r", {**ANSWER, "id": "r"})
    bundle = part(client.request(method, "/QuestionnaireResponse/r/$extract"), "return")
    assert bundle["entry"][0]["resource"]["derivedFrom"] == [{"reference": "QuestionnaireResponse/r"}]


@pytest.mark.parametrize("sent", [False, True], ids=["by its id", "sent"])
def test_a_stored_response_that_is_extracted_twice_makes_things_once(client, sent):
    client.put("/Questionnaire/q", {**FORM, "id": "q"})
    client.put("/Patient/anne", {"resourceType": "Patient", "id": "anne"})
    stored = client.put("/QuestionnaireResponse/r", {**ANSWER, "id": "r"}).json()
    for _ in range(2):
        answer = client.post(PATH, stored) if sent else client.get("/QuestionnaireResponse/r/$extract")
        assert client.post("/", part(answer, "return")).status_code == 200
    assert client.get("/Observation?_summary=count").json()["total"] == 1


def test_the_response_may_be_the_body_itself(client):
    client.put("/Questionnaire/q", {**FORM, "id": "q"})
    assert part(client.post(PATH, ANSWER), "return")["entry"]


def test_a_condition_on_the_person_is_read_of_the_person(client):
    launched = {"url": SDC + "launchContext", "extension": [{"url": "name", "valueCoding": {"code": "patient"}}]}
    said = {"language": "text/fhirpath", "expression": "%patient.active"}
    item = {**FORM["item"][0], "extension": [OBSERVED, {"url": SDC + "enableWhenExpression", "valueExpression": said}]}
    asked = parameters(questionnaire_response=ANSWER, questionnaire={**FORM, "item": [item], "extension": [launched]})
    for active, count in ((True, 1), (False, 0)):
        client.put("/Patient/anne", {"resourceType": "Patient", "id": "anne", "active": active})
        assert len((part(client.post(PATH, asked), "return") or {}).get("entry", ())) == count


def test_where_nothing_is_to_be_extracted_that_is_told(client):
    answer = client.post(PATH, parameters(questionnaire_response=response(), questionnaire=FORM))
    assert part(answer, "return") is None
    (issue,) = part(answer, "issues")["issue"]
    assert (issue["severity"], issue["code"]) == ("information", "informational")


def test_a_response_that_is_not_done_and_a_form_that_is_not_its_own_are_told(client):
    strange = {**FORM, "url": "https://example.org/other"}
    answer = client.post(PATH, parameters(questionnaire_response={**ANSWER, "status": "in-progress"}, questionnaire=strange))
    assert [one["severity"] for one in part(answer, "issues")["issue"]] == ["information", "warning"]
    derived = {**strange, "derivedFrom": [FORM["url"] + "|1"]}
    assert part(client.post(PATH, parameters(questionnaire_response=ANSWER, questionnaire=derived)), "issues") is None


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (parameters(questionnaire=FORM), 400, "Name one response"),
        (parameters(questionnaire_response=ANSWER), 422, "store the Questionnaire, or send it"),
        (parameters(questionnaire_response={**ANSWER, "questionnaire": "#f"}), 422, "The form #f is not here"),
        (parameters(questionnaire_response=FORM), 400, "it must be a QuestionnaireResponse"),
        (parameters(questionnaire_response={**ANSWER, "item": [{"linkId": 3}]}), 422, "linkId"),
        (parameters(questionnaire_response=ANSWER, form=FORM), 400, "has no parameter 'form'"),
        (FORM, 400, "Name one response"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(client, body, status, says):
    answer = client.post(PATH, body)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text


@pytest.mark.conformance
@pytest.mark.parametrize("name", NAMES)
def test_the_triples_of_smart_forms_over_http(client, test_data, name):
    form_, answer = (decode_resource((test_data / FOLDER / f"{kind}/{kind.upper()}{name}.json").read_bytes()) for kind in ("q", "qr"))
    made = part(client.post(PATH, encode_json(parameters(questionnaire_response=answer, questionnaire=form_))), "return")
    expected = decode_resource((test_data / FOLDER / f"extracted/extracted{name}.json").read_bytes())
    assert normalised(made["entry"]) == normalised(expected["entry"])
    for entry in made["entry"]:
        if entry["request"]["method"] == "PATCH":
            id_ = entry["request"]["url"].partition("/")[2]
            known = {"clinicalStatus": {"text": "?"}, "subject": {"reference": "Patient/pat-sf"}}
            client.put(f"/Condition/{id_}", {"resourceType": "Condition", "id": id_, **known})
    assert client.post("/", encode_json(made)).status_code == 200


def test_the_three_ways_together(client):
    template = {"resourceType": "Basic", "id": "b", "code": {"_text": {"extension": [
        {"url": SDC + "templateExtractValue", "valueString": "%resource.item.answer.value"}]}}}  # fmt: skip
    begins = {"url": SDC + "definitionExtract", "extension": [{"url": "definition", "valueCanonical": CORE + "Flag"}]}
    active = {"url": SDC + "definitionExtractValue", "extension": [
        {"url": "definition", "valueUri": CORE + "Flag#Flag.status"}, {"url": "fixed-value", "valueCode": "active"}]}  # fmt: skip
    asks = {"url": SDC + "templateExtract", "extension": [{"url": "template", "valueReference": {"reference": "#b"}}]}
    asked = {**FORM, "contained": [template], "extension": [asks, begins, active]}
    bundle = part(client.post(PATH, parameters(questionnaire_response=ANSWER, questionnaire=asked)), "return")
    assert [one["resource"]["resourceType"] for one in bundle["entry"]] == ["Basic", "Flag", "Observation"]


def test_a_response_that_is_not_there_is_not_found(client):
    assert client.get("/QuestionnaireResponse/none/$extract").status_code == 404
