"""Is a question to be answered? Operators are tested where a response is validated (test_questionnaire_response)."""

from __future__ import annotations

import pytest

from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.enablement import enabled_answers, is_enabled
from tests.questionnaires.forms import SDC, answered, expression, form, group, question, response

YES = {"valueBoolean": True}
WHEN_A = {"enableWhen": [{"question": "a", "operator": "=", "answerBoolean": True}]}


@pytest.fixture
def enabled(schema):
    def check(questionnaire, given, link_id="b"):
        root = paired(questionnaire, given)
        return [is_enabled(pair, Environment(root, schema)) for pair in root.find(link_id)]

    return check


def test_each_repeat_looks_at_its_own_answers(enabled):
    items = question("g", "group", question("a", "boolean"), question("b", **WHEN_A), repeats=True)
    assert enabled(form(items), response(group("g", answered("a", YES)), group("g"))) == [True, False]


def test_what_is_below_a_disabled_group_is_disabled(enabled):
    items = [question("a", "boolean"), question("g", "group", question("b"), **WHEN_A)]
    assert enabled(form(*items), response()) == [False]
    assert enabled(form(*items), response(answered("a", YES))) == [True]


def test_below_an_answer_the_same_answer_comes_first(enabled):
    inner = [question("a", "boolean"), question("b", **WHEN_A)]
    first, second = ({"valueString": one, "item": [answered("a", {"valueBoolean": one == "x"})]} for one in "xy")
    assert enabled(form(question("q", "string", *inner, repeats=True)), response(answered("q", first, second))) == [True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%resource.item.where(linkId='a').answer.value = true", True),
        ("%context.linkId = 'b'", True),
        ("%resource.item.where(linkId='a').answer.value.not()", False),
        ("{}", False),
        ("%patient.gender = 'female'", True),  # not to be told without a launch context
        ("1 +", True),
    ],
)
def test_an_expression_says_so(enabled, text, expected):
    asked = question("b", extension=[expression(SDC + "enableWhenExpression", text)])
    assert enabled(form(question("a", "boolean"), asked), response(answered("a", YES))) == [expected]


def test_answers_of_what_is_not_asked_do_not_count(schema):
    root = paired(form(question("a", "boolean"), question("b", **WHEN_A)), response(answered("b", {"valueString": "x"})))
    assert enabled_answers(root.find("b")[0], Environment(root, schema)) == []
