"""Filling in a form, and how far (https://hl7.org/fhir/uv/sdc/STU4/populate.html); over HTTP it is tested in test_rest_questionnaires."""

from __future__ import annotations

import pytest

from fhir_server.fhirpath.steps import Steps
from fhir_server.questionnaires import Environment, paired, population
from fhir_server.questionnaires.blank_response import blank_response, prune
from fhir_server.questionnaires.conversion import no_options
from fhir_server.questionnaires.population import Population
from tests.questionnaires.forms import NOW, SDC, answered, expression, form, group, question

CONTEXT, INITIAL = SDC + "itemPopulationContext", SDC + "initialExpression"


@pytest.fixture
def fill(schema):
    def run(questionnaire, most=population.MAX_ALL_REPEATS, **more):
        environment = Environment(paired(questionnaire, blank_response(questionnaire)), schema, given={}, now=NOW, **more)
        filling = Population(environment, no_options, NOW, repeats_left=most)
        return filling.populate(), [one.message_id for one in filling.issues]

    return run


def repeated(link_id, source, name, *items):
    return question(link_id, "group", *items, repeats=True, extension=[expression(CONTEXT, source, name=name)])


def filled(link_id, source, type_="integer"):
    return question(link_id, type_, extension=[expression(INITIAL, source)])


def numbers(*values):
    return [{"valueInteger": one} for one in values]


def test_groups_repeat_within_groups_that_repeat(fill):
    inner = repeated("h", "(%n * 10) | (%n * 10 + 1)", "m", filled("b", "%m"))
    response, issues = fill(form(repeated("g", "1 | 2", "n", filled("a", "%n"), inner), question("z")))
    assert response["item"] == [
        group("g", answered("a", *numbers(n)), *(group("h", answered("b", *numbers(n * 10 + m))) for m in (0, 1))) for n in (1, 2)
    ]
    assert issues == []


def test_a_group_that_does_not_repeat_has_all_results_at_once(fill):
    once = question("g", "group", filled("a", "%n.count()"), extension=[expression(CONTEXT, "1 | 2", name="n")])
    assert fill(form(once))[0]["item"] == [group("g", answered("a", *numbers(2)))]


def test_a_context_without_results_leaves_one_group_with_what_else_is_known(fill):
    assert fill(form(repeated("g", "{}", "n", filled("a", "%n"), filled("b", "7"))))[0]["item"] == [group("g", answered("b", *numbers(7)))]


def test_too_many_repeats_are_cut_and_said(fill, monkeypatch):
    many = form(repeated("g", "1 | 2 | 3 | 4", "n", filled("a", "%n")))
    for most in (1, 3):
        response, issues = fill(many, most)
        assert (len(response["item"]), issues) == (most, ["populate-repeats"])
    monkeypatch.setattr(population, "MAX_REPEATS", 2)
    assert len(fill(many)[0]["item"]) == 2


def test_what_takes_too_long_is_left_open_and_said(fill):
    response, issues = fill(form(filled("a", "1"), filled("b", "2")), steps=Steps(0))
    assert ("item" in response, issues) == (False, ["populate-untold"] * 2)


def test_pruning_leaves_only_what_is_answered():
    node = {"item": [{"linkId": "a"}, group("g", {"linkId": "b"}), answered("c", {"valueString": "x", "item": [{"linkId": "d"}]})]}
    prune(node)
    assert node == {"item": [answered("c", {"valueString": "x"})]}
