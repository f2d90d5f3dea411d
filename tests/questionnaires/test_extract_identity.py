"""What is extracted of a stored response again is the same: an identifier of the answer, and a condition on it."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.model.schema import Schema
from fhir_server.questionnaires.extract_identity import SYSTEM
from tests.questionnaires.extracting import entries_of
from tests.questionnaires.forms import CORE, SDC, answered, form, question, response
from tests.questionnaires.test_inclusion import BOXES, FORM, filled

OBSERVED = {"url": SDC + "observationExtract", "valueBoolean": True}
PAIN = form(question("pain", "integer", code=[{"system": "http://loinc.org", "code": "72514-3"}], extension=[OBSERVED]))
BEGUN = {"url": SDC + "definitionExtract", "extension": [{"url": "definition", "valueCanonical": CORE + "Condition"}]}
WORDS = question("words", "string", definition=CORE + "Condition#Condition.code.text")
PROBLEMS = form(question("problem", "group", WORDS, repeats=True, extension=[BEGUN]))


def problem(words: str) -> dict[str, Any]:
    return {"linkId": "problem", "item": [answered("words", {"valueString": words})]}


def conditions(asked: dict[str, Any], answer: dict[str, Any], schema: Schema, stored_as: str | None = "r") -> list[str | None]:
    entries = entries_of(asked, answer, schema, stored_as=stored_as)
    return [one["request"].get("ifNoneExist") for one in entries]


@pytest.mark.parametrize(
    ("asked", "answer", "count"),
    [
        (FORM, filled("isolation", *BOXES["isolation"][:2]), 2),
        (PAIN, response(answered("pain", {"valueInteger": 3})), 1),
        (PROBLEMS, response(problem("falls"), problem("falls"), problem("alone")), 3),
    ],
    ids=["template", "observation", "definition"],
)
def test_each_resource_is_created_once(asked: dict[str, Any], answer: dict[str, Any], count: int, schema: Schema) -> None:
    entries = entries_of(asked, answer, schema, stored_as="r")
    named = [one["resource"]["identifier"] for one in entries]
    assert [one["request"]["ifNoneExist"] for one in entries] == [f"identifier={SYSTEM}|{one[0]['value']}" for one in named]
    assert conditions(asked, answer, schema) == [one["request"]["ifNoneExist"] for one in entries]
    assert len(set(conditions(asked, answer, schema))) == count
    assert not set(conditions(asked, answer, schema)) & set(conditions(asked, answer, schema, "another"))
    assert conditions(asked, answer, schema, None) == [None] * count


def test_a_box_more_and_another_requester_make_nothing_again(schema: Schema) -> None:
    first, second, third = BOXES["isolation"][:3]
    amended = filled("isolation", third, first, second)
    amended["item"][0] = {"linkId": "requester", "item": [answered("requester-name", {"valueString": "Another"})]}
    before = conditions(FORM, filled("isolation", first, second), schema)
    assert conditions(FORM, amended, schema)[1:] == before


def test_a_changed_answer_makes_a_new_one(schema: Schema) -> None:
    (three,), (seven,) = (conditions(PAIN, response(answered("pain", {"valueInteger": value})), schema) for value in (3, 7))
    assert three != seven


def test_what_the_form_says_itself_stays(schema: Schema) -> None:
    said = {"url": SDC + "observationExtractEntry", "extension": [{"url": "ifNoneExist", "valueString": "'code=1'"}]}
    asked = form({**PAIN["item"][0], "extension": [OBSERVED, said]})
    (entry,) = entries_of(asked, response(answered("pain", {"valueInteger": 3})), schema, stored_as="r")
    assert (entry["request"]["ifNoneExist"], "identifier" in entry["resource"]) == ("code=1", False)


def test_a_whole_transaction_is_known_by_what_it_says_apart_from_ids_and_moments(schema: Schema) -> None:
    told = {"url": SDC + "templateExtractValue", "valueString": "now()"}
    condition = {"resourceType": "Condition", "code": {"text": "x"}, "_recordedDate": {"extension": [told]}}
    template = {"resourceType": "Bundle", "id": "t", "type": "transaction", "entry": [{"resource": condition}]}
    by_bundle = {"url": SDC + "templateExtractBundle", "valueReference": {"reference": "#t"}}
    asked = {**form(question("a", "string")), "contained": [template], "extension": [by_bundle]}
    answer = response(answered("a", {"valueString": "1"}))
    assert conditions(asked, answer, schema) == conditions(asked, answer, schema) != [None]
