"""How a score came about."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.questionnaires import Environment, paired
from fhir_server.questionnaires.conversion import no_options
from fhir_server.questionnaires.score import score_of
from tests.questionnaires.forms import CORE, SDC, answered, expression, form, group, question, response

WEIGHT = CORE + "itemWeight"


def option(code, weight):
    return {"valueCoding": {"system": "s", "code": code}, "extension": [{"url": WEIGHT, "valueDecimal": weight}]}


OPTIONS = [option("never", 0), option("often", Decimal("1.5")), option("always", 3)]


def scored(link_id, **more):
    return question(link_id, "choice", answerOption=OPTIONS, **more)


def picked(link_id, *codes):
    return answered(link_id, *({"valueCoding": {"system": "s", "code": code}} for code in codes))


def worked_out(link_id, text, type_="decimal"):
    return question(link_id, type_, extension=[expression(SDC + "calculatedExpression", text)])


def sum_of(link_id):
    return f"%resource.item.where(linkId='{link_id}').item.answer.value.weight().sum()"


FORM = form(
    question("mood", "group", scored("m1"), scored("m2"), worked_out("mood-score", sum_of("mood"))),
    question("home", "group", scored("h1", repeats=True), question("why")),
    worked_out("total", "%moodScore + %homeScore"),
    extension=[
        expression(CORE + "variable", "%resource.item.item.where(linkId='mood-score').answer.value", name="moodScore"),
        expression(CORE + "variable", sum_of("home"), name="homeScore"),
    ],
)


@pytest.fixture
def explain(schema):
    def run(questionnaire, given_response):
        return score_of(Environment(paired(questionnaire, given_response), schema), no_options)

    return run


GIVEN = response(
    group("mood", picked("m1", "often"), picked("m2", "always"), answered("mood-score", {"valueDecimal": Decimal("4.5")})),
    group("home", picked("h1", "always", "often"), answered("why", {"valueString": "x"})),
    answered("total", {"valueDecimal": 8}),
)


def test_each_answer_has_its_weight_and_the_total_so_far(explain):
    found = [(one.pair.link_id, one.weight, one.running) for one in explain(FORM, GIVEN).answers]
    assert found == [
        ("m1", Decimal("1.5"), Decimal("1.5")),
        ("m2", 3, Decimal("4.5")),
        ("h1", 3, Decimal("7.5")),
        ("h1", Decimal("1.5"), 9),
    ]


def test_sections_and_the_whole_are_summed(explain):
    score = explain(FORM, GIVEN)
    assert [(one.pair.link_id, one.total) for one in score.sections] == [("mood", Decimal("4.5")), ("home", Decimal("4.5"))]
    assert score.total == 9


def test_what_is_worked_out_names_what_it_is_made_of_by_way_of_variables_too(explain):
    mood, total = explain(FORM, GIVEN).calculated
    assert ([one.pair.link_id for one in mood.operands], mood.agrees) == (["m1", "m2"], True)
    assert [one.pair.link_id for one in total.operands] == ["m1", "m2", "h1", "h1"]
    assert (total.agrees, total.calculated) == (False, [{"valueDecimal": 9}])


def test_questions_without_an_answer_are_named_and_count_nothing(explain):
    score = explain(FORM, response(group("mood", picked("m1", "never"))))
    assert [one.link_id for one in score.unanswered] == ["m2", "h1"]
    assert score.total == 0


def test_an_answer_to_what_is_not_asked_does_not_count(explain):
    condition = [{"question": "a", "operator": "exists", "answerBoolean": True}]
    assert explain(form(question("a"), scored("b", enableWhen=condition)), response(picked("b", "always"))).answers == []


def test_what_cannot_be_worked_out_says_why(explain):
    (one,) = explain(form(worked_out("a", "%nobody")), response()).calculated
    assert "no %nobody" in str(one.error)


@given(st.lists(st.lists(st.sampled_from(["never", "often", "always"]), max_size=4), max_size=4))
def test_the_total_is_that_of_the_sections_and_of_the_last_answer(schema, sections):
    items = [question(f"g{n}", "group", *(scored(f"g{n}-{m}") for m in range(len(codes)))) for n, codes in enumerate(sections)]
    answers = [group(f"g{n}", *(picked(f"g{n}-{m}", code) for m, code in enumerate(codes))) for n, codes in enumerate(sections)]
    score = score_of(Environment(paired(form(*items), response(*answers)), schema), no_options)
    assert score.total == sum(one.total for one in score.sections) == (score.answers[-1].running if score.answers else 0)
