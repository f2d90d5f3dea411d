"""$fhirpath over HTTP: Parameters in, the values with their types and places out."""

from __future__ import annotations

import pytest

PATIENT = {"resourceType": "Patient", "name": [{"given": ["Jeanne"]}], "contact": [{"gender": "male"}], "birthDate": "1950-07-14"}


def asked(expression, resource=PATIENT, **more):
    named = {"expression": expression, **more}
    parts = [{"name": name, "valueString": value} for name, value in named.items()]
    return {"resourceType": "Parameters", "parameter": [*parts, {"name": "resource", "resource": resource}]}


def results(answer):
    assert answer.status_code == 200
    return [one for one in answer.json()["parameter"] if one["name"] == "result"]


@pytest.mark.parametrize(
    ("expression", "name", "key", "value"),
    [
        ("Patient.name.given", "string", "valueString", "Jeanne"),
        ("name", "HumanName", "valueHumanName", {"given": ["Jeanne"]}),
        ("birthDate", "date", "valueDate", "1950-07-14"),
        ("1 + 1", "Integer", "valueInteger", 2),
        ("name.exists()", "Boolean", "valueBoolean", True),
        ("4 days", "Quantity", "valueQuantity", {"value": 4, "unit": "days"}),
        ("$this", "Patient", "resource", PATIENT),
    ],
)
def test_a_value_has_its_type_and_itself(client, expression, name, key, value):
    ((part,),) = [result["part"] for result in results(client.post("/$fhirpath", asked(expression)))]
    assert (part["name"], part[key]) == (name, value)


def test_a_value_of_the_resource_has_its_place(client):
    ((part,),) = [result["part"] for result in results(client.post("/$fhirpath", asked("name.given")))]
    assert part["extension"][0]["valueString"] == "Patient.name[0].given[0]"


def test_what_no_value_can_hold_is_json_text(client):
    ((part,),) = [result["part"] for result in results(client.post("/$fhirpath", asked("contact")))]
    assert '{"gender":"male"}' in [extension["valueString"] for extension in part["extension"]]


def test_a_context_gives_a_result_for_each_of_its_items(client):
    found = results(client.post("/$fhirpath", asked("$this.length()", context="name.given")))
    assert [(one["valueString"], one["part"][0]["valueInteger"]) for one in found] == [("Patient.name[0].given[0]", 6)]


def test_nothing_is_a_result_without_parts(client):
    assert results(client.post("/$fhirpath", asked("deceased"))) == [{"name": "result", "valueString": "Patient"}]


def test_the_place_of_a_fault_is_that_in_the_expression(client, issue_of):
    answer = client.post("/$fhirpath", asked("name.wher(true)"))
    places = [extension.get("valueInteger") for extension in issue_of(answer)["extension"]]
    assert answer.status_code == 422
    assert places[:2] == [1, 6]


NONSENSE = {"resourceType": "Parameters", "parameter": [7, {"name": "expression"}]}


@pytest.mark.parametrize("body", [{"resourceType": "Patient"}, {"resourceType": "Parameters"}, NONSENSE])
def test_a_question_without_expression_or_resource_is_400(client, body):
    assert client.post("/$fhirpath", body).status_code == 400


@pytest.mark.parametrize("expression", ["repeat($this)", "descendants().select(%resource.descendants()).select(%resource.descendants())"])
def test_an_expression_that_does_too_much_is_stopped(client, expression):
    many = {"resourceType": "Patient", "name": [{"given": ["x"] * 200}]}
    assert client.post("/$fhirpath", asked(expression, many)).status_code in (200, 422)


def test_an_expression_of_any_length_is_answered(client):
    assert client.post("/$fhirpath", asked("1" + " + 1" * 30_000)).status_code == 422
