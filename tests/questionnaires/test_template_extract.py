"""Template-based extraction (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#template-based-extraction)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.model.schema import Schema
from tests.questionnaires.extracting import entries_of, extracted_from, resources_of, url
from tests.questionnaires.forms import SDC, answered, form, group, question, response

Item = dict[str, Any]


def context(expression: str | Item) -> Item:
    kind = "valueString" if isinstance(expression, str) else "valueExpression"
    return {"url": SDC + "templateExtractContext", kind: expression}


def value(expression: str) -> Item:
    return {"url": SDC + "templateExtractValue", "valueString": expression}


def beside(expression: str) -> Item:
    """What stands beside a primitive."""
    return {"extension": [value(expression)]}


def by_template(name: str, **parts: str) -> Item:
    said = [{"url": part, "valueString": text} for part, text in parts.items()]
    return {"url": SDC + "templateExtract", "extension": [{"url": "template", "valueReference": {"reference": f"#{name}"}}, *said]}


def allocated(name: str) -> Item:
    return {"url": SDC + "extractAllocateId", "valueString": name}


PERSON: Item = {
    "resourceType": "Patient", "id": "person", "active": True,
    "name": [{"extension": [context("item.where(linkId = 'name')")], "use": "usual",
              "_family": beside("item.where(linkId = 'family').answer.value"),
              "_given": [beside("item.where(linkId = 'given').answer.value")]}],
    "gender": "unknown", "_gender": beside("item.where(linkId = 'gender').answer.value.code"),
}  # fmt: skip


def person_form(*extensions: Item, template: Item = PERSON) -> Item:
    name = question("name", "group", question("family"), question("given", repeats=True), repeats=True)
    return form(
        question("person", "group", name, question("gender", "choice"), repeats=True, extension=list(extensions)), contained=[template]
    )


def person(*names: tuple[str, ...], gender: str | None = None) -> Item:
    said = [
        group("name", answered("family", {"valueString": family}), answered("given", *({"valueString": one} for one in given)))
        for family, *given in names
    ]
    return group("person", *said, *([answered("gender", {"valueCoding": {"code": gender}})] if gender else []))


def test_an_element_is_cloned_for_each_item_of_its_context_and_a_value_that_repeats_for_each_value(schema: Schema) -> None:
    answer = response(person(("Durand", "Anne", "Marie"), ("Petit", "Annie"), gender="female"))
    (entry,) = entries_of(person_form(by_template("person")), answer, schema)
    assert entry == {
        "fullUrl": url(1),
        "resource": {
            "resourceType": "Patient", "active": True, "gender": "female",
            "name": [
                {"use": "usual", "family": "Durand", "given": ["Anne", "Marie"]}, {"use": "usual", "family": "Petit", "given": ["Annie"]},
            ],
        },
        "request": {"method": "POST", "url": "Patient"},
    }  # fmt: skip


def test_what_finds_nothing_is_taken_out_with_the_value_that_stood_in_for_it(schema: Schema) -> None:
    (made,) = resources_of(person_form(by_template("person")), response(person(("Durand",))), schema)
    assert made == {"resourceType": "Patient", "active": True, "name": [{"use": "usual", "family": "Durand"}]}


def test_a_repeat_has_a_resource_and_ids_of_its_own(schema: Schema) -> None:
    extensions = (allocated("who"), by_template("person", fullUrl="%who"))
    answer = response(person(("Durand",)), person(("Petit",)), group("person"))
    made = entries_of(person_form(*extensions), answer, schema)
    assert [(one["fullUrl"], one["resource"]["name"][0]["family"]) for one in made] == [(url(1), "Durand"), (url(2), "Petit")]


def test_ids_allocated_at_the_root_are_the_same_everywhere(schema: Schema) -> None:
    relative = {
        "resourceType": "RelatedPerson", "id": "relative",
        "patient": {"_reference": beside("%who")}, "name": [{"_text": beside("answer.value")}],
    }  # fmt: skip
    asked = form(
        question("person", "group", question("x"), extension=[by_template("person", fullUrl="%who")]),
        question("relative", extension=[by_template("relative")]),
        contained=[PERSON, relative], extension=[allocated("who")],
    )  # fmt: skip
    answer = response(group("person", answered("x", {"valueString": "1"})), answered("relative", {"valueString": "Paul"}))
    first, second = entries_of(asked, answer, schema)
    assert second["resource"]["patient"] == {"reference": first["fullUrl"]}


@pytest.mark.parametrize(
    ("parts", "request_"),
    [
        ({"resourceId": "'p1'"}, {"method": "PUT", "url": "Patient/p1"}),
        ({"resourceId": "'Patient/p1'", "ifMatch": "'W/\"3\"'"}, {"method": "PUT", "url": "Patient/p1", "ifMatch": 'W/"3"'}),
        ({"ifNoneExist": "'identifier=a|1'"}, {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=a|1"}),
        ({"ifNoneMatch": "'*'", "ifModifiedSince": "{}"}, {"method": "POST", "url": "Patient", "ifNoneMatch": "*"}),
    ],
)
def test_the_entry_says_what_is_to_become_of_the_resource(parts: dict[str, str], request_: Item, schema: Schema) -> None:
    (entry,) = entries_of(person_form(by_template("person", **parts)), response(person(("Durand",))), schema)
    assert entry["request"] == request_
    assert entry["resource"].get("id") == ("p1" if request_["method"] == "PUT" else None)


def test_an_element_that_does_not_repeat_has_all_of_its_context_before_it(schema: Schema) -> None:
    template = {
        "resourceType": "Condition", "id": "c",
        "code": {"extension": [context("item.answer.value")],
                 "coding": [{"extension": [value("ofType(Coding)")]}], "_text": beside("ofType(string)")},
    }  # fmt: skip
    asked = form(question("g", "group", question("what", "open-choice", repeats=True), extension=[by_template("c")]), contained=[template])
    answer = response(
        group("g", answered("what", {"valueString": "fever"}, {"valueCoding": {"code": "a"}}, {"valueCoding": {"code": "b"}}))
    )
    (made,) = resources_of(asked, answer, schema)
    assert made["code"] == {"coding": [{"code": "a"}, {"code": "b"}], "text": "fever"}


def test_a_context_may_give_its_items_a_name(schema: Schema) -> None:
    named = context({"name": "one", "expression": "answer.value", "language": "text/fhirpath"})
    template = {"resourceType": "Patient", "id": "p", "telecom": [{"extension": [named], "system": "phone", "_value": beside("%one")}]}
    asked = form(question("phone", repeats=True, extension=[by_template("p")]), contained=[template])
    (made,) = resources_of(asked, response(answered("phone", {"valueString": "1"}, {"valueString": "2"})), schema)
    assert [one["value"] for one in made["telecom"]] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "expression", "expected"),
    [
        ("subject", "'Patient/1'", {"reference": "Patient/1"}),
        ("code", "answer.value", {"coding": [{"system": "s", "code": "c"}]}),
        ("valueQuantity", "70", {"value": 70}),
        ("note", "'all well'", [{"text": "all well"}]),
    ],
)
def test_a_value_takes_the_form_of_its_element(name: str, expression: str, expected: Any, schema: Schema) -> None:
    dynamic = {"extension": [value(expression)]}
    template = {"resourceType": "Observation", "id": "o", name: [dynamic] if isinstance(expected, list) else dynamic}
    asked = form(question("q", "choice", extension=[by_template("o")]), contained=[template])
    (made,) = resources_of(asked, response(answered("q", {"valueCoding": {"system": "s", "code": "c"}})), schema)
    assert made[name] == expected


def test_extensions_and_parameters_that_lose_their_value_go(schema: Schema) -> None:
    template = {
        "resourceType": "Patient", "id": "p", "active": True,
        "extension": [{"url": "https://example.org/a", "_valueString": beside("{}")},
                      {"url": "https://example.org/b", "_valueString": beside("'x'")}],
        "birthDate": "1940-01-01",
        "_birthDate": {"extension": [{"url": "https://example.org/t", "_valueDateTime": beside("answer.value")}]},
    }  # fmt: skip
    asked = form(question("q", "dateTime", extension=[by_template("p")]), contained=[template])
    (made,) = resources_of(asked, response(answered("q", {"valueDateTime": "1940-01-01T10:00:00Z"})), schema)
    assert made["extension"] == [{"url": "https://example.org/b", "valueString": "x"}]
    assert made["_birthDate"] == {"extension": [{"url": "https://example.org/t", "valueDateTime": "1940-01-01T10:00:00Z"}]}


def test_a_bundle_is_filled_in_as_a_whole_and_its_entries_may_depend_on_answers(schema: Schema) -> None:
    bundle = {
        "resourceType": "Bundle", "id": "all", "type": "transaction",
        "entry": [
            {"_fullUrl": beside("%who"), "resource": {"resourceType": "Patient", "active": True},
             "request": {"method": "POST", "url": "Patient"}},
            {"extension": [context("item.where(linkId = 'problem').answer.value")],
             "resource": {"resourceType": "Condition", "code": {"_text": beside("$this")}, "subject": {"_reference": beside("%who")}}},
            {"extension": [context("item.where(linkId = 'none')")], "resource": {"resourceType": "Flag"}},
            {"request": {"method": "DELETE", "_url": beside("'Flag/' + %resource.id")}},
        ],
    }  # fmt: skip
    asked = form(
        question("problem", repeats=True), question("none"), contained=[bundle],
        extension=[allocated("who"), {"url": SDC + "templateExtractBundle", "valueReference": {"reference": "#all"}}],
    )  # fmt: skip
    answer = response(answered("problem", {"valueString": "a"}, {"valueString": "b"})) | {"id": "r1"}
    made = entries_of(asked, answer, schema)
    assert [one["request"] for one in made] == [
        {"method": "POST", "url": "Patient"}, {"method": "POST", "url": "Condition"}, {"method": "POST", "url": "Condition"},
        {"method": "DELETE", "url": "Flag/r1"},
    ]  # fmt: skip
    assert [one["resource"]["code"]["text"] for one in made[1:3]] == ["a", "b"]
    assert {one["resource"]["subject"]["reference"] for one in made[1:3]} == {made[0]["fullUrl"]}
    assert len({one.get("fullUrl") for one in made}) == 4


def test_clones_of_an_entry_do_not_share_its_full_url(schema: Schema) -> None:
    entry = {"extension": [context("item.answer.value")], "fullUrl": url(1000), "resource": {"resourceType": "Flag", "status": "active"}}
    bundle = {"resourceType": "Bundle", "id": "all", "type": "transaction", "entry": [entry]}
    by_bundle = {"url": SDC + "templateExtractBundle", "valueReference": {"reference": "#all"}}
    asked = form(question("q", repeats=True), contained=[bundle], extension=[by_bundle])
    made = entries_of(asked, response(answered("q", {"valueString": "a"}, {"valueString": "b"})), schema)
    assert made[0]["fullUrl"] == url(1000) != made[1]["fullUrl"]


def test_a_template_that_would_grow_without_end_is_stopped(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.questionnaires.template.MAX_ELEMENTS", 1000)
    nested: Item = {"extension": [{"url": "https://example.org/e", "_valueString": beside("'x'")}]}
    for _ in range(4):
        nested = {"extension": [context("%resource.item"), {"url": "https://example.org/e", **nested}]}
    asked = form(question("q", repeats=True, extension=[by_template("b")]), contained=[{"resourceType": "Basic", "id": "b", **nested}])
    items = [answered("q", {"valueString": "x"})] * 10
    with pytest.raises(FhirError, match="more than 1000 elements"):
        extracted_from(asked, response(*items), schema)


def test_a_template_at_the_root_is_filled_in_without_any_answer(schema: Schema) -> None:
    asked = form(question("q"), contained=[PERSON], extension=[by_template("person")])
    assert resources_of(asked, response(), schema) == [{"resourceType": "Patient", "active": True}]


def test_an_expression_that_cannot_be_evaluated_is_told_and_the_rest_extracted(schema: Schema) -> None:
    template = {"resourceType": "Patient", "id": "p", "active": True, "_gender": beside("%nobody.gender")}
    asked = form(question("q", extension=[by_template("p")]), contained=[template])
    made = extracted_from(asked, response(answered("q", {"valueString": "1"})), schema)
    assert made.bundle is not None
    assert made.bundle["entry"][0]["resource"] == {"resourceType": "Patient", "active": True}
    (issue,) = made.issues
    assert issue.severity == "warning"
    assert "%nobody" in issue.diagnostics
    assert issue.expression == "QuestionnaireResponse.item[0]"


def test_a_template_that_is_not_there_is_an_error_that_says_how_to_mend_it(schema: Schema) -> None:
    asked = form(question("q", extension=[by_template("missing")]))
    with pytest.raises(FhirError, match="#missing is not contained in the Questionnaire; add it"):
        extracted_from(asked, response(answered("q", {"valueString": "1"})), schema)


def test_a_form_that_is_to_be_mapped_is_told_that_it_is_not(schema: Schema) -> None:
    asked = form(question("q"), extension=[{"url": SDC + "targetStructureMap", "valueCanonical": "https://example.org/map"}])
    made = extracted_from(asked, response(answered("q", {"valueString": "1"})), schema)
    assert (made.bundle, made.issues[0].code) == (None, "not-supported")


def test_several_values_where_one_is_meant_are_told(schema: Schema) -> None:
    template = {"resourceType": "Patient", "id": "p", "_birthDate": beside("answer.value")}
    asked = form(question("q", "date", repeats=True, extension=[by_template("p")]), contained=[template])
    made = extracted_from(asked, response(answered("q", {"valueDate": "1940-01-01"}, {"valueDate": "1941-01-01"})), schema)
    assert made.bundle is not None
    assert made.bundle["entry"][0]["resource"]["birthDate"] == "1940-01-01"
    assert "2 values were found for 'birthDate'" in made.issues[0].diagnostics
