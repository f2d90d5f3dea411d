"""A QuestionnaireResponse against its Questionnaire (https://hl7.org/fhir/R4/questionnaireresponse.html#link)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.questionnaires.moment import earliest
from tests.validation.content_checking import Check, checker, found


@pytest.fixture(scope="module")
def content(definitions: Definitions) -> Check:
    return checker(definitions)


URL = "http://example.org/Questionnaire/q"
BASE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
GENDER = "http://hl7.org/fhir/administrative-gender"

Item = dict[str, Any]


def question(link_id: str, type_: str = "string", **content: Any) -> Item:
    return {"linkId": link_id, "type": type_, **content}


def answered(link_id: str, *values: Any, **content: Any) -> Item:
    """An item with answers; a value is given as (name, value), or as a string."""
    answers = [dict([one]) if isinstance(one, tuple) else {"valueString": one} for one in values]
    return {"linkId": link_id, **({"answer": answers} if answers else {}), **content}


def extension(name: str, key: str, value: Any) -> Item:
    return {"url": name if name.startswith("http") else BASE + name, key: value}


@pytest.fixture
def errors(content: Check) -> Any:
    def check(questions: list[Item], items: list[Item], status: str = "completed", **more: Any) -> list[tuple[str, str | None, str | None]]:
        questionnaire = {"resourceType": "Questionnaire", "url": URL, "item": questions, **more}
        response = {"resourceType": "QuestionnaireResponse", "status": status, "questionnaire": URL, "item": items}
        return [
            (severity, id_, str(at).removeprefix("QuestionnaireResponse")) for severity, id_, at in found(content(response, questionnaire))
        ]

    return check


WHICH: list[tuple[list[Item], list[Item], list[tuple[str, str]]]] = [
    ([question("a"), question("b")], [answered("a", "x"), answered("b", "y")], []),
    ([question("a"), question("b")], [answered("b", "y"), answered("a", "x")], [("item-order", ".item[1]")]),
    ([question("a")], [answered("z", "x")], [("item-unknown", "")]),
    ([question("g", "group", item=[question("a")])], [answered("a", "x")], [("item-place", ".item[0]")]),
    ([question("a", required=True)], [], [("answer-missing", "")]),
    ([question("a", required=True)], [answered("a")], [("answer-missing", ".item[0]")]),
    ([question("a")], [answered("a", "x", "y")], [("answer-repeats", ".item[0]")]),
    ([question("a", repeats=True)], [answered("a", "x", "y")], []),
    ([question("a")], [answered("a", "x"), answered("a", "y")], [("item-repeats", ".item[1]")]),
    ([question("g", "group", required=True)], [{"linkId": "g"}], [("answer-missing", ".item[0]")]),
    ([question("g", "group")], [answered("g", "x")], [("group-answer", ".item[0]")]),
    ([question("d", "display")], [answered("d", "x")], [("display-answer", ".item[0]")]),
    ([question("a", item=[question("b")])], [answered("a", "x", item=[answered("b", "y")])], [("item-not-group", ".item[0]")]),
    ([question("a", text="How?")], [answered("a", "x", text="Why?")], [("item-text", ".item[0]")]),
]


@pytest.mark.parametrize(("questions", "items", "wanted"), WHICH)
def test_items_stand_as_in_the_questionnaire(errors: Any, questions: list[Item], items: list[Item], wanted: list[tuple[str, str]]) -> None:
    assert errors(questions, items) == [("error", *one) for one in wanted]


def test_what_is_missing_while_in_progress_is_a_warning(errors: Any) -> None:
    assert errors([question("a", required=True)], [], "in-progress") == [("warning", "answer-missing", "")]


def test_questions_below_an_answer_are_answered_there(errors: Any) -> None:
    questions = [question("a", item=[question("b", required=True)])]
    below = {"linkId": "a", "answer": [{"valueString": "x", "item": [answered("b", "y")]}]}
    assert errors(questions, [below]) == []
    assert errors(questions, [answered("a", "x")]) == [("error", "answer-missing", ".item[0].answer[0]")]


def number(value: str) -> tuple[str, Any]:
    return "valueDecimal", Decimal(value)


def coding(code: str, system: str = GENDER) -> tuple[str, Any]:
    return "valueCoding", {"system": system, "code": code}


CONDITIONS: list[tuple[str, tuple[str, Any], list[Any], bool]] = [
    ("exists", ("answerBoolean", True), [number("1")], True),
    ("exists", ("answerBoolean", True), [], False),
    ("exists", ("answerBoolean", False), [], True),
    ("exists", ("answerBoolean", False), [number("1")], False),
    ("=", ("answerDecimal", Decimal(1)), [number("1.0")], True),
    ("=", ("answerDecimal", Decimal(1)), [number("2")], False),
    ("!=", ("answerDecimal", Decimal(1)), [number("2")], True),
    ("!=", ("answerDecimal", Decimal(1)), [], True),
    ("!=", ("answerDecimal", Decimal(1)), [number("1"), number("2")], False),
    (">", ("answerDecimal", Decimal(1)), [number("2")], True),
    (">", ("answerDecimal", Decimal(1)), [number("1")], False),
    (">=", ("answerDecimal", Decimal(1)), [number("1")], True),
    ("<", ("answerDecimal", Decimal(1)), [number("0.5")], True),
    ("<=", ("answerDecimal", Decimal(1)), [number("1.1")], False),
    ("=", ("answerCoding", {"system": GENDER, "code": "male", "display": "M"}), [coding("male")], True),
    ("=", ("answerCoding", {"system": GENDER, "code": "male"}), [coding("female")], False),
    (">", ("answerDate", "2020"), [("valueDate", "2021-05-01")], True),
    ("<", ("answerDateTime", "2020"), [("valueDateTime", "2021-05-01T10:00:00Z")], False),
    (">", ("answerQuantity", {"value": 3}), [("valueQuantity", {"value": 4})], True),
]


@pytest.mark.parametrize(("operator", "wanted", "answers", "enabled"), CONDITIONS)
def test_a_condition_enables_a_question(errors: Any, operator: str, wanted: tuple[str, Any], answers: list[Any], enabled: bool) -> None:
    condition = {"question": "a", "operator": operator, **dict([wanted])}
    questions = [question("a", "any", repeats=True), question("b", enableWhen=[condition])]
    issues = errors(questions, [answered("a", *answers), answered("b", "x")])
    assert issues == ([] if enabled else [("error", "item-disabled", ".item[1]")])


@pytest.mark.parametrize(("behavior", "enabled"), [("all", False), ("any", True)])
def test_conditions_are_joined_by_all_or_any(errors: Any, behavior: str, enabled: bool) -> None:
    conditions = [{"question": "a", "operator": "exists", "answerBoolean": one} for one in (True, False)]
    questions = [question("a"), question("b", enableWhen=conditions, enableBehavior=behavior)]
    issues = errors(questions, [answered("a", "x"), answered("b", "y")])
    assert (issues == []) is enabled


def test_a_required_question_that_is_disabled_may_be_missing(errors: Any) -> None:
    condition = {"question": "a", "operator": "exists", "answerBoolean": True}
    assert errors([question("a"), question("b", required=True, enableWhen=[condition])], []) == []


def test_a_condition_is_about_the_nearest_answer(errors: Any) -> None:
    condition = {"question": "a", "operator": "=", "answerString": "yes"}
    group = question("g", "group", repeats=True, item=[question("a"), question("b", enableWhen=[condition])])
    items = [{"linkId": "g", "item": [answered("a", one), answered("b", "x")]} for one in ("yes", "no")]
    assert errors([group], items) == [("error", "item-disabled", ".item[1].item[1]")]


def test_a_condition_may_be_an_expression(errors: Any) -> None:
    expression = {"language": "text/fhirpath", "expression": "%resource.item.where(linkId = 'a').answer.value = 'yes'"}
    questions = [question("a"), question("b", extension=[extension(SDC + "enableWhenExpression", "valueExpression", expression)])]
    assert errors(questions, [answered("a", "yes"), answered("b", "x")]) == []
    assert errors(questions, [answered("a", "no"), answered("b", "x")]) == [("error", "item-disabled", ".item[1]")]


OPTIONS = [{"valueCoding": {"system": "http://e.org", "code": "a", "display": "First"}}]
KM = {"system": "http://unitsofmeasure.org", "code": "km"}
VALUES: list[tuple[Item, tuple[str, Any], str | None]] = [
    (question("a", "decimal"), number("1.5"), None),
    (question("a", "decimal"), ("valueString", "1.5"), "error answer-type"),
    (question("a", "url"), ("valueUri", "http://e.org"), None),
    (question("a", "choice", answerOption=OPTIONS), coding("a", "http://e.org"), None),
    (question("a", "choice", answerOption=OPTIONS), coding("b", "http://e.org"), "error answer-option"),
    (question("a", "choice", answerValueSet=GENDERS), coding("female"), None),
    (question("a", "choice", answerValueSet=GENDERS), coding("x"), "error answer-value-set"),
    (question("a", "choice", answerValueSet="http://e.org/none"), coding("x"), "warning answer-value-set-unknown"),
    (question("a", "choice"), coding("x"), "information answer-no-options"),
    (question("a", "open-choice", answerOption=OPTIONS), ("valueString", "something"), None),
    (question("a", "open-choice", answerOption=OPTIONS), ("valueString", "First"), "warning answer-spelt-out"),
    (question("a", "time", answerOption=[{"valueTime": "10:00:00"}]), ("valueTime", "09:00:00"), "error answer-option"),
    (question("a", maxLength=2), ("valueString", "abc"), "error answer-maxLength"),
    (question("a", extension=[extension("minLength", "valueInteger", 4)]), ("valueString", "abc"), "error answer-minLength"),
    (question("a", extension=[extension("regex", "valueString", "[0-9]+")]), ("valueString", "abc"), "error answer-regex"),
    (question("a", extension=[extension("regex", "valueString", "(a+)+")]), ("valueString", "aaab"), "warning answer-regex-unchecked"),
    (question("a"), ("valueString", "a\nb"), "warning answer-lines"),
    (question("a", "text"), ("valueString", "a\nb"), None),
    (question("a", "integer", extension=[extension("minValue", "valueInteger", 4)]), ("valueInteger", 3), "error answer-minValue"),
    (question("a", "integer", extension=[extension("maxValue", "valueInteger", 4)]), ("valueInteger", 4), None),
    (question("a", "date", extension=[extension("maxValue", "valueDate", "2022-06")]), ("valueDate", "2022-07"), "error answer-maxValue"),
    (question("a", "decimal", extension=[extension("maxDecimalPlaces", "valueInteger", 2)]), number("1.666"), "error answer-places"),
    (question("a", "decimal", extension=[extension("maxDecimalPlaces", "valueInteger", 2)]), number("1.66"), None),
    (
        question("a", "quantity", extension=[extension(SDC + "minQuantity", "valueQuantity", {**KM, "value": 10})]),
        ("valueQuantity", {**KM, "value": 5}),
        "error answer-minQuantity",
    ),
    (
        question("a", "quantity", extension=[extension(SDC + "minQuantity", "valueQuantity", {**KM, "value": 10})]),
        ("valueQuantity", {"value": 50, "unit": "m"}),
        "error answer-minQuantity-unit",
    ),
    (
        question("a", "quantity", extension=[extension("questionnaire-unitOption", "valueCoding", KM)]),
        ("valueQuantity", {"value": 50, "system": KM["system"], "code": "m"}),
        "error answer-unit",
    ),
    (
        question("a", "attachment", extension=[extension("maxSize", "valueDecimal", 2)]),
        ("valueAttachment", {"data": "YWFh"}),
        "error answer-maxSize",
    ),
    (
        question("a", "reference", extension=[extension("questionnaire-referenceResource", "valueCode", "Patient")]),
        ("valueReference", {"reference": "Group/1"}),
        "error answer-reference-type",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "value", "says"), VALUES)
def test_an_answer_is_what_the_question_asks_for(errors: Any, asked: Item, value: tuple[str, Any], says: str | None) -> None:
    issues = errors([asked], [answered("a", value)])
    assert [f"{severity} {message_id}" for severity, message_id, _ in issues] == ([says] if says else [])


def test_the_number_of_answers_is_limited(errors: Any) -> None:
    asked = question("a", repeats=True, extension=[extension("questionnaire-minOccurs", "valueInteger", 2)])
    assert errors([asked], [answered("a", "x")]) == [("error", "answer-missing", ".item[0]")]
    asked = question("a", repeats=True, extension=[extension("questionnaire-maxOccurs", "valueInteger", 1)])
    assert errors([asked], [answered("a", "x", "y")]) == [("error", "answer-maxOccurs", ".item[0]")]


def test_the_value_set_may_be_contained_in_the_questionnaire(errors: Any) -> None:
    contained = {"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"system": "http://e.org", "concept": [{"code": "a"}]}]}}
    questions = [question("a", "choice", answerValueSet="#v")]
    assert errors(questions, [answered("a", coding("a", "http://e.org"))], contained=[contained]) == []
    wrong = errors(questions, [answered("a", coding("b", "http://e.org"))], contained=[contained])
    assert wrong == [("error", "answer-value-set", ".item[0].answer[0]")]


def test_a_questionnaire_that_is_not_at_hand_is_a_warning(content: Check) -> None:
    response = {"resourceType": "QuestionnaireResponse", "questionnaire": URL}
    assert found(content(response)) == [("warning", "questionnaire-unknown", "QuestionnaireResponse")]


def test_the_questionnaire_may_be_contained_or_in_the_bundle(content: Check) -> None:
    questionnaire = {"resourceType": "Questionnaire", "id": "q", "url": URL, "item": []}
    response = {"resourceType": "QuestionnaireResponse", "questionnaire": "#q", "contained": [questionnaire], "item": [answered("z", "x")]}
    assert found(content(response)) == [("error", "item-unknown", "QuestionnaireResponse")]
    response = {"resourceType": "QuestionnaireResponse", "questionnaire": URL, "item": [answered("z", "x")]}
    entries = [{"resource": questionnaire}, {"resource": response}]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    assert found(content(bundle)) == [("error", "item-unknown", "Bundle.entry[1].resource")]


@given(st.dates(), st.dates())
def test_dates_are_ordered_by_the_moment_they_begin(one: Any, other: Any) -> None:
    left, right = earliest(one.isoformat()), earliest(other.isoformat())
    assert left is not None
    assert right is not None
    assert (left < right) == (one < other)
    assert earliest(one.isoformat()[:7]) <= left  # type: ignore[operator]


def calculated(text: str) -> Item:
    return extension(SDC + "calculatedExpression", "valueExpression", {"language": "text/fhirpath", "expression": text})


SUM = [question("a", "integer"), question("s", "integer", extension=[calculated("%resource.item.where(linkId='a').answer.value + 1")])]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([answered("a", ("valueInteger", 1)), answered("s", ("valueInteger", 2))], []),
        ([answered("a", ("valueInteger", 1)), answered("s", ("valueInteger", 3))], [("warning", "answer-calculated", ".item[1]")]),
        ([answered("a", ("valueInteger", 1))], []),
        ([answered("s", ("valueInteger", 3))], [("warning", "answer-calculated", ".item[0]")]),
    ],
)
def test_an_answer_that_the_form_works_out_otherwise_is_a_warning(errors: Any, items: list[Item], expected: Any) -> None:
    assert errors(SUM, items) == expected


def constraint(text: str, severity: str = "error", **more: Any) -> Item:
    parts = [
        {"url": "key", "valueId": "k-1"},
        {"url": "severity", "valueCode": severity},
        {"url": "human", "valueString": "Say both or none."},
        {"url": "expression", "valueExpression": {"language": "text/fhirpath", "expression": text}},
        *({"url": name, "valueString": value} for name, value in more.items()),
    ]
    return {"url": BASE + "targetConstraint", "extension": parts}


BOTH = "%resource.item.where(linkId='a').answer.exists() = %resource.item.where(linkId='b').answer.exists()"


@pytest.mark.parametrize(
    ("rule", "status", "expected"),
    [
        (constraint(BOTH), "completed", [("error", "target-constraint", "")]),
        (constraint(BOTH), "in-progress", [("warning", "target-constraint", "")]),
        (constraint(BOTH, "warning"), "completed", [("warning", "target-constraint", "")]),
        (constraint(BOTH, location="%resource.item[0]"), "completed", [("error", "target-constraint", ".item[0]")]),
        (constraint("%patient.active"), "completed", []),
        (constraint("true"), "completed", []),
    ],
)
def test_a_rule_between_answers_holds(errors: Any, rule: Item, status: str, expected: Any) -> None:
    assert errors([question("a"), question("b", extension=[rule])], [answered("a", "x")], status) == expected
    assert errors([question("a"), question("b")], [answered("a", "x")], status, extension=[rule]) == expected


def test_required_asks_only_where_an_expression_enables(errors: Any) -> None:
    condition = extension(SDC + "enableWhenExpression", "valueExpression", {"language": "text/fhirpath", "expression": "false"})
    assert errors([question("a", required=True, extension=[condition])], []) == []


def toggled(text: str, *codes: str) -> Item:
    options = [{"url": "option", "valueCoding": coding(code)[1]} for code in codes]
    condition = {"url": "expression", "valueExpression": {"language": "text/fhirpath", "expression": text}}
    return {"url": SDC + "answerOptionsToggleExpression", "extension": [*options, condition]}


NO_MORE = [("error", "answer-option-disabled", ".item[1].answer[0]")]


@pytest.mark.parametrize(
    ("toggles", "code", "expected"),
    [
        ([toggled("%resource.item.where(linkId='a').answer.value = 'x'", "male")], "male", []),
        ([toggled("%resource.item.where(linkId='a').answer.value = 'y'", "male")], "male", NO_MORE),
        ([toggled("false", "male")], "female", []),
        ([toggled("false", "male", "female"), toggled("true", "female")], "female", []),
        ([toggled("%unknown", "male")], "male", []),
    ],
)
def test_an_option_that_is_toggled_off_is_no_answer(errors: Any, toggles: list[Item], code: str, expected: Any) -> None:
    options = [{"valueCoding": coding(one)[1]} for one in ("male", "female")]
    questions = [question("a"), question("b", "choice", answerOption=options, extension=toggles)]
    assert errors(questions, [answered("a", "x"), answered("b", coding(code))]) == expected
