"""The criteria of the indicators count what their texts say; `profiles/pages/measure.md` names their variables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_server.definitions.definitions import guide_folder, load_definitions
from fhir_server.fhirpath import Context, Node, compile_expression

JsonObject = dict[str, Any]
QUARTER = {"start": "@2026-01-01T00:00:00+01:00", "end": "@2026-04-01T00:00:00+02:00"}
GP = "PractitionerRole/gp"


def criterion(measure: str, population: str) -> str:
    definition = json.loads((guide_folder() / f"Measure-{measure}.json").read_bytes())
    (found,) = [one for one in definition["group"][0]["population"] if one["code"]["coding"][0]["code"] == population]
    return str(found["criteria"]["expression"])


def counts(measure: str, population: str, resource: JsonObject, **variables: Any) -> bool:
    schema = load_definitions().schema
    moments = {name: compile_expression(text, schema).evaluate(resource) for name, text in QUARTER.items()}
    context = Context(resource=resource, variables=moments | variables)
    return [node.value for node in compile_expression(criterion(measure, population), schema).evaluate(resource, context)] == [True]


def stay(start: str, end: str) -> JsonObject:
    return {"resourceType": "Encounter", "period": {"start": f"{start}T10:00:00+01:00", "end": f"{end}T15:00:00+01:00"}}


FIRST = stay("2026-01-02", "2026-01-10")
READMISSIONS = [
    ("the next day", "1943-05-17", stay("2026-01-11", "2026-01-20"), True),
    ("thirty days later", "1943-05-17", stay("2026-02-09", "2026-02-12"), True),
    ("thirty-one days later", "1943-05-17", stay("2026-02-10", "2026-02-12"), False),
    ("at 74", "1951-05-17", stay("2026-01-11", "2026-01-20"), False),
    ("the first stay itself", "1943-05-17", FIRST, False),
    ("after the quarter", "1943-05-17", stay("2026-04-02", "2026-04-09"), False),
]


@pytest.mark.parametrize(("birth", "again", "counted"), [case[1:] for case in READMISSIONS], ids=[case[0] for case in READMISSIONS])
def test_a_readmission_is_a_stay_that_begins_within_30_days_of_the_end_of_another(birth: str, again: JsonObject, counted: bool) -> None:
    person = {"resourceType": "Patient", "birthDate": birth}
    assert counts("readmission-30-days-75", "numerator", again, patient=nodes(person), stays=nodes(FIRST, again)) is counted


def test_both_counts_of_readmissions_ask_the_same_of_other_months() -> None:
    assert criterion("readmission-30-days-75", "numerator") == criterion("readmission-30-days-75", "denominator")


VALIDATIONS = [("completed", "p", True), ("requested", "p", False), ("completed", "other", False)]


@pytest.mark.parametrize(("status", "plan", "counted"), VALIDATIONS)
def test_a_plan_is_validated_by_a_completed_task_about_it(status: str, plan: str, counted: bool) -> None:
    task = {
        "resourceType": "Task",
        "status": status,
        "code": {"coding": [{"code": "plan-validation"}]},
        "focus": {"reference": f"CarePlan/{plan}"},
    }
    assert counts("plan-validation-rate", "numerator", {"resourceType": "CarePlan", "id": "p"}, tasks=nodes(task)) is counted


COPIES = [
    ({}, True),
    ({"about": [{"reference": "CarePlan/p/_history/3"}]}, True),
    ({"about": [{"reference": "CarePlan/p2"}]}, False),
    ({"recipient": [{"reference": "PractitionerRole/nurse"}]}, False),
    ({"status": "not-done"}, False),
    ({"topic": {"coding": [{"code": "feedback"}]}}, False),
]


@pytest.mark.parametrize(("change", "counted"), COPIES)
def test_a_copy_is_a_plan_sent_to_the_general_practitioner(change: JsonObject, counted: bool) -> None:
    sent: JsonObject = {
        "resourceType": "Communication",
        "status": "completed",
        "topic": {"coding": [{"code": "plan-copy"}]},
        "about": [{"reference": "CarePlan/p"}],
        "recipient": [{"reference": GP}],
    }
    person = {"resourceType": "Patient", "generalPractitioner": [{"reference": GP}]}
    plan = {"resourceType": "CarePlan", "id": "p"}
    assert counts("gp-copy-rate", "numerator", plan, patient=nodes(person), communications=nodes(sent | change)) is counted


@pytest.mark.parametrize(("sent", "counted"), [("2026-02-01T09:00:00+01:00", True), ("2025-12-31T09:00:00+01:00", False)])
def test_feedback_counts_within_its_period(sent: str, counted: bool) -> None:
    told: JsonObject = {
        "resourceType": "Communication",
        "status": "completed",
        "topic": {"coding": [{"code": "feedback"}]},
        "sent": sent,
        "recipient": [{"reference": GP}],
    }
    person = {"resourceType": "Patient", "generalPractitioner": [{"reference": GP}]}
    episode = {"resourceType": "EpisodeOfCare", "id": "e"}
    assert counts("feedback-rate", "numerator", episode, patient=nodes(person), communications=nodes(told)) is counted


def nodes(*resources: JsonObject) -> list[Node]:
    return [Node(one, one["resourceType"]) for one in resources]
