"""Observation-based extraction (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#observation-based-extraction)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.model.schema import Schema
from tests.questionnaires.extracting import entries_of, extracted_from, resources_of, url
from tests.questionnaires.forms import CORE, SDC, answered, form, group, question, response

Item = dict[str, Any]
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def marked(value: bool | str = True) -> Item:
    return {"url": SDC + "observationExtract", "valueBoolean" if isinstance(value, bool) else "valueCode": value}


def category(code: str) -> Item:
    return {"url": SDC + "observation-extract-category", "valueCodeableConcept": {"coding": [{"code": code}]}}


def unit(code: str, display: str | None = None) -> Item:
    coding = {"system": "http://unitsofmeasure.org", "code": code} | ({"display": display} if display else {})
    return {"url": CORE + "questionnaire-unit", "valueCoding": coding}


def coded(link_id: str, type_: str, code: str, *below: Item, extension: Any = (), **more: Any) -> Item:
    return question(link_id, type_, *below, code=[{"system": LOINC, "code": code}], extension=list(extension), **more)


def codes(observation: Item) -> list[str]:
    return [one["code"] for one in observation["code"]["coding"]]


def test_an_answer_becomes_an_observation_that_takes_from_the_response_what_it_says(schema: Schema) -> None:
    said: Item = {
        "id": "r1", "authored": "2026-03-01T10:00:00+01:00", "subject": {"reference": "Patient/anne"},
        "encounter": {"reference": "Encounter/e1"}, "author": {"reference": "Practitioner/p1"},
        "basedOn": [{"reference": "CarePlan/c1"}],
        "partOf": [{"reference": "Procedure/x"}, {"reference": "Observation/y"}],
    }  # fmt: skip
    asked = form(coded("weight", "decimal", "29463-7", extension=[marked(), unit("kg", "kilogrammes"), category("vital-signs")]))
    (entry,) = entries_of(asked, response(answered("weight", {"valueDecimal": 72.5})) | said, schema)
    assert entry == {
        "fullUrl": url(1),
        "resource": {
            "resourceType": "Observation", "status": "final", "category": [{"coding": [{"code": "vital-signs"}]}],
            "basedOn": said["basedOn"], "partOf": [{"reference": "Procedure/x"}],
            "code": {"coding": [{"system": LOINC, "code": "29463-7"}]},
            "subject": said["subject"], "encounter": said["encounter"], "performer": [said["author"]],
            "effectiveDateTime": said["authored"], "issued": said["authored"],
            "valueQuantity": {"value": 72.5, "unit": "kilogrammes", "system": "http://unitsofmeasure.org", "code": "kg"},
            "derivedFrom": [{"reference": "QuestionnaireResponse/r1"}],
        },
        "request": {"method": "POST", "url": "Observation"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "answer", "extension", "value"),
    [
        ("boolean", {"valueBoolean": False}, [], {"valueBoolean": False}),
        ("integer", {"valueInteger": 3}, [], {"valueInteger": 3}),
        ("integer", {"valueInteger": 3}, [unit("d")], {"valueQuantity": {"value": 3, "unit": "d", "system": UCUM, "code": "d"}}),
        ("decimal", {"valueDecimal": 3.5}, [], {"valueQuantity": {"value": 3.5}}),
        ("quantity", {"valueQuantity": {"value": 1, "unit": "m"}}, [], {"valueQuantity": {"value": 1, "unit": "m"}}),
        ("choice", {"valueCoding": {"code": "a"}}, [], {"valueCodeableConcept": {"coding": [{"code": "a"}]}}),
        ("open-choice", {"valueString": "other"}, [], {"valueString": "other"}),
        ("date", {"valueDate": "2026-03-01"}, [], {"valueDateTime": "2026-03-01"}),
        ("dateTime", {"valueDateTime": "2026-03"}, [], {"valueDateTime": "2026-03"}),
        ("time", {"valueTime": "10:00:00"}, [], {"valueTime": "10:00:00"}),
        ("url", {"valueUri": "https://example.org"}, [], {"valueString": "https://example.org"}),
    ],
)  # fmt: skip
def test_the_value_has_the_type_that_an_observation_has_for_it(
    type_: str, answer: Item, extension: list[Item], value: Item, schema: Schema
) -> None:
    asked = form(coded("q", type_, "1", extension=[marked(), *extension]))
    (made,) = resources_of(asked, response(answered("q", answer)), schema)
    assert {name: one for name, one in made.items() if name.startswith("value")} == value


def test_an_answer_that_no_observation_can_have_is_told(schema: Schema) -> None:
    asked = form(coded("q", "reference", "1", extension=[marked()]))
    made = extracted_from(asked, response(answered("q", {"valueReference": {"reference": "Patient/1"}})), schema)
    assert made.bundle is None
    assert "no Observation can have" in made.issues[0].diagnostics


def test_each_of_several_answers_is_an_observation_and_a_question_without_one_is_none(schema: Schema) -> None:
    asked = form(coded("a", "integer", "1", repeats=True), coded("b", "integer", "2"), extension=[marked()])
    made = resources_of(asked, response(answered("a", {"valueInteger": 1}, {"valueInteger": 2})), schema)
    assert [(codes(one), one["valueInteger"]) for one in made] == [(["1"], 1), (["1"], 2)]


def test_a_mark_holds_for_all_below_it_that_have_a_code_until_it_is_taken_back(schema: Schema) -> None:
    taken_back = question("no", "group", coded("c", "integer", "3"), extension=[marked(False)])
    asked = form(question("g", "group", coded("a", "integer", "1"), question("b", "integer"), taken_back), extension=[marked()])
    answers = [answered(one, {"valueInteger": 1}) for one in "ab"]
    made = resources_of(asked, response(group("g", *answers, group("no", answered("c", {"valueInteger": 1})))), schema)
    assert [codes(one) for one in made] == [["1"]]


def test_only_the_codes_that_are_marked_are_taken_where_one_is(schema: Schema) -> None:
    several = [{"code": "1", "extension": [marked()]}, {"code": "2"}, {"code": "3", "extension": [marked(False)]}]
    made = resources_of(form(question("q", "integer", code=several)), response(answered("q", {"valueInteger": 1})), schema)
    assert [one["code"] for one in made] == [{"coding": [{"code": "1"}]}]


def test_all_codes_are_taken_where_none_is_marked_by_itself(schema: Schema) -> None:
    asked = form(question("q", "integer", code=[{"code": "1"}, {"code": "2"}], extension=[marked()]))
    assert codes(resources_of(asked, response(answered("q", {"valueInteger": 1})), schema)[0]) == ["1", "2"]


def test_the_nearest_categories_hold(schema: Schema) -> None:
    asked = form(
        question("g", "group", coded("a", "integer", "1"), coded("b", "integer", "2", extension=[category("exam")]),
                 extension=[category("survey")]),
        coded("c", "integer", "3"), extension=[marked(), category("social-history")],
    )  # fmt: skip
    answers = {one: answered(one, {"valueInteger": 1}) for one in "abc"}
    made = resources_of(asked, response(group("g", answers["a"], answers["b"]), answers["c"]), schema)
    assert [one["category"][0]["coding"][0]["code"] for one in made] == ["survey", "exam", "social-history"]


def blood_pressure(how: str) -> tuple[Item, Item]:
    parts = [coded(name, "integer", name, extension=[marked(how), unit("mm[Hg]")]) for name in ("8480-6", "8462-4")]
    asked = form(coded("pressure", "group", "85354-9", *parts, extension=[marked()]))
    return asked, response(group("pressure", answered("8480-6", {"valueInteger": 120}), answered("8462-4", {"valueInteger": 80})))


def test_parts_of_a_group_may_be_components(schema: Schema) -> None:
    (made,) = resources_of(*blood_pressure("component"), schema)
    assert codes(made) == ["85354-9"]
    assert [(codes(one), one["valueQuantity"]["value"]) for one in made["component"]] == [(["8480-6"], 120), (["8462-4"], 80)]


def test_parts_of_a_group_may_be_members(schema: Schema) -> None:
    panel, *members = entries_of(*blood_pressure("member"), schema)
    assert [one["reference"] for one in panel["resource"]["hasMember"]] == [one["fullUrl"] for one in members]
    assert "value" not in str(panel["resource"].keys())


def test_a_score_may_be_derived_from_what_it_stands_below(schema: Schema) -> None:
    score = coded("score", "integer", "2", extension=[marked("derived")])
    asked = form(coded("q", "choice", "1", score, extension=[marked()]))
    answer = response({"linkId": "q", "answer": [{"valueCoding": {"code": "a"}, "item": [answered("score", {"valueInteger": 2})]}]})
    first, second = entries_of(asked, answer, schema)
    assert second["resource"]["derivedFrom"] == [{"reference": first["fullUrl"]}]


def test_without_a_relation_the_parts_of_a_group_stand_alone_and_the_group_is_nothing(schema: Schema) -> None:
    made = resources_of(*blood_pressure("independent"), schema)
    assert [codes(one) for one in made] == [["8480-6"], ["8462-4"]]


def test_a_relation_to_nothing_is_told(schema: Schema) -> None:
    made = extracted_from(
        form(coded("q", "integer", "1", extension=[marked("member")])), response(answered("q", {"valueInteger": 1})), schema
    )
    assert made.bundle is not None
    assert "it stands alone" in made.issues[0].diagnostics


def test_the_entry_may_be_named_and_the_observation_updated(schema: Schema) -> None:
    parts = {"fullUrl": "%mine", "resourceId": "'o1'", "ifMatch": "'W/\"1\"'"}
    entry = {"url": SDC + "observationExtractEntry", "extension": [{"url": name, "valueString": text} for name, text in parts.items()]}
    mine = {"url": SDC + "extractAllocateId", "valueString": "mine"}
    asked = form(coded("q", "integer", "1", extension=[marked(), entry]), extension=[mine])
    (made,) = entries_of(asked, response(answered("q", {"valueInteger": 1})), schema)
    assert (made["fullUrl"], made["resource"]["id"]) == (url(1), "o1")
    assert made["request"] == {"method": "PUT", "url": "Observation/o1", "ifMatch": 'W/"1"'}
