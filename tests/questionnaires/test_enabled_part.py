"""Only what is to be asked is extracted (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen)."""

from __future__ import annotations

from typing import Any

from fhir_server.fhirpath import Node
from fhir_server.model.schema import Schema
from tests.questionnaires.extracting import extracted_from
from tests.questionnaires.forms import CORE, SDC, answered, expression, form, group, question, response

Item = dict[str, Any]
OBSERVED = {"url": SDC + "observationExtract", "valueBoolean": True}
DATES = "%resource.descendants().where(linkId = 'd').answer.value"
PATIENT = {"url": SDC + "launchContext", "extension": [{"url": "name", "valueCoding": {"code": "patient"}}]}


def asked(*conditions: Item, **more: Any) -> Item:
    return question("q", "integer", code=[{"code": "q"}], extension=[OBSERVED, *conditions], **more)


def when(question_: str, value: bool) -> Item:
    return {"question": question_, "operator": "=", "answerBoolean": value}


def values(form_: Item, answer: Item, schema: Schema, **more: Any) -> tuple[list[int], list[str]]:
    """What was observed, and what was told."""
    made = extracted_from(form_, answer, schema, **more)
    entries = made.bundle["entry"] if made.bundle else []
    return [one["resource"]["valueInteger"] for one in entries], [one.diagnostics for one in made.issues]


def test_the_answer_to_a_disabled_question_is_left_out_and_told_of(schema: Schema) -> None:
    asked_form = form(question("yes", "boolean"), asked(enableWhen=[when("yes", True)]))
    five = answered("q", {"valueInteger": 5})
    assert values(asked_form, response(answered("yes", {"valueBoolean": True}), five), schema) == ([5], [])
    made, told = values(asked_form, response(answered("yes", {"valueBoolean": False}), five), schema)
    assert (made, len(told)) == ([], 1)
    assert "q were left out" in told[0]


def test_what_stands_in_a_disabled_group_is_left_out_and_expressions_do_not_see_it(schema: Schema) -> None:
    template = {
        "resourceType": "Patient", "id": "p", "active": True,
        "_birthDate": {"extension": [{"url": SDC + "templateExtractValue", "valueString": DATES}]},
    }  # fmt: skip
    by_template = {"url": SDC + "templateExtract", "extension": [{"url": "template", "valueReference": {"reference": "#p"}}]}
    asked_form = form(
        question("g", "group", question("d", "date"), enableWhen=[when("yes", True)]), extension=[by_template], contained=[template]
    )
    made = extracted_from(asked_form, response(group("g", answered("d", {"valueDate": "1950-01-01"}))), schema)
    assert made.bundle is not None
    assert made.bundle["entry"][0]["resource"] == {"resourceType": "Patient", "active": True}


def test_a_hidden_question_counts(schema: Schema) -> None:
    hidden = {"url": CORE + "questionnaire-hidden", "valueBoolean": True}
    assert values(form(asked(hidden)), response(answered("q", {"valueInteger": 5})), schema) == ([5], [])


def test_a_condition_on_what_the_form_was_launched_with_counts_where_that_is_known(schema: Schema) -> None:
    grown_up = expression(SDC + "enableWhenExpression", "%patient.active = true")
    asked_form = form(asked(grown_up), extension=[PATIENT])
    five = response(answered("q", {"valueInteger": 5}))
    for active, expected in ((True, [5]), (False, [])):
        given = {"patient": Node({"resourceType": "Patient", "active": active}, "Patient")}
        assert values(asked_form, five, schema, given=given)[0] == expected
    assert values(asked_form, five, schema)[0] == [5]
