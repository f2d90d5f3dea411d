"""What an expression of a form sees (https://hl7.org/fhir/uv/sdc/STU4/expressions.html)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.fhirpath import FhirPathError
from fhir_server.fhirpath.steps import Steps
from fhir_server.questionnaires import Environment, paired
from tests.questionnaires.forms import CORE, SDC, answered, expression, form, group, question, response

VARIABLE = CORE + "variable"
PATIENT = {"resourceType": "Patient", "id": "p", "name": [{"family": "Martin"}]}
LAUNCH = {"url": SDC + "launchContext", "extension": [{"url": "name", "valueCoding": {"code": "patient"}}]}


class Asked:
    """A source that tells what it was asked."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def read(self, type_name: str, id_: str) -> dict[str, Any] | None:
        self.queries.append(f"{type_name}/{id_}")
        return PATIENT if id_ == "p" else None

    def search(self, type_name: str, query: str) -> dict[str, Any]:
        self.queries.append(f"{type_name}?{query}")
        return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": PATIENT}]}


def variable(name: str, text: str, language: str = "text/fhirpath") -> dict[str, Any]:
    return expression(VARIABLE, text, language, name)


@pytest.fixture
def values(schema):
    """What an expression gives at the first item of a linkId ("" for the root)."""

    def evaluate(questionnaire, answers, wanted: str, at: str = "", **more: Any) -> list[Any]:
        root = paired(questionnaire, answers)
        pair = root.find(at)[0] if at else root
        return [node.value for node in Environment(root, schema, **more).evaluate(wanted, pair)]

    return evaluate


FORM = form(question("g", "group", question("a", "integer", prefix="1.")), title="T")
GIVEN = response(group("g", answered("a", {"valueInteger": 4})))


@pytest.mark.parametrize(
    ("source", "at", "expected"),
    [
        ("%resource.item.linkId", "a", ["g"]),
        ("%context.answer.value", "a", [4]),
        ("answer.value + 1", "a", [5]),
        ("%context.status", "", ["completed"]),
        ("%questionnaire.title", "a", ["T"]),
        ("%qitem.prefix", "a", ["1."]),
        ("%qitem.linkId", "g", ["g"]),
    ],
)
def test_the_names_of_sdc(values, source, at, expected):
    assert values(FORM, GIVEN, source, at) == expected


def test_an_item_that_is_not_answered_has_a_context_without_answers(values):
    assert values(FORM, response(), "%context.linkId | %context.answer.value", "a") == ["a"]


def test_a_variable_sees_those_before_it_and_those_around_it(values):
    inner = question("a", "integer", extension=[variable("y", "%x * 2"), variable("z", "%y + %x")])
    assert values(form(inner, extension=[variable("x", "3")]), response(), "%z", "a") == [9]


def test_a_variable_does_not_see_those_after_it_or_itself(values):
    with pytest.raises(FhirPathError, match="There is no %y here"):
        values(form(extension=[variable("x", "%y"), variable("y", "%x")]), response(), "%x")


def test_an_inner_variable_may_be_made_of_the_outer_one_of_its_name(values):
    inner = question("a", extension=[variable("x", "%x + 1")])
    assert values(form(inner, extension=[variable("x", "1")]), response(), "%x", "a") == [2]


def test_a_launch_context_that_was_not_given_is_empty_not_unknown(values):
    launched = form(extension=[LAUNCH])
    assert values(launched, response(), "%patient.name.family", given={}) == []
    assert values(launched, response(), "%patient.name.family", given={"patient": PATIENT}) == ["Martin"]


def test_of_a_form_that_nobody_launched_such_a_name_cannot_be_told(values):
    with pytest.raises(FhirPathError, match="There is no %patient here"):
        values(form(extension=[LAUNCH]), response(), "%patient.name.family")


def test_what_comes_for_a_variable_of_the_root_takes_its_place(values):
    declared = form(extension=[variable("found", "Condition?patient=p", "application/x-fhir-query")])
    assert values(declared, response(), "%found.id", given={"found": PATIENT}) == ["p"]


def test_a_query_is_filled_in_and_asked_once(values):
    source = Asked()
    declared = form(extension=[LAUNCH, variable("found", "Condition?patient={{%patient.id}}&x=1", "application/x-fhir-query")])
    got = values(declared, response(), "%found.entry.resource.id | %found.type", given={"patient": PATIENT}, source=source)
    assert got == ["p", "searchset"]
    assert source.queries == ["Condition?patient=p&x=1"]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("Patient/{{'p'}}", ["Patient/p"]),
        ("Observation?code={{'a b' | 'c&d=1'}}", ["Observation?code=a%20b,c%26d%3D1"]),
        ("Observation?patient={{%patient.id}}", []),
        ("Patient", ["Patient?"]),
    ],
)
def test_values_cannot_change_a_query_and_an_empty_one_asks_nothing(values, query, asked):
    source = Asked()
    values(form(extension=[LAUNCH, variable("v", query, "application/x-fhir-query")]), response(), "%v", given={}, source=source)
    assert source.queries == asked


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("https://elsewhere.example/Patient", "application/x-fhir-query", "relative to this server"),
        ("Patient?name={{%resource}}", "application/x-fhir-query", "single values"),
        ("Patient?name=" + "x" * 5000, "application/x-fhir-query", "at most 4000"),
        ("define x: 1", "text/cql", "text/cql"),
    ],
)
def test_what_cannot_be_told_says_why(values, text, language, said):
    with pytest.raises(FhirPathError, match=said):
        values(form(extension=[variable("v", text, language)]), response(), "%v", source=Asked())


def test_all_expressions_of_a_form_share_their_steps(schema):
    root = paired(FORM, GIVEN)
    few = Steps(100)
    environment = Environment(root, schema, steps=few)
    environment.evaluate("%resource.item.linkId", root)
    few.take(100)
    with pytest.raises(FhirPathError, match="too many steps"):
        environment.evaluate("%resource.item.linkId", root)
