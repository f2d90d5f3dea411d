"""A form and a response side by side (https://hl7.org/fhir/R4/questionnaireresponse.html#link)."""

from __future__ import annotations

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.questionnaires import paired, pairing
from tests.questionnaires.forms import answered, form, group, question, response

YES, NO = {"valueBoolean": True}, {"valueBoolean": False}


def test_pairs_come_in_the_order_of_the_form_and_name_what_is_not_answered():
    root = paired(form(question("a"), question("g", "group", question("b"))), response(group("g", answered("b", YES))))
    assert [(one.link_id, one.item is not None) for one in root.walk()] == [("", True), ("a", False), ("g", True), ("b", True)]


def test_a_group_that_repeats_has_a_pair_each_time():
    root = paired(
        form(question("g", "group", question("a", "boolean"), repeats=True)),
        response(group("g", answered("a", YES)), group("g", answered("a", NO))),
    )
    assert [one.answers for one in root.find("a")] == [[YES], [NO]]
    assert [one.node.location for one in root.find("a")] == [f"QuestionnaireResponse.item[{n}].item[0]" for n in (0, 1)]


def test_items_below_a_question_stand_below_each_of_its_answers():
    first, second = {"valueString": "x", "item": [answered("why", {"valueString": "1"})]}, {"valueString": "y"}
    root = paired(form(question("a", "string", question("why"), repeats=True)), response(answered("a", first, second)))
    (a,) = root.find("a")
    assert [[one.item is not None for one in a.below_answer(answer)] for answer in (first, second)] == [[True], [False]]
    assert root.find("why")[0].node.location == "QuestionnaireResponse.item[0].answer[0].item[0]"


def test_items_below_a_question_without_an_answer_are_there_once():
    root = paired(form(question("a", "string", question("why"))), response())
    assert [(one.link_id, one.answer) for one in root.walk()][1:] == [("a", None), ("why", None)]


def test_the_nearest_answer_is_that_of_the_same_repeat_then_of_the_groups_around():
    root = paired(
        form(question("top"), question("g", "group", question("a", "boolean"), question("b"), repeats=True)),
        response(answered("top", {"valueString": "t"}), group("g", answered("a", YES)), group("g", answered("a", NO))),
    )
    second = root.find("b")[1]
    assert [one.answers for one in second.nearest("a")] == [[NO]]
    assert [one.link_id for one in second.nearest("top")] == ["top"]
    assert [one.link_id for one in second.upwards()] == ["b", "g", ""]


def test_a_pair_is_found_from_either_side():
    questionnaire, given = form(question("a")), response(answered("a", YES))
    root = paired(questionnaire, given)
    assert root.pair_of(given["item"][0]) is root.pair_of(questionnaire["item"][0]) is root.children[0]


def test_too_many_pairs_are_refused(monkeypatch):
    monkeypatch.setattr(pairing, "MAX_PAIRS", 3)
    with pytest.raises(FhirError, match="3 items"):
        paired(form(*(question(str(n)) for n in range(4))), response())
