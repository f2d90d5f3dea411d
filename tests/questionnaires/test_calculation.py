"""Answers that the form works out itself (https://hl7.org/fhir/uv/sdc/STU4/behavior.html#calculatedExpression)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.answer_value import same_amount
from fhir_server.questionnaires.calculation import calculate
from fhir_server.questionnaires.conversion import no_options
from fhir_server.questionnaires.weight import EXPANSION_PROPERTY
from tests.questionnaires.forms import CORE, SDC, answered, expression, form, question, response


def worked_out(link_id, type_, text, **more):
    return question(link_id, type_, extension=[expression(SDC + "calculatedExpression", text)], **more)


def value(link_id):
    return f"%resource.item.where(linkId='{link_id}').answer.value"


@pytest.fixture
def done(schema):
    """(linkId -> values, linkId -> what is wrong) after the calculation."""

    def run(questionnaire, given_items):
        answers = response(*given_items)
        root = paired(questionnaire, answers)
        wrong = calculate(Environment(root, schema), no_options)
        values = {one["linkId"]: [next(iter(answer.values())) for answer in one.get("answer", ())] for one in answers["item"]}
        return values, {one.pair.link_id: one.error.message for one in wrong}

    return run


def test_a_chain_comes_to_rest_in_whatever_order_it_stands(done):
    items = [worked_out("c", "integer", value("b") + " + 1"), worked_out("b", "integer", value("a") + " * 2"), question("a", "integer")]
    got = done(form(*items), [{"linkId": "c"}, {"linkId": "b"}, answered("a", {"valueInteger": 3})])
    assert got == ({"c": [7], "b": [6], "a": [3]}, {})


def test_a_cycle_is_told(done):
    _, wrong = done(form(worked_out("a", "integer", f"iif({value('a')}.exists(), {value('a')} + 1, 0)")), [{"linkId": "a"}])
    assert wrong.keys() == {"a"}
    assert "depends on itself" in wrong["a"]


def test_an_answer_whose_operands_are_gone_goes_too(done):
    items = [question("a", "integer"), worked_out("b", "integer", value("a") + " + 1")]
    assert done(form(*items), [{"linkId": "a"}, answered("b", {"valueInteger": 4})]) == ({"a": [], "b": []}, {})


def test_a_value_of_the_wrong_kind_is_told_and_changes_nothing(done):
    items = [worked_out("a", "integer", "'many'")]
    got, wrong = done(form(*items), [answered("a", {"valueInteger": 1})])
    assert got == {"a": [1]}
    assert "cannot answer" in wrong["a"]


WEIGHT = {"url": CORE + "itemWeight", "valueDecimal": 2}
OPTION = {"valueCoding": {"system": "s", "code": "x"}}
PICKED = {"valueCoding": {"system": "s", "code": "x", "display": "X"}}
CONTAINED = {
    "resourceType": "ValueSet",
    "id": "vs",
    "compose": {"include": [{"system": "s", "concept": [{"code": "x", "extension": [WEIGHT]}]}]},
}

PARTS = [{"url": "code", "valueCode": "itemWeight"}, {"url": "value", "valueDecimal": 2}]
EXPANDED = {
    "resourceType": "ValueSet",
    "id": "expanded",
    "expansion": {"contains": [{"system": "s", "code": "x", "extension": [{"url": EXPANSION_PROPERTY, "extension": PARTS}]}]},
}


@pytest.mark.parametrize(
    ("asked", "given_answer"),
    [
        (question("a", "choice", answerOption=[{**OPTION, "extension": [WEIGHT]}]), PICKED),
        (question("a", "choice", answerOption=[{"valueCoding": {**OPTION["valueCoding"], "extension": [WEIGHT]}}]), PICKED),
        (question("a", "choice", answerOption=[OPTION]), {"valueCoding": {**PICKED["valueCoding"], "extension": [WEIGHT]}}),
        (question("a", "choice", answerOption=[{"valueInteger": 7, "extension": [WEIGHT]}]), {"valueInteger": 7}),
        (question("a", "choice", answerValueSet="#vs"), PICKED),
        (question("a", "choice", answerValueSet="#expanded"), PICKED),
    ],
)
@pytest.mark.parametrize("text", [".weight().sum()", ".ordinal().sum()", ".weight().aggregate($this + $total, 0)"])
def test_the_weights_of_answers_are_summed_wherever_they_are_said(done, asked, given_answer, text):
    items = [asked, worked_out("s", "decimal", value("a") + text)]
    assert done(form(*items, contained=[CONTAINED, EXPANDED]), [answered("a", given_answer), {"linkId": "s"}])[0]["s"] == [2]


def test_an_answer_without_a_weight_adds_nothing(done):
    items = [question("a", "choice", answerOption=[OPTION]), worked_out("s", "decimal", value("a") + ".weight().sum()")]
    assert done(form(*items), [answered("a", PICKED), {"linkId": "s"}])[0]["s"] == []


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**6), max_value=10**6), st.integers(0, 8))
def test_a_rounded_number_is_the_same_amount(number, places):
    assert same_amount("decimal", number, round(number, places)) or abs(number - round(number, places)) == Decimal(5).scaleb(-places - 1)


@pytest.mark.parametrize(
    ("type_", "one", "two", "expected"),
    [
        ("decimal", Decimal("22.9"), Decimal("22.857"), True),
        ("decimal", Decimal("22.9"), Decimal("22.8"), False),
        ("integer", 3, 3, True),
        ("string", "a", "b", False),
        ("Quantity", {"value": 3, "code": "kg"}, {"value": Decimal("3.0"), "code": "kg"}, True),
        ("Quantity", {"value": 3, "code": "kg"}, {"value": 3, "code": "g"}, False),
        ("Coding", {"code": "a", "display": "A"}, {"code": "a"}, True),
    ],
)
def test_amounts_are_compared_as_far_as_they_go(type_, one, two, expected):
    assert same_amount(type_, one, two) is expected
